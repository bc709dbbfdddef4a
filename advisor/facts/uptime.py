"""Time since boot."""

from __future__ import annotations

from advisor.facts.files import Files, malformed
from advisor.model.unavailable import Unavailable

UPTIME = "/proc/uptime"


def read_uptime(files: Files) -> float | Unavailable:
    """Seconds since boot (of the container, where LXCFS stands in for the file)."""
    text = files.read_text(UPTIME)
    return text if isinstance(text, Unavailable) else parse_uptime(text)


def parse_uptime(text: str) -> float | Unavailable:
    """Seconds since boot: the first of two numbers, "1209.64 2046.62" (uptime_proc_show)."""
    try:
        seconds = float(text.split()[0])
    except (IndexError, ValueError):
        return malformed(UPTIME, 1, "does not start with a number")
    if not 0 <= seconds < float("inf"):
        return malformed(UPTIME, 1, "is not a time")
    return seconds
