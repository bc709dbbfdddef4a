"""Runs what reads a foreign file in a child process that can neither fill the memory nor go on
for ever: whatever is in the file, it ends with an error that says so."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from advisor.errors import AdvisorError
from advisor.facts.files import MiB

MEMORY = 1024 * MiB
"""Address space that the child may have beyond what it starts with.

Measured: a usual report takes 20 MiB; 500 CPUs with 5,000 interrupts 360, 60,000 sockets 220.
"""

CPU_S = 60
"""Seconds of processor time.

Measured: 50 µs for each member; for each unpacked GiB 4 s with gzip and 11 s with xz.
"""

TIMEOUT_S = 300.0
"""Seconds altogether: a slow disk takes time but no processor."""

_DONE, _FAILED = b"+", b"-"
_SMALLER = "name the directory of the unpacked report instead, or `advisor snapshot` on the host"


def run_confined(work: Callable[[], bytes], name: str) -> bytes:
    """What `work` returns when it runs in a child with limits.

    Args:
        work: Runs in the child; whatever else it does is lost.
        name: What is read, for errors.

    Raises:
        AdvisorError: `work` raised it, or reached a limit.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)  # or a parent that is gone would go unnoticed
        _be_child(work, name, writer)
    os.close(writer)
    answer = None
    try:
        answer = _read_all(reader, time.monotonic() + TIMEOUT_S)
    finally:
        os.close(reader)
        if answer is None:  # too late, or interrupted
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if answer is None:
        raise AdvisorError(f"{name}: takes longer than {TIMEOUT_S:.0f} s to read", _SMALLER)
    if status == 0 and answer[:1] == _DONE:
        return answer[1:]
    if status == 0 and answer[:1] == _FAILED:
        message, hint = json.loads(answer[1:])
        raise AdvisorError(message, hint)
    if status & 0x7F == signal.SIGXCPU:
        raise AdvisorError(f"{name}: takes more than {CPU_S} s of processor time", _SMALLER)
    end = f"signal {status & 0x7F}" if status & 0x7F else f"status {status >> 8}"
    raise AdvisorError(f"{name}: could not be read: its reader ended with {end}")


def _be_child(work: Callable[[], bytes], name: str, writer: int) -> NoReturn:
    """Never returns into code that is the parent's: exits whatever happens."""
    status = 1
    try:
        try:
            _confine()
            answer = _DONE + work()
        except AdvisorError as error:
            answer = _failure(error.message, error.hint)
        except MemoryError:
            answer = _failure(f"{name}: needs more than {MEMORY // MiB} MiB to read", _SMALLER)
        except Exception as error:  # the parent has to hear of it, whatever it is
            answer = _failure(f"{name}: could not be read: {type(error).__name__}: {error}", None)
        left = memoryview(answer)
        while left:
            left = left[os.write(writer, left) :]
        status = 0
    finally:
        os._exit(status)


def _confine() -> None:
    _limit(resource.RLIMIT_AS, _address_space() + MEMORY)
    _limit(resource.RLIMIT_CPU, CPU_S)
    _limit(resource.RLIMIT_FSIZE, 0)  # nothing is written, whatever somebody makes it do
    _limit(resource.RLIMIT_CORE, 0)


def _address_space() -> int:
    """Bytes of address space in use; 0 where /proc does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _limit(which: int, value: int) -> None:
    """Lowers the soft limit. At a hard one SIGKILL would not tell why (check_process_timers)."""
    soft, hard = resource.getrlimit(which)
    if soft == resource.RLIM_INFINITY or soft > value:
        resource.setrlimit(which, (value, hard))


def _read_all(reader: int, deadline: float) -> bytes | None:
    """Everything up to the end, None when that does not come in time."""
    poller = select.poll()
    poller.register(reader, select.POLLIN)
    chunks: list[bytes] = []
    while poller.poll(1000 * max(0.0, deadline - time.monotonic())):
        chunk = os.read(reader, 1 << 16)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
    return None


def _failure(message: str, hint: str | None) -> bytes:
    return _FAILED + json.dumps([message, hint]).encode()
