"""The journal: what every run set out to do, did, and undid. One file per run, in the state
directory, as `<id>.journal`.

A file appears under its name only with its first record on the disk, grows line by line, and is
never rewritten; old ones are removed as a whole. A damaged one is refused and kept as it is.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from advisor import __version__
from advisor.changes import ids
from advisor.changes.advance import receipt_of
from advisor.changes.clock import Clock, utc
from advisor.changes.entry import SIZE_LIMIT, Entry, first_line, write_all
from advisor.changes.lines import Damage, Lines, canonical, split
from advisor.changes.lock import Lock
from advisor.changes.records import from_data, to_data
from advisor.changes.retention import KEEP, removable
from advisor.changes.state_dir import StateDir, refusing
from advisor.errors import AdvisorError, Exit
from advisor.model.receipt import (
    Device,
    JournalRecord,
    Operation,
    Origin,
    Receipt,
    Transaction,
    Trigger,
)

_SUFFIX = ".journal"
_NEW = ".new"  # not begun: removed by the next run
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND


@dataclass(frozen=True, slots=True)
class Damaged:
    """A run whose journal cannot be trusted.

    Attributes:
        id: The run's id.
        problem: What is wrong, for people.
        hint: What to do about it.
    """

    id: str
    problem: str
    hint: str | None


class Journal:
    """All runs, for whoever holds the lock.

    Attributes:
        damaged: Runs whose journals cannot be trusted. As long as there are any, the unfinished run
            can be finished or undone, and nothing else can be done.
    """

    __slots__ = ("_clock", "_entries", "_lock", "_receipts", "damaged")

    def __init__(self, lock: Lock, *, clock: Clock = time.time) -> None:
        self._lock = lock
        self._clock = clock
        runs = list(history(lock.state))[::-1]
        self._receipts = {each.id: each for each in runs if isinstance(each, Receipt)}
        self.damaged = tuple(each for each in runs if isinstance(each, Damaged))
        self._entries: dict[str, Entry] = {}

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """All runs as they stand now, oldest first."""
        return tuple(
            self._entries[run].receipt if run in self._entries else receipt
            for run, receipt in self._receipts.items()
        )

    def now(self) -> float:
        """Seconds since 1970, by the host's clock."""
        return self._clock()

    @property
    def unfinished(self) -> Receipt | None:
        """The run that waits for a decision or ended midway, None if there is none."""
        return next((each for each in self.receipts if each.unfinished), None)

    def begin(
        self,
        origin: Origin,
        profile: str,
        plan: str,
        operations: tuple[Operation, ...],
        *,
        devices: tuple[Device, ...] = (),
        runtime_only: bool = False,
        trigger: Trigger = Trigger.PERSON,
    ) -> Entry:
        """Record a new run. When this returns, it is on the disk; nothing may be changed before.

        Args:
            origin: This boot, host and namespace.
            profile: Profile that the host was judged by.
            plan: Digest of the plan.
            operations: What will be changed, in order.
            devices: The interfaces that they are about.
            runtime_only: Whether it is not to outlive the boot.
            trigger: Who started it.

        Raises:
            AdvisorError: Another run is unfinished or damaged, an operation must not be recorded,
                or the disk refuses. Nothing was begun.
        """
        self._refuse_damaged()
        pending = self.unfinished
        if pending is not None:
            raise AdvisorError(
                f"run {pending.id} is {pending.state.value}, and not finished",
                "confirm it or roll it back first: advisor status",
                exit_code=Exit.REFUSED,
            )
        state = self._lock.state
        names = state.names()
        for leftover in [name for name in names if name.endswith(_NEW)]:
            state.remove(leftover)
        now = self._clock()
        run = ids.next_id(names, now)
        transaction = Transaction(
            id=run,
            advisor=__version__,
            origin=origin,
            started=utc(now),
            profile=profile,
            plan=plan,
            operations=operations,
            devices=devices,
            runtime_only=runtime_only,
            trigger=trigger,
        )
        receipt, line, digits = first_line(transaction)
        descriptor = _create(state, run, line)
        path = state.locate(run + _SUFFIX)
        entry = Entry(self._lock, descriptor, path, receipt, len(line), digits, self._clock)
        self._receipts[run] = receipt
        self._entries[run] = entry
        return entry

    def reopen(self, run: str) -> Entry:
        """Go on with the records of a run. An append that was cut off is removed first.

        Raises:
            AdvisorError: There is no such run, it is damaged, or it is finished and another one is
                damaged, or the disk refuses.
        """
        state = self._lock.state
        known = self._receipts.get(run)
        if known is None or not known.unfinished:
            self._refuse_damaged()
        name = run + _SUFFIX
        data = state.read(name, SIZE_LIMIT) if run in self._receipts else None
        descriptor = state.open(name, os.O_WRONLY | os.O_APPEND) if data is not None else None
        if data is None or descriptor is None:
            raise AdvisorError(f"there is no run {run}", exit_code=Exit.REFUSED)
        lines, receipt = _decode(state, run, data)
        if len(data) > lines.length:
            with refusing(state.locate(name), "cannot be written"):
                os.ftruncate(descriptor, lines.length)
                os.fsync(descriptor)
        path = state.locate(name)
        entry = Entry(
            self._lock, descriptor, path, receipt, lines.length, lines.digits, self._clock
        )
        self._entries[run] = entry
        return entry

    def prune(self, keep: int = KEEP) -> tuple[str, ...]:
        """Remove the journals of old runs that nothing needs any more; tells which.

        None while one is damaged: what that one needs cannot be known.

        Args:
            keep: How many of the youngest runs stay, whatever became of them.
        """
        if self.damaged:
            return ()
        state = self._lock.state
        removed = removable(self.receipts, keep)
        for run in removed:
            state.remove(run + _SUFFIX)
            del self._receipts[run]
            if run in self._entries:
                self._entries.pop(run).close()
        if removed:
            state.sync()
        return removed

    def _refuse_damaged(self) -> None:
        """What a damaged run has changed, and what lies below it, cannot be known."""
        if self.damaged:
            first = self.damaged[0]
            raise AdvisorError(first.problem, first.hint, exit_code=Exit.REFUSED)


def history(state: StateDir) -> Iterator[Receipt | Damaged]:
    """All runs, the youngest first, as they stand while this reads. Needs no lock."""
    for run in reversed(_runs(state.names())):
        try:
            receipt = read_receipt(state, run)
        except AdvisorError as error:
            yield Damaged(run, error.message, error.hint)
            continue
        if receipt is not None:
            yield receipt


def read_receipt(state: StateDir, run: str) -> Receipt | None:
    """One run, None if it has been removed in the meantime.

    Raises:
        AdvisorError: Its journal is damaged, or cannot be read.
    """
    data = state.read(run + _SUFFIX, SIZE_LIMIT)
    return None if data is None else _decode(state, run, data)[1]


def find(state: StateDir, text: str) -> str:
    """The id of the run that somebody has typed: all of it, or its number.

    Raises:
        AdvisorError: There is none of this name.
    """
    return ids.named(_runs(state.names()), text)


def _runs(names: list[str]) -> list[str]:
    """The ids of all journals, oldest first. Other files are not ours to judge."""
    runs = [name[: -len(_SUFFIX)] for name in names if name.endswith(_SUFFIX)]
    return sorted(filter(ids.is_id, runs), key=ids.order)


def _create(state: StateDir, run: str, line: bytes) -> int:
    """A new journal with its first line, on the disk."""
    new = run + _NEW
    descriptor = state.open(new, _CREATE)
    if descriptor is None:
        raise AdvisorError(f"{state.path}: the directory is gone", exit_code=Exit.REFUSED)
    try:
        with refusing(state.locate(new), "the record cannot be written"):
            write_all(descriptor, line)
            os.fsync(descriptor)
        state.rename(new, run + _SUFFIX)
        state.sync()
    except BaseException:
        # Whatever ends it: a journal that nobody holds would look like a run that was killed.
        os.close(descriptor)
        for name in (new, run + _SUFFIX):
            with suppress(AdvisorError):
                state.remove(name)
        raise
    return descriptor


def _decode(state: StateDir, run: str, data: bytes) -> tuple[Lines, Receipt]:
    try:
        lines = split(data, run)
        receipt = receipt_of(_record(payload) for payload in lines.payloads)
        if receipt.id != run:
            raise ValueError(f"it is the journal of {receipt.id}")
    except (Damage, ValueError) as error:
        path = state.locate(run + _SUFFIX)
        raise AdvisorError(
            f"{path}: damaged: {error}",
            "nothing was changed, and the file is kept as it is. Its lines before that can be "
            "read; when you have made sure that the host's settings are right, move it away: "
            f"mv {path} {path}.damaged",
            exit_code=Exit.REFUSED,
        ) from None
    return lines, receipt


def _record(payload: bytes) -> JournalRecord:
    try:
        data: Mapping[str, object] = json.loads(payload)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    record = from_data(data)
    if canonical(to_data(record)) != payload:
        raise ValueError("not in the form that advisor writes")
    return record
