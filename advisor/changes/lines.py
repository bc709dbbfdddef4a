"""The lines of a journal: `<16 hex digits> <JSON>`, each vouching for all before it.

The digits are the start of SHA-256 over the digits of the line before (of the first line: over the
run's id) and the JSON. So no line can be changed, lost, doubled, moved or taken from another
journal without being noticed. It guards against faults, not against forgery: whoever may write
here is root. By hand: `printf %s "$digits_before$json" | sha256sum`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

_DIGITS = 16
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)
LINE_LIMIT = 4 << 20
"""Bytes of one line. Old values of all queues of a hundred interfaces are about one MiB."""

# What an append that was cut off leaves behind: part of a line, and zeros where the file system
# had made the file longer before its data was there.
_TORN = re.compile(rb"(?:[0-9a-f]{0,16}|[0-9a-f]{16} (?:\{[\x20-\x7e]*)?)\x00*")


class Damage(Exception):
    """A journal that is not what was written.

    Attributes:
        offset: Byte that the bad line starts at.
        line: Its number, from 1.
        problem: What is wrong with it.
    """

    def __init__(self, offset: int, line: int, problem: str) -> None:
        super().__init__(f"line {line} (byte {offset}) {problem}")
        self.offset = offset
        self.line = line
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Lines:
    """The whole lines of a journal.

    Attributes:
        payloads: Their JSON.
        length: Bytes that they take; what follows is an append that was cut off.
        digits: Of the last one: where the next line goes on.
    """

    payloads: tuple[bytes, ...]
    length: int
    digits: str


def canonical(data: Any) -> bytes:
    """The one way to write the data as JSON: printable ASCII, keys sorted, no spaces.

    Raises:
        ValueError: It holds what is not JSON.
    """
    return _ENCODER.encode(data).encode("ascii")


def to_line(payload: bytes, digits: str) -> tuple[bytes, str]:
    """The line for a payload, and its digits, after the line of the given digits."""
    own = _digits(payload, digits)
    return b"%s %s\n" % (own.encode("ascii"), payload), own


def split(data: bytes, seed: str) -> Lines:
    """The lines of a journal, as far as they are whole.

    The end of the data may be part of a line: an append that was cut off. Nothing relied on it.

    Args:
        data: The file.
        seed: The run's id.

    Raises:
        Damage: A line is not what was written.
    """
    payloads: list[bytes] = []
    digits = seed
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        payload = data[start + _DIGITS + 1 : end]
        own = _digits(payload, digits)
        if data[start : start + _DIGITS + 1] != own.encode("ascii") + b" ":
            raise Damage(start, len(payloads) + 1, "does not match its checksum")
        payloads.append(payload)
        digits = own
        start = end + 1
    _check_torn(data[start:], digits, start, len(payloads) + 1)
    return Lines(tuple(payloads), start, digits)


def _check_torn(tail: bytes, digits: str, start: int, line: int) -> None:
    """Refuse an end that an append cannot have left: something was overwritten."""
    if len(tail) > LINE_LIMIT or not _TORN.fullmatch(tail):
        raise Damage(start, line, "has no end, and is not the beginning of a record")
    text = tail[_DIGITS + 1 :].decode("ascii")
    try:
        _, length = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return
    payload = tail[_DIGITS + 1 : _DIGITS + 1 + length]
    whole = tail.startswith(_digits(payload, digits).encode("ascii"))
    if whole and length < len(text):
        raise Damage(start, line, "is a whole record, but the end of the line was overwritten")


def _digits(payload: bytes, before: str) -> str:
    return sha256(before.encode("ascii") + payload).hexdigest()[:_DIGITS]
