"""Waiting for a deadline on the clock that nobody can set, and that suspend does not stop."""

from __future__ import annotations

import time
from collections.abc import Callable

_LOOK_AGAIN_S = 1.0  # sleeping does not count the time of a suspend, so it is done in small parts


def boottime() -> float:
    """Seconds since the boot, those of suspend included (CLOCK_BOOTTIME)."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def wait_until(
    deadline: float,
    *,
    now: Callable[[], float] = boottime,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return at the deadline, at most a second late after a suspend.

    Args:
        deadline: As `boottime` would tell it.
        now: The clock.
        sleep: Waits for some seconds.
    """
    while (left := deadline - now()) > 0:
        sleep(min(left, _LOOK_AGAIN_S))
