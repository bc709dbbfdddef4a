"""Hosts for property tests: everything that the type hints of the model allow."""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any

from hypothesis import strategies as st

from advisor.facts.model_types import (
    INT_MAX,
    INT_MIN,
    UNAVAILABLE,
    SysctlTreeType,
    field_types,
    union_members,
)
from advisor.model.host import Host, Sample
from advisor.model.unavailable import Unavailable

_NAMES = st.text(max_size=12)
_INTEGERS = st.integers(INT_MIN, INT_MAX)


def hosts() -> st.SearchStrategy[Host]:
    """Hosts of every shape, with and without a sample."""
    before = _dataclass(Host, sample=st.none())
    sample = _dataclass(Sample, before=before)
    return _dataclass(Host, sample=st.none() | sample)


def _dataclass(kind: type, **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    fields = {name: _of(hint) for name, hint in field_types(kind).items() if name not in given}
    return st.builds(kind, **fields, **given)


def _of(hint: Any) -> st.SearchStrategy[Any]:
    members = union_members(hint)
    if len(members) > 1:
        return st.one_of([_of(member) for member in members])
    if hint is SysctlTreeType:
        return _sysctl_trees()
    if hint is int:
        return _INTEGERS
    if hint is float:
        return st.floats(allow_nan=False, allow_infinity=False)
    if hint is str:
        return _NAMES
    if hint is bool:
        return st.booleans()
    if hint is types.NoneType:
        return st.none()
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is dict:
        return st.dictionaries(_NAMES, _of(arguments[1]), max_size=2)
    if typing.get_origin(hint) is tuple:
        return st.lists(_of(arguments[0]), max_size=3).map(tuple)
    assert dataclasses.is_dataclass(hint), hint
    return _dataclass(typing.cast(type, hint))


def _sysctl_trees() -> st.SearchStrategy[Any]:
    # A file called "unavailable" is the one thing that the format could not tell apart.
    names = _NAMES.filter(lambda name: name != UNAVAILABLE)
    values = _INTEGERS | _NAMES | st.lists(_INTEGERS, max_size=4).map(tuple)
    leaves = values | st.builds(Unavailable, _NAMES)
    trees = st.recursive(
        st.dictionaries(names, leaves, max_size=2),
        lambda below: st.dictionaries(names, leaves | below, max_size=3),
        max_leaves=4,
    )
    return trees
