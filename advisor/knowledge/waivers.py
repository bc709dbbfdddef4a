"""Reads waivers files, and reads and writes baselines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from advisor import __version__
from advisor.errors import AdvisorError
from advisor.knowledge.document import Document
from advisor.model.waiver import Waiver

BASELINE = "advisor.baseline/v1"
_LIMIT = 16 << 20
_WRITE_ONE = "write one with: advisor check --write-baseline FILE"

Known = tuple[str, str, str]
"""Host, rule and target of a failure that a baseline names."""


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file, in its order.

    Raises:
        AdvisorError: It cannot be read or is not valid; with file, line and column.
    """
    from advisor.knowledge.schema import validate
    from advisor.knowledge.yaml_reader import read_file

    document = read_file(path)
    if not isinstance(document.data, dict):
        raise document.error((), "a waivers file is a mapping with the key waivers")
    for index, raw in enumerate(_entries(document.data)):
        if isinstance(raw, dict) and ("expires" in raw) == ("permanent" in raw):
            raise document.error(
                ("waivers", index),
                "a waiver needs either expires or permanent",
                "expires: 2027-06-30, or permanent: true for what will never be changed",
            )
    validate(document, "waivers")
    return tuple(_waiver(document, index) for index in range(len(document.data["waivers"])))


def load_baseline(path: Path) -> frozenset[Known]:
    """The failures that a baseline names.

    Raises:
        AdvisorError: It cannot be read, or is not a baseline.
    """
    from advisor.knowledge.schema import validate

    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AdvisorError(f"{path}: cannot read the baseline: {reason}", _WRITE_ONE) from None
    if len(data) > _LIMIT:
        raise AdvisorError(f"{path}: larger than {_LIMIT >> 20} MiB, which no baseline is")
    try:
        document = Document(str(path), json.loads(data), {})
    except (ValueError, RecursionError) as error:
        raise AdvisorError(f"{path}: not a baseline: {error}", _WRITE_ONE) from None
    validate(document, "baseline")
    return frozenset(
        (each["host"], each["rule"], each["target"]) for each in document.data["findings"]
    )


def baseline_text(at: str, failures: Iterable[Known]) -> str:
    """A baseline as its file holds it: sorted, one failure on a line, so that versions compare.

    Args:
        at: When the facts were read.
        failures: Host, rule and target of each failure.
    """
    lines = [
        json.dumps({"host": host, "rule": rule, "target": target}, ensure_ascii=True)
        for host, rule, target in sorted(set(failures))
    ]
    head = f'"schema": "{BASELINE}", "at": {json.dumps(at)}, "advisor": {json.dumps(__version__)}'
    body = ",\n  ".join(lines)
    return f'{{{head}, "findings": [{f"{chr(10)}  {body}{chr(10)}" if lines else ""}]}}\n'


def _entries(data: dict[str, Any]) -> list[Any]:
    entries = data.get("waivers")
    return entries if isinstance(entries, list) else []


def _waiver(document: Document, index: int) -> Waiver:
    raw = document.data["waivers"][index]
    line = document.marks.get(("waivers", index), (1, 1))[0]
    return Waiver(
        rule=raw["rule"],
        target=raw.get("target", "*"),
        hosts=raw.get("hosts", "*"),
        reason=" ".join(raw["reason"].split()),
        expires=None if "permanent" in raw else _day(document, index, raw["expires"]),
        place=f"{document.file}:{line}",
    )


def _day(document: Document, index: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise document.error(("waivers", index, "expires"), f"{text} is no day: {error}") from None
