"""Better, same or worse: figures, rules and the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.engine.measure import Key, Reading, Window
from advisor.engine.outcome import compare, overall, verdicts, windows
from advisor.model.receipt import ALWAYS, Effect, Figure, Outcome

BETTER, SAME, WORSE = Effect.BETTER, Effect.SAME, Effect.WORSE
DROPS: Key = ("TST001", "host", "drops")
CPU: Key = ("TST001", "host", "busiest CPU")
OTHER: Key = ("TST002", "eth0", "lost")
RESENT: Key = (ALWAYS, "host", "sent again")
MIB = 1 << 20
OPPOSITE = {BETTER: WORSE, SAME: SAME, WORSE: BETTER}


def events(value: float, better: str = "lower", **keys: float) -> Reading:
    return Reading(value, "rate", better, True, **keys)


def level(value: float, better: str = "lower", unit: str = "percent") -> Reading:
    return Reading(value, unit, better, False)


def window(
    readings: dict[Key, Reading],
    seconds: float = 5.0,
    octets: float | None = 100.0 * MIB,
    connections: float | None = 1000.0,
) -> Window:
    return Window(seconds, octets, connections, readings)


def drops(*counts: float, octets: float = 100.0 * MIB, connections: float = 1000.0) -> list[Window]:
    return [
        window({DROPS: events(count)}, octets=octets, connections=connections) for count in counts
    ]


def only(before: Sequence[Window], after: Sequence[Window], key: Key = DROPS) -> Figure:
    figures = compare(before, after).figures
    (found,) = [each for each in figures if (each.rule, each.target, each.label) == key]
    return found


MANY, FEW = (1000, 1010, 990, 1005), (100, 101, 99, 103)

CASES = {
    "gone": (drops(*MANY), drops(0, 0, 0, 0), BETTER, None),
    "fewer": (drops(*MANY), drops(*FEW), BETTER, None),
    "more": (drops(*FEW), drops(*MANY), WORSE, None),
    "as many": (drops(*MANY), drops(*reversed(MANY)), SAME, None),
    "as many in fewer windows": (drops(*MANY), drops(*MANY[:2]), SAME, None),
    "a bit fewer": (drops(*MANY), drops(900, 910, 905, 890), SAME, None),
    "fewer, of less traffic": (
        drops(*MANY, octets=100 * MIB),
        drops(*(count * 0.7 for count in MANY), octets=70 * MIB),
        SAME,
        "load explains",
    ),
    "more, of more connections": (
        drops(*MANY, connections=1000),
        drops(*(count * 1.4 for count in MANY), connections=1400),
        SAME,
        "load explains",
    ),
    "many more, of a bit more traffic": (
        drops(*FEW),
        drops(*MANY, octets=120 * MIB),
        WORSE,
        None,
    ),
    "many more, of much more traffic": (
        drops(*FEW),
        drops(*MANY, octets=300 * MIB),
        SAME,
        "much busier",
    ),
    "gone, and so is the traffic": (drops(*MANY), drops(0, 0, 0, 0, octets=0), SAME, "less busy"),
    "gone, of much more traffic": (drops(*MANY), drops(0, 0, 0, 0, octets=300 * MIB), BETTER, None),
    "more, of much less traffic": (drops(*FEW), drops(*MANY, octets=10 * MIB), WORSE, None),
    "more, of no traffic at all": (drops(*FEW), drops(*MANY, octets=0), WORSE, None),
    "more, with the first traffic": (drops(*FEW, octets=0), drops(*MANY), SAME, "much busier"),
    "gone, of hardly any traffic before and after": (
        drops(*MANY, octets=5000, connections=3),
        drops(0, 0, 0, 0, octets=900, connections=0),
        BETTER,
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_figure_is_better_same_or_worse(name: str) -> None:
    before, after, effect, note = CASES[name]
    figure = only(before, after)
    assert figure.effect is effect
    assert (note or "") in (figure.note or "")
    assert (figure.note is None) is (note is None)


def side(key: Key, *readings: Reading) -> list[Window]:
    return [window({key: reading}) for reading in readings]


def test_more_is_better_where_the_rule_says_so() -> None:
    few, many = (
        side(DROPS, *(events(count, "higher") for count in counts)) for counts in (FEW, MANY)
    )
    assert only(few, many).effect is BETTER
    assert only(many, few).effect is WORSE


def test_levels_are_the_mean_of_the_windows() -> None:
    before = side(CPU, level(0.9), level(0.92), level(0.88))
    after = side(CPU, level(0.5), level(0.52), level(0.48))
    figure = only(before, after, CPU)
    assert figure.before == pytest.approx(0.9)
    assert figure.after == pytest.approx(0.5)
    assert (figure.unit, figure.effect) == ("percent", BETTER)


def test_events_are_told_per_second() -> None:
    figure = only(drops(*MANY), drops(0, 0, 0, 5))
    assert (figure.before, figure.after, figure.unit) == (4005 / 20, 5 / 20, "rate")


def test_a_difference_that_matters_to_nobody_is_none() -> None:
    before, after = side(CPU, level(0.01)), side(CPU, level(0.04))
    assert only(before, after, CPU).effect is WORSE
    before, after = ([_floored(*each)] for each in (before, after))
    assert only(before, after, CPU).effect is SAME


def _floored(one: Window) -> Window:
    return replace(one, readings={CPU: replace(one.readings[CPU], floor=0.05)})


RETRANSMISSIONS = {
    "as many of as many": ((1000, 1e6), (1000, 1e6), SAME),
    "five times as many of as many": ((1000, 1e6), (5000, 1e6), WORSE),
    "as many of a fifth": ((1000, 1e6), (1000, 2e5), WORSE),
    "40 % more": ((2000, 1e6), (2800, 1e6), SAME),
    "twice as many of hardly any": ((100, 1e6), (200, 1e6), SAME),
    "a fifth": ((5000, 1e6), (1000, 1e6), BETTER),
    "none of none": ((0, 0), (0, 0), SAME),
    "first segments": ((0, 0), (5000, 1e6), SAME),
}


@pytest.mark.parametrize("name", RETRANSMISSIONS)
def test_what_is_watched_in_any_case_is_told_as_a_share(name: str) -> None:
    first, second, effect = RETRANSMISSIONS[name]
    before, after = (
        [window({RESENT: events(count / 4, per=of / 4, floor=0.001)})] * 4
        for count, of in (first, second)
    )
    figure = only(before, after, RESENT)
    assert (figure.effect, figure.unit) == (effect, "percent")


def test_only_what_was_read_in_every_window_is_compared() -> None:
    both = window({DROPS: events(5), CPU: level(0.5)})
    one = window({DROPS: events(5)})
    for before, after in (((both, one), (both,)), ((both,), (one,)), ((one,), (both,))):
        assert {each.label for each in compare(before, after).figures if each.rule != ALWAYS} == {
            "drops"
        }


def test_the_outcome_tells_how_long_and_how_busy() -> None:
    outcome = compare([window({}, 5.0)] * 3, [window({}, 5.0, octets=50.0 * MIB)] * 2)
    assert outcome.seconds == 10.0
    assert [(each.rule, each.unit, each.before, each.after) for each in outcome.figures] == [
        (ALWAYS, "bitrate", 160 * MIB, 80 * MIB),
        (ALWAYS, "rate", 200, 200),
    ]


def test_a_load_that_is_not_known_explains_nothing() -> None:
    before, after = (
        [replace(each, octets=None, connections=None) for each in drops(*counts)]
        for counts in (FEW, MANY)
    )
    assert only(before, after).effect is WORSE
    assert len(compare(before, after).figures) == 1


def outcome(**effects: str) -> Outcome:
    """`rule="+-="`: one figure each that is better, worse or the same."""
    kinds = {"+": BETTER, "-": WORSE, "=": SAME}
    return Outcome(
        30.0,
        tuple(
            Figure(rule, f"{number}", "rate", 1.0, 1.0, kinds[sign])
            for rule, signs in effects.items()
            for number, sign in enumerate(signs)
        ),
    )


VERDICTS = {"": None, "=": SAME, "+": BETTER, "+=": BETTER, "-": WORSE, "-=": WORSE, "+-": SAME}


@pytest.mark.parametrize("signs", VERDICTS)
def test_a_rule_is_what_its_figures_agree_on(signs: str) -> None:
    assert verdicts(outcome(TST001=signs)).get("TST001") is VERDICTS[signs]


OVERALL = [
    (outcome(), SAME),
    (outcome(TST001="+"), BETTER),
    (outcome(TST001="+", TST002="="), BETTER),
    (outcome(TST001="+", TST002="-"), WORSE),
    (outcome(TST001="+", always="-"), WORSE),
    (outcome(TST001="+", always="="), BETTER),
    (outcome(TST001="=", always="+"), SAME),
    (outcome(TST001="+-", always="="), SAME),
]


@pytest.mark.parametrize(("told", "effect"), OVERALL)
def test_the_whole_is_worse_if_anything_is(told: Outcome, effect: Effect) -> None:
    assert overall(told) is effect


def test_its_own_counter_does_not_make_up_for_retransmissions() -> None:
    before = [window({DROPS: events(500), RESENT: events(100, per=1e5, floor=0.001)})] * 4
    after = [window({DROPS: events(0), RESENT: events(900, per=1e5, floor=0.001)})] * 4
    told = compare(before, after)
    assert verdicts(told) == {"TST001": BETTER, ALWAYS: WORSE}
    assert overall(told) is WORSE


_READINGS = st.fixed_dictionaries(
    {
        DROPS: st.builds(events, st.integers(0, 10**6).map(float)),
        CPU: st.builds(level, st.floats(0, 1), st.just("higher")),
        OTHER: st.builds(events, st.integers(0, 10**6).map(float), st.just("higher")),
    }
)
_WINDOWS = st.builds(
    window,
    _READINGS,
    st.just(5.0),
    st.none() | st.integers(0, 10**10).map(float),
    st.none() | st.integers(0, 10**6).map(float),
)
_SIDES = st.lists(_WINDOWS, min_size=1, max_size=6)


def effects(before: list[Window], after: list[Window]) -> dict[str, Effect]:
    return {each.label: each.effect for each in compare(before, after).figures}


@given(_SIDES)
def test_the_same_twice_is_the_same(windows: list[Window]) -> None:
    told = compare(windows, windows)
    assert {each.effect for each in told.figures} == {SAME}
    assert all(each.before == each.after and each.note is None for each in told.figures)


@given(_SIDES, _SIDES)
def test_the_other_way_round_it_is_the_opposite(before: list[Window], after: list[Window]) -> None:
    there, back = effects(before, after), effects(after, before)
    assert back == {label: OPPOSITE[effect] for label, effect in there.items()}


@given(_SIDES, _SIDES)
def test_whatever_was_read_there_is_a_finite_figure_for_it(
    before: list[Window], after: list[Window]
) -> None:
    told = compare(before, after)
    assert {each.label for each in told.figures} >= {"drops", "busiest CPU", "lost"}
    assert all(abs(each.before) < 1e12 and abs(each.after) < 1e12 for each in told.figures)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(30, (6, 5.0)), (6, (6, 1.0)), (3, (3, 1.0)), (1, (1, 1.0)), (0.5, (1, 0.5)), (600, (6, 100))],
)
def test_a_time_is_observed_in_several_windows(seconds: float, expected: tuple[int, float]) -> None:
    assert windows(seconds) == expected
