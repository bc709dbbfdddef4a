"""Comparisons, with an honest Unknown where two things cannot be compared."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from advisor.expression.values import Unknown, describe, is_number

_NUMBERS = (int, float)
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_COMPARABLE = (bool, str, tuple)


def compare_two(op: type[ast.cmpop], a: Any, b: Any) -> Any:
    """True, False or Unknown for `a op b`."""
    if type(a) in _NUMBERS and type(b) in _NUMBERS and op in _ORDER:
        return _ORDER[op](a, b)
    if type(a) is Unknown:
        return a
    if type(b) is Unknown:
        return b
    if op in (ast.In, ast.NotIn):
        return _contains(a, b, op is ast.In)
    if type(a) is list:
        a = tuple(a)
    if type(b) is list:
        b = tuple(b)
    numeric = is_number(a) and is_number(b)
    if op is ast.Eq or op is ast.NotEq:
        if not numeric and (type(a) is not type(b) or type(a) not in _COMPARABLE):
            return Unknown("", f"{describe(a)} cannot be compared with {describe(b)}")
        return (a == b) is (op is ast.Eq)
    if not numeric and not (type(a) is tuple and type(b) is tuple):
        return Unknown("", f"{describe(a)} cannot be ordered with {describe(b)}")
    try:
        return _ORDER[op](a, b)
    except TypeError:
        return Unknown("", f"{describe(a)} cannot be ordered with {describe(b)}")


def _contains(item: Any, container: Any, wanted: bool) -> Any:
    if isinstance(container, str):
        if not isinstance(item, str):
            return Unknown("", f"expected text, found {describe(item)}")
    elif not isinstance(container, (tuple, list, dict)):
        return Unknown("", f"{describe(container)} holds nothing to look for")
    elif isinstance(container, dict):
        if type(item) not in (str, int):
            return Unknown("", f"cannot look for {describe(item)} in a group of facts")
        item = str(item)
    return (item in container) is wanted


def truth(value: Any) -> Any:
    """True, False or Unknown: numbers and text are not conditions."""
    if type(value) is bool or type(value) is Unknown:
        return value
    return Unknown("", f"expected true or false, found {describe(value)}")
