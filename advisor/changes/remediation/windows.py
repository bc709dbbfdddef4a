"""Maintenance windows: open as long as the clock on the wall shows their hours.

Where that clock is set forward, hours that it does not show are no part of a window; where it is
set back, hours that it shows twice are so twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta, timezone

from advisor.model.remediation import Window

_DAY_MINUTES = 24 * 60
# A window of one day a week may be skipped once, when the clock is set forward.
_DAYS_AHEAD = 15
# Clocks are set forward by an hour, rarely more; from before that the window's begin is looked for.
_LONGEST_GAP_MINUTES = 180


def is_open(windows: Sequence[Window], now: datetime) -> bool:
    """Whether changes may be made now; always where there are no windows."""
    return not windows or any(_is_inside(window, now) for window in windows)


def next_opening(windows: Sequence[Window], now: datetime) -> datetime | None:
    """When the next window opens, in UTC and to the minute; None where one is open now.

    A window that never opens within two weeks (of an hour that is skipped, say) is None, too.
    """
    if is_open(windows, now):
        return None
    found = [start for window in windows for start in _starts(window, now)]
    return min(found, default=None)


def _is_inside(window: Window, now: datetime) -> bool:
    local = now.astimezone(window.zone)
    minute, day = local.hour * 60 + local.minute, local.weekday()
    if window.start < window.end:
        return day in window.days and window.start <= minute < window.end
    if day in window.days and minute >= window.start:
        return True
    return (day - 1) % 7 in window.days and minute < window.end


def _starts(window: Window, now: datetime) -> list[datetime]:
    """The first moment from now on at which a window is open, if there is one."""
    today = now.astimezone(window.zone).date()
    for ahead in range(_DAYS_AHEAD):
        day = today + timedelta(days=ahead)
        start = datetime.combine(day, time(*divmod(window.start % _DAY_MINUTES, 60)))
        moments = [
            start.replace(tzinfo=window.zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1)
        ]
        for first in sorted(moments):
            opening = _first_inside(window, first)
            if opening is not None and opening > now:
                return [opening]
    return []


def _first_inside(window: Window, start: datetime) -> datetime | None:
    for minutes in range(_LONGEST_GAP_MINUTES):
        moment = start + timedelta(minutes=minutes)
        if _is_inside(window, moment):
            return moment
    return None
