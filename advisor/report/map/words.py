"""Numbers and lists as a map writes them: short, and as wide as a table can bear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from advisor.units import format_value

_STEPS = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def ranges(numbers: Iterable[int], most: int | None = None) -> str:
    """Numbers as `taskset -c` takes them: "0-3,8"; shorter where that gets too long.

    Args:
        numbers: The numbers.
        most: Characters that may be used, None for any number of them. Equal steps are written
            "0,16..112" then, and of other numbers only how many there are: "9 of them".
    """
    runs: list[list[int]] = []
    ordered = sorted(set(numbers))
    for number in ordered:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    text = ",".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)
    if most is None or len(text) <= most:
        return text
    steps = {after - before for before, after in pairwise(ordered)}
    text = f"{ordered[0]},{ordered[1]}..{ordered[-1]}"
    return text if len(steps) == 1 and len(text) <= most else f"{len(ordered)} of them"


def cpus_text(cpus: Sequence[int], most: int | None = None) -> str:
    """ "CPU 5" or "CPUs 0-3"."""
    return f"CPU{'s' if len(set(cpus)) != 1 else ''} {ranges(cpus, most)}"


def several(count: int, noun: str) -> str:
    """ "1 queue", "8 queues"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def percent(share: float) -> str:
    """A share from 0 to 1, to a tenth of a percent at most: "31 %", "99.8 %"."""
    digits = 2 if 0.1 <= share < 0.99 else 3
    return format_value(round(share, digits), "percent")


def short(number: float) -> str:
    """A count or rate in three figures: "9.8k", "120"."""
    if 0 < number < 0.05:
        return "<0.1"
    for size, letter in _STEPS:
        if number >= size * 0.9995:
            value = number / size
            return f"{value:.0f}{letter}" if value >= 99.95 else f"{value:.1f}{letter}"
    return f"{number:.0f}" if number >= 9.95 or number == int(number) else f"{number:.1f}"


def listed(parts: Iterable[str]) -> str:
    """The parts that are not empty, with dots between them."""
    return " · ".join(part for part in parts if part)
