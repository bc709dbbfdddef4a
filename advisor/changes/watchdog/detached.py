"""A watchdog in a process of its own, where systemd cannot carry it.

It stays in the caller's network and mount namespaces: what it takes back is what it sees there.
"""

from __future__ import annotations

import os

from advisor.changes.processes import arguments, end, started
from advisor.changes.state_dir import StateDir
from advisor.changes.watchdog.bundle import SUFFIX
from advisor.changes.watchdog.carrier import ProcessCarrier, parse
from advisor.changes.watchdog.launch import answer, command
from advisor.errors import AdvisorError
from advisor.model.unavailable import Unavailable

ARMED = "armed "
_PATIENCE_S = 1.0


def start(state: StateDir, run: str, deadline: float) -> ProcessCarrier:
    """Start the process; it has imported all that it needs when this returns.

    Args:
        state: The state directory, with the run's zip.
        run: Id of the run.
        deadline: When it takes the run back, as `deadline.boottime` tells it.

    Raises:
        AdvisorError: It does not start.
    """
    said = answer(command(state, run, "wait", f"{deadline:.6f}"))
    carrier = parse(said[len(ARMED) :]) if said.startswith(ARMED) else None
    if not isinstance(carrier, ProcessCarrier):
        raise AdvisorError(f"the watchdog did not start: {said[:200] or 'it said nothing'}")
    if alive(carrier) is not True:
        raise AdvisorError(f"the watchdog, process {carrier.pid}, has ended at once")
    return carrier


def alive(carrier: ProcessCarrier, run: str = "") -> bool | Unavailable:
    """Whether the process is there, and is a watchdog: that of the run, if one is given."""
    archive = (run + SUFFIX).encode()
    try:
        if started(carrier.pid) != carrier.start:
            return False
        return any(each.endswith(archive) for each in arguments(carrier.pid))
    except OSError as error:
        return Unavailable(f"process {carrier.pid} cannot be looked at: {error.strerror}")


def stop(carrier: ProcessCarrier, run: str) -> None:
    """End the process, if it is there, is the run's watchdog, and is not the caller."""
    if carrier.pid != os.getpid() and alive(carrier, run) is True:
        end(carrier.pid, carrier.start, _PATIENCE_S)
