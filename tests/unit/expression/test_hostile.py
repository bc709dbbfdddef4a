"""Expressions that try to reach, or to wear out, more than the facts they are given."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from advisor.expression import ExpressionError, Unknown, parse
from advisor.expression.language import MAX_LENGTH
from advisor.model.system import Kernel
from advisor.model.unavailable import Unavailable
from tests.unit.expression.frames import frame_of

SECONDS = 2.0
FACTS: dict[str, Any] = {
    "kernel": Kernel("6.1.0", (6, 1, 0), "x86_64", Unavailable("not read"), 4096),
    "nics": {"eth0": {"mtu": 1500}},
    "name": "eth0",
    "numbers": (1, 2, 3),
    "number": 10**9,
    "flag": True,
}

REFUSED = [
    "().__class__",
    "[].__class__.__base__.__subclasses__()",
    "''.join(name)",
    "'{0.__class__}'.format(nics)",
    "'%s' % name",
    "'%1000000000d' % 1",
    "'a' * 10**9",
    "'a' * 1000000000",
    "9**9**9",
    "1 << 1000000000",
    "f'{kernel}'",
    "f'{9**9**9}'",
    "(x := 5)",
    "any((y := x) for x in numbers)",
    "lambda: 1",
    "(lambda: 1)()",
    "[x for x in numbers]",
    "{x for x in numbers}",
    "{x: x for x in numbers}",
    "(x for x in numbers)",
    "(x for x in numbers).gi_frame",
    "any(any(y for y in numbers) for x in numbers)",
    "any(x for x in numbers for y in numbers)",
    "any(x for x in (y for y in numbers))",
    "any([y for y in numbers] for x in numbers)",
    "sum(sum(sum(z for z in y) for y in x) for x in numbers)",
    "any(x async for x in numbers)",
    "any(x for x in nics.values())",
    "any(x for x in nics.items())",
    "any(x for x in 'text')",
    "any(x for nics.x in numbers)",
    "any(x for *x, in numbers)",
    "nics.get('eth0')",
    "nics.__getitem__('eth0')",
    "nics.pop('eth0')",
    "name.encode()",
    "__import__('os')",
    "__import__('os').system('id')",
    "open('/etc/passwd')",
    "eval('1')",
    "exec('1')",
    "getattr(kernel, 'release')",
    "globals()",
    "min(*numbers)",
    "min(**nics)",
    "min(1, key=2)",
    "min(numbers, default=1)",
    "numbers[0:2]",
    "numbers[::1]",
    "numbers[...]",
    "nics[*numbers]",
    "await name",
    "(yield)",
    "(yield from numbers)",
    "...",
    "None",
    "b'bytes'",
    "1j",
    "not-an-operator!",
    "import os",
    "name = 1",
    "name; name",
    "del nics",
    "assert 0",
    "1 if 2",
    "nics['eth0'",
    "0o9",
    "name == '\\d'",
    "1if flag else 2",
    "1_",
    "a\0b",
    "\0",
    "'\ud800'",
    "1e309",
    "9" * 300,
    "18446744073709551617",
    "a" * (MAX_LENGTH + 1),
    "1" * 100_000,
    "(" * 10_000 + ")" * 10_000,
    "(" * 200 + "1" + ")" * 199,
    "[" * 150 + "]" * 150,
    "-" * 300 + "1",
    "not " * 90 + "flag",
    "1" + "+1" * 150,
    "name" + ".x" * 150,
    "numbers" + "[0]" * 120,
    "min(" * 60 + "1" + ")" * 60,
    "1 if 0 else " * 32 + "2",
    "ехит(1)",
    "name \N{GREEK QUESTION MARK} name",
    "\N{LEFT SINGLE QUOTATION MARK}name\N{RIGHT SINGLE QUOTATION MARK}",
    "1 \N{MINUS SIGN} 1",
]

WITHOUT_ANSWER = [
    "kernel.__class__",
    "kernel.__class__.__mro__",
    "kernel.__dict__",
    "kernel.__slots__",
    "kernel.__dataclass_fields__",
    "kernel['__class__']",
    "kernel.__init__.__globals__",
    "kernel.version.__class__",
    "kernel.version.count",
    "kernel.hz.reason",
    "nics.__class__",
    "nics.__class__.__mro__",
    "nics.keys",
    "nics.values",
    "nics['__class__']",
    "nics.eth0.__class__",
    "name.__class__",
    "name.upper",
    "name[0]",
    "numbers.append",
    "number.real",
    "number.__add__",
    "flag.numerator",
    "x.__dict__",
    "__builtins__",
    "__name__",
    "min.__self__",
    "min.__class__",
    "KiB.__class__",
    "KiB.real",
    "name * number",
    "name % numbers",
    "numbers * number",
    "numbers + numbers",
    "any(x.__class__ for x in nics)",
    "any(x.__class__ == x for x in numbers)",
    "any(x for x in name)",
    "any(x for x in kernel)",
    "any(x for x in nics.values)",
    "n\N{CYRILLIC SMALL LETTER BYELORUSSIAN-UKRAINIAN I}cs",
    "kern\N{CYRILLIC SMALL LETTER IE}l.release",
]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text[:40]))
def test_what_is_not_in_the_language_is_refused_at_a_place_in_the_text(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert 0 <= raised.value.column <= len(text)
    assert raised.value.message
    assert time.perf_counter() - start < SECONDS


@pytest.mark.parametrize("text", WITHOUT_ANSWER, ids=ascii)
def test_nothing_but_facts_can_be_looked_up(text: str) -> None:
    assert isinstance(parse(text).evaluate(frame_of(FACTS)), Unknown)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("a + 9**9", 4),
        ("   a + 9**9", 7),
        ("'é' == 9**9", 7),
        ("'\N{GRINNING FACE}' == 9**9", 7),
        ("(a +\n  9**9)", 7),
        ("(a >\r\n  'é' == 9**9)", 15),
        ("a +", 3),
        ("  a b", 4),
        ("\n\n (a", 3),
        ("nics['é'].mtu.x()", 0),
        ("any(x ** 2 for x in nics)", 4),
        ("min(a, b=1)", 0),
    ],
)
def test_an_error_points_at_the_character_that_it_is_about(text: str, column: int) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert raised.value.column == column


def test_a_loop_over_a_million_elements_gives_up() -> None:
    frame = frame_of({"numbers": list(range(10**6))})
    start = time.perf_counter()
    value = parse("min(x for x in numbers)").evaluate(frame)
    assert value == Unknown("numbers", "too many elements to go through")
    assert time.perf_counter() - start < SECONDS


def test_all_loops_of_a_frame_share_one_budget() -> None:
    frame = frame_of({"numbers": tuple(range(10))})
    frame.budget = 15
    assert parse("sum(x for x in numbers)").evaluate(frame) == 45
    assert isinstance(parse("sum(x for x in numbers)").evaluate(frame), Unknown)


def test_an_expression_that_was_refused_stays_refused() -> None:
    for _ in range(2):
        with pytest.raises(ExpressionError):
            parse("__import__('os')")


def test_no_module_of_the_language_runs_text_as_code() -> None:
    import advisor.expression

    names = ("eval(", "exec(", "compile(", "getattr(", "__import__")
    for module in Path(advisor.expression.__file__).parent.glob("*.py"):
        text = module.read_text("utf-8").replace("re.compile(", "").replace("ast.parse(", "")
        # The one `getattr` reads a declared field of a record.
        text = text.replace("return getattr(value, key)", "")
        assert not [name for name in names if name in text], module.name
