"""What `advisor apply` did, as a document and as the lines that end its output."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from advisor.model.address import Address, address_data
from advisor.model.plan import Omitted
from advisor.model.receipt import Operation, Receipt, State
from advisor.report.outcome import outcome_lines
from advisor.report.runs import receipt_data, state_text
from advisor.report.style import TextStyle, safe

SCHEMA = "advisor.apply/v1"


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of an order to apply a plan.

    Attributes:
        operations: What was to be changed, in order.
        present: Settings that had their value already.
        omitted: Changes that were left out.
        dry_run: Whether nothing was to be changed.
        receipt: The run, None if there was none.
        problem: What went wrong, None if nothing did.
        complete: After a failure: whether everything is as before.
        lost: Settings that the next boot loses: address, why, what makes them last or None.
        boot: What the next boot will bring otherwise, although it is written to files.
    """

    operations: tuple[Operation, ...]
    present: tuple[Address, ...]
    omitted: tuple[Omitted, ...]
    dry_run: bool = False
    receipt: Receipt | None = None
    problem: str | None = None
    complete: bool = True
    lost: tuple[tuple[Address, str, str | None], ...] = ()
    boot: tuple[str, ...] = ()


def applied_json(applied: Applied) -> str:
    """The document, on one line."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "changed": applied.receipt is not None and applied.problem is None,
        "dry_run": applied.dry_run,
        "problem": applied.problem,
        "rolled_back": applied.problem is not None and applied.complete,
        "changes": [_change_data(each) for each in applied.operations],
        "present": [address_data(each) for each in applied.present],
        "omitted": [
            {
                "setting": address_data(each.change.address),
                "disrupts": each.disrupts,
                "reason": each.reason,
                "allow": each.hint,
            }
            for each in applied.omitted
        ],
        "lost_at_boot": [
            {"setting": address_data(address), "reason": reason, "instead": instead}
            for address, reason, instead in applied.lost
        ],
        "boot_problems": list(applied.boot),
        "run": None if applied.receipt is None else receipt_data(applied.receipt),
    }
    return json.dumps(document, ensure_ascii=True) + "\n"


def applied_text(applied: Applied, style: TextStyle) -> str:
    """What was done, when nothing went wrong."""
    count = settings_text(len(applied.operations))
    receipt = applied.receipt
    if not applied.operations:
        return "nothing to change\n"
    if receipt is None:
        return f"{count} can be changed, and put back: nothing was\n"
    lines = []
    if receipt.outcome is not None:
        rules = sorted({rule for each in applied.operations for rule in each.rules})
        lines += [*outcome_lines(receipt.outcome, style, rules), ""]
    lines.append(f"{count} changed and read back: run {receipt.id} {state_text(receipt)}")
    lines += lasting_lines(applied.lost, applied.boot)
    if receipt.state is State.APPLIED:
        lines.append("keep it with: advisor confirm (over a new connection)")
    else:
        lines.append(f"undo it with: advisor rollback {receipt.id}")
    return "\n".join(lines) + "\n"


def lasting_lines(
    lost: Sequence[tuple[Address, str, str | None]], boot: Sequence[str]
) -> list[str]:
    """What the next boot loses or brings otherwise; settings with the same reason on one line."""
    by_reason: dict[tuple[str, str | None], list[str]] = {}
    for address, reason, instead in lost:
        by_reason.setdefault((reason, instead), []).append(str(address))
    lines = []
    for (reason, instead), addresses in by_reason.items():
        text = f"the next boot loses {', '.join(addresses)}: {reason}"
        lines.append(safe(text))
        if instead is not None:
            lines.append(safe(f"  instead: {instead}"))
    return lines + [safe(f"the next boot: {problem}") for problem in boot]


def settings_text(count: int) -> str:
    """So many settings, in words."""
    return f"{count} setting{'' if count == 1 else 's'}"


def _change_data(operation: Operation) -> dict[str, Any]:
    return {
        "setting": address_data(operation.address),
        "address": str(operation.address),
        "before": operation.before,
        "after": operation.after,
        "rules": list(operation.rules),
    }
