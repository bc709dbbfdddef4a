"""Which runs need not be remembered any longer."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.model.address import Address
from advisor.model.receipt import Receipt, State

KEEP = 100
"""Runs that are kept in any case. Each takes some kilobytes."""

_SETTLED = frozenset({State.CONFIRMED, State.PERSISTED, State.ROLLED_BACK})


def removable(receipts: Sequence[Receipt], keep: int = KEEP) -> tuple[str, ...]:
    """The ids of runs that can be forgotten, oldest first.

    Kept are, however old: runs that wait for a decision or could not be undone entirely; runs whose
    values are in configuration files, and in those of no younger run; and runs that were undone
    while the value of a younger one, which is kept, lay on theirs: what is below that value is told
    by them alone.

    Args:
        receipts: All runs, oldest first.
        keep: How many of the youngest stay. One at least: ids go on from the last.
    """
    persistent: set[Address] = set()
    lain_on: set[str] = set()
    gone = []
    for age, receipt in enumerate(reversed(receipts)):
        last = _persists(receipt) - persistent
        persistent |= last
        needed = last or (receipt.state is State.ROLLED_BACK and receipt.id in lain_on)
        if age >= max(keep, 1) and receipt.state in _SETTLED and not needed:
            gone.append(receipt.id)
        else:
            lain_on |= _lies_on(receipt)
    return tuple(reversed(gone))


def _persists(receipt: Receipt) -> set[Address]:
    """The settings that a run has put into configuration files."""
    if receipt.state is not State.PERSISTED:
        return set()
    return {operation.address for operation in receipt.transaction.operations}


def _lies_on(receipt: Receipt) -> set[str]:
    """The runs whose values a run has found."""
    operations = receipt.transaction.operations
    held = [each.over for operation in operations for each in operation.dependent]
    return {over for over in (*(each.over for each in operations), *held) if over is not None}
