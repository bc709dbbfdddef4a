"""What reports look like, down to the last column.

`ADVISOR_GOLDEN=write python -m pytest tests/unit/report` writes the files anew; look at the
difference before you keep it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from advisor.knowledge.schema import load_schema
from advisor.report import writer
from advisor.report.style import TextStyle
from advisor.report.text import to_text
from tests.unit.report.reports import REPORTS

GOLDEN = Path(__file__).parent / "golden"
GOLDEN_PAGES = GOLDEN / "pages"
STYLES = {
    "plain": TextStyle(),
    "verbose": TextStyle(verbose=True),
    "colour": TextStyle(colour=True, verbose=True),
    "narrow": TextStyle(width=60),
    "wide": TextStyle(width=120),
}
TEXTS = [
    *(("trouble", style) for style in STYLES),
    ("long", "narrow"),
    *((name, style) for name in REPORTS if name != "trouble" for style in ("plain", "verbose")),
]
PROPOSALS = ("advisor explain LSN001 --here -p edge-proxy",)


def compare(path: Path, text: str) -> None:
    """Compare with a golden file, or write it."""
    if os.environ.get("ADVISOR_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8", newline="")
    with path.open(encoding="utf-8", newline="") as file:
        assert text == file.read()


@pytest.mark.parametrize(("name", "style"), TEXTS)
def test_text_is_as_it_was_agreed(name: str, style: str) -> None:
    written = to_text(REPORTS[name], STYLES[style], PROPOSALS)
    compare(GOLDEN / f"{name}-{style}.txt", written)


@pytest.mark.parametrize("name", REPORTS)
def test_json_is_as_it_was_agreed_and_as_its_schema_says(name: str) -> None:
    from jsonschema import Draft202012Validator

    written = writer("json", colour=False, verbose=False, width=80)(REPORTS[name])
    Draft202012Validator(load_schema("report")).validate(json.loads(written))
    compare(GOLDEN / f"{name}.json", written)


def test_every_golden_file_is_compared_with_something() -> None:
    expected = {f"{name}-{style}.txt" for name, style in TEXTS} | {f"{n}.json" for n in REPORTS}
    assert {path.name for path in GOLDEN.iterdir() if path.is_file()} == expected
