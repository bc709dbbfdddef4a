"""Reads a saved plan, which may be from anywhere: it is checked as if a stranger had written it.

Field by field, like the journal, instead of with the JSON Schema: importing jsonschema alone takes
a fifth of the time of a whole `advisor apply`. The tests hold one against the other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from advisor.changes.fields import as_object, items, short, text
from advisor.changes.fields import digest as sha256
from advisor.changes.settings_data import address_from, value_from
from advisor.errors import AdvisorError
from advisor.model.address import NicAddress, parse_address
from advisor.model.plan import SCHEMA, Change, Left, Plan, digest

_MAKE_ONE = "make one with: advisor plan -o plan.json"
_FIELDS = {"schema", "advisor", "host", "at", "profile", "changes", "solved", "left", "digest"}
_CHANGE = {"setting", "before", "after", "rules", "risk", "disrupts", "notes", "commands"}
_LEFT = {"rule", "target", "message", "advice"}
_RISKS, _DISRUPTIONS = ("low", "medium", "high"), ("none", "link", "reboot")
_RULE = re.compile(r"[A-Z]{2,5}[0-9]{3}")
_CHANGES_MAX = 10_000
_SIZE_MAX = 16 << 20

_T = TypeVar("_T")


def load_plan(path: Path) -> Plan:
    """The plan in a file.

    Raises:
        AdvisorError: It cannot be read, is not a plan, was changed, or names what cannot be set.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_SIZE_MAX + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AdvisorError(f"{path}: cannot be read: {reason}") from None
    if len(data) > _SIZE_MAX:
        raise AdvisorError(f"{path}: longer than {_SIZE_MAX >> 20} MiB: not a plan")
    return read_plan(data, str(path))


def read_plan(data: bytes, name: str) -> Plan:
    """The plan in a document.

    Args:
        data: What `advisor plan -o` wrote.
        name: Where it is from, for error messages.

    Raises:
        AdvisorError: It is not a plan, was changed, or names what advisor cannot set.
    """
    try:
        document = as_object(json.loads(data.decode()))
        plan = _plan(document)
    except UnicodeDecodeError:
        raise AdvisorError(f"{name}: not a plan: not UTF-8", _MAKE_ONE) from None
    except RecursionError:
        raise AdvisorError(f"{name}: not a plan: nested too deeply", _MAKE_ONE) from None
    except ValueError as error:
        raise AdvisorError(f"{name}: not a plan: {error}", _MAKE_ONE) from None
    if document["digest"] != digest(plan.hostname, document["changes"]):
        raise AdvisorError(f"{name}: its digest does not fit: it was changed by hand", _MAKE_ONE)
    return plan


def _plan(document: dict[str, Any]) -> Plan:
    _exactly(document, _FIELDS)
    if document["schema"] != SCHEMA:
        raise ValueError(f"its schema is not {SCHEMA}")
    sha256(document, "digest")
    short(document, "advisor")
    changes = items(document, "changes")
    if len(changes) > _CHANGES_MAX:
        raise ValueError(f"more than {_CHANGES_MAX} changes")
    return Plan(
        hostname=text(document, "host"),
        at=text(document, "at"),
        profile=text(document, "profile"),
        changes=tuple(_at("changes", number, each, _change) for number, each in enumerate(changes)),
        solved=tuple(_rules(document, "solved")),
        left=tuple(
            _at("left", number, each, _left) for number, each in enumerate(items(document, "left"))
        ),
    )


def _change(data: Any) -> Change:
    fields = as_object(data)
    _exactly(fields, _CHANGE)
    address = address_from(fields["setting"])
    if not isinstance(address, NicAddress):
        parse_address(str(address))
    rules = _rules(fields, "rules")
    if not rules:
        raise ValueError("no rule wants it")
    return Change(
        address=address,
        before=value_from(fields["before"]),
        after=value_from(fields["after"]),
        rules=tuple(rules),
        risk=_one_of(fields, "risk", _RISKS),
        disrupts=_one_of(fields, "disrupts", _DISRUPTIONS),
        notes=tuple(_texts(fields, "notes")),
        commands=tuple(_texts(fields, "commands")),
    )


def _left(data: Any) -> Left:
    fields = as_object(data)
    _exactly(fields, _LEFT)
    _rule(fields["rule"])
    return Left(**{name: text(fields, name) for name in _LEFT})


def _at(name: str, number: int, data: Any, read: Callable[[Any], _T]) -> _T:
    """One of a list; what is wrong with it says which one it is."""
    try:
        return read(data)
    except ValueError as error:
        raise ValueError(f"{name}[{number}]: {error}") from None


def _exactly(fields: dict[str, Any], names: set[str]) -> None:
    missing, unknown = names - fields.keys(), fields.keys() - names
    if missing:
        raise ValueError(f"{min(missing)!r} is missing")
    if unknown:
        raise ValueError(f"{min(unknown)[:40]!r} is not known")


def _rules(fields: dict[str, Any], name: str) -> list[str]:
    return [_rule(each) for each in items(fields, name)]


def _rule(data: Any) -> str:
    if type(data) is not str or not _RULE.fullmatch(data):
        raise ValueError(f"{str(data)[:40]!r} is not the id of a rule")
    return data


def _texts(fields: dict[str, Any], name: str) -> list[str]:
    return [text({name: each}, name) for each in items(fields, name)]


def _one_of(fields: dict[str, Any], name: str, choices: tuple[str, ...]) -> str:
    if fields[name] not in choices:
        raise ValueError(f"{name!r} is not one of {', '.join(choices)}")
    return text(fields, name)
