"""Terminal text: colour that never carries meaning alone, and wrapping."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How text is written.

    Attributes:
        colour: Whether terminal colours may be used.
        verbose: Whether to list what passed, did not apply or is unknown.
        width: Columns that may be used.
    """

    colour: bool = False
    verbose: bool = False
    width: int = 100

    def paint(self, text: str, *names: str) -> str:
        """The text in colours, or as it is where there are none."""
        if not self.colour or not text:
            return text
        codes = ";".join(_CODES[name] for name in names)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def wrap(self, text: str, indent: int) -> list[str]:
        """The text in lines of the width, all indented."""
        pad = " " * indent
        return textwrap.wrap(
            text,
            max(self.width, indent + 20),
            initial_indent=pad,
            subsequent_indent=pad,
            break_long_words=False,
            break_on_hyphens=False,
        )


def safe(text: str) -> str:
    """The text without control characters: interface names and host names are not ours."""
    return _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
