"""Hypothesis strategies: expressions of the language, and facts to evaluate them over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from advisor.expression.functions import FUNCTIONS, OF_PATH, OVER_GENERATOR
from advisor.expression.language import MAX_LENGTH
from advisor.model.nic import Nic
from advisor.model.nic_settings import Ring
from advisor.model.unavailable import Unavailable

NAMES = ("a", "b", "c", "d")
"""Names that facts have; "x" is the variable of loops and "z" is never defined."""

_KEYS = ("a", "b", "0", "1", "eth0.100", "ring", "rx", "reason")
_STEPS = (
    *(".a", ".b", ".ring", ".rx", ".mtu", ".reason", "['eth0.100']", "['0']", "[0]", "[1]", "[-1]"),
    *("[a]", "[b]", "[x]", "[c.a]", "[2.5]", "[True]", "[(a, b)]"),
)
_LITERALS = ("0", "1", "2.5", "10", "True", "False", "'a'", "'0'", "KiB", "()")
_ARITHMETIC = ("+", "-", "*", "/", "//", "%")
_ORDER = ("==", "!=", "<", "<=", ">", ">=", "in", "not in")

unavailable = st.builds(Unavailable, st.sampled_from(["no permission", ""]), st.booleans())
_records = st.builds(
    lambda mtu, ring: Nic("eth0", 1, "veth", False, True, True, mtu, 0, ring=ring),
    st.integers(),
    unavailable | st.builds(Ring, *[st.integers(0, 4096)] * 4),
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from([10**320, -(10**320), 1e300, 2**64])
    | st.floats()
    | st.sampled_from(["", "a", "eth0.100"])
    | unavailable
    | _records
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4)
    ),
    max_leaves=8,
)
facts: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(dict.fromkeys(NAMES, values))

_DEPTH = 4


def expressions(*of_path: str) -> st.SearchStrategy[str]:
    """Texts made by the language's grammar, with these functions of a fact (all by default)."""
    return _texts(of_path or OF_PATH).filter(lambda text: len(text) <= MAX_LENGTH)


@st.composite
def _texts(draw: st.DrawFn, of_path: tuple[str, ...]) -> str:
    return _Grammar(draw, of_path).expression(_DEPTH, loops=True)


class _Grammar:
    """Writes an expression by drawing one alternative after the other.

    Some of what it writes is refused ("'a' + 1"); the tests skip that.
    """

    def __init__(self, draw: st.DrawFn, of_path: tuple[str, ...]) -> None:
        self.draw = draw
        self.of_path = of_path

    def one_of(self, options: Iterable[str]) -> str:
        return self.draw(st.sampled_from(sorted(options)))

    def expression(self, depth: int, loops: bool) -> str:
        leaves = ["literal", "lookup", "of path"]
        larger = ["arithmetic", "order", "chain", "logic", "not", "minus", "choice", "list", "call"]
        kind = self.one_of(leaves if depth == 0 else [*leaves, *larger, *(["loop"] * loops)])
        if kind == "literal":
            return self.one_of(_LITERALS)
        if kind == "lookup":
            return self.lookup()
        if kind == "of path":
            return f"{self.one_of(self.of_path)}({self.lookup()})"
        if kind == "loop":
            condition = f" if {self.expression(1, False)}" if self.draw(st.booleans()) else ""
            body, over = self.expression(depth - 1, False), self.lookup()
            return f"{self.one_of(OVER_GENERATOR)}({body} for x in {over}{condition})"
        return self.larger(kind, lambda: self.expression(depth - 1, loops))

    def larger(self, kind: str, part: Callable[[], str]) -> str:
        if kind == "call":
            name = self.one_of(FUNCTIONS)
            _, fewest, most = FUNCTIONS[name]
            count = self.draw(st.integers(fewest, min(most, 3)))
            return f"{name}({', '.join(part() for _ in range(count))})"
        forms = {
            "arithmetic": lambda: f"({part()} {self.one_of(_ARITHMETIC)} {part()})",
            "order": lambda: f"({part()} {self.one_of(_ORDER)} {part()})",
            "chain": lambda: f"({part()} < {part()} {self.one_of(_ORDER)} {part()})",
            "logic": lambda: f"({part()} {self.one_of(['and', 'or'])} {part()})",
            "not": lambda: f"(not {part()})",
            "minus": lambda: f"(-{part()})",
            "choice": lambda: f"({part()} if {part()} else {part()})",
            "list": lambda: f"({part()}, {part()})",
        }
        return forms[kind]()

    def lookup(self) -> str:
        text = self.one_of((*NAMES, "x", "z"))
        for _ in range(self.draw(st.integers(0, 3))):
            text += self.one_of(_STEPS)
        return text
