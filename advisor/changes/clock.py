"""The host's clock as records have it. It may be wrong and may jump: nothing depends on it."""

from __future__ import annotations

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Gives seconds since 1970."""

_LATEST = 253402300799.0  # the last second of the year 9999


def utc(now: float) -> str:
    """A point in time: 2025-11-21T10:45:01.123Z."""
    milliseconds = int(_within(now) * 1000) % 1000
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(_within(now)))}.{milliseconds:03}Z"


def compact(now: float) -> str:
    """A point in time for file names: 20251121T104501Z."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(_within(now)))


def _within(now: float) -> float:
    """What four digits can say of the year."""
    return min(max(now, 0.0), _LATEST)
