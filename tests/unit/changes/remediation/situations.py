"""Situations for tests, from few words: see the head of decisions.yaml."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from advisor.changes.advance import advance, begun
from advisor.changes.clock import utc
from advisor.changes.remediation import Situation
from advisor.knowledge.remediation import load_policy
from advisor.model.address import parse_address
from advisor.model.finding import Finding, Status
from advisor.model.plan import Change, Plan
from advisor.model.receipt import (
    Event,
    Operation,
    Phase,
    Receipt,
    Result,
    State,
    Transaction,
    Trigger,
    Verdict,
)
from advisor.model.remediation import Drift, Policy
from advisor.model.rule import Severity
from tests.unit.changes.runs import DIGEST, HERE
from tests.unit.engine.rules import rule

NOW = "2026-11-21T12:00:00+00:00"
_WAY = {
    "begun": (),
    "applied": (State.APPLIED,),
    "confirmed": (State.APPLIED, State.CONFIRMED),
    "rolled-back": (State.APPLIED, State.CONFIRMED, State.ROLLING_BACK, State.ROLLED_BACK),
    "failed": (State.APPLIED, State.CONFIRMED, State.ROLLING_BACK, State.FAILED),
}


def policy(folder: Path, **keys: Any) -> Policy:
    """A policy that is on, read from a file. It does not ask for signs unless told to."""
    rules = {"active_only": False, **keys.pop("rules", {})}
    path = folder / "remediation.yaml"
    data = {"enabled": True, "rules": rules, **keys}
    path.write_text(json.dumps(data))  # which is YAML, with every text in quotes
    return load_policy(path)


def run_id(number: int) -> str:
    """The id of a run."""
    return f"{number:06}-20261121T104500Z"


def receipt(number: int, now: datetime, run: dict[str, Any]) -> Receipt:
    """A run."""
    started = now - timedelta(seconds=run.get("ago", 0))
    origin = replace(
        HERE,
        boot_id="another" if run.get("boot") == "earlier" else HERE.boot_id,
        netns=run.get("netns", HERE.netns),
    )
    operations = tuple(Operation(parse_address(each), 1, 2) for each in run.get("set", []))
    at = utc(started.timestamp())
    trigger = Trigger(run.get("by", "remediate"))
    made = begun(
        Transaction(run_id(number), "1", origin, at, "server", DIGEST, operations, trigger=trigger)
    )
    way = _WAY[run.get("state", "confirmed")]
    if way:
        for index in range(len(operations)):
            made = advance(made, Result(index, Phase.APPLY, Verdict.DONE, 2))
    for state in way:
        made = advance(made, Event(state, at))
    return made


def change(given: dict[str, Any]) -> Change:
    """A change of a plan."""
    return Change(
        address=parse_address(given["set"]),
        before=1,
        after=2,
        rules=tuple(given.get("rules", ["TST001"])),
        risk=given.get("risk", "low"),
        disrupts=given.get("disrupts", "none"),
        notes=(),
        commands=(),
    )


def findings(given: dict[str, Any]) -> list[Finding]:
    """The failures that it is for."""
    severity = Severity(given.get("severity", "warning"))
    return [
        Finding(
            rule(given["set"], id=name, at_least="2"),
            *(Status.FAIL, severity, "host", given.get("active", True)),
            setting=parse_address(given.get("judged", given["set"])),
        )
        for name in given.get("rules", ["TST001"])
    ]


def situation(case: dict[str, Any]) -> Situation:
    """A situation; what it does not tell is as on a host where nothing was ever changed."""
    now = datetime.fromisoformat(case.get("now", NOW))
    changes = [change(each) for each in case.get("changes", [])]
    urgency = case.get("urgent", [])
    told = [finding for each in case.get("changes", []) for finding in findings(each)]
    told.sort(key=lambda each: each.rule.id not in urgency)
    names = {name for each in changes for name in each.rules}
    drifts = [
        Drift(parse_address(each), run_id(1), 2, 7, times)
        for each, times in case.get("drift", {}).items()
    ]
    runs = [receipt(number, now, each) for number, each in enumerate(case.get("runs", []), start=1)]
    return Situation(
        plan=Plan("web-1", NOW, "server", tuple(changes), (), ()),
        findings=told,
        allowed=frozenset(case.get("allowed", names)),
        now=now,
        here=HERE,
        uptime_s=case.get("uptime", 1e9),
        receipts=runs,
        seen=run_id(case["seen"]) if "seen" in case else None,
        drifts=drifts,
        rivals={parse_address(each): names for each, names in case.get("rivals", {}).items()},
        omitted={parse_address(each): why for each, why in case.get("omitted", {}).items()},
        trouble=case.get("trouble"),
    )
