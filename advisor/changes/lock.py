"""The lock of the state directory: one run changes the host at a time.

It is the kernel's (flock), so it is gone when its holder is, however that ended. What the file
says is only for people.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass

from advisor.changes.clock import Clock, utc
from advisor.changes.opened import Opened
from advisor.changes.processes import started
from advisor.changes.state_dir import StateDir, refusing
from advisor.errors import AdvisorError, Exit

NAME = "lock"
_SIZE_LIMIT = 4096
_COMMAND_MAX = 200
_TRIES = 10
_WAIT = "nothing was changed; wait until it is done, and try again"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock, as the lock file has it.

    Attributes:
        pid: Process id.
        since: When it took the lock, ISO 8601 in UTC.
        command: What it runs.
        alive: Whether that process is there. If not, a child of it holds the lock, or it is in
            another container.
    """

    pid: int
    since: str
    command: str
    alive: bool


class Lock(Opened):
    """A lock that is held until `release`, or until the process ends.

    A child that is forked while it is held holds it, too: it has to release it, or to exec.

    Attributes:
        state: The directory that it is about.
    """

    __slots__ = ("state",)

    def __init__(self, state: StateDir, descriptor: int) -> None:
        super().__init__(descriptor)
        self.state = state

    @property
    def held(self) -> bool:
        """Whether it has not been released."""
        return self._descriptor >= 0

    def release(self) -> None:
        """Let others have it."""
        self.close()


def acquire(state: StateDir, command: str, *, clock: Clock = time.time) -> Lock:
    """Take the lock, without waiting.

    Args:
        state: The state directory.
        command: What runs, to be shown to others who want the lock.
        clock: Seconds since 1970.

    Raises:
        AdvisorError: Somebody holds it, which the message tells about; or there can be no lock.
    """
    path = state.locate(NAME)
    for _ in range(_TRIES):
        descriptor = state.open(NAME, os.O_RDWR | os.O_CREAT)
        if descriptor is None:
            raise _refused(f"{path}: cannot be created: the directory is gone", None)
        try:
            with refusing(path, "cannot be locked"):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except AdvisorError as error:
            os.close(descriptor)
            if isinstance(error.__cause__, BlockingIOError):
                raise _held(state) from None
            raise
        # Somebody may have removed the file in between: then another lock counts.
        if state.is_same(NAME, descriptor):
            _sign(descriptor, command, clock())
            return Lock(state, descriptor)
        os.close(descriptor)
    raise _refused(f"{path}: somebody keeps removing it", None)


def holder(state: StateDir) -> Holder | None:
    """Who has signed the lock file last, None if that cannot be told.

    It means nothing unless the lock is held: nobody signs off.
    """
    text = state.read(NAME, _SIZE_LIMIT)
    try:
        data = json.loads(text or b"")
        pid, start = data["pid"], data["start"]
        since, command = data["since"], data["command"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if type(pid) is not int or pid <= 0 or type(since) is not str or type(command) is not str:
        return None
    alive = start is not None and _start_of(pid) == start
    return Holder(pid, since[:40], command[:_COMMAND_MAX], alive)


def _held(state: StateDir) -> AdvisorError:
    who = holder(state)
    if who is None:
        return _refused(
            f"{state.locate(NAME)}: another advisor is at work, and has not said which", _WAIT
        )
    text = f"another advisor is at work: process {who.pid} ({who.command}), since {who.since}"
    if who.alive:
        return _refused(text, _WAIT)
    return _refused(
        f"{text}; that process is not to be seen any more",
        "a child of it, or a process in another container, holds the lock: "
        f"fuser {state.locate(NAME)}",
    )


def _sign(descriptor: int, command: str, now: float) -> None:
    """Tell others who has the lock. It counts without that, too: on a full disk, for example."""
    pid = os.getpid()
    data = {
        "pid": pid,
        "start": _start_of(pid),
        "since": utc(now),
        "command": command[:_COMMAND_MAX],
    }
    text = json.dumps(data).encode("ascii") + b"\n"
    with suppress(OSError):
        # In place: on a full disk, emptying it first would lose the block.
        os.pwrite(descriptor, text, 0)
        os.ftruncate(descriptor, len(text))


def _start_of(pid: int) -> int | None:
    """When a process started; None as well if that cannot be told."""
    with suppress(OSError):
        return started(pid)
    return None


def _refused(message: str, hint: str | None) -> AdvisorError:
    return AdvisorError(message, hint, exit_code=Exit.REFUSED)
