"""What counts as a change, and what as noise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.engine.significance import events_changed, levels_changed

_EVENTS = st.integers(0, 10**9).map(float)
_SIDES = st.lists(st.tuples(_EVENTS, st.just(5.0)), min_size=1, max_size=6)
_LEVELS = st.lists(st.floats(0, 1e9), min_size=1, max_size=6)
_RATIOS = st.floats(0.1, 10)


def windows(*events: float) -> list[tuple[float, float]]:
    return [(each, 5.0) for each in events]


EVENTS: dict[str, tuple[list[float], list[float], float, int]] = {
    "nothing at all": ([0], [0], 1, 0),
    "the same": ([100], [100], 1, 0),
    "10 % more of many": ([1_000_000], [1_100_000], 1, 0),
    "a quarter more of many": ([1_000_000], [1_250_000], 1, 1),
    "a quarter more of few": ([100], [125], 1, 0),
    "half of many": ([1000], [500], 1, -1),
    "gone": ([17], [0], 1, -1),
    "a few are gone": ([16], [0], 1, 0),
    "new": ([0], [17], 1, 1),
    "twice as many in twice the time": ([1000], [2000], 2, 0),
    "as many in twice the time": ([1000], [1000], 2, -1),
    "none in a time in which hardly any were to be expected": ([1000], [0], 0.01, 0),
    "one in a time in which hardly any were to be expected": ([10], [1], 0.01, 0),
    "steady and gone": ([100, 110, 90, 105, 95, 100], [0] * 6, 1, -1),
    "one burst and gone": ([600, 0, 0, 0, 0, 0], [0] * 6, 1, 0),
    "a first burst": ([0] * 6, [0, 0, 600, 0, 0, 0], 1, 0),
    "a burst, and none, in few windows": ([90, 300, 150], [0] * 3, 1, 0),
    "overlapping bursts": ([90, 300, 150, 40, 220, 400], [60, 0, 0, 50, 0, 0], 1, 0),
    "bursts all the time, and none": ([90, 300, 150, 40, 220, 400], [0] * 6, 1, -1),
}


@pytest.mark.parametrize("name", EVENTS)
def test_events(name: str) -> None:
    before, after, expected, verdict = EVENTS[name]
    assert events_changed(windows(*before), windows(*after), expected) == verdict


LEVELS: dict[str, tuple[list[float], list[float], float, int]] = {
    "the same": ([0.5], [0.5], 1, 0),
    "read once, a third more": ([60], [80], 1, 0),
    "read once, twice as much": ([60], [120], 1, 1),
    "steady, 30 % less": ([100, 101, 99, 100], [70, 71, 69, 70], 1, -1),
    "steady, 10 % less": ([100, 101, 99, 100], [90, 91, 89, 90], 1, 0),
    "restless, 30 % less": ([100, 180, 30, 90], [70, 20, 150, 40], 1, 0),
    "twice as much of twice the load": ([10, 11, 10], [20, 22, 21], 2, 0),
    "as much of twice the load": ([20, 21, 20], [20, 21, 20], 2, -1),
    "from nothing": ([0, 0, 0], [5, 5, 6], 1, 1),
}


@pytest.mark.parametrize("name", LEVELS)
def test_levels(name: str) -> None:
    before, after, expected, verdict = LEVELS[name]
    assert levels_changed(before, after, expected) == verdict


@given(_SIDES)
def test_a_side_does_not_differ_from_itself(side: list[tuple[float, float]]) -> None:
    assert events_changed(side, side, 1) == 0
    assert levels_changed([events for events, _ in side], [events for events, _ in side], 1) == 0


@given(_SIDES, _SIDES)
def test_events_seen_the_other_way_round_changed_the_other_way_round(
    before: list[tuple[float, float]], after: list[tuple[float, float]]
) -> None:
    assert events_changed(before, after, 1) == -events_changed(after, before, 1)


@given(_LEVELS, _LEVELS)
def test_levels_seen_the_other_way_round_changed_the_other_way_round(
    before: list[float], after: list[float]
) -> None:
    assert levels_changed(before, after, 1) == -levels_changed(after, before, 1)


@given(_EVENTS, _EVENTS, _RATIOS, st.integers(1, 50))
def test_looking_longer_never_hides_a_change(
    before: float, after: float, ratio: float, times: int
) -> None:
    found = events_changed(windows(before), windows(after), ratio)
    longer = events_changed(windows(before * times), windows(after * times), ratio)
    assert found == 0 or longer == found


@given(_LEVELS, _LEVELS, st.integers(-20, 20))
def test_the_unit_of_a_level_does_not_matter(
    before: list[float], after: list[float], power: int
) -> None:
    first, second = ([each * 2.0**power for each in side] for side in (before, after))
    assert levels_changed(first, second, 1) == levels_changed(before, after, 1)


@pytest.mark.parametrize("burst", [1, 5, 50])
@pytest.mark.parametrize("mean", [3, 20, 200])
def test_of_figures_that_only_vary_hardly_any_is_taken_for_a_change(burst: int, mean: int) -> None:
    dice = random.Random(burst * 1000 + mean)
    runs = 1000
    alarms = sum(
        events_changed(_random_side(dice, mean, burst), _random_side(dice, mean, burst), 1) != 0
        for _ in range(runs)
    )
    assert alarms <= 0.006 * runs


def test_a_figure_that_is_halved_is_seen_although_it_varies() -> None:
    dice = random.Random(1)
    seen = sum(
        events_changed(_random_side(dice, 400, 5), _random_side(dice, 200, 5), 1) == -1
        for _ in range(200)
    )
    assert seen > 180


def _random_side(dice: random.Random, mean: float, burst: int) -> list[tuple[float, float]]:
    """Six windows with bursts of geometric size at random times."""
    return windows(*(_random_window(dice, mean, burst) for _ in range(6)))


def _random_window(dice: random.Random, mean: float, burst: int) -> int:
    events, time = 0, dice.expovariate(mean / burst)
    while time < 1:
        events += 1 + (int(dice.expovariate(1 / (burst - 1))) if burst > 1 else 0)
        time += dice.expovariate(mean / burst)
    return events
