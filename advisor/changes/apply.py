"""Applies changes as one transaction: all of them, or none.

Recorded before anything is touched, guarded by a watchdog before the first write, read back after
every one, probed, and undone in reverse as soon as anything is not as it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from advisor.changes.carrying_out import carry_out, changed_since, groups
from advisor.changes.entry import Entry
from advisor.changes.journal import Journal
from advisor.changes.preflight import Prepared
from advisor.changes.rollback import RolledBack, roll_back_own
from advisor.changes.stopping import Stopping
from advisor.errors import AdvisorError
from advisor.model.receipt import Operation, Origin, Outcome, Receipt, State, Trigger
from advisor.settings.live import Live

Say = Callable[[str], None]
Check = Callable[[], str | None]
"""Looks at the host; what is wrong, None if nothing is."""

Observe = Callable[[Callable[[], None]], tuple[Outcome, str | None]]
"""Measures what the changes did, calling what it is given now and then, which may raise; and why
they have to be undone, None if they have not."""


@dataclass(frozen=True, slots=True)
class Guard:
    """The watchdog of a run.

    Attributes:
        arm: Arms it: run id and seconds → what carries it.
        rearm: Gives it another time: run id, what carries it, seconds → what carries it.
        disarm: Disarms what carries it.
        alive: Whether what carries it still runs.
        seconds: How long the run itself may take.
        confirm_seconds: How long somebody has to confirm it, None if it confirms itself.
    """

    arm: Callable[[str, float], str]
    rearm: Callable[[str, str, float], str]
    disarm: Callable[[str, str], None]
    alive: Callable[[str], bool]
    seconds: float
    confirm_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is to do, beside its operations.

    Attributes:
        profile: Profile that the host was judged by.
        plan: Digest of the plan.
        runtime_only: Whether it is not to outlive the boot.
        trigger: Who started it.
        checks: What has to be well afterwards.
        observe: Measures what the changes did, None if nobody wants to know.
    """

    profile: str
    plan: str
    runtime_only: bool = False
    trigger: Trigger = Trigger.PERSON
    checks: tuple[Check, ...] = ()
    observe: Observe | None = None


class NotApplied(Exception):
    """A run that went wrong, and was undone.

    Attributes:
        why: What went wrong.
        undone: What came of undoing it.
        stopped: Whether a signal asked for it.
    """

    def __init__(self, why: str, undone: RolledBack, *, stopped: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.undone = undone
        self.stopped = stopped


def apply(
    journal: Journal,
    live: Live,
    prepared: Prepared,
    here: Origin,
    order: Order,
    guard: Guard,
    say: Say,
) -> Receipt:
    """Carries out what was prepared.

    Args:
        journal: All runs, locked.
        live: The settings of this kernel.
        prepared: The operations, as `prepare` made them under the same lock.
        here: This boot and namespace.
        order: What else the run is about.
        guard: The watchdog.
        say: Is told each step.

    Returns:
        The run: applied and waiting to be confirmed; confirmed, if nobody has to.

    Raises:
        AdvisorError: It could not begin. Nothing was changed.
        NotApplied: It went wrong, and was undone.
    """
    with Stopping() as stopping:
        entry = journal.begin(
            here,
            order.profile,
            order.plan,
            prepared.operations,
            devices=prepared.devices,
            runtime_only=order.runtime_only,
            trigger=order.trigger,
        )
        run = _Run(journal, live, entry, here, guard, stopping)
        try:
            run.arm()
            run.write(prepared.operations, say)
            run.check(order.checks)
            if order.observe is not None:
                run.observe(order.observe)
            run.decide()
        except NotApplied:
            raise
        except AdvisorError as error:
            run.fail(error.message)
        except BaseException:
            # A fault of ours: the host must not be left half changed because of it.
            run.undo("advisor has failed")
            raise
        return entry.receipt


class _Run:
    """A run under way."""

    def __init__(
        self,
        journal: Journal,
        live: Live,
        entry: Entry,
        here: Origin,
        guard: Guard,
        stopping: Stopping,
    ) -> None:
        self._journal = journal
        self._live = live
        self._entry = entry
        self._here = here
        self._guard = guard
        self._stopping = stopping
        self._carrier: str | None = None

    def arm(self) -> None:
        """Arms the watchdog, and records it: only then may anything be written."""
        start, seconds = self._journal.now(), self._guard.seconds
        self._armed(self._guard.arm(self._entry.receipt.id, seconds), start + seconds)

    def decide(self) -> None:
        """Confirms the run, or leaves it to somebody who has the time that was asked for."""
        seconds = self._guard.confirm_seconds
        if seconds is not None and self._carrier is not None:
            start, run = self._journal.now(), self._entry.receipt.id
            self._armed(self._guard.rearm(run, self._carrier, seconds), start + seconds)
        self._entry.enter(State.APPLIED)
        if seconds is None:
            self._entry.enter(State.CONFIRMED)
            self.disarm()

    def _armed(self, carrier: str, until: float) -> None:
        self._carrier = carrier
        self._entry.enter(State.ARMED, until=until, watchdog=carrier)

    def disarm(self) -> None:
        """Disarms it: the run is decided."""
        if self._carrier is not None:
            self._guard.disarm(self._entry.receipt.id, self._carrier)

    def write(self, operations: Sequence[Operation], say: Say) -> None:
        """Carries out the operations, one request after the other."""
        for group in groups(operations):
            self._go_on()
            for number, operation in group:
                say(f"{number + 1}/{len(operations)} {operation.address}")
            problem = carry_out(self._live, self._entry, group)
            if problem is not None:
                self.fail(problem)

    def check(self, checks: Sequence[Check]) -> None:
        """Makes sure that everything is as it was written, and that the host is well."""
        changed = changed_since(self._live, self._entry)
        if changed:
            self.fail(f"it did not stay as it was written: {'; '.join(changed[:3])}")
        for check in checks:
            self._go_on()
            problem = check()
            if problem is not None:
                self.fail(problem)
        self._go_on()

    def observe(self, observe: Observe) -> None:
        """Measures what the changes did, and records it."""
        outcome, problem = observe(self._go_on)
        self._entry.observed(outcome)
        if problem is not None:
            self.fail(problem)

    def _go_on(self) -> None:
        """Raises NotApplied when somebody wants it to stop, or nobody guards it any more."""
        if self._stopping.signal is not None:
            self.fail(f"stopped by {self._stopping.signal.name}", stopped=True)
        if self._carrier is not None and not self._guard.alive(self._carrier):
            self.fail("the watchdog has died")

    def fail(self, why: str, *, stopped: bool = False) -> NoReturn:
        """Undoes the run, and says why."""
        raise NotApplied(why, self.undo(why), stopped=stopped)

    def undo(self, why: str) -> RolledBack:
        """Undoes the run. The watchdog stays until that has come to an end."""
        undone = roll_back_own(self._journal, self._live, self._entry, self._here, why)
        if undone.complete:
            self.disarm()
        return undone
