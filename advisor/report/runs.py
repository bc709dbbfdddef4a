"""Runs for people and for programs: what was changed, what became of it, what is still open."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from advisor.model.address import Address, address_data
from advisor.model.overview import Overview
from advisor.model.receipt import Operation, Phase, Receipt, Result, State, Trigger, Verdict
from advisor.model.unavailable import Unavailable
from advisor.report.failure import value_text
from advisor.report.outcome import outcome_data, outcome_lines
from advisor.report.style import TextStyle, safe

SCHEMA = "advisor.receipt/v1"
HISTORY_SCHEMA = "advisor.history/v1"
STATUS_SCHEMA = "advisor.status/v1"

_STATES = {
    State.BEGUN: "has begun, and changed nothing yet",
    State.ARMED: "is under way, or has ended midway",
    State.APPLIED: "is applied and waits to be confirmed",
    State.CONFIRMED: "is confirmed; it lasts until the next boot",
    State.PERSISTING: "is confirmed; its configuration files are being written",
    State.PERSISTED: "is confirmed, and written to configuration files",
    State.ROLLING_BACK: "is being rolled back, or that has ended midway",
    State.ROLLED_BACK: "is rolled back",
    State.FAILED: "could not be rolled back entirely",
}


def state_text(receipt: Receipt) -> str:
    """Where a run stands, as the end of a sentence."""
    text = _STATES[receipt.state]
    armed = receipt.armed
    if receipt.state is State.APPLIED and armed is not None and armed.until is not None:
        text += f" until {armed.until}"
    return text


def history_text(receipts: Iterable[Receipt], damaged: Sequence[tuple[str, str]]) -> str:
    """All runs, one line each, the youngest first."""
    rows = [
        (
            each.id,
            each.state.value,
            f"{len(each.transaction.operations)} settings",
            ", ".join(_rules(each)),
        )
        for each in receipts
    ]
    lines = [f"{run}  {state:<12}  {count:>11}  {safe(rules)}" for run, state, count, rules in rows]
    lines += [f"{run}  damaged       {safe(problem)}" for run, problem in damaged]
    return "\n".join(lines or ["there is no run yet"]) + "\n"


def receipt_text(receipt: Receipt, style: TextStyle) -> str:
    """A run with everything that became of it."""
    transaction = receipt.transaction
    lines = [
        style.paint(f"run {receipt.id} {state_text(receipt)}", "bold"),
        f"  {safe(transaction.origin.hostname)} · profile {safe(transaction.profile)}"
        f" · advisor {safe(transaction.advisor)} · plan {transaction.plan[:12]}"
        + (" · by advisor remediate" if transaction.trigger is Trigger.REMEDIATE else "")
        + (" · not to outlive the boot" if transaction.runtime_only else ""),
        "",
    ]
    for event in receipt.events:
        note = f": {event.note}" if event.note else ""
        until = f" until {event.until}" if event.until else ""
        lines.append(f"  {event.at}  {event.state.value}{until}{safe(note)}")
    lines.append("")
    for number, operation in enumerate(transaction.operations):
        lines += _operation_lines(receipt, number, operation, style)
    if receipt.outcome is not None:
        lines += ["", *outcome_lines(receipt.outcome, style, _rules(receipt))]
    for file in receipt.files:
        lines.append(f"  {safe(file.path)}: {_file_text(file.before, file.after)}")
    return "\n".join(lines).rstrip("\n") + "\n"


def undone_text(
    why: str, outcomes: Sequence[tuple[Address, Verdict, str | None]], extra: Sequence[str] = ()
) -> str:
    """What came of undoing a run: everything is as before, or exactly what is not."""
    left = [each for each in outcomes if each[1] is not Verdict.DONE]
    count = len(outcomes)
    if not left and not extra:
        settings = f"{count} setting{'' if count == 1 else 's'}"
        return f"{why}\nrolled back: {settings} read as before\n"
    lines = [why, f"rolled back in part: {len(left)} of {count} settings still differ"]
    for address, verdict, problem in left:
        lines.append(f"  {safe(str(address))}  {verdict.value}: {safe(problem or '')}")
    lines += [f"  {safe(each)}" for each in extra]
    return "\n".join(lines) + "\n"


def status_text(overview: Overview) -> str:
    """Where the host stands."""
    lines = []
    if overview.waiting is not None:
        waiting = overview.waiting
        if waiting.ended:
            lines.append(f"run {waiting.receipt.id} {waiting.needs}")
            lines.append("  unless it is under way at this moment: advisor recover")
        else:
            lines.append(f"run {waiting.receipt.id} {state_text(waiting.receipt)}")
            lines.append(f"  it {waiting.needs}; watchdog: {waiting.watchdog or 'none'}")
    for drift in overview.drift:
        now = drift.now
        text = now.reason if isinstance(now, Unavailable) else value_text(now)
        left = f"run {drift.run} has left {value_text(drift.left)}, it is {text}"
        lines.append(f"  {safe(str(drift.address))}: {safe(left)}")
    lines += [f"run {run} is damaged: advisor history" for run in overview.damaged]
    if not lines:
        lines.append(
            f"nothing waits, and everything is as {_runs(overview.runs)} left it"
            if overview.runs
            else "advisor has changed nothing here"
        )
    return "\n".join(lines) + "\n"


def status_data(overview: Overview) -> dict[str, Any]:
    """Where the host stands, as plain data."""
    waiting = overview.waiting
    return {
        "schema": STATUS_SCHEMA,
        "waiting": None
        if waiting is None
        else {
            "id": waiting.receipt.id,
            "state": waiting.receipt.state.value,
            "needs": waiting.needs,
            "watchdog": waiting.watchdog,
            "until": None if waiting.receipt.armed is None else waiting.receipt.armed.until,
        },
        "runs": overview.runs,
        "drift": [
            {
                "setting": address_data(each.address),
                "run": each.run,
                "left": each.left,
                "now": None if isinstance(each.now, Unavailable) else each.now,
            }
            for each in overview.drift
        ],
        "damaged": list(overview.damaged),
    }


def receipt_json(receipt: Receipt) -> str:
    """A run as a document."""
    return json.dumps({"schema": SCHEMA, **receipt_data(receipt)}, ensure_ascii=True) + "\n"


def receipt_data(receipt: Receipt) -> dict[str, Any]:
    """A run as plain data."""
    transaction = receipt.transaction
    return {
        "id": receipt.id,
        "state": receipt.state.value,
        "host": transaction.origin.hostname,
        "boot_id": transaction.origin.boot_id,
        "started": transaction.started,
        "profile": transaction.profile,
        "advisor": transaction.advisor,
        "plan": transaction.plan,
        "trigger": transaction.trigger.value,
        "runtime_only": transaction.runtime_only,
        "operations": [
            _operation_data(receipt, number, each)
            for number, each in enumerate(transaction.operations)
        ],
        "events": [
            {"state": each.state.value, "at": each.at, "note": each.note, "until": each.until}
            for each in receipt.events
        ],
        "files": [
            {"path": each.path, "before": each.before, "after": each.after}
            for each in receipt.files
        ],
        "outcome": None if receipt.outcome is None else outcome_data(receipt.outcome),
    }


def _operation_lines(
    receipt: Receipt, number: int, operation: Operation, style: TextStyle
) -> list[str]:
    values = f"{value_text(operation.before)} → {value_text(operation.after)}"
    lines = [f"{number + 1:>3}  {style.paint(str(operation.address), 'bold')}  {safe(values)}"]
    applied, undone = _results(receipt, number)
    if applied is None:
        lines.append("     not written")
    elif applied.verdict is not Verdict.DONE:
        lines += style.wrap(f"{applied.verdict.value}: {applied.problem or ''}", 5)
    elif applied.read != operation.after:
        lines.append(f"     reads {safe(value_text(applied.read))}")
    if undone is not None:
        text = f"undone: reads {value_text(undone.read)}"
        if undone.verdict is not Verdict.DONE:
            text = f"not undone: {undone.problem or ''}"
        elif undone.problem:
            text = f"undone: {undone.problem}"
        lines += style.wrap(text, 5)
    return lines


def _operation_data(receipt: Receipt, number: int, operation: Operation) -> dict[str, Any]:
    applied, undone = _results(receipt, number)
    return {
        "setting": address_data(operation.address),
        "before": operation.before,
        "after": operation.after,
        "rules": list(operation.rules),
        "applied": _result_data(applied),
        "undone": _result_data(undone),
    }


def _results(receipt: Receipt, number: int) -> tuple[Result | None, Result | None]:
    """What came of carrying an operation out, and of undoing it the last time."""
    found: dict[Phase, Result] = {}
    for result in (*receipt.applied, *receipt.undone):
        if result.operation == number:
            found[result.phase] = result
    return found.get(Phase.APPLY), found.get(Phase.UNDO)


def _result_data(result: Result | None) -> dict[str, Any] | None:
    if result is None:
        return None
    return {"verdict": result.verdict.value, "read": result.read, "problem": result.problem}


def _rules(receipt: Receipt) -> list[str]:
    return sorted({rule for each in receipt.transaction.operations for rule in each.rules})


def _file_text(before: str | None, after: str | None) -> str:
    if after is None:
        return "removed"
    return "new" if before is None else "changed"


def _runs(count: int) -> str:
    return "1 run has" if count == 1 else f"{count} runs have"
