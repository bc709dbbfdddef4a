"""Arming and disarming. Whoever does either holds the lock of the state directory."""

from __future__ import annotations

from math import isfinite

from advisor.changes import ids
from advisor.changes.state_dir import StateDir
from advisor.changes.watchdog import bundle, detached, timer
from advisor.changes.watchdog.carrier import Carrier, ProcessCarrier, TimerCarrier, parse
from advisor.changes.watchdog.deadline import boottime
from advisor.changes.watchdog.launch import answer, command
from advisor.changes.watchdog.timer import SYSTEMD, Systemd
from advisor.errors import AdvisorError
from advisor.model.unavailable import Unavailable

READY = "ready"


def arm(state: StateDir, run: str, seconds: float, *, systemd: Systemd = SYSTEMD) -> str:
    """Have a run taken back after some seconds, unless it is finished by then.

    Args:
        state: The state directory.
        run: Id of the run, whose journal has begun.
        seconds: How long from now.
        systemd: Where systemd is.

    Returns:
        What carries the watchdog, for the journal: see `is_carrier` and `describe`.

    Raises:
        AdvisorError: It cannot be armed. Nothing of it is left.
        ValueError: That is not a run, or not a time.
    """
    try:
        return str(_arm(state, run, seconds, 1, systemd))
    except BaseException:
        # A signal between the copy and the start, too: nobody would ever remove the copy.
        bundle.remove(state, run)
        raise


def rearm(
    state: StateDir, run: str, carrier: str, seconds: float, *, systemd: Systemd = SYSTEMD
) -> str:
    """Arm a watchdog anew, counting from now, and disarm the one before.

    Raises:
        AdvisorError: It cannot be armed. The one before is as it was.
        ValueError: That is not a run, or not a time.
    """
    old = parse(carrier)
    turn = old.turn + 1 if isinstance(old, TimerCarrier) else 1
    new = _arm(state, run, seconds, turn, systemd)
    _stop(old, run, systemd)
    return str(new)


def disarm(state: StateDir, run: str, carrier: str, *, systemd: Systemd = SYSTEMD) -> None:
    """Have no watchdog any more, as far as there is one. The watchdog itself may call it, too."""
    _stop(parse(carrier), run, systemd)
    bundle.remove(state, run)


def alive(carrier: str, *, systemd: Systemd = SYSTEMD) -> bool | Unavailable:
    """Whether a watchdog waits for its deadline, or is at work."""
    found = parse(carrier)
    if isinstance(found, TimerCarrier):
        return timer.alive(found, systemd)
    if isinstance(found, ProcessCarrier):
        return detached.alive(found)
    return Unavailable("it does not say what carries the watchdog")


def _arm(state: StateDir, run: str, seconds: float, turn: int, systemd: Systemd) -> Carrier:
    deadline = boottime() + seconds
    if not ids.is_id(run):
        raise ValueError(f"not a run: {run!r}")
    if not isfinite(seconds) or seconds <= 0:
        raise ValueError(f"not a time: {seconds}")
    bundle.clean(state)
    bundle.write(state, run)
    if timer.can_carry(systemd):
        _prove(state, run)
        carrier = timer.start(state, run, turn, deadline - boottime(), systemd)
        if carrier is not None:
            return carrier
    return detached.start(state, run, deadline)


def _prove(state: StateDir, run: str) -> None:
    """That the zip works is known now, not at the deadline."""
    said = answer(command(state, run, "check"))
    if said != READY:
        raise AdvisorError(f"the watchdog does not work: {said[:200] or 'it said nothing'}")


def _stop(carrier: Carrier | None, run: str, systemd: Systemd) -> None:
    if isinstance(carrier, TimerCarrier) and carrier.run == run:
        timer.stop(carrier, systemd)
    elif isinstance(carrier, ProcessCarrier):
        detached.stop(carrier, run)
