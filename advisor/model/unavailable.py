"""Absence as data: a fact that could not be read says why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A fact, or a whole section, that could not be read.

    Attributes:
        reason: Why, for people: "no permission to read /proc/interrupts".
        absent: Whether it is known not to exist, such as rings of a driver that has none; in
            contrast to what exists, or may, and could not be read.
    """

    reason: str
    absent: bool = False


NOT_READ = Unavailable("not read")
"""For what the collector did not look at."""
