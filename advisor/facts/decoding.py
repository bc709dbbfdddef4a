"""Plain JSON data → Host, with decoders derived from the type hints of the model.

Strict about what is there and generous about what is new: a wrong type or a missing field is an
error that names its place, a key that this version does not know is ignored.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache, cached_property, partial
from math import isfinite
from typing import Any

from advisor.facts.model_types import (
    ABSENT,
    INT_MAX,
    INT_MIN,
    UNAVAILABLE,
    SysctlTreeType,
    field_types,
    union_members,
)
from advisor.model.host import Host
from advisor.model.unavailable import Unavailable

SYSCTL_DEPTH = 12
"""Directories below /proc/sys/net are at most five deep."""

Decoder = Callable[[Any], Any]

_JSON_NAMES = {
    dict: "an object",
    list: "an array",
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number with a fraction",
    types.NoneType: "null",
}


class Misfit(Exception):
    """Data that the model has no place for.

    Attributes:
        path: Keys and indexes that lead to it, outermost last.
        problem: What is wrong there: "expected an integer, got a string".
    """

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path: list[str | int] = []

    def within(self, step: str | int) -> Misfit:
        """The same, seen from one level further out."""
        self.path.append(step)
        return self


def decode_host(data: Any) -> Host:
    """The Host that `advisor.facts.snapshot.encode` made the data of.

    Raises:
        Misfit: The data is not that of a Host.
    """
    host: Host = _decoder(Host)(data)
    return host


@cache
def _decoder(hint: Any) -> Decoder:
    members = union_members(hint)
    if len(members) > 1:
        return _union(members)
    if hint in _SCALARS:
        return _SCALARS[hint]
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is dict:
        return _integers if arguments == (str, int) else _mapping(arguments[1])
    if origin is tuple and arguments[1:] == (...,):
        return _vector if arguments[0] is int else _array(arguments[0])
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _Record(hint)
    raise TypeError(f"the snapshot format has no form for {hint!r}")


class _Record:
    """Decodes one dataclass. Built once, used for every interface, queue and socket."""

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._implied: dict[str, None] = {}
        self._required: list[str] = []
        self._hints = field_types(kind)
        # Records of flags, such as features, come by the hundred and in few kinds: they are shared.
        self._flags = tuple(self._hints) if set(self._hints.values()) == {bool} else None
        self._shared: dict[tuple[Any, ...], Any] = {}
        for each in dataclasses.fields(kind):
            if types.NoneType in union_members(self._hints[each.name]):
                self._implied[each.name] = None
                if each.default not in (None, dataclasses.MISSING):
                    raise TypeError(f"{kind.__name__}.{each.name}: its None would not come back")
            elif each.default is each.default_factory is dataclasses.MISSING:
                self._required.append(each.name)

    @cached_property
    def _decoders(self) -> dict[str, Decoder]:
        # Not in __init__: a Host holds a Sample, which holds a Host.
        return {name: _decoder(hint) for name, hint in self._hints.items()}

    def __call__(self, data: Any) -> Any:
        if type(data) is not dict:
            raise _unexpected("an object", data)
        if self._flags == tuple(data) and all(type(flag) is bool for flag in data.values()):
            key = tuple(data.values())
            if key not in self._shared:
                self._shared[key] = self._kind(*key)
            return self._shared[key]
        values: dict[str, Any] = self._implied.copy()
        decoders = self._decoders
        name = ""
        try:
            for name, value in data.items():
                decode = decoders.get(name)
                if decode is not None:
                    values[name] = decode(value)
        except Misfit as misfit:
            raise misfit.within(name) from None
        try:
            return self._kind(**values)
        except TypeError:
            missing = [name for name in self._required if name not in values]
            if not missing:
                raise
            raise Misfit(f'the key "{missing[0]}" is missing') from None


def _mapping(value_type: Any) -> Decoder:
    decode_value = _decoder(value_type)

    def decode(data: Any) -> dict[str, Any]:
        if type(data) is not dict:
            raise _unexpected("an object", data)
        values = {}
        key = ""
        try:
            for key, value in data.items():
                values[key] = decode_value(value)
        except Misfit as misfit:
            raise misfit.within(key) from None
        return values

    return decode


def _array(item_type: Any) -> Decoder:
    decode_item = _decoder(item_type)

    def decode(data: Any) -> tuple[Any, ...]:
        if type(data) is not list:
            raise _unexpected("an array", data)
        items: list[Any] = []
        try:
            for item in data:
                items.append(decode_item(item))  # noqa: PERF401 - its length is the failed index
        except Misfit as misfit:
            raise misfit.within(len(items)) from None
        return tuple(items)

    return decode


def _union(members: tuple[Any, ...]) -> Decoder:
    """Decodes by the JSON type of what is there; `Unavailable` is an object by its own key."""
    by_json_type: dict[type, Decoder] = {}
    names = []
    for member in members:
        if member is Unavailable:
            continue
        decoder = _SCALARS.get(member) or _decoder(member)
        for kind in _json_types(member):
            by_json_type[kind] = decoder
        names.append(_JSON_NAMES[_json_types(member)[0]])
    expected = " or ".join(names)
    decode_object = by_json_type.get(dict)
    if Unavailable in members:
        by_json_type[dict] = partial(_object_or_unavailable, decode_object, expected)

    def decode(data: Any) -> Any:
        decoder = by_json_type.get(type(data))
        if decoder is None:
            raise _unexpected(expected, data)
        return decoder(data)

    return decode


def _object_or_unavailable(otherwise: Decoder | None, expected: str, data: Any) -> Any:
    reason = data.get(UNAVAILABLE)
    if type(reason) is str:
        return Unavailable(reason, data.get(ABSENT) is True)
    if otherwise is None:
        raise _unexpected(expected, data)
    return otherwise(data)


def _json_types(member: Any) -> tuple[type, ...]:
    if member is float:
        return (float, int)
    if member in (int, str, bool, types.NoneType):
        return (member,)
    return (list,) if typing.get_origin(member) is tuple else (dict,)


def _integer(data: Any) -> int:
    if type(data) is not int:
        raise _unexpected("an integer", data)
    if not INT_MIN <= data <= INT_MAX:
        raise Misfit("the integer does not fit 64 bits")
    return data


def _number(data: Any) -> float:
    if type(data) is not float and type(data) is not int:
        raise _unexpected("a number", data)
    if not (INT_MIN <= data <= INT_MAX if type(data) is int else isfinite(data)):
        raise Misfit("the number is too large")
    return float(data)


def _string(data: Any) -> str:
    if type(data) is not str:
        raise _unexpected("a string", data)
    return data


def _boolean(data: Any) -> bool:
    if type(data) is not bool:
        raise _unexpected("true or false", data)
    return data


def _null(data: Any) -> None:
    if data is not None:
        raise _unexpected("null", data)


def _integers(data: Any) -> dict[str, int]:
    """Counters, the bulk of most snapshots: checked in one go, and not copied."""
    if type(data) is not dict:
        raise _unexpected("an object", data)
    for key, value in data.items():
        if type(value) is not int or not INT_MIN <= value <= INT_MAX:
            try:
                _integer(value)
            except Misfit as misfit:
                raise misfit.within(key) from None
    return data


def _vector(data: Any) -> tuple[int, ...]:
    """CPU sets and indirection tables: checked in one go like the counters."""
    if type(data) is not list:
        raise _unexpected("an array", data)
    for index, value in enumerate(data):
        if type(value) is not int or not INT_MIN <= value <= INT_MAX:
            try:
                _integer(value)
            except Misfit as misfit:
                raise misfit.within(index) from None
    return tuple(data)


def _sysctl_tree(data: Any, depth: int = 0) -> dict[str, Any]:
    """The other bulk. A directory with a single key "unavailable" that holds text is not one."""
    if depth > SYSCTL_DEPTH:
        raise Misfit("too many levels")
    if type(data) is not dict:
        raise _unexpected("an object", data)
    tree: dict[str, Any] = {}
    key = ""
    try:
        for key, value in data.items():
            kind = type(value)
            if kind is str:
                tree[key] = value
            elif kind is int:
                tree[key] = value if INT_MIN <= value <= INT_MAX else _integer(value)
            elif kind is list:
                tree[key] = _vector(value)
            elif kind is not dict:
                raise _unexpected("an integer, a string, an array or an object", value)
            elif len(value) == 1 and type(value.get(UNAVAILABLE)) is str:
                tree[key] = Unavailable(value[UNAVAILABLE])
            else:
                tree[key] = _sysctl_tree(value, depth + 1)
    except Misfit as misfit:
        raise misfit.within(key) from None
    return tree


def _unexpected(expected: str, data: Any) -> Misfit:
    return Misfit(f"expected {expected}, got {_JSON_NAMES[type(data)]}")


_SCALARS: Mapping[Any, Decoder] = {
    int: _integer,
    float: _number,
    str: _string,
    bool: _boolean,
    types.NoneType: _null,
    SysctlTreeType: _sysctl_tree,
}
