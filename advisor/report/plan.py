"""A plan for people, and as the document that `advisor apply` takes."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from advisor import __version__
from advisor.model.address import address_data
from advisor.model.plan import SCHEMA, Change, Plan, digest
from advisor.report.failure import value_text
from advisor.report.style import TextStyle, safe

_DISRUPTS = {"none": "disrupts nothing", "link": "interrupts the link", "reboot": "needs a reboot"}


def to_text(plan: Plan, style: TextStyle) -> str:
    """The plan as text with a newline at its end."""
    head = f"{plan.hostname} · profile {plan.profile} · read {plan.at}"
    lines = [style.paint(head, "bold"), ""]
    for number, change in enumerate(plan.changes, start=1):
        lines += [*_change_lines(number, change, style), ""]
    if plan.solved:
        gone = f"in a simulation these pass then: {', '.join(plan.solved)}"
        lines += [*style.wrap(gone, 0, 2), ""]
    for left in plan.left:
        text = f"{left.rule} {left.target} is left: {left.advice or left.message}"
        lines += style.wrap(text, 0, 2)
    if plan.left:
        lines.append("")
    lines.append(style.paint(_summary(plan), "bold", "green" if not plan.changes else "yellow"))
    return "\n".join(lines) + "\n"


def to_json(plan: Plan) -> str:
    """The plan as a document, with a digest of its changes."""
    changes = [_change_data(change) for change in plan.changes]
    document = {
        "schema": SCHEMA,
        "advisor": __version__,
        "host": plan.hostname,
        "at": plan.at,
        "profile": plan.profile,
        "changes": changes,
        "solved": list(plan.solved),
        "left": [asdict(each) for each in plan.left],
        "digest": digest(plan.hostname, changes),
    }
    return json.dumps(document, indent=2, ensure_ascii=True) + "\n"


def digest_of(plan: Plan) -> str:
    """The digest of a plan."""
    return digest(plan.hostname, [_change_data(change) for change in plan.changes])


def _change_lines(number: int, change: Change, style: TextStyle) -> list[str]:
    values = f"{value_text(change.before)} → {value_text(change.after)}"
    lines = [f"{number:>3}  {style.paint(str(change.address), 'bold')}  {safe(values)}"]
    why = f"{', '.join(change.rules)} · {change.risk} risk, {_DISRUPTS[change.disrupts]}"
    lines += style.wrap(why, 5)
    for note in change.notes:
        lines += style.wrap(note, 5)
    return lines + [f"     {safe(command)}" for command in change.commands]


def _summary(plan: Plan) -> str:
    count = len(plan.changes)
    if not count:
        return "nothing to change"
    link = sum(change.disrupts != "none" for change in plan.changes)
    text = f"{count} change{'s' if count > 1 else ''}"
    return f"{text}, {link} of them more than harmless for traffic" if link else text


def _change_data(change: Change) -> dict[str, Any]:
    return {
        "setting": address_data(change.address),
        "before": _plain(change.before),
        "after": _plain(change.after),
        "rules": list(change.rules),
        "risk": change.risk,
        "disrupts": change.disrupts,
        "notes": list(change.notes),
        "commands": list(change.commands),
    }


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value
