"""Waivers: failures that somebody has decided to live with, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Waiver:
    """One decision of a waivers file.

    Attributes:
        rule: Rule id, or a pattern of ids ("QDI*").
        target: What was judged ("host", an interface, a listener), or a pattern of it.
        hosts: Host name, or a pattern of it.
        reason: Why, for the reader of the report.
        expires: Last day on which it holds; None for a permanent one.
        place: File and line it stands at.
    """

    rule: str
    target: str
    hosts: str
    reason: str
    expires: date | None
    place: str


@dataclass(frozen=True, slots=True)
class Waived:
    """What a finding says about the waiver or the baseline that names it.

    Attributes:
        reason: Why it is waived.
        until: Last day, ISO 8601; None where there is no end.
        place: File and line of the waiver, or the baseline's file.
        expired: Whether that day is over: then the finding counts again.
    """

    reason: str
    until: str | None
    place: str
    expired: bool = False
