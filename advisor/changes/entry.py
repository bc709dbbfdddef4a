"""The journal of one run, open for the next record.

A record is on the disk when the method that adds it returns. What does not fit on the disk is taken
back, and an AdvisorError says so; the run's former records are unharmed by that.
"""

from __future__ import annotations

import os

from advisor.changes.advance import advance, begun
from advisor.changes.clock import Clock, utc
from advisor.changes.fields import TEXT_MAX
from advisor.changes.lines import LINE_LIMIT, canonical, to_line
from advisor.changes.lock import Lock
from advisor.changes.opened import Opened
from advisor.changes.records import from_data, to_data
from advisor.changes.state_dir import refusing
from advisor.errors import AdvisorError, Exit
from advisor.model.receipt import (
    Event,
    Held,
    JournalRecord,
    Outcome,
    PersistedFile,
    Phase,
    Receipt,
    Result,
    State,
    Transaction,
    Value,
    Verdict,
)

SIZE_LIMIT = 32 << 20
"""Bytes of one run's journal."""


class Entry(Opened):
    """A run whose records go on. Belongs to whoever holds the lock; close it before releasing that:
    the run stays as it is.

    Attributes:
        receipt: The run with all records so far.
        path: Path of the file, for messages.
    """

    __slots__ = ("_clock", "_digits", "_length", "_lock", "path", "receipt")

    def __init__(
        self,
        lock: Lock,
        descriptor: int,
        path: str,
        receipt: Receipt,
        length: int,
        digits: str,
        clock: Clock,
    ) -> None:
        super().__init__(descriptor)
        self._lock = lock
        self._length = length
        self._digits = digits
        self._clock = clock
        self.path = path
        self.receipt = receipt

    def enter(
        self,
        state: State,
        *,
        note: str | None = None,
        until: float | None = None,
        watchdog: str | None = None,
        files: tuple[PersistedFile, ...] = (),
        held: tuple[Held, ...] = (),
    ) -> None:
        """Record that the run enters a state: before acting on it.

        Args:
            state: The state.
            note: Why, for people.
            until: With "armed": when the watchdog would fire, seconds since 1970.
            watchdog: With "armed": what carries it.
            files: With "persisting": what is about to be written.
            held: With "rolling-back": what that may destroy.
        """
        end = None if until is None else utc(until)
        self._append(Event(state, utc(self._clock()), _cut(note), end, watchdog, files, held))

    def did(
        self, operation: int, verdict: Verdict, read: Value, problem: str | None = None
    ) -> None:
        """Record what came of carrying out an operation, as it reads now."""
        self._append(Result(operation, Phase.APPLY, verdict, read, _cut(problem)))

    def undid(
        self, operation: int, verdict: Verdict, read: Value, problem: str | None = None
    ) -> None:
        """Record what came of undoing an operation, as it reads now."""
        self._append(Result(operation, Phase.UNDO, verdict, read, _cut(problem)))

    def observed(self, outcome: Outcome) -> None:
        """Record what the changes did to the host's counters."""
        self._append(outcome)

    def _append(self, record: JournalRecord) -> None:
        if self._descriptor < 0 or not self._lock.held:
            raise AdvisorError(f"{self.path}: nothing can be added without the lock")
        try:
            receipt = advance(self.receipt, record)
        except ValueError as error:
            raise AdvisorError(f"{self.path}: {error}") from None
        line, digits = line_of(record, self._digits)
        with refusing(self.path, "the record cannot be written"):
            size = os.fstat(self._descriptor).st_size
            if size != self._length or size + len(line) > SIZE_LIMIT:
                raise AdvisorError(
                    f"{self.path}: has {size} bytes, where {self._length} were expected and at "
                    f"most {SIZE_LIMIT} are allowed",
                    "somebody else has written to it",
                    exit_code=Exit.REFUSED,
                )
            try:
                write_all(self._descriptor, line)
                os.fsync(self._descriptor)
            except BaseException:
                # Also where a signal came between: the next record has to begin a line.
                self._take_back()
                raise
        self._length += len(line)
        self._digits = digits
        self.receipt = receipt

    def _take_back(self) -> None:
        """Cut off what was not written entirely; if even that fails, this entry is of no more use.

        The next reader takes what may be left for a torn end, or for the record that it is.
        """
        try:
            os.ftruncate(self._descriptor, self._length)
            os.fsync(self._descriptor)
        except OSError:
            self.close()


def first_line(transaction: Transaction) -> tuple[Receipt, bytes, str]:
    """The receipt of a run that begins, its line, and the line's digits.

    Raises:
        AdvisorError: It holds what must not be recorded.
    """
    line, digits = line_of(transaction, transaction.id)
    return begun(transaction), line, digits


def line_of(record: JournalRecord, digits: str) -> tuple[bytes, str]:
    """The line of a record, after the line of the given digits.

    Raises:
        AdvisorError: It holds what must not be recorded.
    """
    try:
        data = to_data(record)
        if from_data(data) != record:
            raise ValueError("a value would not come back as it is")
        line, own = to_line(canonical(data), digits)
    except ValueError as error:
        raise AdvisorError(f"this cannot be recorded: {error}") from None
    if len(line) > LINE_LIMIT:
        raise AdvisorError(
            f"this cannot be recorded: {len(line)} bytes are too many for one record",
            "change less at a time",
        )
    return line, own


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it; a short write is followed by the error that cut it short."""
    while data:
        data = data[os.write(descriptor, data) :]


def _cut(text: str | None) -> str | None:
    """What a record can hold of it: a long message must not be why a change fails."""
    return text if text is None else text[:TEXT_MAX]
