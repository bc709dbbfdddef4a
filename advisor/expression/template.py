"""Messages with expressions in them: "{actual:bytes} holds a CPU for {stall_ms:ms}"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from advisor.expression.language import Expression, ExpressionError, parse
from advisor.expression.values import Frame, Unknown
from advisor.units import FORMATS, format_value

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*?)(?::(\w*))?\}|[{}]")


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed message.

    Attributes:
        parts: Text, or an expression with the unit to write it in.
    """

    parts: tuple[str | tuple[Expression, str], ...]

    def render(self, frame: Frame) -> str:
        """The message. What is not known is written as "?"."""
        return "".join(
            part if isinstance(part, str) else _shown(part[0].evaluate(frame), part[1])
            for part in self.parts
        )


@lru_cache(maxsize=2048)
def parse_template(text: str) -> Template:
    """Parse a message.

    Raises:
        ExpressionError: A brace is unbalanced, an expression is wrong, or there is no such unit.
    """
    parts: list[str | tuple[Expression, str]] = []
    end = 0
    for match in _FIELD.finditer(text):
        parts.append(text[end : match.start()])
        end = match.end()
        token = match[0]
        if token in ("{{", "}}"):
            parts.append(token[0])
        elif match[1] is None:
            raise ExpressionError(f"unbalanced {token!r} in the message", match.start())
        else:
            parts.append(_field(match))
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != ""))


def _field(match: re.Match[str]) -> tuple[Expression, str]:
    unit = match[2] or ""
    if match[2] is not None and unit not in FORMATS:
        raise ExpressionError(
            f"there is no unit {unit!r}", match.start(2), hint="units: " + ", ".join(FORMATS)
        )
    try:
        return parse(match[1]), unit
    except ExpressionError as error:
        raise ExpressionError(error.message, match.start(1) + error.column, error.hint) from None


def _shown(value: object, unit: str) -> str:
    return "?" if isinstance(value, Unknown) else format_value(value, unit)
