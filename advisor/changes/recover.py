"""After a crash, a power cut or a boot: decides what becomes of a run that has ended midway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from advisor.changes.clock import utc
from advisor.changes.confirm import disarm
from advisor.changes.layers import Place, place_of
from advisor.changes.rollback import RolledBack, roll_back
from advisor.changes.session import Session
from advisor.model.receipt import Origin, Receipt, State
from advisor.model.unavailable import Unavailable


class Pending(Enum):
    """What an unfinished run needs."""

    WAITS = "waits to be confirmed"
    ELSEWHERE = "belongs to another network namespace"
    OVERDUE = "was not confirmed in time"
    UNGUARDED = "its watchdog has died before anybody confirmed it"
    ENDED = "has ended midway"
    REBOOTED = "was not finished before the host was booted again"
    FILES = "was writing configuration files when it ended"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was done about an unfinished run.

    Attributes:
        pending: What it needed.
        receipt: The run as it stands now.
        undone: What came of undoing it, None if it was not undone.
        files: Files that could not be put back as they were, and why.
    """

    pending: Pending
    receipt: Receipt
    undone: RolledBack | None
    files: tuple[str, ...] = ()


def pending_of(
    receipt: Receipt, here: Origin, now: float, alive: Callable[[str], bool | Unavailable]
) -> Pending:
    """What an unfinished run needs, asked by somebody who holds the lock.

    Args:
        receipt: The run.
        here: This boot and namespace.
        now: Seconds since 1970, by the host's clock.
        alive: Whether what carries a watchdog still runs.
    """
    place = place_of(receipt.transaction.origin, here)
    if place in (Place.OTHER_NAMESPACE, Place.OTHER_HOST):
        return Pending.ELSEWHERE
    if receipt.state is State.PERSISTING:
        return Pending.FILES
    if place is Place.EARLIER_BOOT:
        return Pending.REBOOTED
    armed = receipt.armed
    if receipt.state is not State.APPLIED or armed is None:
        return Pending.ENDED
    guarded = False if armed.watchdog is None else alive(armed.watchdog)
    if guarded is True:
        return Pending.WAITS  # it keeps time by a clock that does not jump
    if armed.until is None or armed.until <= utc(now):
        return Pending.OVERDUE
    return Pending.UNGUARDED if guarded is False else Pending.WAITS


def recover(session: Session, alive: Callable[[str], bool | Unavailable]) -> Recovered | None:
    """Finishes a run that has ended midway: undoes it. None if there is none.

    It can be repeated, and goes on where an earlier attempt has ended. A run that waits to be
    confirmed, and is guarded, is left alone; so is one of another namespace. One that was being
    written to configuration files is confirmed; its files are put back as they were.

    Args:
        session: What changes are made with.
        alive: Whether what carries a watchdog still runs.

    Raises:
        AdvisorError: It cannot be recorded.
    """
    journal, here = session.journal, session.here
    receipt = journal.unfinished
    if receipt is None:
        return None
    pending = pending_of(receipt, here, journal.now(), alive)
    if pending in (Pending.WAITS, Pending.ELSEWHERE):
        return Recovered(pending, receipt, None)
    if pending is Pending.FILES:
        return _without_files(session, receipt)
    undone = roll_back(journal, session.live, receipt.id, here, note=pending.value)
    if undone.complete:
        disarm(session, undone.receipt)
    return Recovered(pending, undone.receipt, undone)


def _without_files(session: Session, receipt: Receipt) -> Recovered:
    """Whether all files were written is not known, but what was there before is."""
    from advisor.changes.keeping import undo_writing

    problems = undo_writing(session, receipt)
    with session.journal.reopen(receipt.id) as entry:
        entry.enter(State.CONFIRMED, note="; ".join((Pending.FILES.value, *problems)))
        return Recovered(Pending.FILES, entry.receipt, None, problems)
