"""What a record adds to a receipt, and which records may follow which.

Writer and reader use the same function: what is refused on reading cannot be written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from advisor.model.receipt import (
    FOLLOWS,
    Event,
    JournalRecord,
    Outcome,
    Phase,
    Receipt,
    Result,
    State,
    Transaction,
    Verdict,
)

# Operations are carried out before they are all applied, and undone while rolling back.
_RESULTS = {
    Phase.APPLY: frozenset({State.BEGUN, State.ARMED}),
    Phase.UNDO: frozenset({State.ROLLING_BACK}),
}
_OUTCOMES = frozenset({State.ARMED, State.APPLIED, State.CONFIRMED, State.PERSISTED})


def receipt_of(records: Iterable[JournalRecord]) -> Receipt:
    """The receipt that a run's records make.

    Raises:
        ValueError: They are not those of a run; the message says which one does not fit.
    """
    receipt = None
    for position, record in enumerate(records, start=1):
        try:
            receipt = begun(record) if receipt is None else advance(receipt, record)
        except ValueError as error:
            raise ValueError(f"record {position}: {error}") from None
    if receipt is None:
        raise ValueError("there is no record")
    return receipt


def begun(record: JournalRecord) -> Receipt:
    """The receipt of a run that has just begun.

    Raises:
        ValueError: The record is not the first of a run.
    """
    if not isinstance(record, Transaction):
        raise ValueError("the first record does not tell what the run set out to do")
    return Receipt(record, (Event(State.BEGUN, record.started),))


def advance(receipt: Receipt, record: JournalRecord) -> Receipt:
    """The receipt with one more record.

    Raises:
        ValueError: The record cannot follow.
    """
    if isinstance(record, Transaction):
        raise ValueError("the run begins a second time")
    if isinstance(record, Event):
        return _entered(receipt, record)
    if isinstance(record, Outcome):
        if receipt.state not in _OUTCOMES:
            raise ValueError(f"an outcome of a run that is {receipt.state.value}")
        return replace(receipt, outcome=record)
    return _with_result(receipt, record)


def _entered(receipt: Receipt, event: Event) -> Receipt:
    if event.state not in FOLLOWS[receipt.state]:
        raise ValueError(f"{event.state.value!r} cannot follow {receipt.state.value!r}")
    if event.state is State.APPLIED and not _all_done(receipt):
        raise ValueError("not everything that the run set out to do is done")
    if event.files and event.state is not State.PERSISTING:
        raise ValueError("files belong to the state 'persisting', and to no other")
    if (event.until or event.watchdog) and event.state is not State.ARMED:
        raise ValueError("only the state 'armed' has a watchdog and an end")
    if event.held and event.state is not State.ROLLING_BACK:
        raise ValueError("what is held belongs to the state 'rolling-back', and to no other")
    return replace(receipt, events=(*receipt.events, event), files=event.files or receipt.files)


def _all_done(receipt: Receipt) -> bool:
    done = [each for each in receipt.applied if each.verdict is Verdict.DONE]
    return len(done) == len(receipt.transaction.operations)


def _with_result(receipt: Receipt, result: Result) -> Receipt:
    if receipt.state not in _RESULTS[result.phase]:
        raise ValueError(f"an operation's result in a run that is {receipt.state.value}")
    if result.phase is Phase.APPLY:
        if result.operation != receipt.next_operation:
            raise ValueError("results of operations are not in their order")
        return replace(receipt, applied=(*receipt.applied, result))
    if not 0 <= result.operation < len(receipt.transaction.operations):
        raise ValueError("a result of an operation that there is not")
    return replace(receipt, undone=(*receipt.undone, result))
