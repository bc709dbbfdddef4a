"""Text of hosts that is safe to show, and what is said of a line that cannot be used."""

from __future__ import annotations

import json
from typing import Any

_MAX_TEXT = 200

Row = tuple[str | int, ...]
"""A row of a table."""


class Unusable(ValueError):
    """The line says nothing that can be used.

    Attributes:
        kind: What is wrong, the same words for all of its kind.
        detail: More about this one.
    """

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail


def text(value: Any) -> str:
    """A value as short printable text; "" for nothing.

    Names reach terminals, pages and spreadsheets: controls, line ends, and what turns the direction
    of writing are written out.
    """
    if type(value) is not str:
        if value is None:
            return ""
        if type(value) is bool:
            return "on" if value else "off"
        value = str(value) if type(value) in (int, float) else _compact(value)
    if len(value) > _MAX_TEXT:
        value = f"{value[:_MAX_TEXT]}…"
    return value if value.isprintable() else "".join(map(_printable, value))


def _compact(value: Any) -> str:
    if isinstance(value, list) and not any(isinstance(each, (list, dict)) for each in value):
        return " ".join(map(str, value[:_MAX_TEXT]))
    return json.dumps(value)[: 2 * _MAX_TEXT]


def _printable(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
