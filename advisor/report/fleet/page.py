"""The fleet as one HTML page that needs nothing else: its own style, script and data.

Names come from hosts. They are JSON inside the page, in which "<" cannot occur, and the script
makes them text, never markup. The policy allows the page's own style and script, by their hashes,
and no request to anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from advisor.model.fleet import SEVERITIES, Fleet, HostRow
from advisor.report.fleet.words import Table, intake_lines, tables, worth_showing

_FOLDER = Path(__file__).parent
_MOST = 2000
_ALWAYS = ("worst", "host", "group", "errors#", "warnings#", "infos#", "rules")
_SHOWN_RULES = 6


def to_html(fleet: Fleet) -> str:
    """The report as a page."""
    style = (_FOLDER / "page.css").read_text("utf-8")
    script = (_FOLDER / "page.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    parts = {"POLICY": policy, "STYLE": style, "SCRIPT": script, "DATA": embedded(_data(fleet))}
    page = (_FOLDER / "page.html").read_text("utf-8")
    # Cut first, then put together: data may contain what looks like a place for something.
    pieces = page.split("@")
    return "".join(parts.get(piece, piece) for piece in pieces)


def embedded(data: Any) -> str:
    """JSON that can stand inside a script element: no "<", no line ends of JavaScript."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(fleet: Fleet) -> dict[str, Any]:
    names = [rule.rule for rule in fleet.rules]
    numbers = {name: number for number, name in enumerate(names)}
    parts = list(tables(fleet, _MOST))
    shown = [_table(each) for each in parts[1:] if worth_showing(each)]
    heat = fleet.heat
    left_out = [
        f"{count:,} more {what} left out."
        for count, what in ((heat.more_rules, "rules"), (heat.more_groups, "groups"))
        if count
    ]
    return {
        "period": f"{fleet.totals.hosts:,} hosts, lines of {fleet.totals.first} to"
        f" {fleet.totals.last}, groups by {fleet.by}",
        "tiles": _tiles(fleet),
        "rules": names,
        "titles": [rule.title for rule in fleet.rules],
        "heat": {
            "groups": heat.groups,
            "rules": [numbers[rule] for rule in heat.rules],
            "cells": heat.cells,
            "note": " ".join(left_out),
        },
        "tables": [_hosts(fleet, numbers), *shown] if fleet.hosts else shown,
        "intake": intake_lines(fleet, 20),
    }


def _tiles(fleet: Fleet) -> list[dict[str, Any]]:
    totals = fleet.totals
    none, info, warning, error = totals.worst
    always = [
        ("worst is an error", error, "error"),
        ("worst is a warning", warning, "warning"),
        ("worst is an info", info, "info"),
        ("nothing failed", none, "none"),
    ]
    sometimes = [
        ("unreachable", totals.unreachable, "lost"),
        ("check failed", totals.failed, "lost"),
        ("silent", totals.silent, ""),
        ("changed by a rollout", fleet.rollout.applied, ""),
        ("rollout undone", fleet.rollout.rolled_back, ""),
        ("rollout failed", fleet.rollout.failed, ""),
        ("need a reboot", fleet.rollout.reboot, ""),
        ("ACTIVE failures", totals.active, ""),
        ("with waivers", totals.waived, ""),
        ("something unknown", totals.unknown, ""),
        ("run not finished", totals.waiting, ""),
        ("changed after a run", totals.drifted, ""),
        ("differ from their group", fleet.outlier_hosts, ""),
        ("changed since the check before", fleet.drift.changed, ""),
        ("unusable lines", sum(fleet.intake.problems.values()), ""),
    ]
    return [
        {"name": name, "count": count, "mark": mark}
        for name, count, mark in [*always, *(each for each in sometimes if each[1])]
    ]


def _table(table: Table) -> dict[str, Any]:
    severity = table.columns.index("severity") if "severity" in table.columns else None
    return {**asdict(table), "severity": severity, "ranks": SEVERITIES}


def _hosts(fleet: Fleet, numbers: dict[str, int]) -> dict[str, Any]:
    """The hosts one by one; columns in which nobody has anything are left out."""
    every = [_columns(host) for host in fleet.hosts]
    names = [
        name
        for name in (every[0] if every else {})
        if name in _ALWAYS or any(cells[name] not in ("", "0") for cells in every)
    ]
    failing = fleet.totals.checked - fleet.totals.worst[0]
    cut = f"The {len(every):,} worst of {failing:,} hosts with failures."
    return {
        "heading": "hosts by worst finding",
        "note": cut if failing > len(every) else "",
        "columns": names,
        "rows": [[cells[name] for name in names] for cells in every],
        "marks": [SEVERITIES[host.worst] for host in fleet.hosts],
        "severity": _ALWAYS.index("worst"),
        "ranks": SEVERITIES,
        "group": _ALWAYS.index("group"),
        "rules": [[numbers[rule] for rule in host.rules] for host in fleet.hosts],
    }


def _columns(host: HostRow) -> dict[str, str]:
    return {
        "worst": SEVERITIES[host.worst] + (" ACTIVE" if host.active else ""),
        "host": host.host,
        "group": host.group,
        "errors#": str(host.errors),
        "warnings#": str(host.warnings),
        "infos#": str(host.infos),
        "active#": str(host.active),
        "rules": _rules(host.rules),
        "waived#": str(host.waived),
        "unknown#": str(host.unknown),
        "drifted#": str(host.drifted),
        "run that waits": host.waiting,
        "site": host.site,
        "profile": host.profile,
        "kernel": host.kernel,
        "platform": host.platform,
        "checked": host.at,
    }


def _rules(rules: tuple[str, ...]) -> str:
    more = len(rules) - _SHOWN_RULES
    return " ".join(rules[:_SHOWN_RULES]) + (f" and {more} more" if more > 0 else "")
