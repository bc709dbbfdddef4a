"""A check as one short line of JSON, `advisor.line/v1`: what is kept of every host of a fleet.

Evidence, reasons, fixes and what passed are left out: a check on the host has them. See
advisor/knowledge/schemas/line.schema.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from advisor.model.finding import Finding, Status
from advisor.model.host import Host
from advisor.model.overview import Overview
from advisor.model.report import Report
from advisor.model.system import Platform
from advisor.model.unavailable import Unavailable

SCHEMA = "advisor.line/v1"
MAX_BYTES = 32 * 1024
"""Longest line. journald splits what is longer than 48 KiB (LineMax=)."""

_MAX_TEXT = 80
_MAX_VALUES = 8
_MAX_DRIVERS = 8
_KEPT = {Status.FAIL: "fail", Status.WAIVED: "waived"}


def to_line(
    report: Report, host: Host, *, run: str, labels: Mapping[str, str], runs: Overview | None
) -> str:
    """The line, with its newline; in ASCII, so that nothing in it is a newline or a control.

    Args:
        report: What was found.
        host: The facts it was found in.
        run: An id that no other check of the host has.
        labels: What the site calls the host: its group, its site.
        runs: Where the host stands with the runs that changed it, None if that is not known.
    """
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "run": run,
        "at": report.collection.at,
        "host": labels.get("host") or report.collection.hostname,
        "labels": {name: value for name, value in labels.items() if name != "host"},
        "advisor": report.collection.advisor,
        "kernel": report.kernel,
        "profile": report.profile,
        "platform": _platform(host),
        "drivers": _drivers(host),
        "rules": report.rules,
        "summary": report.summary(),
        "findings": [],
        "more": 0,
        "runs": None if runs is None else _runs(runs),
    }
    found = [_dumped(_finding(each)) for each in report.findings if each.status in _KEPT]
    room = MAX_BYTES - len(_dumped(data)) - 16
    kept = []
    for each in found:
        room -= len(each) + 1
        if room < 0:
            break
        kept.append(each)
    data["more"] = len(found) - len(kept)
    return _dumped(data).replace('"findings":[]', f'"findings":[{",".join(kept)}]', 1) + "\n"


def _dumped(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"), allow_nan=False)


def _finding(finding: Finding) -> dict[str, Any]:
    data: dict[str, Any] = {
        "rule": finding.rule.id,
        "target": finding.target[:_MAX_TEXT],
        "severity": finding.severity.value,
        "status": _KEPT[finding.status],
        "active": finding.active,
    }
    if finding.setting is not None:
        data["setting"] = str(finding.setting)[: 2 * _MAX_TEXT]
        data["actual"] = _brief(finding.actual)
        data["wanted"] = _brief(finding.wanted)
    return data


def _brief(value: Any) -> Any:
    """A value as it is, as long as it is short."""
    if isinstance(value, (tuple, list)):
        if len(value) > _MAX_VALUES:
            return f"{len(value)} values"
        return [_brief(each) for each in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float) and value - value == 0:  # neither infinite nor "not a number"
        return value
    text = str(value)
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _platform(host: Host) -> str:
    """What the host runs on, in a word or two: "kvm aws", "metal"."""
    platform = host.platform
    if not isinstance(platform, Platform):
        return ""
    parts = [platform.hypervisor, platform.cloud, platform.container]
    known = [each for each in parts if isinstance(each, str) and each != "none"]
    return " ".join(known)[:_MAX_TEXT] or "metal"


def _drivers(host: Host) -> list[str]:
    """Of the interfaces that stand for hardware."""
    if isinstance(host.nics, Unavailable):
        return []
    return sorted({nic.driver for nic in host.nics.values() if nic.physical and nic.driver})[
        :_MAX_DRIVERS
    ]


def _runs(runs: Overview) -> dict[str, Any]:
    waiting = runs.waiting
    return {
        "count": runs.runs,
        "waiting": None if waiting is None else waiting.receipt.id,
        "drifted": len(runs.drift),
        "damaged": len(runs.damaged),
    }
