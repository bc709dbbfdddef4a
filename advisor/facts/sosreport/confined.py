"""Runs what reads a foreign file in a child process that can neither fill the memory nor go on
for ever: whatever is in the file, it ends with an error that says so."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.facts.child import Lost, run_in_child
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

_SMALLER = "name the directory of the unpacked report instead, or `advisor snapshot` on the host"


def run_confined(work: Callable[[], bytes], name: str) -> bytes:
    """What `work` returns when it runs in a child with limits.

    Args:
        work: Runs in the child; whatever else it does is lost.
        name: What is read, for errors.

    Raises:
        AdvisorError: `work` raised it, or reached a limit.
    """

    def inside() -> bytes:
        _confine()
        return work()

    def explain(error: Exception) -> AdvisorError:
        if isinstance(error, MemoryError):
            return AdvisorError(f"{name}: needs more than {MEMORY // MiB} MiB to read", _SMALLER)
        return AdvisorError(f"{name}: could not be read: {type(error).__name__}: {error}")

    try:
        return run_in_child(inside, TIMEOUT_S, explain)
    except Lost as lost:
        if lost.late:
            what = f"takes longer than {TIMEOUT_S:.0f} s to read"
            raise AdvisorError(f"{name}: {what}", _SMALLER) from None
        if lost.signal == signal.SIGXCPU:
            what = f"takes more than {CPU_S} s of processor time"
            raise AdvisorError(f"{name}: {what}", _SMALLER) from None
        raise AdvisorError(f"{name}: could not be read: its reader ended with {lost}") from None


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
