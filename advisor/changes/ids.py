"""Ids of runs: 000042-20251121T104501Z, a number that only grows, and the clock's opinion.

The number makes ids unique and sorted even if the clock jumps back; the time is for people, and
keeps ids apart if the state directory was lost and numbers start again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from advisor.changes.clock import compact
from advisor.errors import AdvisorError, Exit

_ID = re.compile(r"([0-9]{6,12})-[0-9]{8}T[0-9]{6}Z", re.ASCII)
# Also of a file that somebody has moved aside: a number is never used twice.
_NUMBERED = re.compile(r"([0-9]{6,12})-", re.ASCII)


def is_id(text: str) -> bool:
    """Whether the text is an id as `next_id` makes it."""
    match = _ID.fullmatch(text)
    return match is not None and match[1] == f"{int(match[1]):06}"


def number(run: str) -> int:
    """The number of an id."""
    return int(run.partition("-")[0])


def order(run: str) -> tuple[int, str]:
    """Sorts ids in the order of their runs."""
    return number(run), run


def next_id(names: Iterable[str], now: float) -> str:
    """An id that sorts after all others.

    Args:
        names: Names of all files that begin with an id.
        now: Seconds since 1970, right or wrong.
    """
    used = [int(match[1]) for name in names if (match := _NUMBERED.match(name))]
    return f"{max(used, default=0) + 1:06}-{compact(now)}"


def named(ids: Iterable[str], text: str) -> str:
    """The id that somebody has typed: all of it, or its number ("42").

    Raises:
        AdvisorError: There is none of this name.
    """
    known = sorted(ids, key=order)
    for run in known:
        if text == run or (text.isascii() and text.isdigit() and int(text[:12]) == number(run)):
            return run
    latest = f"; the latest is {known[-1]}" if known else "; there is none yet"
    raise AdvisorError(
        f"there is no run {text[:80]!r}{latest}",
        "advisor history lists all runs",
        exit_code=Exit.REFUSED,
    )
