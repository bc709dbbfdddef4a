"""Maintenance windows over whole years: what is said about the next one is true."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.changes.remediation.windows import is_open, next_opening
from advisor.model.remediation import Window

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu")
_windows = st.builds(
    lambda days, start, length, zone: Window(
        days, start, (start + length) % 1440 or 1440, ZoneInfo(zone), "a window"
    ),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 1439),
    st.integers(1, 1439),
    st.sampled_from(ZONES),
)
# Around the nights in which clocks are set, and any other time.
_moments = st.one_of(
    st.datetimes(datetime(2026, 3, 28), datetime(2026, 4, 6)),
    st.datetimes(datetime(2026, 10, 3), datetime(2026, 11, 3)),
    st.datetimes(datetime(1980, 1, 1), datetime(2036, 1, 1)),
).map(lambda moment: moment.replace(tzinfo=timezone.utc))


def test_without_windows_it_is_always_open() -> None:
    now = datetime(2026, 11, 21, tzinfo=timezone.utc)
    assert is_open((), now)
    assert next_opening((), now) is None


@given(st.lists(_windows, min_size=1, max_size=3), _moments)
def test_the_next_window_is_the_first_moment_at_which_one_is_open(
    windows: list[Window], now: datetime
) -> None:
    opening = next_opening(windows, now)
    if is_open(windows, now):
        assert opening is None
        return
    assert opening is not None
    assert is_open(windows, opening)
    assert not is_open(windows, opening - timedelta(seconds=1))
    closed = [now + (opening - now) * part / 50 for part in range(50)]
    assert not any(is_open(windows, moment) for moment in closed)


@given(_windows, _moments)
def test_a_window_is_open_when_the_clock_on_the_wall_says_so(window: Window, now: datetime) -> None:
    local = now.astimezone(window.zone)
    minute = local.hour * 60 + local.minute
    assume(window.start < window.end)
    inside = window.start <= minute < window.end and local.weekday() in window.days
    assert is_open([window], now) is inside
