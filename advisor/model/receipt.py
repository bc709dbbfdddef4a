"""Receipts: what a run of changes set out to do, and what became of it.

A run is recorded before it touches anything, as a `Transaction`. What happens to it afterwards is
added record by record: it enters a `State`, an operation is carried out or undone (`Result`), the
effect is measured (`Outcome`). A `Receipt` is all of that together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from advisor.model.address import Address
from advisor.model.record import Record

Value = int | str | bool | None | tuple[int | str, ...]
"""A setting's value in normal form. None: there is none, or the device does not report it."""


class State(Enum):
    """Where a run stands. Its records tell the way there, `FOLLOWS` which ways there are."""

    BEGUN = "begun"  # recorded; from here on something may have been written
    ARMED = "armed"  # the watchdog runs
    APPLIED = "applied"  # everything is written and read back; waits to be confirmed
    CONFIRMED = "confirmed"  # stays until the next boot
    PERSISTING = "persisting"  # files are being written
    PERSISTED = "persisted"  # stays after the next boot, too
    ROLLING_BACK = "rolling-back"  # is being undone
    ROLLED_BACK = "rolled-back"  # nothing of it is left
    FAILED = "failed"  # could not be undone entirely; the results say what is left


FOLLOWS: dict[State, frozenset[State]] = {
    State.BEGUN: frozenset({State.ARMED, State.APPLIED, State.ROLLING_BACK}),
    # Again: a longer time to confirm.
    State.ARMED: frozenset({State.ARMED, State.APPLIED, State.ROLLING_BACK}),
    State.APPLIED: frozenset({State.CONFIRMED, State.ROLLING_BACK}),
    State.CONFIRMED: frozenset({State.PERSISTING, State.ROLLING_BACK}),
    # Back to confirmed: the files could not be written, and are as they were.
    State.PERSISTING: frozenset({State.PERSISTED, State.CONFIRMED, State.ROLLING_BACK}),
    State.PERSISTED: frozenset({State.PERSISTING, State.ROLLING_BACK}),
    # Again: whoever was undoing it has ended midway, too.
    State.ROLLING_BACK: frozenset({State.ROLLING_BACK, State.ROLLED_BACK, State.FAILED}),
    State.FAILED: frozenset({State.ROLLING_BACK}),
    State.ROLLED_BACK: frozenset(),
}
"""State → the states that may come next."""

UNFINISHED = frozenset(
    {State.BEGUN, State.ARMED, State.APPLIED, State.PERSISTING, State.ROLLING_BACK}
)
"""Runs of these states wait for a decision, or ended midway. There is at most one."""


class Phase(Enum):
    """What an operation's result is about."""

    APPLY = "apply"
    UNDO = "undo"


class Verdict(Enum):
    """How carrying out or undoing an operation went."""

    DONE = "done"  # it reads as it should, the kernel's own rounding included
    CONFLICT = "conflict"  # it had a value that is neither ours nor the former one, and keeps it
    FAILED = "failed"


class Trigger(Enum):
    """Who started a run."""

    PERSON = "person"
    REMEDIATE = "remediate"  # nobody looked: `advisor remediate`


class Effect(Enum):
    """What the changes did to a figure."""

    BETTER = "better"
    SAME = "same"
    WORSE = "worse"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Origin(Record):
    """Where settings were changed: values of one place mean nothing in another.

    Attributes:
        boot_id: Changes with every boot (/proc/sys/kernel/random/boot_id). Settings do not outlive
            the boot that they were made in.
        hostname: The host's name then.
        netns: Inode number of the network namespace.
        machine: Tells hosts apart whatever their names: a hash of the machine id; "" without one.
    """

    boot_id: str
    hostname: str
    netns: int
    machine: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Held(Record):
    """A value that an operation may destroy, although it is about another setting.

    Attributes:
        address: The setting.
        value: Its value before.
        over: Id of the run that had given it this value, None if it was nobody's.
    """

    address: Address
    value: Value
    over: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Operation(Record):
    """One setting to change. A sysctl is always changed as a whole: all fields of a vector.

    Attributes:
        address: The setting.
        before: Its value before.
        after: The value that it should get.
        rules: Ids of the rules that want it.
        over: Id of the run that had given it the value before, None if it was nobody's.
        joined: Whether it is written with one request together with the operation before it.
        dependent: Values that the kernel or driver may destroy when it is changed.
    """

    address: Address
    before: Value
    after: Value
    rules: tuple[str, ...] = ()
    over: str | None = None
    joined: bool = False
    dependent: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Device(Record):
    """An interface that a run is about. Its index stays when it gets another name.

    Attributes:
        name: Interface name when the run began.
        index: Interface index.
    """

    name: str
    index: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Transaction(Record):
    """What a run set out to do. It is on the disk before anything is touched.

    Attributes:
        id: Names the run. Ids of one host sort in the order of their runs.
        advisor: Version of advisor.
        origin: Boot, host and namespace.
        started: When, ISO 8601 in UTC, by the host's clock.
        profile: Profile that the host was judged by.
        plan: Digest of the plan.
        operations: What is changed, in order.
        devices: The interfaces that operations, and what depends on them, are about, by name.
        runtime_only: Whether it is not to outlive the boot.
        trigger: Who started it.
    """

    id: str
    advisor: str
    origin: Origin
    started: str
    profile: str
    plan: str
    operations: tuple[Operation, ...]
    devices: tuple[Device, ...] = ()
    runtime_only: bool = False
    trigger: Trigger = Trigger.PERSON


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PersistedFile(Record):
    """A file that was written so that settings outlive the boot.

    Attributes:
        path: Absolute path below /etc.
        before: SHA-256 of its former contents, None if it did not exist.
        after: SHA-256 of its new contents, None if it was removed.
    """

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Event(Record):
    """A run enters a state.

    Attributes:
        state: The state.
        at: When, ISO 8601 in UTC, by the host's clock.
        note: Why, for people.
        until: When the watchdog would fire, ISO 8601 in UTC, None if it is not armed.
        watchdog: What carries the watchdog, None if it is not armed.
        files: What is about to be written, when the state is "persisting".
        held: Values that undoing a settled run may destroy, as they were just before.
    """

    state: State
    at: str
    note: str | None = None
    until: str | None = None
    watchdog: str | None = None
    files: tuple[PersistedFile, ...] = ()
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Result(Record):
    """What came of an operation.

    Attributes:
        operation: Index of the operation.
        phase: Whether it was carried out or undone.
        verdict: How that went.
        read: The value read back, None if there is none to be read.
        problem: What went wrong, for people.
    """

    operation: int
    phase: Phase
    verdict: Verdict
    read: Value
    problem: str | None = None


ALWAYS = "always"
"""Stands for a rule in figures that are watched in any case."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Figure(Record):
    """One counter of a rule's evidence, before and after the changes.

    Attributes:
        rule: Id of the rule; `ALWAYS` for what is watched whatever the rules are.
        label: What it counts.
        unit: Unit of both values.
        before: Its value or rate before.
        after: Its value or rate after.
        effect: Whether that is better.
        target: What it was counted at: "host", an interface, a listener, a qdisc.
        note: Why a difference is not told as one, for people; None where there is nothing to add.
    """

    rule: str
    label: str
    unit: str
    before: float
    after: float
    effect: Effect
    target: str = "host"
    note: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Outcome(Record):
    """What the changes did, as the host's counters show it.

    Attributes:
        seconds: How long was measured, before and after alike.
        figures: The counters.
    """

    seconds: float
    figures: tuple[Figure, ...]


JournalRecord = Transaction | Event | Result | Outcome
"""What the journal of a run consists of: a transaction first, then any of the others."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Receipt(Record):
    """A run, and everything that became of it.

    Attributes:
        transaction: What it set out to do.
        events: The states that it went through, "begun" first.
        applied: Results of operations that were carried out, in order.
        undone: Results of undoing operations, in order of time. One may be there repeatedly.
        outcome: What it did to the host's counters, None if nobody looked.
        files: Files that were written last, as of the last "persisting".
    """

    transaction: Transaction
    events: tuple[Event, ...]
    applied: tuple[Result, ...] = ()
    undone: tuple[Result, ...] = ()
    outcome: Outcome | None = None
    files: tuple[PersistedFile, ...] = ()

    @property
    def id(self) -> str:
        """The run's id."""
        return self.transaction.id

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.events[-1].state

    @property
    def unfinished(self) -> bool:
        """Whether it waits for a decision, or ended midway."""
        return self.state in UNFINISHED

    @property
    def armed(self) -> Event | None:
        """When the watchdog was armed last, None if it never was."""
        return next((each for each in reversed(self.events) if each.state is State.ARMED), None)

    @property
    def held(self) -> tuple[Held, ...]:
        """What undoing it may destroy, as it was before that began; empty if nobody has looked."""
        return next((each.held for each in reversed(self.events) if each.held), ())

    @property
    def next_operation(self) -> int | None:
        """Index of the operation whose result is still to come, None when no more are tried.

        After a failure only the results of those that were written with one request follow.
        """
        number, operations = len(self.applied), self.transaction.operations
        if number >= len(operations):
            return None
        failed = any(each.verdict is not Verdict.DONE for each in self.applied)
        return number if not failed or operations[number].joined else None

    def stands(self, operation: int) -> bool:
        """Whether an operation's value may still be there, as far as the records tell.

        It does not after the next boot, which the records cannot know.
        """
        if self.state is State.ROLLED_BACK or self._is_undone(operation):
            return False
        return operation < len(self.applied) or self._is_open(operation)

    def _is_open(self, operation: int) -> bool:
        """Whether it is, or is written together with, the one whose result is still to come.

        After a crash these may or may not have been carried out, or half.
        """
        first = self.next_operation
        if first is None or operation < first:
            return False
        between = self.transaction.operations[first + 1 : operation + 1]
        return all(each.joined for each in between)

    def _is_undone(self, operation: int) -> bool:
        return any(
            each.operation == operation and each.verdict is Verdict.DONE for each in self.undone
        )
