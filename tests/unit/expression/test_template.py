"""Messages with expressions in them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.expression import ExpressionError
from advisor.expression.template import parse_template
from advisor.model.unavailable import Unavailable
from advisor.units import FORMATS
from tests.unit.expression.frames import frame_of

FACTS: dict[str, Any] = {
    "actual": 6291456,
    "share": 0.125,
    "name": "eth0",
    "up": True,
    "rmem": (4096, 131072, 6291456),
    "nics": {"a:b": {"mtu": 1500}},
    "hidden": Unavailable("no permission"),
    "huge": 10**400,
    "drops": 30,
}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ""),
        ("no expression", "no expression"),
        ("{actual}", "6291456"),
        ("{actual:bytes} is too much", "6 MiB is too much"),
        ("{actual / 2:bytes}/{share:percent}", "3 MiB/12.5 %"),
        ("{ actual }", "6291456"),
        ("{name} is {up}", "eth0 is yes"),
        ("{name:bytes}", "eth0"),
        ("{rmem}", "4096 131072 6291456"),
        ("{rmem:bytes}", "4 KiB 128 KiB 6 MiB"),
        ("{nics['a:b'].mtu:count}", "1500"),
        ("{hidden:bytes} of {nothing}", "? of ?"),
        ("{1 / 0}", "?"),
        ("{rate(drops):rate}", "2/s"),
        ("{max(rmem) if up else 0:bytes}", "6 MiB"),
        ("{{literal}} {{{name}}}", "{literal} {eth0}"),
        ("{huge:bytes}", str(10**400)),
        ("größer als {share} µ", "größer als 0.12 µ"),
    ],
)
def test_a_message_shows_the_values_of_its_expressions(text: str, message: str) -> None:
    assert parse_template(text).render(frame_of(FACTS, {"drops": 10}, 10.0)) == message


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("a { b", 2, "unbalanced '{'"),
        ("a } b", 2, "unbalanced '}'"),
        ("{a{b}}", 0, "unbalanced '{'"),
        ("{a}}", 3, "unbalanced '}'"),
        ("{}", 1, "not an expression"),
        ("{:bytes}", 1, "not an expression"),
        ("x {actual:furlongs}", 10, "there is no unit 'furlongs'"),
        ("x {actual:}", 10, "there is no unit ''"),
        ("x {actual:MB}", 10, "there is no unit 'MB'"),
        ("x {9**9}", 3, "'**' is not allowed"),
        ("x { name.x()}", 4, "only the listed functions"),
        ("x {name!r}", 7, "not an expression"),
        ("x {name:>10}", 7, "not an expression"),
        ("{__import__('os').system('id')}", 1, "only the listed functions"),
    ],
)
def test_a_message_that_cannot_be_rendered_is_refused(text: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse_template(text)
    assert message in raised.value.message
    assert raised.value.column == column


def test_an_unknown_unit_comes_with_the_known_ones() -> None:
    with pytest.raises(ExpressionError) as raised:
        parse_template("{actual:mib}")
    assert raised.value.hint is not None
    assert all(unit in raised.value.hint for unit in FORMATS)


@given(st.text(max_size=40) | st.text("{}:ab 1.[]'\"()", max_size=20))
def test_any_text_renders_or_is_refused(text: str) -> None:
    try:
        template = parse_template(text)
    except ExpressionError as error:
        assert 0 <= error.column <= len(text)
    else:
        assert isinstance(template.render(frame_of(FACTS)), str)


@given(st.text(st.characters(exclude_characters="{}")))
def test_text_without_braces_is_rendered_as_it_is(text: str) -> None:
    assert parse_template(text).render(frame_of({})) == text
