"""Kinds of facts: what can be looked up in what, as the model's type hints declare it.

For static checks only; evaluation never asks for a kind.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from advisor.model import stack
from advisor.model.config import Configured, RuntimeOnly
from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.nic import Nic
from advisor.model.nic_settings import Feature
from advisor.model.stack import Conntrack, Listener, Qdisc
from advisor.model.unavailable import Unavailable

Name = tuple[str, ...]
"""A name of a shipped list, by component: ("net", "ipv4", "tcp_rmem")."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A value that nothing can be looked up in.

    Attributes:
        name: What it is, for people.
    """

    name: str


NUMBER = Plain("a number")
TEXT = Plain("text")
BOOLEAN = Plain("true or false")
ANYTHING = Plain("a value")
"""Of a kind that is not known before the evaluation; every use of it is accepted."""


@dataclass(frozen=True, slots=True)
class Record:
    """A record with declared fields.

    Attributes:
        fields: Field → its kind.
    """

    fields: Mapping[str, Kind]
    name: str = "a group of facts"


@dataclass(frozen=True, slots=True)
class Table:
    """A dictionary with keys that only the host knows.

    Attributes:
        element: Kind of every value.
    """

    element: Kind
    name: str = "a group of facts"


@dataclass(frozen=True, slots=True)
class Several:
    """A list.

    Attributes:
        element: Kind of every element.
    """

    element: Kind
    name: str = "a list"


@dataclass(frozen=True, slots=True)
class Listed:
    """A tree of dictionaries whose keys are in a list of advisor/knowledge/names.

    Attributes:
        names: The keys below this place.
        leaf: Kind of the values at the end of each.
    """

    names: tuple[Name, ...]
    leaf: Kind
    name: str = "a group of facts"


Kind = Plain | Record | Table | Several | Listed

BOUND: dict[str, type] = {
    "nic": Nic,
    "listener": Listener,
    "qdisc": Qdisc,
    "configured": Configured,
    "runtime_only": RuntimeOnly,
}
"""Name that a rule's scope binds → what it stands for."""


def rule_scope(bound: str, params: Iterable[str], let: Iterable[str] = ()) -> dict[str, Kind]:
    """The names that the expressions of a rule can use.

    Args:
        bound: The rule's scope, a key of `BOUND` or "host".
        params: Names of the profile's parameters.
        let: The rule's own names, so far.
    """
    scope = {**_host(), **dict.fromkeys(let, ANYTHING)}
    scope |= {"params": Record(dict.fromkeys(params, ANYTHING))}
    scope |= {"actual": ANYTHING, "wanted": ANYTHING, "sampled": BOOLEAN, "window_s": NUMBER}
    if bound in BOUND:
        scope[bound] = _record(BOUND[bound])
    if bound == "nic":
        scope["layout"] = _record(Layout)
    return scope


def child(kind: Kind, key: str | int) -> Kind | None:
    """Kind of `key` in a value, None when there is no such key."""
    if kind is ANYTHING:
        return ANYTHING
    if isinstance(kind, Record):
        return kind.fields.get(str(key))
    if isinstance(kind, Several):
        return kind.element if isinstance(key, int) else None
    if isinstance(kind, Table):
        return kind.element
    if isinstance(kind, Listed):
        rest = tuple(name[1:] for name in kind.names if fnmatchcase(str(key), name[0]))
        return _below(rest, kind.leaf)
    return None


def element(kind: Kind) -> Kind | None:
    """Kind of what a computed key, or a loop, takes out of a value; None when it cannot."""
    if isinstance(kind, (Table, Several)):
        return kind.element
    if isinstance(kind, Listed):
        return _below(tuple({name[1:] for name in kind.names}), kind.leaf)
    return None if isinstance(kind, Plain) and kind is not ANYTHING else ANYTHING


def _below(names: tuple[Name, ...], leaf: Kind) -> Kind | None:
    if not names:
        return None
    return leaf if () in names else Listed(names, leaf)


@lru_cache(maxsize=1)
def _host() -> dict[str, Kind]:
    # The earlier reading is not a fact: rate() and delta() look into it.
    return {name: kind for name, kind in _record(Host).fields.items() if name != "sample"}


@lru_cache(maxsize=64)
def _record(cls: type) -> Record:
    from typing import get_type_hints

    # The hint of `Host.sysctl` refers to other names of its module.
    hints = get_type_hints(cls, localns=vars(stack))
    return Record({name: _listed(cls, name) or _kind(hint) for name, hint in hints.items()})


def _listed(cls: type, field: str) -> Listed | None:
    lists: dict[tuple[type, str], str] = {
        (Host, "sysctl"): "sysctl",
        (Host, "nstat"): "nstat",
        (Host, "sockstat"): "sockstat",
        (Nic, "stats"): "link",
        (Nic, "features"): "feature",
        (Conntrack, "stats"): "conntrack",
    }
    name = lists.get((cls, field))
    if name is None:
        return None
    leaves: dict[str, Kind] = {"sysctl": ANYTHING, "feature": _record(Feature)}
    return Listed(known_names(name), leaves.get(name, NUMBER))


def _kind(hint: Any) -> Kind:
    from typing import get_args, get_origin

    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return ANYTHING if hint is Host else _record(hint)
    if get_origin(hint) is dict:
        return Table(_kind(get_args(hint)[1]))
    if get_origin(hint) is tuple:
        return Several(_kind(get_args(hint)[0]))
    plain = {bool: BOOLEAN, int: NUMBER, float: NUMBER, str: TEXT}.get(hint)
    if plain is not None:
        return plain
    options = [_kind(part) for part in get_args(hint) if part not in (type(None), Unavailable)]
    return options[0] if len(options) == 1 else ANYTHING


@lru_cache(maxsize=16)
def known_names(name: str) -> tuple[Name, ...]:
    """The names of a list in advisor/knowledge/names, in which "*" stands for any characters."""
    from importlib.resources import files

    file = files("advisor") / "knowledge" / "names" / f"{name}.txt"
    lines = file.read_text("utf-8").splitlines()
    return tuple(tuple(line.split(".")) for line in lines if not line.startswith("#"))
