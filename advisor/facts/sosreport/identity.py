"""Which host a sosreport is about, when it was made, and for how long the host had been up."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from advisor import __version__
from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.facts.uptime import read_uptime
from advisor.model.system import Collection
from advisor.model.unavailable import Unavailable

_UNKNOWN = "unknown"
_ISO = "%Y-%m-%dT%H:%M:%SZ"

# `timedatectl`, and `date` in the C locale, which sos sets.
_UNIVERSAL = re.compile(r"Universal time: \w{3} (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)")
_DATE = re.compile(r"\w{3} +(\w{3} +\d+ +\d\d:\d\d:\d\d) +(?:UTC|GMT) +(\d{4})")
_IN_NAME = re.compile(r"-(20\d\d-\d\d-\d\d)(?=-|\.|$)")
_BOOT = re.compile(r"^btime (\d{1,12})$", re.MULTILINE)

# " 11:30:34 up 12 days,  3:35,  2 users, …", "up 1 day, 5 min,", "up 3:35,"
_UP = re.compile(
    r"\bup\s+(?:(?P<days>\d{1,6}) days?,\s+)?"
    r"(?:(?P<hours>\d{1,2}):(?P<minutes>\d\d)|(?P<only_minutes>\d{1,2}) min)"
)


def read_collection(files: ReportFiles, name: str) -> Collection:
    """How and when the report was made, by root: sos runs as nobody else.

    Args:
        files: The report.
        name: What to call it: the name of its file or directory.
    """
    at = _made(files)
    day = _IN_NAME.search(name)
    return Collection(
        hostname=_hostname(files),
        at=at.strftime(_ISO) if at else day[1] if day else _UNKNOWN,
        source=f"sosreport {name}",
        uptime_s=_uptime(files, at),
        privileged=True,
        advisor=__version__,
    )


def parse_up(text: str) -> float | None:
    """Seconds since boot by `uptime`, which tells them in minutes; None when it does not."""
    match = _UP.search(text)
    if match is None:
        return None
    minutes = match["only_minutes"] or match["minutes"]
    hours = 24 * int(match["days"] or 0) + int(match["hours"] or 0)
    return 60.0 * (60 * hours + int(minutes))


def parse_date(text: str) -> datetime | None:
    """The time that `timedatectl`, or `date` in UTC, shows; None for other time zones."""
    match = _UNIVERSAL.search(text)
    if match is not None:
        return _time(match[1], "%Y-%m-%d %H:%M:%S")
    match = _DATE.search(text)
    return None if match is None else _time(f"{match[1]} {match[2]}", "%b %d %H:%M:%S %Y")


def _hostname(files: ReportFiles) -> str:
    for text in (
        output(files, "hostname"),
        output(files, "uname -a"),
        files.read_text("/proc/sys/kernel/hostname"),
    ):
        words = [] if isinstance(text, Unavailable) else text.removeprefix("Linux ").split()
        if words:
            return words[0]
    return _UNKNOWN


def _made(files: ReportFiles) -> datetime | None:
    for command in ("date --utc", "timedatectl", "date"):
        text = output(files, command)
        time = None if isinstance(text, Unavailable) else parse_date(text)
        if time is not None:
            return time
    return None


def _uptime(files: ReportFiles, at: datetime | None) -> float:
    """Seconds since boot; 0 when nothing tells, and then nothing becomes a rate."""
    exact = read_uptime(files)
    if isinstance(exact, float):
        return exact
    text = output(files, "uptime")
    up = None if isinstance(text, Unavailable) else parse_up(text)
    if up is not None:
        return up
    stat = files.read_text("/proc/stat")
    boot = None if isinstance(stat, Unavailable) else _BOOT.search(stat)
    return 0.0 if at is None or boot is None else max(0.0, at.timestamp() - int(boot[1]))


def _time(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(" ".join(text.split()), form).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
