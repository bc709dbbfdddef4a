"""What holds for every expression, whatever the facts."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.expression import Expression, ExpressionError, Unknown, parse
from advisor.expression.language import MAX_LENGTH
from advisor.expression.values import Path, text
from advisor.model.unavailable import Unavailable
from tests.unit.expression import strategies
from tests.unit.expression.frames import frame_of

_MONOTONE = ("rate", "delta", "exists")
"""Without known(), which asks for exactly what the others must not depend on."""

_TOKENS = (
    *("a", "b", "min", "any", "rate", "exists", "None", "True", "__class__", "1", "2.5", "'x'"),
    *(".", "(", ")", "[", "]", "{", "}", ",", ":", ":=", "=", "==", "<", "-", "*", "**", "/", "%"),
    *("for", "in", "if", "else", "not", "and", "or", "lambda", "yield", "await", "async"),
    *("f'", '"', "#", "\\", "\n", "é"),
)

PLAIN = (bool, int, float, str, tuple, list, dict)

# A part of the language in which Python itself says what is right.
NUMBERS: dict[str, Any] = {"i": 7, "j": -3, "f": 2.5, "zero": 0}
_orders = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
_leaves = st.sampled_from([*NUMBERS, "0", "1", "4", "0.5", "100"])
_numeric = st.recursive(
    _leaves,
    lambda part: st.one_of(
        st.builds(
            "({} {} {})".format, part, st.sampled_from(["+", "-", "*", "/", "//", "%"]), part
        ),
        st.builds("(-{})".format, part),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), part, part),
        st.builds("abs({})".format, part),
        st.builds("round({})".format, part),
    ),
    max_leaves=8,
)
_compared = st.builds(
    "({} {} {} {} {})".format,
    _numeric,
    _orders,
    _numeric,
    _orders,
    _numeric,
)
_logical = st.recursive(
    _compared | st.sampled_from(["True", "False"]),
    lambda part: st.one_of(
        st.builds("({} {} {})".format, part, st.sampled_from(["and", "or"]), part),
        st.builds("(not {})".format, part),
        st.builds("({} if {} else {})".format, part, part, part),
    ),
    max_leaves=4,
)


@given(_numeric | _logical)
def test_arithmetic_and_logic_agree_with_python(source: str) -> None:
    assume(len(source) <= MAX_LENGTH)
    try:
        wanted = eval(
            source,
            {"__builtins__": {}, "min": min, "max": max, "abs": abs, "round": round},
            NUMBERS,
        )
    except ZeroDivisionError:
        wanted = None
    value = parse(source).evaluate(frame_of(NUMBERS))
    if wanted is None:
        # Three-valued logic may still decide where Python gives up.
        assert value == Unknown("", "division by zero") or isinstance(value, bool)
    else:
        assert value == wanted
        assert type(value) is type(wanted)


@given(
    st.text(max_size=MAX_LENGTH + 5)
    | st.text("abcx ().[]{}'\"+-*/%<>=!,:@&|^~\\\n\t\0 0123456789_forinotelsand", max_size=60)
    | st.lists(st.sampled_from(_TOKENS)).map(" ".join)
)
def test_text_is_an_expression_or_an_expression_error(source: str) -> None:
    try:
        parse(source)
    except ExpressionError as error:
        assert 0 <= error.column <= len(source)


@given(strategies.expressions(), strategies.facts, strategies.facts | st.none(), st.floats())
def test_evaluation_gives_plain_data_or_unknown_and_changes_nothing(
    source: str, facts: dict[str, Any], before: dict[str, Any] | None, seconds: float
) -> None:
    expression = _parsed(source)
    untouched = copy.deepcopy((facts, before))
    frame = frame_of(facts, before, seconds)
    names = dict(frame.names)
    value = expression.evaluate(frame)
    again = expression.evaluate(frame_of(facts, before, seconds))
    assert isinstance(value, (*PLAIN, Unknown)) or hasattr(value, "__dataclass_fields__")
    assert not isinstance(value, Unavailable)
    assert repr(value) == repr(again)
    assert repr((facts, before)) == repr(untouched)
    assert frame.names == names
    assert frame.trace is not None
    assert all(path for _, path in frame.trace)


@given(
    strategies.expressions(*_MONOTONE), strategies.facts, strategies.facts | st.none(), st.data()
)
def test_knowing_less_never_changes_an_answer_but_only_takes_it_away(
    source: str, facts: dict[str, Any], before: dict[str, Any] | None, data: st.DataObject
) -> None:
    expression = _parsed(source)
    hidden = data.draw(st.sampled_from(sorted(_places(facts), key=repr)))
    value = expression.evaluate(frame_of(facts, before, 10.0))
    less = expression.evaluate(frame_of(_without(facts, hidden), before, 10.0))
    if not isinstance(less, Unknown) and not isinstance(less, (dict, tuple, list)):
        assert repr(less) == repr(value)


@given(_logical, st.sets(st.sampled_from(sorted(NUMBERS)), min_size=1))
def test_hiding_numbers_from_a_condition_leaves_it_as_it_was_or_unknown(
    source: str, hidden: set[str]
) -> None:
    assume(len(source) <= MAX_LENGTH)
    value = parse(source).evaluate(frame_of(NUMBERS))
    facts = NUMBERS | dict.fromkeys(hidden, Unavailable("hidden"))
    less = parse(source).evaluate(frame_of(facts))
    assert less is value or isinstance(less, Unknown)


@given(
    st.sampled_from(["nics", "sysctl", "a_1"]),
    st.lists(st.text(max_size=12) | st.integers(-99, 99), max_size=5),
)
def test_the_text_of_a_path_is_an_expression_for_what_stands_there(
    root: str, keys: list[str | int]
) -> None:
    path: Path = (root, *keys)
    assume(len(text(path)) <= MAX_LENGTH)
    facts: Any = 42
    for key in reversed(path):
        facts = {str(key): facts}
    frame = frame_of(facts)
    assert parse(text(path)).evaluate(frame) == 42
    assert frame.trace == {("", path): 42}


@given(st.text(max_size=30))
def test_a_name_in_a_path_cannot_disturb_a_terminal_or_a_line(name: str) -> None:
    assert text(("nics", name)).isprintable()


def _parsed(source: str) -> Expression:
    try:
        return parse(source)
    except ExpressionError:
        assume(False)
        raise


def _places(facts: dict[str, Any]) -> list[tuple[str, ...]]:
    """Every place of a dictionary of dictionaries."""
    places = []
    for key, value in facts.items():
        places.append((key,))
        if isinstance(value, dict):
            places += [(key, *place) for place in _places(value)]
    return places


def _without(facts: dict[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    key, *rest = place
    value = _without(facts[key], tuple(rest)) if rest else Unavailable("hidden")
    return {**facts, key: value}
