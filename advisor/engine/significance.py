"""Whether a figure changed, or only varied as such figures do.

A figure is read in several windows in a row before a change, and in several after it. What differs
between windows of the same side is noise; what differs between the sides has to stand out from it.

Events (drops, retransmissions) are compared as Poisson counts whose variance is scaled by what the
windows show: packets are lost in bursts, and a hundred in one burst are one event rather than a
hundred (Cox and Lewis, The Statistical Analysis of Series of Events, 1966: the index of
dispersion). Levels (shares, latencies, lengths) are compared by the means of the windows (Welch's
test). Both have to differ by `MARGIN`, too: what is certain need not matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

DEVIATIONS = 4.0
"""How many standard deviations a difference has to have. A run has dozens of figures, and a few
windows tell their noise only roughly: in a simulation of bursts, of figures that had not changed
1.2 % differed by 3 and 0.3 % by 4; the tests repeat it."""

DEVIATIONS_APART = 2.5
"""The same where the sides do not overlap: even the worst window of one is better than the best one
of the other. Of four and four windows that vary only, one in 35 pairs is so."""

MARGIN = 0.2
"""By how much the larger of two values has to exceed the smaller one, relative to that."""

MARGIN_ALONE = 0.5
"""The same for levels that were read once on a side: nobody knows how much they vary."""

Counts = Sequence[tuple[float, float]]
"""For each window: the events, and its length in seconds."""


def events_changed(before: Counts, after: Counts, expected: float, margin: float = MARGIN) -> int:
    """Whether there were more events after (1), fewer (-1), or as many (0).

    Args:
        before: The windows before.
        after: The windows after.
        expected: How many events there would be after for each one before, if nothing had changed:
            1 when both sides are as long and as busy.
        margin: How much more or fewer are worth telling.
    """
    first = expected * sum(events for events, _ in before)
    second = sum(events for events, _ in after)
    # Of a difference of two Poisson counts: as if nothing had changed, and as they are. The larger
    # one, because each is much too small where the other side was hardly looked at.
    variance = max(first + second * expected, second + first * expected)
    rescaled = expected * _seconds(before) / _seconds(after)
    rates = [rescaled * each / length for each, length in before], [n / s for n, s in after]
    spread = _deviations(*rates) * sqrt(_dispersion(before, after) * variance)
    return _direction(first, second, margin, spread)


def levels_changed(before: Sequence[float], after: Sequence[float], expected: float) -> int:
    """Whether a level rose (1), fell (-1), or stayed (0).

    Args:
        before: Its values before, one of each window.
        after: Its values after.
        expected: By what factor it would have changed anyway.
    """
    scaled = [expected * value for value in before]
    enough = min(len(scaled), len(after)) > 1
    spread = sqrt(_variance_of_mean(scaled) + _variance_of_mean(after)) if enough else 0.0
    margin = MARGIN if enough else MARGIN_ALONE
    return _direction(_mean(scaled), _mean(after), margin, _deviations(scaled, after) * spread)


def _direction(first: float, second: float, margin: float, spread: float) -> int:
    difference = abs(second - first)
    if difference <= spread or difference <= margin * min(abs(first), abs(second)):
        return 0
    return 1 if second > first else -1


def _deviations(first: Sequence[float], second: Sequence[float]) -> float:
    apart = max(first) < min(second) or max(second) < min(first)
    return DEVIATIONS_APART if apart and min(len(first), len(second)) >= 4 else DEVIATIONS


def _dispersion(*sides: Counts) -> float:
    """Variance of the windows' counts relative to their mean: 1 for single, independent events.

    Less than that is never assumed, and nothing else can be where a side has one window only.
    """
    squares, free = 0.0, 0
    for windows in sides:
        total, seconds = (sum(part) for part in zip(*windows, strict=True))
        if total <= 0 or seconds <= 0:
            continue
        for events, length in windows:
            mean = total * length / seconds
            squares += (events - mean) ** 2 / mean
        free += len(windows) - 1
    return max(1.0, squares / free) if free else 1.0


def _seconds(windows: Counts) -> float:
    return sum(seconds for _, seconds in windows)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _variance_of_mean(values: Sequence[float]) -> float:
    mean, count = _mean(values), len(values)
    return sum((value - mean) ** 2 for value in values) / (count - 1) / count
