"""One run from a plan's changes to a decision: applied, watched, confirmed; or undone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from advisor.changes import watchdog
from advisor.changes.apply import Check, Guard, Order, Say, apply
from advisor.changes.links import resets_link
from advisor.changes.preflight import Prepared
from advisor.changes.probe import Probe, check_before, run_probes
from advisor.changes.session import Session
from advisor.model.receipt import Operation, Outcome, Receipt, Trigger

# How long a run may take until its watchdog ends it, beside the time that people get to confirm.
_WORK_S, _LINK_S, _PROBE_S = 30.0, 40.0, 15.0
_LOOK_S = 1.0


class Observer(Protocol):
    """Measures what changes do to the host's counters.

    Attributes:
        seconds: How long it looks, before and after.
    """

    seconds: float

    def before(self, operations: Sequence[Operation]) -> None:
        """Looks before anything is changed."""

    def after(self, go_on: Callable[[], None]) -> tuple[Outcome, str | None]:
        """Looks after it: see `advisor.changes.apply.Observe`."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a run is to be carried through.

    Attributes:
        profile: Profile that the host was judged by.
        plan: Digest of the plan.
        confirm_within: Seconds that somebody has to confirm it, None if it confirms itself.
        probes: What has to answer afterwards.
        observer: Measures what the changes do, None if nobody wants to know.
        runtime_only: Whether it is not to outlive the boot.
        trigger: Who started it.
    """

    profile: str
    plan: str
    confirm_within: float | None = None
    probes: tuple[Probe, ...] = ()
    observer: Observer | None = None
    runtime_only: bool = False
    trigger: Trigger = Trigger.PERSON


def carry_through(
    session: Session, prepared: Prepared, wishes: Wishes, say: Say, checks: Sequence[Check] = ()
) -> Receipt:
    """Applies what was prepared.

    Args:
        session: What changes are made with.
        prepared: The operations, made in the same session.
        wishes: How to go about it.
        say: Is told each step.
        checks: What has to be well afterwards, beside the probes.

    Returns:
        The run: applied, and waiting to be confirmed; or confirmed.

    Raises:
        AdvisorError: It could not begin. Nothing was changed.
        NotApplied: It went wrong, and was undone.
    """
    check_before(wishes.probes)
    observer = wishes.observer
    if observer is not None:
        observer.before(prepared.operations)
    order = Order(
        profile=wishes.profile,
        plan=wishes.plan,
        runtime_only=wishes.runtime_only,
        trigger=wishes.trigger,
        checks=(lambda: run_probes(wishes.probes, _PROBE_S), *checks),
        observe=None if observer is None else observer.after,
    )
    guard = Guard(
        arm=lambda run, seconds: watchdog.arm(session.state, run, seconds),
        rearm=lambda run, carrier, seconds: watchdog.rearm(session.state, run, carrier, seconds),
        disarm=lambda run, carrier: watchdog.disarm(session.state, run, carrier),
        alive=_Looks().alive,
        seconds=_work_s(prepared.operations, wishes),
        confirm_seconds=wishes.confirm_within,
    )
    receipt = apply(session.journal, session.live, prepared, session.here, order, guard, say)
    session.journal.prune()
    return receipt


class _Looks:
    """Looks after a watchdog, but not before every write: systemd is asked by a process."""

    def __init__(self) -> None:
        self._next = 0.0

    def alive(self, carrier: str) -> bool:
        """Whether it still runs, as of a second ago at most."""
        now = time.monotonic()
        if now < self._next:
            return True
        found = watchdog.alive(carrier) is not False
        self._next = time.monotonic() + _LOOK_S if watchdog.is_costly(carrier) else 0.0
        return found


def _work_s(operations: Sequence[Operation], wishes: Wishes) -> float:
    """Seconds that the run itself may take: after them the watchdog assumes that it hangs."""
    links = sum(resets_link(each.address) for each in operations)
    watching = 0.0 if wishes.observer is None else 2 * wishes.observer.seconds
    return _WORK_S + links * _LINK_S + len(wishes.probes) * _PROBE_S + watching
