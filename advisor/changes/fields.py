"""Fields of plain JSON data, each checked as it is read. What does not fit is a ValueError."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import Any, TypeVar

ITEMS_MAX = 100_000
TEXT_MAX = 4096

_SHORT = re.compile(r"[\x20-\x7e]{0,128}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_SHA256 = re.compile(r"[0-9a-f]{64}")

Fields = dict[str, Any]
_T = TypeVar("_T")


def as_object(data: Any) -> Fields:
    """The data, which has to be an object."""
    if type(data) is not dict:
        raise ValueError("not an object")
    return data


def optional(fields: Fields, name: str, read: Callable[[Fields, str], _T]) -> _T | None:
    """A field that may be missing."""
    return read(fields, name) if name in fields else None


def text(fields: Fields, name: str) -> str:
    """A text of some lines at most."""
    value = fields.get(name)
    if type(value) is not str or len(value) > TEXT_MAX:
        raise ValueError(f"{name!r} is not a text, or longer than {TEXT_MAX} characters")
    return value


def short(fields: Fields, name: str) -> str:
    """A word or two of printable ASCII."""
    return _matching(_SHORT, fields, name)


def time(fields: Fields, name: str) -> str:
    """A point in time, as `clock.utc` writes it."""
    return _matching(_TIME, fields, name)


def digest(fields: Fields, name: str) -> str:
    """A SHA-256 in hexadecimal."""
    return _matching(_SHA256, fields, name)


def natural(fields: Fields, name: str) -> int:
    """A number from 0 on, of 63 bits."""
    value = fields.get(name)
    if type(value) is not int or not 0 <= value < 1 << 63:
        raise ValueError(f"{name!r} is not a number from 0 on")
    return value


def number(fields: Fields, name: str) -> float:
    """A number that is written with a fraction."""
    value = fields.get(name)
    if type(value) is not float or not isfinite(value):
        raise ValueError(f"{name!r} is not a number with a fraction")
    return value


def flag(fields: Fields, name: str) -> bool:
    """True: what is false is left out."""
    if fields.get(name) is not True:
        raise ValueError(f"{name!r} is not true")
    return True


def items(fields: Fields, name: str) -> list[Any]:
    """A list; none at all is an empty one."""
    value = fields.get(name, [])
    if type(value) is not list or len(value) > ITEMS_MAX:
        raise ValueError(f"{name!r} is not a list, or longer than {ITEMS_MAX}")
    return value


def present(**fields: Any) -> Fields:
    """The fields that are not None."""
    return {name: value for name, value in fields.items() if value is not None}


def _matching(pattern: re.Pattern[str], fields: Fields, name: str) -> str:
    value = text(fields, name)
    if not pattern.fullmatch(value):
        raise ValueError(f"{name!r} is not what it should be")
    return value
