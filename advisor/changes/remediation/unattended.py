"""What former runs say about whether, and how much, may be changed without a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from advisor.changes import ids
from advisor.changes.remediation.situation import Situation
from advisor.model.address import Address
from advisor.model.receipt import Receipt, State, Trigger

DAY_S = 86_400
_UNDONE = (State.ROLLED_BACK, State.FAILED)


def unseen_failures(receipts: Sequence[Receipt], seen: str | None) -> tuple[Receipt, ...]:
    """The runs that stop unattended ones until a person has looked.

    Those are unattended ones that were undone, and any that could not be undone entirely.

    Args:
        receipts: All runs, oldest first.
        seen: Id of the last run that a person has looked at.
    """
    return tuple(
        each
        for each in receipts
        if is_unseen(each, seen)
        and (
            each.state is State.FAILED
            or (each.state is State.ROLLED_BACK and each.transaction.trigger is Trigger.REMEDIATE)
        )
    )


def is_unseen(receipt: Receipt, seen: str | None) -> bool:
    """Whether a run came after the last one that a person has looked at."""
    return seen is None or ids.order(receipt.id) > ids.order(seen)


def changes_today(situation: Situation) -> int:
    """How many changes unattended runs have made within 24 hours, in whatever place."""
    return sum(
        len(each.transaction.operations)
        for each in situation.receipts
        if each.transaction.trigger is Trigger.REMEDIATE and age_s(each, situation) < DAY_S
    )


def last_changed(situation: Situation) -> Mapping[Address, float]:
    """Setting → seconds since a run has changed it last, whoever started that."""
    found: dict[Address, float] = {}
    for receipt in _around(situation):
        age = age_s(receipt, situation)
        for operation in receipt.transaction.operations:
            found[operation.address] = min(age, found.get(operation.address, age))
    return found


def taken_back(situation: Situation) -> Mapping[Address, str]:
    """Setting → the last run that has changed it, where that was undone, and nobody has looked."""
    last = {
        operation.address: receipt
        for receipt in _around(situation)
        for operation in receipt.transaction.operations
    }
    return {
        address: receipt.id
        for address, receipt in last.items()
        if receipt.state in _UNDONE and is_unseen(receipt, situation.seen)
    }


def age_s(receipt: Receipt, situation: Situation) -> float:
    """How long ago a run was, at most.

    The clock may have jumped since. A run of this boot is not older than the boot; one of the
    future counts as one of now, unless a person has looked since, and found the clock wrong.
    """
    try:
        started = datetime.fromisoformat(receipt.transaction.started.replace("Z", "+00:00"))
    except ValueError:
        return 0.0  # the 31st of February: what cannot be told counts as now
    age = (situation.now - started).total_seconds()
    if age < 0:
        return 0.0 if is_unseen(receipt, situation.seen) else float("inf")
    if situation.here is not None and receipt.transaction.origin.boot_id == situation.here.boot_id:
        return min(age, situation.uptime_s)
    return age


def _around(situation: Situation) -> list[Receipt]:
    """The runs without those of other namespaces, where the same names mean other settings.

    Of an earlier boot it cannot be told, so those count.
    """
    here = situation.here
    if here is None:
        return list(situation.receipts)
    return [
        each
        for each in situation.receipts
        if each.transaction.origin.boot_id != here.boot_id
        or each.transaction.origin.netns == here.netns
    ]
