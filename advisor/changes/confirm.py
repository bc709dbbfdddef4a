"""What a person decides about a run: to keep it, or to undo it."""

from __future__ import annotations

from advisor.changes import watchdog
from advisor.changes.journal import find
from advisor.changes.keeping import take_back
from advisor.changes.layers import Place, place_of
from advisor.changes.rollback import RolledBack, roll_back
from advisor.changes.session import Session
from advisor.errors import AdvisorError, Exit
from advisor.model.receipt import Receipt, State


def confirm(session: Session, text: str | None) -> Receipt:
    """Keeps the run that waits for it.

    Args:
        session: What changes are made with.
        text: The run's id or number, None for the one that waits.

    Raises:
        AdvisorError: That run does not wait to be confirmed here (exit code 6).
    """
    run = _named(session, text)
    receipt = session.journal.unfinished
    if receipt is None or (run is not None and receipt.id != run):
        which = "no run" if run is None else f"run {run}"
        raise _refused(f"{which} waits to be confirmed", "advisor history")
    if receipt.state is not State.APPLIED:
        raise _refused(f"run {receipt.id} has ended midway", "undo it: advisor recover")
    place = place_of(receipt.transaction.origin, session.here)
    if place is not Place.HERE:
        raise _refused(f"run {receipt.id} was applied {place.value}", "confirm it there")
    with session.journal.reopen(receipt.id) as entry:
        entry.enter(State.CONFIRMED)
        disarm(session, receipt)
        return entry.receipt


def roll_back_by_hand(session: Session, text: str | None, *, force: bool) -> RolledBack:
    """Undoes a run, and disarms its watchdog.

    Args:
        session: What changes are made with.
        text: The run's id or number, None for the last one that is not undone yet.
        force: Write over values that somebody else has put there, too.

    Raises:
        AdvisorError: There is no such run, or it cannot be undone from here (exit code 6).
    """
    run = _named(session, text) or _last(session)
    undone = roll_back(
        session.journal,
        session.live,
        run,
        session.here,
        note="asked for",
        force=force,
        files=take_back(session, run),
    )
    if undone.complete:
        disarm(session, undone.receipt)
    return undone


def disarm(session: Session, receipt: Receipt) -> None:
    """Ends the watchdog of a run that is decided, and removes what it runs from: that is there even
    if the run has ended before it could record what carries the watchdog."""
    armed = receipt.armed
    carrier = None if armed is None else armed.watchdog
    watchdog.disarm(session.state, receipt.id, carrier or "")


def _named(session: Session, text: str | None) -> str | None:
    run = None if text is None else find(session.state, text)
    for damaged in session.journal.damaged:
        if damaged.id == run:
            raise AdvisorError(damaged.problem, damaged.hint, exit_code=Exit.REFUSED)
    return run


def _last(session: Session) -> str:
    for receipt in reversed(session.journal.receipts):
        if receipt.state is not State.ROLLED_BACK:
            return receipt.id
    raise _refused("there is no run to roll back", "advisor history")


def _refused(message: str, hint: str) -> AdvisorError:
    return AdvisorError(message, hint, exit_code=Exit.REFUSED)
