"""What docs/site.md shows can be used as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import HOST, Run

PAGE = Path(__file__).resolve().parents[2] / "docs" / "site.md"
EXAMPLES = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)


def test_there_are_examples() -> None:
    assert {name for name, _ in EXAMPLES} >= {"config.yaml", "waivers.yaml"}


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_is_accepted(run: Run, tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / "site" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    profile = ("-p", path.stem) if "profiles.d" in name else ()
    done = run(
        *("check", "--from", HOST, "--exit-zero", *profile),
        env={"ADVISOR_CONFIG_DIR": str(tmp_path / "site")},
    )
    assert done.returncode == 0, done.stderr
