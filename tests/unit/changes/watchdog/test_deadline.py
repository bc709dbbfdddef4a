"""Waiting does not depend on the time of day, and counts the time of a suspend."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.changes.watchdog.deadline import boottime, wait_until


@given(
    wait=st.floats(0, 1000),
    suspends=st.dictionaries(st.integers(1, 50), st.floats(0, 10_000), max_size=5),
)
def test_it_returns_at_the_deadline_whatever_is_slept_through(
    wait: float, suspends: dict[int, float]
) -> None:
    now, slept = 500.0, 0

    def sleep(seconds: float) -> None:
        nonlocal now, slept
        assert 0 < seconds <= 1, "a suspend in the middle would not be noticed in time"
        slept += 1
        now += seconds + suspends.get(slept, 0.0)

    last = 500.0

    def clock() -> float:
        nonlocal last
        last = now
        return now

    wait_until(500.0 + wait, now=clock, sleep=sleep)
    assert last >= 500.0 + wait
    longest = max(suspends.values(), default=0.0)
    assert last <= 500.0 + wait + longest + 1e-6


def test_the_clock_is_that_of_the_kernel() -> None:
    """What /proc/uptime tells counts suspends, and nobody can set it (fs/proc/uptime.c)."""
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    assert 0 <= boottime() - uptime + 0.01 < 2


def test_the_time_of_day_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: pytest.fail("somebody may have set that clock"))
    start = boottime()
    wait_until(start + 0.05)
    assert 0.05 <= boottime() - start < 2


def test_a_deadline_in_the_past_is_now() -> None:
    wait_until(boottime() - 5, sleep=lambda _: pytest.fail("there is nothing to wait for"))
