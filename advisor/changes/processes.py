"""Processes known by number and start: nobody else's process is ever ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

_STATE_FIELD = 0  # of /proc/PID/stat after the name: field 3 of proc_pid_stat(5)
_START_FIELD = 19  # field 22
_ENDED = (b"Z", b"X")
_COMMAND_LIMIT = 1 << 16
_AFTER_KILL_S = 1.0
_LOOK_AGAIN_S = 0.02


def started(pid: int) -> int | None:
    """When a process started, in ticks since the boot; None if there is none, or it has ended.

    Raises:
        OSError: It cannot be told.
    """
    fields = (_read(pid, "stat") or b"").rpartition(b")")[2].split()
    if len(fields) <= _START_FIELD or fields[_STATE_FIELD] in _ENDED:
        return None
    return int(fields[_START_FIELD])


def arguments(pid: int) -> list[bytes]:
    """The command line of a process, empty if there is none.

    Raises:
        OSError: It cannot be told.
    """
    return (_read(pid, "cmdline") or b"").split(b"\0")[:-1]


def end(pid: int, start: int, patience_s: float) -> bool:
    """End a process: ask for it (SIGTERM), and insist (SIGKILL) when it takes too long.

    Args:
        pid: Its number.
        start: When it started: a later process of that number is left alone.
        patience_s: How long it may take over it before it is killed.

    Returns:
        Whether it is gone.
    """
    with _sender(pid) as send:
        for number, wait_s in ((signal.SIGTERM, patience_s), (signal.SIGKILL, _AFTER_KILL_S)):
            if _gone(pid, start):
                return True
            with suppress(ProcessLookupError, PermissionError):
                send(number)
            deadline = time.monotonic() + wait_s
            while not _gone(pid, start) and time.monotonic() < deadline:
                time.sleep(_LOOK_AGAIN_S)
    return _gone(pid, start)


@contextmanager
def _sender(pid: int) -> Iterator[Callable[[int], None]]:
    """Sends signals to the process that has this number now, never to a later one.

    Before Linux 5.3 (pidfd_open) the number itself has to do.
    """
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        yield partial(os.kill, pid)
        return
    try:
        yield partial(signal.pidfd_send_signal, descriptor)
    finally:
        os.close(descriptor)


def _gone(pid: int, start: int) -> bool:
    try:
        return started(pid) != start
    except OSError:
        return False


def _read(pid: int, name: str) -> bytes | None:
    try:
        descriptor = os.open(f"/proc/{pid}/{name}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.read(descriptor, _COMMAND_LIMIT)
        finally:
            os.close(descriptor)
    except (FileNotFoundError, ProcessLookupError):
        return None
