"""The JSON Schema of snapshots, derived from the model's type hints and docstrings.

It is published as advisor/knowledge/schemas/snapshot.schema.json; after a change of the model:

    python -m advisor.facts.snapshot_schema > advisor/knowledge/schemas/snapshot.schema.json
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import types
import typing
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
from advisor.facts.snapshot import SCHEMA
from advisor.model.host import Host
from advisor.model.unavailable import Unavailable

_ATTRIBUTE = re.compile(r"^    (\w+): (.*)$")

_INTEGER = {
    "type": "integer",
    "minimum": INT_MIN,
    "maximum": INT_MAX,
    "description": "A number of 64 bits, signed or not.",
}

_SCALARS: dict[Any, dict[str, Any]] = {
    int: {"$ref": "#/$defs/Integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    bool: {"type": "boolean"},
    types.NoneType: {"type": "null"},
}


def snapshot_schema() -> dict[str, Any]:
    """The schema as JSON data, draft 2020-12. Keys that it does not name are allowed."""
    definitions = {
        "Integer": _INTEGER,
        "SysctlTree": _sysctl_tree(),
        "Unavailable": _unavailable(),
    }
    host = _of(Host, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:advisor:snapshot:v1",
        "title": "advisor snapshot, version 1",
        "description": _summary(Host),
        **host,
        "required": ["schema"],
        "properties": {"schema": {"const": SCHEMA}},
        "$defs": {name: definitions[name] for name in sorted(definitions)},
    }


def _object(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    texts = _attribute_texts(kind)
    hints = field_types(kind)
    required = [
        each.name
        for each in dataclasses.fields(kind)
        if each.default is each.default_factory is dataclasses.MISSING
        and types.NoneType not in union_members(hints[each.name])
    ]
    properties = {
        name: {**_of(hint, definitions), "description": texts[name]} for name, hint in hints.items()
    }
    schema = {"type": "object", "description": _summary(kind), "properties": properties}
    return {**schema, "required": required} if required else schema


def _of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    members = union_members(hint)
    if len(members) > 1:
        return {"anyOf": [_of(member, definitions) for member in members]}
    if hint in _SCALARS:
        return _SCALARS[hint]
    if hint is SysctlTreeType:
        return {"$ref": "#/$defs/SysctlTree"}
    if typing.get_origin(hint) is dict:
        values = _of(typing.get_args(hint)[1], definitions)
        return {"type": "object", "additionalProperties": values}
    if typing.get_origin(hint) is tuple:
        return {"type": "array", "items": _of(typing.get_args(hint)[0], definitions)}
    if hint.__name__ not in definitions:
        definitions[hint.__name__] = {}  # a Host holds a Sample, which holds a Host
        definitions[hint.__name__] = _object(hint, definitions)
    return {"$ref": f"#/$defs/{hint.__name__}"}


def _unavailable() -> dict[str, Any]:
    texts = _attribute_texts(Unavailable)
    return {
        "type": "object",
        "description": _summary(Unavailable),
        "properties": {
            UNAVAILABLE: {"type": "string", "description": texts["reason"]},
            ABSENT: {"type": "boolean", "description": texts["absent"]},
        },
        "required": [UNAVAILABLE],
    }


def _sysctl_tree() -> dict[str, Any]:
    vector = {"type": "array", "items": _SCALARS[int]}
    below = [{"$ref": "#/$defs/Unavailable"}, {"$ref": "#/$defs/SysctlTree"}]
    return {
        "type": "object",
        "description": "A directory of /proc/sys: name → a number, text, a vector of numbers, "
        "the reason why it could not be read, or a directory.",
        "additionalProperties": {"anyOf": [_SCALARS[int], _SCALARS[str], vector, *below]},
    }


def _summary(kind: type) -> str:
    return inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].replace("\n", " ")


def _attribute_texts(kind: type) -> dict[str, str]:
    """Attribute → its text in the docstring's section "Attributes:"."""
    texts: dict[str, str] = {}
    name = None
    _, _, section = inspect.cleandoc(kind.__doc__ or "").partition("Attributes:\n")
    for line in section.splitlines():
        if match := _ATTRIBUTE.match(line):
            name = match[1]
            texts[name] = match[2]
        elif name is not None and line.strip():
            texts[name] += f" {line.strip()}"
    return texts


if __name__ == "__main__":
    print(json.dumps(snapshot_schema(), indent=2, ensure_ascii=False))
