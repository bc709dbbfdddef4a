"""Snapshots: a Host as a JSON document, `"schema": "advisor.snapshot/v1"`.

`decode(encode(host)) == host`, so a check of a snapshot finds what a check of the host found.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from advisor.errors import AdvisorError
from advisor.facts.decoding import Misfit, decode_host
from advisor.facts.model_types import ABSENT, UNAVAILABLE, field_names
from advisor.model.host import Host
from advisor.model.unavailable import Unavailable

SCHEMA = "advisor.snapshot/v1"
SIZE_LIMIT = 64 << 20
"""Bytes. A host with a hundred interfaces of 64 queues makes about 10 MB."""

_KIND, _, _VERSION = SCHEMA.partition("/")
_TAKE_ONE = "take a snapshot with: advisor snapshot -o FILE"
_SHOWN_KEY = 60
_COMPRESSED = (b"\x1f\x8b", b"\xfd7", b"(\xb5", b"BZ")  # gzip, xz, zstd, bzip2


def encode(host: Host, *, indent: int | None = None) -> str:
    """The document for a Host: `None` left out, tuples as arrays, absence as {"unavailable": …}."""
    document = {"schema": SCHEMA, **plain(host)}
    return json.dumps(document, indent=indent, allow_nan=False) + "\n"


def plain(value: Any) -> Any:
    """Plain JSON data for a Host, or for a part of one."""
    kind = type(value)
    if kind is dict:
        return {key: plain(each) for key, each in value.items()}
    if kind is tuple:
        return [plain(each) for each in value]
    if kind is Unavailable:
        told: dict[str, Any] = {UNAVAILABLE: value.reason}
        return {**told, ABSENT: True} if value.absent else told
    if dataclasses.is_dataclass(kind):
        pairs = [(name, getattr(value, name)) for name in field_names(kind)]
        return {name: plain(each) for name, each in pairs if each is not None}
    return value


def load(source: str) -> Host:
    """The Host in a snapshot file; "-" is standard input.

    Raises:
        AdvisorError: It cannot be read, or is not a snapshot; names the place.
    """
    if source == "-":
        return decode(_read(sys.stdin.buffer, "standard input"), "standard input")
    try:
        with Path(source).open("rb") as file:
            return decode(_read(file, source), source)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or error
        raise AdvisorError(f"{source}: cannot read the snapshot: {reason}", _TAKE_ONE) from None


def decode(document: bytes, name: str) -> Host:
    """The Host in a document.

    Args:
        document: What `encode` made, as UTF-8.
        name: Where it is from, for error messages.

    Raises:
        AdvisorError: It is not a snapshot of a version that is understood.
    """
    try:
        data = _parse(document, name)
        _check_schema(data, name)
        return decode_host(data)
    except Misfit as misfit:
        raise AdvisorError(f"{name}: {_path(misfit)}{misfit.problem}") from None
    except RecursionError:
        raise AdvisorError(f"{name}: not a snapshot: nested too deeply") from None


def _read(file: BinaryIO, name: str) -> bytes:
    document = file.read(SIZE_LIMIT + 1)
    if len(document) > SIZE_LIMIT:
        raise AdvisorError(
            f"{name}: larger than {SIZE_LIMIT >> 20} MiB, which no snapshot is", _TAKE_ONE
        )
    return document


def _parse(document: bytes, name: str) -> dict[str, Any]:
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AdvisorError(
            f"{name}: not a snapshot: byte {error.start} is not text (UTF-8)",
            "decompress it first" if document[:2] in _COMPRESSED else _TAKE_ONE,
        ) from None
    if not text.strip():
        raise AdvisorError(f"{name}: the snapshot is empty", _TAKE_ONE)
    try:
        data = json.loads(text, object_pairs_hook=_unique, parse_constant=_not_json)
    except json.JSONDecodeError as error:
        at_the_end = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        cut = "the snapshot is cut off" if at_the_end else "not JSON"
        place = f"{name}:{error.lineno}:{error.colno}"
        raise AdvisorError(f"{place}: {cut}: {error.msg}", _TAKE_ONE) from None
    except ValueError:  # int() of more than 4,300 digits
        raise AdvisorError(f"{name}: a number in it has too many digits") from None
    if type(data) is not dict:
        raise AdvisorError(f"{name}: not a snapshot: the document is not an object", _TAKE_ONE)
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which no key is there twice: which one counts would be a guess."""
    data = dict(pairs)
    if len(data) != len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise Misfit(f"the key {_shown(twice)} is there twice in one object")
    return data


def _not_json(constant: str) -> NoReturn:
    raise Misfit(f"{constant} is not a number in JSON")


def _check_schema(data: dict[str, Any], name: str) -> None:
    schema = data.get("schema")
    if schema == SCHEMA:
        return
    if schema is None:
        raise AdvisorError(f'{name}: not a snapshot: the key "schema" is missing', _TAKE_ONE)
    kind, _, version = schema.partition("/") if type(schema) is str else ("", "", "")
    if kind != _KIND:
        raise AdvisorError(
            f"{name}: not a snapshot: its schema is {_shown(schema)}, not {SCHEMA}", _TAKE_ONE
        )
    raise AdvisorError(
        f"{name}: snapshot version {_shown(version)} is not known; this advisor reads {_VERSION}",
        "use the version of advisor that took it, or take it again with this one",
    )


def _path(misfit: Misfit) -> str:
    """Where it is: "nics.eth0.mtu: ", "listeners[\"0.0.0.0:80\"].port: ", or nothing."""
    text = ""
    for step in reversed(misfit.path):
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier():
            text += f".{step}"
        else:
            text += f"[{_shown(step)}]"
    return f"{text.removeprefix('.')}: " if text else ""


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _SHOWN_KEY else f"{text[:_SHOWN_KEY]}…"
