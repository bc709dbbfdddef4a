"""A plan for people, and as the document that `advisor apply` takes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from advisor import __version__
from advisor.errors import AdvisorError
from advisor.model.address import (
    IrqAddress,
    NicAddress,
    SysctlAddress,
    address_data,
    parse_address,
)
from advisor.model.plan import Change, Left, Plan
from advisor.report.failure import value_text
from advisor.report.style import TextStyle, safe

SCHEMA = "advisor.plan/v1"
_DISRUPTS = {"none": "disrupts nothing", "link": "interrupts the link", "reboot": "needs a reboot"}
_MAKE_ONE = "make one with: advisor plan -o plan.json"


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


def from_json(text: str, name: str) -> Plan:
    """The plan in a document.

    Args:
        text: What `to_json` made.
        name: Where it is from, for error messages.

    Raises:
        AdvisorError: It is not a plan, was changed, or names what advisor cannot set.
    """
    from advisor.knowledge.document import Document
    from advisor.knowledge.schema import validate

    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AdvisorError(f"{name}: not a plan: {error}", _MAKE_ONE) from None
    validate(Document(name, data, {}), "plan")
    if data["digest"] != digest(data["host"], data["changes"]):
        raise AdvisorError(f"{name}: its digest does not fit: it was changed by hand", _MAKE_ONE)
    return Plan(
        hostname=data["host"],
        at=data["at"],
        profile=data["profile"],
        changes=tuple(_change_from(each, name) for each in data["changes"]),
        solved=tuple(data["solved"]),
        left=tuple(Left(**each) for each in data["left"]),
    )


def digest(host: str, changes: list[dict[str, Any]]) -> str:
    """SHA-256 of a host's changes in canonical form. It guards against slips, not against forgery:
    what a plan may set is checked when it is applied."""
    canonical = json.dumps([host, changes], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


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


def _change_from(data: dict[str, Any], name: str) -> Change:
    raw = data["setting"]
    if "sysctl" in raw:
        address: Any = SysctlAddress(tuple(raw["sysctl"]))
    elif "irq" in raw:
        address = IrqAddress(raw["irq"])
    else:
        address = NicAddress(raw["nic"], tuple(raw["property"]))
    try:
        if not isinstance(address, NicAddress):
            parse_address(str(address))
    except ValueError as error:
        raise AdvisorError(f"{name}: {error}", _MAKE_ONE) from None
    return Change(
        address=address,
        before=_tuples(data["before"]),
        after=_tuples(data["after"]),
        rules=tuple(data["rules"]),
        risk=data["risk"],
        disrupts=data["disrupts"],
        notes=tuple(data["notes"]),
        commands=tuple(data["commands"]),
    )


def _plain(value: Any) -> Any:
    return [_plain(item) for item in value] if isinstance(value, (tuple, list)) else value


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
