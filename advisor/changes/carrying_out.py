"""Carries operations out: writes, reads back, and puts back at once what a write has destroyed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from advisor.changes.dependence import lost
from advisor.changes.entry import Entry
from advisor.changes.interfaces import Names
from advisor.changes.interruption import Interruption
from advisor.changes.putting_back import PuttingBack
from advisor.errors import AdvisorError
from advisor.model.address import Address
from advisor.model.receipt import Operation, Value, Verdict
from advisor.model.unavailable import Unavailable
from advisor.settings.live import Live, outcome, same
from advisor.settings.live.kind import shown

Numbered = tuple[int, Operation]


def groups(operations: Sequence[Operation]) -> Iterator[list[Numbered]]:
    """The operations with their numbers, those together that are written with one request."""
    group: list[Numbered] = []
    for number, operation in enumerate(operations):
        if group and not operation.joined:
            yield group
            group = []
        group.append((number, operation))
    if group:
        yield group


def carry_out(live: Live, entry: Entry, group: Sequence[Numbered]) -> str | None:
    """Writes the values of a group and records what came of it.

    Args:
        live: The settings of this kernel.
        entry: The run's records.
        group: Operations that are written with one request.

    Returns:
        What went wrong, None if every setting has its value, the kernel's own rounding included.

    Raises:
        AdvisorError: It could not be recorded.
    """
    interruption = Interruption(operation.address for _, operation in group)
    kept = _kept(live, group)
    problem = _write(live, group) or interruption.wait()
    if problem is None:
        problem = _restore_lost(live, group, kept)
    for number, operation in group:
        read, own = _read_back(live, operation)
        own = problem or own
        problem = problem or own
        entry.did(number, Verdict.DONE if own is None else Verdict.FAILED, read, own)
    return problem


def changed_since(live: Live, entry: Entry) -> list[str]:
    """The settings that do not have any more what was read back after they were written."""
    found = []
    for result in entry.receipt.applied:
        address = entry.receipt.transaction.operations[result.operation].address
        now = live.read(address)
        if not same(address, result.read, now, exact=True):
            text = now.reason if isinstance(now, Unavailable) else f"it is {shown(now)}"
            found.append(f"{address}: {text}")
    return found


def _write(live: Live, group: Sequence[Numbered]) -> str | None:
    values: dict[Address, Value] = {each.address: each.after for _, each in group}
    present = {address: value for address, value in values.items() if value is not None}
    try:
        if len(present) > 1:
            live.write_together(present)
        else:
            for address, value in present.items():
                live.write(address, value)
    except AdvisorError as error:
        return error.message
    return None


def _kept(live: Live, group: Sequence[Numbered]) -> dict[Address, Value]:
    """What a write may destroy, as it is just before: writes of this run may have moved it."""
    found: dict[Address, Value] = {}
    for held in lost([operation for _, operation in group]):
        value = live.read(held.address)
        if not isinstance(value, Unavailable):
            found[held.address] = value
    return found


def _restore_lost(
    live: Live, group: Sequence[Numbered], kept: Mapping[Address, Value]
) -> str | None:
    """Puts back what the write has destroyed; what went wrong, None if nothing did."""
    of = group[0][1].address
    hands = PuttingBack(live, Names((), {}))
    for address, value in kept.items():
        problem = hands.put_back(of, address, value)
        if problem is not None:
            return f"{address} was lost and cannot be put back: {problem}"
    return None


def _read_back(live: Live, operation: Operation) -> tuple[Value, str | None]:
    now = live.read(operation.address)
    if isinstance(now, Unavailable):
        return None, f"{operation.address}: it cannot be read back: {now.reason}"
    result = outcome(operation.address, operation.after, now)
    if result == "different":
        return now, f"{operation.address}: it is {shown(now)} after it was written"
    if result != "equal" and same(operation.address, operation.before, now, exact=True):
        return now, f"{operation.address}: it stays {shown(now)}, whatever is written"
    return now, None
