"""Fleets of a few made-up hosts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from advisor.fleet.files import sources
from advisor.fleet.picture import picture
from advisor.fleet.store import open_store
from advisor.fleet.take_in import take_in
from advisor.model.fleet import Fleet

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    '"><b onmouseover="alert(1)">',
    "two\nlines\r\n| and | columns |",
    "\x1b[31mred\x1b[2J\x07",
    "\u202egnp.exe",
    "\ud800 half a character",
    "`code` [link](http://example.com) @DATA@ &amp; {{x}}",
    "a" * 500,
    "=cmd|' /C calc'!A0",
)
"""Names that would do harm if anything took them for more than names."""


def finding(rule: str, **more: Any) -> dict[str, Any]:
    """A finding as it stands in a line."""
    usual = {"target": "host", "severity": "warning", "status": "fail", "active": False}
    return {"rule": rule, **usual, **more}


def check(host: str, *rules: str | dict[str, Any], **more: Any) -> dict[str, Any]:
    """A host's line about a check in which these rules fail."""
    findings = [finding(rule) if isinstance(rule, str) else rule for rule in rules]
    failed = [each for each in findings if each["status"] == "fail"]
    severities = [each["severity"] for each in failed]
    summary = {
        "pass": 100,
        "fail": len(failed),
        "not_applicable": 50,
        "unknown": 0,
        "waived": len(findings) - len(failed),
        **{name: severities.count(name) for name in ("info", "warning", "error")},
        "active": sum(each["active"] for each in failed),
    }
    usual: dict[str, Any] = {
        "schema": "advisor.line/v1",
        "run": f"{host}{more.get('at', '')}",
        "at": "2026-05-02T03:04:05Z",
        "host": host,
        "labels": {"group": more.pop("group", "web"), "site": "fra"},
        "advisor": "0.1.0",
        "kernel": "6.1.0",
        "profile": "server",
        "platform": "metal",
        "drivers": ["ice"],
        "rules": 200,
        "summary": summary,
        "findings": findings,
        "more": 0,
        "runs": {"count": 0, "waiting": None, "drifted": 0, "damaged": 0},
    }
    return {**usual, **more}


def lost(host: str, error: str = "no route to host", **more: Any) -> dict[str, Any]:
    """A line about a host that was not checked."""
    return {"schema": "advisor.line/v1", "host": host, "error": error, **more}


def write(path: Path, *lines: dict[str, Any] | str) -> Path:
    """A file of lines; text is written as it is, and ends the line."""
    text = (each if isinstance(each, str) else json.dumps(each) for each in lines)
    path.write_text("".join(f"{each}\n" for each in text))
    return path


def report(paths: Sequence[Path], engine: str | None = None, by: str = "group") -> Fleet:
    """What is reported about files."""
    with open_store(engine) as store:
        intake = take_in(sources(paths), store, by)
        return picture(store, intake, by, {"AAA001": "The first rule"})
