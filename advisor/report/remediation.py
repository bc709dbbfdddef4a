"""What an unattended run does now, and why not the rest: for people, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from advisor.model.address import Address
from advisor.model.plan import Change, Plan
from advisor.model.receipt import Receipt, State
from advisor.model.remediation import Decision, Drift, Policy, Skipped
from advisor.model.unavailable import Unavailable
from advisor.report.applied import lasting_lines
from advisor.report.failure import value_text
from advisor.report.outcome import outcome_lines
from advisor.report.runs import receipt_data, state_text
from advisor.report.style import TextStyle, safe

SCHEMA = "advisor.remediation/v1"
_MANY = 8
_UNDONE = (State.ROLLED_BACK, State.FAILED)


@dataclass(frozen=True, slots=True, eq=False)
class Remediation:
    """An unattended run, or what it would be.

    Attributes:
        policy: What it was decided by.
        plan: The whole plan.
        decision: What is made of it.
        run: What came of it, None where nothing was changed.
        lost: Settings that the next boot loses: address, why, what makes them last or None.
        boot: What the next boot will bring otherwise, although it is written to files.
    """

    policy: Policy
    plan: Plan
    decision: Decision
    run: Receipt | None = None
    lost: tuple[tuple[Address, str, str | None], ...] = ()
    boot: tuple[str, ...] = ()


def to_text(made: Remediation, style: TextStyle) -> str:
    """As text with a newline at its end."""
    decision, policy = made.decision, made.policy
    head = f"{made.plan.hostname} · profile {made.plan.profile} · policy {policy.file}"
    lines = [style.paint(head, "bold"), ""]
    if decision.stopped is not None:
        lines += [*style.wrap(f"stopped: {decision.stopped}", 0, 2), ""]
    if made.run is not None:
        lines += [f"run {made.run.id} {state_text(made.run)}", ""]
    for number, change in enumerate(decision.changes, start=1):
        lines += _change_lines(number, change, style)
    if decision.changes:
        lines.append("")
    if made.run is not None and made.run.outcome is not None:
        rules = sorted({rule for change in decision.changes for rule in change.rules})
        lines += [*outcome_lines(made.run.outcome, style, rules), ""]
    if made.lost or made.boot:
        lines += [*lasting_lines(made.lost, made.boot), ""]
    if decision.skipped:
        lines.append(style.paint("not now", "bold"))
        lines += [*_skipped_lines(decision.skipped, style), ""]
    if decision.drifts:
        lines.append(style.paint("not as the last run has left it", "bold"))
        lines += [line for each in decision.drifts for line in _drift_lines(each, style)]
        lines.append("")
    return "\n".join([*lines, style.paint(_summary(made), "bold")]) + "\n"


def to_json(made: Remediation, now: datetime) -> str:
    """As a document."""
    decision, policy = made.decision, made.policy
    window = decision.next_window
    document = {
        "schema": SCHEMA,
        "at": _time(now),
        "host": made.plan.hostname,
        "profile": made.plan.profile,
        "policy": policy.file,
        "enabled": policy.enabled,
        "stopped": decision.stopped,
        "next_window": None if window is None else _time(window),
        "left_today": decision.left_today,
        "changes": [_change_data(each) for each in decision.changes],
        "skipped": [
            {**_change_data(each.change), "reason": each.reason.value, "text": each.text}
            for each in decision.skipped
        ],
        "drift": [_drift_data(each) for each in decision.drifts],
        "lost_at_boot": [
            {"setting": str(address), "reason": reason, "instead": instead}
            for address, reason, instead in made.lost
        ],
        "boot_problems": list(made.boot),
        "run": None if made.run is None else receipt_data(made.run),
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def policy_text(policy: Policy, allowed: int, rules: int, opening: datetime | None) -> str:
    """A policy that is valid, for whoever wants to know what it means.

    Args:
        policy: The policy.
        allowed: How many rules it does not leave to people.
        rules: How many there are.
        opening: When the next window begins, None if one is open now.
    """
    windows = ", ".join(each.text for each in policy.windows) or "always"
    next_one = "" if opening is None else f"; the next begins at {_minute(opening)}"
    active = ", and only of what hurts now" if policy.active_only else ""
    disrupts = "interrupt a link at most" if policy.allow_link else "disrupt nothing"
    lines = [
        f"{policy.file}: valid{'' if policy.enabled else ', and not enabled'}",
        f"  failures of {allowed} of {rules} rules, {policy.severity.value} and above{active}",
        f"  changes of {policy.max_risk} risk at most, which {disrupts}",
        f"  windows: {windows}{next_one}",
        f"  at most {policy.per_run} changes in a run, {policy.per_day} within 24 hours",
    ]
    return safe_lines(lines)


def safe_lines(lines: Iterable[str]) -> str:
    """Lines with nothing unprintable in them."""
    return "".join(f"{safe(line)}\n" for line in lines)


def _change_lines(number: int, change: Change, style: TextStyle) -> list[str]:
    values = f"{value_text(change.before)} → {value_text(change.after)}"
    why = f"{', '.join(change.rules)} · {change.risk} risk"
    return [
        f"{number:>3}  {style.paint(str(change.address), 'bold')}  {safe(values)}",
        *style.wrap(why, 5),
    ]


def _skipped_lines(skipped: Sequence[Skipped], style: TextStyle) -> list[str]:
    """One paragraph for each reason, with the settings that it keeps from being changed."""
    by_text: dict[str, list[str]] = {}
    for each in skipped:
        by_text.setdefault(each.text, []).append(str(each.change.address))
    lines = []
    for text, settings in by_text.items():
        more = f" and {len(settings) - _MANY} more" if len(settings) > _MANY else ""
        lines += style.wrap(f"{text}: {', '.join(settings[:_MANY])}{more}", 2, 4)
    return lines


def _drift_lines(drift: Drift, style: TextStyle) -> list[str]:
    if isinstance(drift.now, Unavailable):
        now = f"cannot be read: {drift.now.reason}"
    else:
        now = f"is {value_text(drift.now)}"
        now += f", changed {drift.times} times" if drift.times > 1 else ""
    text = f"{drift.address}: run {drift.run} has left {value_text(drift.left)}; {now}"
    return style.wrap(text, 2, 2)


def _summary(made: Remediation) -> str:
    decision = made.decision
    count = len(decision.changes)
    done = "to make now"
    if made.run is not None:
        done = "undone again" if made.run.state in _UNDONE else "made"
    text = f"{count} change{'' if count == 1 else 's'} {done}" if count else "nothing to change now"
    if decision.skipped:
        text += f", {len(decision.skipped)} not"
    text += f"; {decision.left_today} more within 24 hours"
    if decision.next_window is not None:
        text += f"; the next window begins at {_minute(decision.next_window)}"
    return text


def _change_data(change: Change) -> dict[str, Any]:
    return {
        "setting": str(change.address),
        "before": change.before,
        "after": change.after,
        "rules": list(change.rules),
        "risk": change.risk,
        "disrupts": change.disrupts,
    }


def _drift_data(drift: Drift) -> dict[str, Any]:
    unreadable = isinstance(drift.now, Unavailable)
    return {
        "setting": str(drift.address),
        "run": drift.run,
        "left": drift.left,
        "now": None if isinstance(drift.now, Unavailable) else drift.now,
        "problem": drift.now.reason if isinstance(drift.now, Unavailable) else None,
        "times": 0 if unreadable else drift.times,
    }


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
