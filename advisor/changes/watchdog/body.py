"""What a watchdog does: wait, and take the run back if nobody has confirmed it.

Runs from a zip (`bundle`), in a process that has nothing else to do.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from advisor.changes.journal import Journal
from advisor.changes.processes import started
from advisor.changes.state_dir import VARIABLE, StateDir, find_state_dir
from advisor.changes.watchdog.arming import READY
from advisor.changes.watchdog.bundle import remove
from advisor.changes.watchdog.carrier import ProcessCarrier
from advisor.changes.watchdog.deadline import wait_until
from advisor.changes.watchdog.detached import ARMED
from advisor.changes.watchdog.take import is_due, take
from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from advisor.changes.rollback import RolledBack

NOTE = "the watchdog: not confirmed in time"

# What undoing may import only when it comes to it. An extension may be missing on purpose.
_LATER = ("advisor.changes.origin", "advisor.changes.rollback", "advisor.settings.live", "syslog")
_LATER_IF_THERE = ("ethtool",)
_IGNORED = (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE)

Undo = Callable[[Journal, str], "RolledBack"]


def main(arguments: Sequence[str], undo: Undo | None = None) -> int:
    """The program in the zip.

    Args:
        arguments: What to do (`check`: see whether everything can be imported; `now`: take the run
            back; `wait`: that, in a process of its own at a deadline), the state directory, the
            run's id, and the deadline as `deadline.boottime` tells it.
        undo: Takes the run back, by default as `advisor rollback` does.
    """
    mode, path, run, *more = arguments
    _preload()
    if mode == "check":
        print(READY)
        return 0
    if mode == "wait":
        _detach()
        wait_until(float(more[0]))
    return _at_the_deadline(path, run, undo or _roll_back)


def _preload() -> None:
    for name in _LATER:
        importlib.import_module(name)
    for name in _LATER_IF_THERE:
        with suppress(ImportError):
            importlib.import_module(name)


def _detach() -> None:
    """Go on in a child that nobody waits for; the session is this process's own already."""
    if os.fork():
        os._exit(0)
    for number in _IGNORED:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.umask(0o077)
    pid = os.getpid()
    start = started(pid)
    assert start is not None, "this process is there"
    print(ARMED + str(ProcessCarrier(pid, start)), flush=True)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def _at_the_deadline(path: str, run: str, undo: Undo) -> int:
    try:
        state = find_state_dir({VARIABLE: path})
        if state is None:
            return 0
        with state:
            try:
                done = _take_back(state, run, undo)
            finally:
                remove(state, run)
    except Exception as error:  # whatever it is: this is the only place where it can be told
        _log(f"run {run} could not be taken back: {error!r}", failed=True)
        return 1
    if done is None:
        return 0
    came = "everything is as before" if done.complete else "not everything could be undone"
    unrecorded = f"; this could not be recorded: {done.journal}" if done.journal else ""
    failed = not done.complete or done.journal is not None
    _log(f"run {run} was not confirmed in time, and taken back: {came}{unrecorded}", failed=failed)
    return int(failed)


def _take_back(state: StateDir, run: str, undo: Undo) -> RolledBack | None:
    """What came of it, None if the run did not have to be taken back."""
    lock = take(state, run)
    if lock is None:
        return None
    with lock:
        journal = Journal(lock)
        damaged = next((each for each in journal.damaged if each.id == run), None)
        if damaged is not None:
            raise AdvisorError(damaged.problem, damaged.hint)
        receipt = next((each for each in journal.receipts if each.id == run), None)
        return undo(journal, run) if is_due(receipt) else None


def _roll_back(journal: Journal, run: str) -> RolledBack:
    from advisor.changes.origin import this_origin
    from advisor.changes.rollback import roll_back
    from advisor.settings.live import Live

    with Live() as live:
        return roll_back(journal, live, run, this_origin(), note=NOTE)


def _log(text: str, *, failed: bool) -> None:
    """One line for the host's log, when nothing depends on it any more."""
    import syslog

    syslog.openlog("advisor", syslog.LOG_PID, syslog.LOG_DAEMON)
    syslog.syslog(syslog.LOG_ERR if failed else syslog.LOG_WARNING, text)
    print(text, file=sys.stderr)
