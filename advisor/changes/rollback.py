"""Undoes a run: everything that it did, in reverse order, as far as it is still there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from advisor.changes.dependence import lost, taken_along
from advisor.changes.entry import Entry
from advisor.changes.interfaces import Names
from advisor.changes.journal import Journal
from advisor.changes.layers import Place, Undo, place_of, undo
from advisor.changes.putting_back import Outcome, PuttingBack
from advisor.changes.recording import Recording
from advisor.changes.stopping import Stopping
from advisor.errors import AdvisorError, Exit
from advisor.model.address import Address
from advisor.model.receipt import Held, Origin, Receipt, State, Verdict
from advisor.model.unavailable import Unavailable
from advisor.settings.live import Live, batch, same

_SETTLED = (State.CONFIRMED, State.PERSISTED, State.FAILED)


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What came of undoing a run.

    Attributes:
        receipt: The run.
        place: Where it had changed settings. Those of another boot or namespace are not here.
        outcomes: Setting → what came of it, in the order in which they were undone.
        files: What could not be undone of configuration files, and why.
        journal: Why it could not be recorded, None if it was.
    """

    receipt: Receipt
    place: Place
    outcomes: tuple[tuple[Address, Outcome], ...]
    files: tuple[str, ...]
    journal: str | None

    @property
    def complete(self) -> bool:
        """Whether nothing of the run is left."""
        done = all(outcome.verdict is Verdict.DONE for _, outcome in self.outcomes)
        return done and not self.files


def roll_back(
    journal: Journal,
    live: Live,
    run: str,
    here: Origin,
    *,
    note: str,
    force: bool = False,
    files: tuple[str, ...] = (),
) -> RolledBack:
    """Undoes a run. One value that cannot be put back does not keep the others from being.

    It can be repeated, and goes on where an earlier attempt has ended, however that did.

    Args:
        journal: All runs, locked.
        live: The settings of this kernel.
        run: Id of the run.
        here: This boot and namespace.
        note: Why, for people.
        force: Write over values that somebody else has put there, too.
        files: What could not be undone of its configuration files, and why.

    Raises:
        AdvisorError: Its records cannot be read, or it is undone already. Nothing was changed.
    """
    entry = journal.reopen(run)
    receipt = entry.receipt
    if receipt.state is State.ROLLED_BACK:
        raise AdvisorError(f"run {run} is rolled back already", exit_code=Exit.REFUSED)
    place = place_of(receipt.transaction.origin, here)
    if place in (Place.OTHER_NAMESPACE, Place.OTHER_HOST):
        raise AdvisorError(
            f"run {run} has changed settings {place.value}: they cannot be undone from here",
            "undo it there",
            exit_code=Exit.REFUSED,
        )
    with Stopping():  # nobody who asks to stop wants it half undone
        return _undone(
            journal, live, entry, here, place, note, force=force, files=files, thorough=True
        )


def roll_back_own(
    journal: Journal, live: Live, entry: Entry, here: Origin, note: str
) -> RolledBack:
    """Undoes the run that this process has begun, even if the journal takes no records any more."""
    return _undone(journal, live, entry, here, Place.HERE, note)


def _undone(
    journal: Journal,
    live: Live,
    entry: Entry,
    here: Origin,
    place: Place,
    note: str,
    *,
    force: bool = False,
    files: tuple[str, ...] = (),
    thorough: bool = False,
) -> RolledBack:
    recording = Recording(entry)
    run = entry.receipt.id
    names = Names(entry.receipt.transaction.devices, live.interfaces())
    held = _held_now(entry.receipt, live, names, place)
    unrecorded = _unrecorded(entry.receipt, live, names, place) if thorough else ()
    recording.keep(lambda record: record.enter(State.ROLLING_BACK, note=note, held=held))
    steps = (*unrecorded, *undo(journal.receipts, run, here))
    hands = PuttingBack(live, names, steps, force=force)
    found: dict[int, Outcome] = {}
    for group in _grouped(steps):
        for step, outcome in zip(group, _tried(hands, group), strict=True):
            found[step.operation] = outcome
            recording.keep(_result(step, outcome))
    for step in steps:
        # Undoing one may have changed another that was put back before it, or made it possible.
        verdict = found[step.operation].verdict
        if verdict is Verdict.FAILED or (verdict is Verdict.DONE and not hands.holds(step)):
            found[step.operation] = _tried(hands, [step])[0]
            recording.keep(_result(step, found[step.operation]))
    outcomes = [(step.address, found[step.operation]) for step in steps]
    complete = all(outcome.verdict is Verdict.DONE for _, outcome in outcomes) and not files
    end = State.ROLLED_BACK if complete else State.FAILED
    recording.keep(lambda record: record.enter(end, note="; ".join(files) or None))
    return RolledBack(entry.receipt, place, tuple(outcomes), files, recording.problem)


def _held_now(receipt: Receipt, live: Live, names: Names, place: Place) -> tuple[Held, ...]:
    """What undoing a settled run may destroy, as it is now: it was recorded long ago, and somebody
    may have changed it on purpose since. A run that is pending has looked a moment ago."""
    if receipt.state not in _SETTLED or receipt.held or place is not Place.HERE:
        return ()
    found: dict[Address, Held] = {}
    operations = receipt.transaction.operations
    # What the run has changed itself, or moved along, goes back to what was recorded.
    moved = {each.address for operation in operations for each in taken_along(operation)}
    moved |= {operation.address for operation in operations}
    for operation in operations:
        for held in lost([operation]):
            if held.address in moved:
                continue
            address = names.now(held.address)
            value = live.read(address) if address is not None else Unavailable("gone")
            if not isinstance(value, Unavailable):
                found[held.address] = Held(held.address, value)
    return tuple(found.values())


def _unrecorded(receipt: Receipt, live: Live, names: Names, place: Place) -> tuple[Undo, ...]:
    """What a run that ended midway has carried out although no record tells of it.

    There is nothing of that kind unless somebody has cut off the end of its journal. What the
    operations meant to do is in its first line, and what is there now tells whether it was done.
    """
    if not receipt.unfinished or place is not Place.HERE:
        return ()
    undone = {each.operation for each in receipt.undone}
    found = []
    for index, operation in reversed(list(enumerate(receipt.transaction.operations))):
        if index < len(receipt.applied) or receipt.stands(index) or index in undone:
            continue
        address = names.now(operation.address)
        now = live.read(address) if address is not None else Unavailable("gone")
        if same(operation.address, operation.after, now) and not same(
            operation.address, operation.before, now, exact=True
        ):
            found.append(
                Undo(
                    operation=index,
                    address=operation.address,
                    value=operation.before,
                    ours=(operation.after, operation.before),
                    above=None,
                    certain=False,
                    dependent=tuple((each.address, each.value) for each in operation.dependent),
                )
            )
    return tuple(found)


def _tried(hands: PuttingBack, group: Sequence[Undo]) -> list[Outcome]:
    """What came of undoing operations. Whatever goes wrong, the others have to be undone, too."""
    try:
        return hands.undo(group)
    except AdvisorError as error:
        problem = error.message
    except Exception as error:
        problem = f"advisor has failed: {type(error).__name__}: {error}"
    return [Outcome(Verdict.FAILED, None, problem) for _ in group]


def _result(step: Undo, outcome: Outcome) -> Callable[[Entry], None]:
    return lambda entry: entry.undid(step.operation, outcome.verdict, outcome.read, outcome.problem)


def _grouped(steps: Sequence[Undo]) -> Iterator[list[Undo]]:
    """The steps, with those side by side that can be made with one request."""
    group: list[Undo] = []
    for step in steps:
        key = batch(step.address)
        if group and (key is None or key != batch(group[-1].address)):
            yield group
            group = []
        group.append(step)
    if group:
        yield group
