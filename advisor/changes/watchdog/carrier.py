"""What carries a watchdog to its deadline, as the journal has it in words.

    systemd:advisor-watchdog-000042-20251121T104501Z     a transient timer
    process:4711:123456                                  a process, and when it started

The words decide which process is ended, so nothing else than these two forms is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from advisor.changes import ids

_UNIT = "advisor-watchdog-"
_TIMER = re.compile(rf"systemd:{_UNIT}([0-9]+-[0-9TZ]+)(?:-([1-9][0-9]{{0,3}}))?", re.ASCII)
_PROCESS = re.compile(r"process:([1-9][0-9]{0,6}):(0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class TimerCarrier:
    """A transient timer of systemd.

    Attributes:
        run: Id of the run.
        turn: 1 when it was armed first, one more each time that there was more time to confirm:
            the new timer is there before the old one goes, so it needs another name.
    """

    run: str
    turn: int = 1

    @property
    def unit(self) -> str:
        """Name of the units, without `.timer` or `.service`."""
        return f"{_UNIT}{self.run}" if self.turn == 1 else f"{_UNIT}{self.run}-{self.turn}"

    def __str__(self) -> str:
        return f"systemd:{self.unit}"


@dataclass(frozen=True, slots=True)
class ProcessCarrier:
    """A process that waits.

    Attributes:
        pid: Process id.
        start: When it started, in ticks since the boot: tells it from a later one of its number.
    """

    pid: int
    start: int

    def __str__(self) -> str:
        return f"process:{self.pid}:{self.start}"


Carrier = TimerCarrier | ProcessCarrier


def parse(text: str) -> Carrier | None:
    """The carrier that a text names, None if it is not the text of one."""
    if match := _PROCESS.fullmatch(text):
        return ProcessCarrier(int(match[1]), int(match[2]))
    match = _TIMER.fullmatch(text)
    if match is None or not ids.is_id(match[1]):
        return None
    carrier = TimerCarrier(match[1], int(match[2] or 1))
    return carrier if str(carrier) == text else None


def is_carrier(text: str) -> bool:
    """Whether the text names a carrier, in the form that `arm` returns."""
    return parse(text) is not None


def is_costly(text: str) -> bool:
    """Whether it takes a process to ask after it."""
    return isinstance(parse(text), TimerCarrier)


def describe(text: str) -> str:
    """The carrier in words for people."""
    carrier = parse(text)
    if isinstance(carrier, TimerCarrier):
        return f"the systemd timer {carrier.unit}.timer"
    if isinstance(carrier, ProcessCarrier):
        return f"process {carrier.pid}"
    return "something unknown"
