"""Terminal text: colour that never carries meaning alone, wrapping, and nothing unprintable."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}
# Controls, bytes that were not UTF-8, and what reverses or hides text on a terminal.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]"
)


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
        """The text, safe to print, in colours where there are any."""
        text = safe(text)
        if not self.colour or not text:
            return text
        codes = ";".join(_CODES[name] for name in names)
        return f"\x1b[{codes}m{text}\x1b[0m"

    def wrap(self, text: str, indent: int, hanging: int = 0) -> list[str]:
        """The text, safe to print, in lines of the width.

        Args:
            text: The text.
            indent: Columns to leave free before every line.
            hanging: More columns to leave free before every line but the first.
        """
        return textwrap.wrap(
            safe(text),
            max(self.width, indent + 20),
            initial_indent=" " * indent,
            subsequent_indent=" " * (indent + hanging),
            break_long_words=False,
            break_on_hyphens=False,
        )

    def flow(self, parts: Sequence[str]) -> list[str]:
        """The parts with dots between them, safe to print; lines break only between parts."""
        lines = [safe(parts[0])]
        for part in map(safe, parts[1:]):
            if len(lines[-1]) + len(part) + 3 <= self.width:
                lines[-1] += f" · {part}"
            else:
                lines.append(f"  {part}")
        return lines


def safe(text: str) -> str:
    """The text with everything unprintable escaped: names of interfaces and hosts are not ours."""
    return _UNPRINTABLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # a byte, as surrogateescape keeps it
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
