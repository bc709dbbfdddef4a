"""The types of the model's fields: what the snapshot format and its schema are derived from."""

from __future__ import annotations

import dataclasses
import types
import typing
from functools import cache
from typing import Any

UNAVAILABLE = "unavailable"
"""The key that makes a JSON object an `Unavailable`: {"unavailable": reason}."""

ABSENT = "absent"
"""A key beside it, with true, where the fact is known not to exist."""

INT_MIN = -(2**63)
INT_MAX = 2**64 - 1
"""No kernel interface reports more than 64 bits."""


class SysctlTreeType:
    """Stands for the recursive alias `model.stack.SysctlTree` among resolved types."""


@cache
def field_names(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass, in the order of definition."""
    return tuple(each.name for each in dataclasses.fields(kind))


def field_types(kind: type) -> dict[str, Any]:
    """Field name → resolved type, in the order of definition."""
    hints = typing.get_type_hints(kind, localns={"SysctlTree": SysctlTreeType})
    return {name: hints[name] for name in field_names(kind)}


def union_members(hint: Any) -> tuple[Any, ...]:
    """The alternatives of a type: `int | None` → (int, NoneType), `int` → (int,)."""
    is_union = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
    return typing.get_args(hint) if is_union else (hint,)
