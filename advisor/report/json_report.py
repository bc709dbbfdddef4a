"""The report as JSON, `advisor.report/v1`: see advisor/knowledge/schemas/report.schema.json."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from advisor.model.finding import Finding, NextBoot
from advisor.model.report import Report
from advisor.model.waiver import Waived

SCHEMA = "advisor.report/v1"


def to_json(report: Report) -> str:
    """The report as one line of JSON, so that the reports of a fleet can be appended to a file.

    In ASCII: it survives every locale, and interface names that are not UTF-8.
    """
    return json.dumps(to_data(report), allow_nan=False) + "\n"


def to_data(report: Report) -> dict[str, Any]:
    """The report as plain data."""
    collection = report.collection
    return {
        "schema": SCHEMA,
        "advisor": collection.advisor,
        "host": {
            "name": collection.hostname,
            "kernel": report.kernel,
            "at": collection.at,
            "source": collection.source,
            "uptime_s": collection.uptime_s,
        },
        "profile": {
            "name": report.profile,
            "params": {
                name: {"value": value, "origin": origin}
                for name, (value, origin) in report.params.items()
            },
        },
        "sample_s": report.sample_s,
        "since": report.since,
        "rules": report.rules,
        "summary": report.summary(),
        "findings": [finding_data(finding) for finding in report.findings],
    }


def finding_data(finding: Finding) -> dict[str, Any]:
    """One finding as plain data."""
    fix = finding.fix
    return {
        "rule": finding.rule.id,
        "name": finding.rule.name,
        "title": finding.rule.title,
        "status": finding.status.value,
        "severity": finding.severity.value,
        "active": finding.active,
        "target": finding.target,
        "setting": None if finding.setting is None else str(finding.setting),
        "actual": _plain(finding.actual),
        "wanted": _plain(finding.wanted),
        "message": finding.message,
        "reason": finding.reason,
        "advice": finding.advice,
        "evidence": [
            {
                "fact": item.fact,
                "value": _plain(item.value),
                "text": item.text,
                "basis": item.basis,
            }
            for item in finding.evidence
        ],
        "cleared": list(finding.cleared),
        "waived": _waived(finding.waived),
        "next_boot": _next_boot(finding.next_boot),
        "at": [
            {"part": place.part}
            if place.number is None
            else {"part": place.part, "number": place.number}
            for place in finding.places
        ],
        "fix": None
        if fix is None
        else {
            "risk": fix.risk,
            "disrupts": fix.disrupts,
            "note": fix.note,
            "commands": list(finding.commands),
        },
        "references": [
            {"title": reference.title, "url": reference.url}
            for reference in finding.rule.references
        ],
    }


def _waived(waived: Waived | None) -> dict[str, Any] | None:
    return None if waived is None else asdict(waived)


def _next_boot(boot: NextBoot | None) -> dict[str, Any] | None:
    if boot is None:
        return None
    return {"value": _plain(boot.value), "place": boot.place, "passes": boot.passes}


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value
