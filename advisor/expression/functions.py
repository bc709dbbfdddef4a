"""The closed list of functions that expressions may call."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from advisor.expression.values import Unknown, compute, describe, is_number

CONSTANTS: dict[str, int | bool] = {
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
    "true": True,
    "false": False,
}
"""Names that stand for the same value everywhere."""


def numbers(values: Iterable[Any]) -> list[Any] | Unknown:
    """The values as a list of numbers, or the first reason why they are not."""
    result = list(values)
    for value in result:
        if type(value) is Unknown:
            return value
        if not is_number(value):
            return Unknown("", f"expected a number, found {describe(value)}")
    return result


def _on_numbers(function: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        checked = numbers(values)
        return checked if isinstance(checked, Unknown) else compute(function, checked)

    return call


def _extreme(choose: Callable[[list[Any]], Any]) -> Callable[..., Any]:
    def call(*values: Any) -> Any:
        items = values[0] if len(values) == 1 and isinstance(values[0], (list, tuple)) else values
        checked = numbers(items)
        if isinstance(checked, Unknown):
            return checked
        return compute(choose, checked) if checked else Unknown("", "there is nothing to compare")

    return call


def _median(values: list[Any]) -> Any:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _sum(*values: Any) -> Any:
    items = values[0] if len(values) == 1 and isinstance(values[0], (list, tuple)) else values
    checked = numbers(items)
    return checked if isinstance(checked, Unknown) else compute(sum, checked)


def _len(value: Any) -> Any:
    if type(value) is Unknown:
        return value
    if isinstance(value, (str, tuple, list, dict)):
        return len(value)
    return Unknown("", f"{describe(value)} has no length")


def _starts_with(value: Any, prefix: Any) -> Any:
    for part in (value, prefix):
        if type(part) is Unknown:
            return part
        if not isinstance(part, str):
            return Unknown("", f"expected text, found {describe(part)}")
    return value.startswith(prefix)


def _next_pow2(values: list[Any]) -> int:
    value = values[0]
    if not 0 <= value <= 2**62:
        raise ValueError("next_pow2 takes 0 to 2**62")
    result: int = 1 << max(0, math.ceil(value) - 1).bit_length()
    return result


def _floor_pow2(values: list[Any]) -> int:
    value = values[0]
    if not 1 <= value <= 2**62:
        raise ValueError("floor_pow2 takes 1 to 2**62")
    result: int = 1 << (math.floor(value).bit_length() - 1)
    return result


def _count(values: Any) -> Any:
    """True elements of a generator; an undecided element leaves the count undecided."""
    total = 0
    for value in values:
        if type(value) is Unknown:
            return value
        if type(value) is not bool:
            return Unknown("", f"expected true or false, found {describe(value)}")
        total += value
    return total


def _decide(values: Any, decisive: bool) -> Any:
    undecided: Unknown | None = None
    for value in values:
        if value is decisive:
            return decisive
        if type(value) is Unknown:
            undecided = undecided or value
        elif type(value) is not bool:
            undecided = undecided or Unknown("", f"expected true or false, found {describe(value)}")
    return (not decisive) if undecided is None else undecided


def _list(values: Any) -> Any:
    """The elements of a generator as a list of numbers and texts."""
    result = []
    for value in values:
        if type(value) is Unknown:
            return value
        if not isinstance(value, str) and not is_number(value):
            return Unknown("", f"expected a number or text, found {describe(value)}")
        result.append(value)
    return tuple(result)


FUNCTIONS: dict[str, tuple[Callable[..., Any], int, int]] = {
    "min": (_extreme(min), 1, 8),
    "max": (_extreme(max), 1, 8),
    "sum": (_sum, 1, 8),
    "median": (_extreme(_median), 1, 8),
    "clamp": (_on_numbers(lambda v: max(v[1], min(v[0], v[2]))), 3, 3),
    "abs": (_on_numbers(lambda v: abs(v[0])), 1, 1),
    "round": (_on_numbers(lambda v: round(v[0])), 1, 1),
    "ceil": (_on_numbers(lambda v: math.ceil(v[0])), 1, 1),
    "floor": (_on_numbers(lambda v: math.floor(v[0])), 1, 1),
    "log2": (_on_numbers(lambda v: math.log2(v[0])), 1, 1),
    "next_pow2": (_on_numbers(_next_pow2), 1, 1),
    "floor_pow2": (_on_numbers(_floor_pow2), 1, 1),
    "len": (_len, 1, 1),
    "starts_with": (_starts_with, 2, 2),
}
"""Name → (function of evaluated arguments, fewest arguments, most arguments)."""

OVER_GENERATOR: dict[str, Callable[[Any], Any]] = {
    "any": lambda values: _decide(values, True),
    "all": lambda values: _decide(values, False),
    "count": _count,
    "list": _list,
    "min": lambda values: FUNCTIONS["min"][0](list(values)),
    "max": lambda values: FUNCTIONS["max"][0](list(values)),
    "sum": lambda values: _sum(list(values)),
    "median": lambda values: FUNCTIONS["median"][0](list(values)),
}
"""Functions that take `(… for x in …)`."""

OF_PATH = ("rate", "delta", "exists", "known")
"""Functions that take a fact itself, not its value."""
