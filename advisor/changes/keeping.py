"""Makes a confirmed run outlive the boot, and takes that back.

Configuration files come last: nothing is written to them before a run is confirmed, so that a boot
brings the host back whatever a run has done to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from advisor.changes.clock import utc
from advisor.changes.layers import persistent
from advisor.changes.persist import (
    NotPersistable,
    Tree,
    Wanted,
    forget,
    plan_files,
    prepare,
    read_means,
    reload_units,
    restore,
    sources,
    verify,
    write,
)
from advisor.changes.session import Session
from advisor.errors import AdvisorError
from advisor.facts.collect import collect
from advisor.facts.files import Files
from advisor.model.host import Host
from advisor.model.receipt import Event, PersistedFile, Receipt, State


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a run's configuration files.

    Attributes:
        receipt: The run as it stands now.
        left: Settings of the run that the next boot loses.
        problems: What the next boot will bring otherwise although the files are written.
    """

    receipt: Receipt
    left: tuple[NotPersistable, ...]
    problems: tuple[str, ...]


def keep(session: Session, run: str, read_host: Callable[[], Host] = collect) -> Kept:
    """Writes a confirmed run's values to configuration files, and verifies that they win there.

    What no file can bring is left out and told.

    Args:
        session: What changes are made with.
        run: Id of the run, which is confirmed.
        read_host: Reads the host's facts.

    Raises:
        AdvisorError: The files could not be written. They are as before, and the run is confirmed.
    """
    with session.journal.reopen(run) as entry:
        own = entry.receipt
        lasting = [
            _persisted(each) if each.id == run else each for each in session.journal.receipts
        ]
        host, files = read_host(), Files()
        wanted = _wanted(lasting, host, files)
        left = _left_of(own, wanted)
        if len(left) == len(own.transaction.operations):
            return Kept(own, left, ())
        with Tree() as tree:
            prepared = prepare(wanted, session.state, tree)
            entry.enter(State.PERSISTING, files=prepared.changes)
            try:
                write(wanted, prepared.changes, session.state, tree)
            except AdvisorError as error:
                entry.enter(State.CONFIRMED, note=error.message)
                raise
        entry.enter(State.PERSISTED)
        _tidy(session, prepared.changes)
        return Kept(entry.receipt, left, tuple(verify(wanted, files, host.services)))


def take_back(
    session: Session, run: str, read_host: Callable[[], Host] = collect
) -> tuple[str, ...]:
    """Makes the files as they are without a run; what could not be, one sentence each.

    Files that somebody has edited are left as they are.

    Args:
        session: What changes are made with.
        run: Id of the run.
        read_host: Reads the host's facts.
    """
    receipts = session.journal.receipts
    own = next(each for each in receipts if each.id == run)
    if not any(event.state is State.PERSISTING for event in own.events):
        return ()
    try:
        wanted = _wanted([each for each in receipts if each.id != run], read_host(), Files())
        with Tree() as tree:
            prepared = prepare(wanted, session.state, tree, leave_edited=True)
            write(wanted, prepared.changes, session.state, tree)
    except AdvisorError as error:
        return (error.message,)
    _tidy(session, prepared.changes)
    return prepared.problems


def undo_writing(session: Session, receipt: Receipt) -> tuple[str, ...]:
    """Puts back the files that a run was writing when it ended; what could not be put back."""
    with Tree() as tree:
        problems = tuple(restore(receipt.files, session.state, tree))
    reload_units(receipt.files, Files())
    return problems


def _persisted(receipt: Receipt) -> Receipt:
    """The run as if its values were in the files already."""
    event = Event(State.PERSISTED, utc(0))
    return replace(receipt, events=(*receipt.events, event))


def _wanted(receipts: Sequence[Receipt], host: Host, files: Files) -> Wanted:
    return plan_files(persistent(receipts), read_means(files, host), sources(receipts))


def _left_of(receipt: Receipt, wanted: Wanted) -> tuple[NotPersistable, ...]:
    own = {operation.address for operation in receipt.transaction.operations}
    return tuple(each for each in wanted.left if each.address in own)


def _tidy(session: Session, changes: Sequence[PersistedFile]) -> None:
    """After the files are as they should be: former contents are not needed any more."""
    forget((), session.state)
    reload_units(changes, Files())
