"""What changes did: the figures of windows before them and after them, compared.

A figure is better or worse only if it is so

- beyond the noise that its windows show, and by enough to matter (`significance`),
- per second, and per octet and connection that the host carried as well: twice the traffic has
  twice the drops, and is no fault of the change,
- and not only because the host was much busier (or idler), which changes most figures by more than
  their share. Then the figure is the same, with a note.

A rule is worse if one of its figures is and none is better, and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf

from advisor.engine.measure import Key, Reading, Window
from advisor.engine.significance import MARGIN, events_changed, levels_changed
from advisor.model.receipt import ALWAYS, Effect, Figure, Outcome

SETTLING_S = 3.0
"""To wait between the last change and the first window after it: rings are allocated anew, links
negotiate, and what was lost meanwhile is sent again."""

LOAD_FACTOR = 1.5
"""A host that carries so many times as much is not comparable for what gets more with load."""

GUARD_MARGIN = 0.5
"""What is watched in any case has to get worse by so much: no rule has promised to improve it."""

TRAFFIC = "traffic that IP carried"
CONNECTIONS = "connections opened and accepted"

_MOST_WINDOWS, _SHORTEST_S = 6, 1.0
_FEWEST_CONNECTIONS, _FEWEST_OCTETS = 100, 100_000  # Fewer say nothing about how busy a host is.

Pair = tuple[float, float]
"""Something before and after."""


def windows(seconds: float) -> tuple[int, float]:
    """How to observe for so long: in how many windows, of how many seconds each.

    Several windows in a row tell how much the figures vary by themselves.
    """
    count = max(1, min(_MOST_WINDOWS, int(seconds / _SHORTEST_S)))
    return count, seconds / count


def compare(before: Sequence[Window], after: Sequence[Window]) -> Outcome:
    """What became of the figures.

    Args:
        before: The windows before the changes, at least one.
        after: The windows after them, at least one.

    Returns:
        The figures that could be read in every window: those of rules, what is watched in any
        case, and last how busy the host was.
    """
    load = _Load(before, after)
    keys = [
        key
        for key in before[0].readings
        if all(key in window.readings for window in (*before, *after))
    ]
    figures = [_figure(key, before, after, load) for key in keys]
    return Outcome(min(load.seconds), (*figures, *load.figures()))


def verdicts(outcome: Outcome) -> dict[str, Effect]:
    """Each rule that has figures, and `ALWAYS`, with what became of them."""
    effects: dict[str, set[Effect]] = {}
    for figure in outcome.figures:
        effects.setdefault(figure.rule, set()).add(figure.effect)
    return {rule: _verdict(found) for rule, found in effects.items()}


def overall(outcome: Outcome) -> Effect:
    """Worse if any rule is, or what is watched in any case; else better if any rule is."""
    found = verdicts(outcome)
    if Effect.WORSE in found.values():
        return Effect.WORSE
    return _verdict({effect for rule, effect in found.items() if rule != ALWAYS})


def _verdict(effects: Iterable[Effect]) -> Effect:
    told = {*effects} - {Effect.SAME}
    return told.pop() if len(told) == 1 else Effect.SAME


class _Load:
    """How long was looked, and how busy the host was: each before and after."""

    def __init__(self, before: Sequence[Window], after: Sequence[Window]) -> None:
        self.seconds = (_sum(w.seconds for w in before), _sum(w.seconds for w in after))
        self.octets = _known([w.octets for w in before], [w.octets for w in after])
        self.connections = _known([w.connections for w in before], [w.connections for w in after])
        measures = ((self.octets, _FEWEST_OCTETS), (self.connections, _FEWEST_CONNECTIONS))
        self.longer = self.seconds[1] / self.seconds[0]
        self.busier = [
            (pair[1] / pair[0] if pair[0] else inf) / self.longer
            for pair, fewest in measures
            if pair is not None and max(pair) >= fewest
        ]

    def figures(self) -> Iterator[Figure]:
        """The load itself, which is neither better nor worse."""
        shown = ((TRAFFIC, "bitrate", self.octets, 8), (CONNECTIONS, "rate", self.connections, 1))
        for label, unit, pair, factor in shown:
            if pair is not None:
                first, second = (
                    factor * value / seconds
                    for value, seconds in zip(pair, self.seconds, strict=True)
                )
                yield Figure(ALWAYS, label, unit, first, second, Effect.SAME)


def _figure(key: Key, before: Sequence[Window], after: Sequence[Window], load: _Load) -> Figure:
    rule, target, label = key
    kind = before[0].readings[key]
    first, second = (
        _value([window.readings[key] for window in side], seconds)
        for side, seconds in zip((before, after), load.seconds, strict=True)
    )
    direction, note = 0, None
    if abs(second - first) >= kind.floor:
        direction, *loaded = _directions(key, before, after, load)
        note = _excuse(direction, loaded, load)
    effect = Effect.SAME
    if direction and note is None:
        wanted = 1 if kind.better == "higher" else -1
        effect = Effect.BETTER if direction == wanted else Effect.WORSE
    unit = "percent" if kind.per is not None else kind.unit
    return Figure(rule, label, unit, first, second, effect, target, note)


def _excuse(direction: int, loaded: Sequence[int], load: _Load) -> str | None:
    """Why a figure that rose (1) or fell (-1) says nothing; None where it does."""
    if direction and any(each != direction for each in loaded):
        return "no more than the load explains"
    if direction > 0 and max(load.busier, default=1.0) > LOAD_FACTOR:
        return "not comparable: the host was much busier after"
    if direction < 0 and min(load.busier, default=1.0) < 1 / LOAD_FACTOR:
        return "not comparable: the host was much less busy after"
    return None


def _directions(
    key: Key, before: Sequence[Window], after: Sequence[Window], load: _Load
) -> list[int]:
    """Whether a figure rose (1) or fell (-1): as it is first, then by each measure of the load."""
    first = [window.readings[key] for window in before]
    second = [window.readings[key] for window in after]
    expected = [1.0, *(ratio for ratio in load.busier if 0 < ratio < inf)]
    if not first[0].events:
        values = [each.value for each in first], [each.value for each in second]
        return [levels_changed(*values, ratio) for ratio in expected]
    counts = _counts(first, before), _counts(second, after)
    margin = GUARD_MARGIN if key[0] == ALWAYS else MARGIN
    if first[0].per is not None:
        of = _sum(each.per or 0 for each in first), _sum(each.per or 0 for each in second)
        return [events_changed(*counts, of[1] / of[0], margin)] if all(of) else [0]
    return [events_changed(*counts, ratio * load.longer, margin) for ratio in expected]


def _counts(readings: Sequence[Reading], of: Sequence[Window]) -> list[tuple[float, float]]:
    return [(each.value, window.seconds) for each, window in zip(readings, of, strict=True)]


def _value(readings: Sequence[Reading], seconds: float) -> float:
    """A figure's value over all the windows of a side."""
    total = _sum(reading.value for reading in readings)
    if not readings[0].events:
        return total / len(readings)
    if readings[0].per is None:
        return total / seconds
    of = _sum(reading.per or 0 for reading in readings)
    return total / of if of else 0.0


def _known(before: Sequence[float | None], after: Sequence[float | None]) -> Pair | None:
    """The sums, None if any part is not known."""
    if None in before or None in after:
        return None
    return _sum(value or 0 for value in before), _sum(value or 0 for value in after)


def _sum(values: Iterable[float]) -> float:
    return float(sum(values))
