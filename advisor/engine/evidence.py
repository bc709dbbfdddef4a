"""Turns what an evaluation looked at into the evidence of a finding."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

from advisor.engine.frames import View
from advisor.expression import Frame, Unknown, parse
from advisor.expression.values import Path, text
from advisor.model.finding import Evidence
from advisor.model.rule import Shown
from advisor.units import format_value

MOST = 14
"""More lines than this are noise."""

_WORD = re.compile(r"\w+")
_FACT = re.compile(r"""(rate|delta)?\(?[a-z_][\w.]*(\["[^"]*"\]|\[\d+\]|\.\w+)*\)?""")
_GROWTH = frozenset({"rate", "delta"})


def counted(let: Mapping[str, str]) -> frozenset[str]:
    """The names of a rule's `let` that are computed from the growth of counters."""
    return using(let, _GROWTH)


def using(let: Mapping[str, str], names: Set[str]) -> frozenset[str]:
    """These names, and those of a rule's `let` that are computed from them."""
    found = {*names}
    for name, expression in let.items():
        if uses(expression, found):
            found.add(name)
    return frozenset(found)


def uses(expression: str, names: Set[str]) -> bool:
    """Whether an expression uses one of these names."""
    return not names.isdisjoint(_WORD.findall(expression))


def said_elsewhere(let: Mapping[str, str], shown: Sequence[Shown]) -> frozenset[str]:
    """What would only repeat other evidence.

    That is: what the rule shows anyway, maybe under a label, and the names of its `let` that stand
    for such a thing, or for a single fact that is evidence under its own name.
    """
    told = {item.value for item in shown}
    return frozenset(
        told | {name for name, text in let.items() if text in told or _FACT.fullmatch(text)}
    )


def from_shown(
    shown: Shown, view: View, frame: Frame, growth: frozenset[str] = _GROWTH
) -> Evidence | None:
    """The evidence that a rule asks to show; None when it is not known.

    Args:
        shown: What to show.
        view: The host.
        frame: The names that it can use.
        growth: Names that stand for the growth of counters: `counted`.
    """
    trace, frame.trace = frame.trace, {}
    try:
        value = parse(shown.value).evaluate(frame)
        seen = frame.trace
    finally:
        frame.trace = trace
    if isinstance(value, (Unknown, dict)):
        return None
    bases = [view.basis(function, path) for function, path in seen]
    basis = next((basis for basis in bases if basis != "now"), "now")
    if uses(shown.value, growth):
        basis = view.basis("rate", ())
    unit = shown.unit or ("rate" if shown.value.startswith("rate(") else "")
    return Evidence(shown.label or shown.value, value, format_value(value, unit), basis)


def from_trace(
    trace: dict[tuple[str, Path], Any],
    view: View,
    growth: frozenset[str] = _GROWTH,
    shown: frozenset[str] = frozenset(),
    judged: tuple[str, Path] = ("", ()),
) -> list[Evidence]:
    """The facts that an evaluation used, in the order it used them.

    Args:
        trace: The facts.
        view: The host.
        growth: Names that stand for the growth of counters: `counted`.
        shown: What the rule shows anyway, maybe under a label; it is left out.
        judged: Name and place of the thing that is judged: a rule that shows `nic.mtu` need not
            show `nics.eth0.mtu`, too.
    """
    found = []
    for (function, path), value in trace.items():
        if isinstance(value, (Unknown, dict)) or function == "exists" or not path:
            continue
        if hasattr(type(value), "__dataclass_fields__") or len(str(value)) > 120:
            continue
        name = _called(function, path)
        own_name, place = judged
        if place and path[: len(place)] == place:
            alias = _called(function, (own_name, *path[len(place) :]))
        else:
            alias = name
        if name in shown or alias in shown:
            continue
        unit = "rate" if function == "rate" else ""
        basis = view.basis("rate" if path[0] in growth else function, path)
        shown_as = (
            ".".join(str(number) for number in value)
            if path == ("kernel", "version")
            else format_value(value, unit)
        )
        found.append(Evidence(name, value, shown_as, basis))
    return found


def _called(function: str, path: Path) -> str:
    return f"{function}({text(path)})" if function else text(path)


def combine(*groups: list[Evidence]) -> tuple[Evidence, ...]:
    """The groups in order, each fact once."""
    unique: dict[str, Evidence] = {}
    for group in groups:
        for item in group:
            unique.setdefault(item.fact, item)
    return tuple(unique.values())[:MOST]
