"""Shapes and text of a drawing, written as SVG."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape

from advisor.report.style import safe

CHARACTER = 0.61
"""Width of a character of the widest usual monospaced font, as a part of the font's size."""

_NOT_XML = re.compile("[\ufffe\uffff]")


def text_width(text: str, size: float) -> float:
    """Units that a text takes at most."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in safe(text))
    return (len(safe(text)) + wide) * size * CHARACTER


def wrapped(text: str, width: float, size: float) -> list[str]:
    """The text in lines of a width, at least one."""
    letters = max(20, int(width / (size * CHARACTER)))
    return textwrap.wrap(safe(text), letters, break_on_hyphens=False) or [""]


def shortened(text: str, width: float, size: float) -> str:
    """As much of the text as there is room for."""
    text = safe(text)
    if text_width(text, size) <= width:
        return text
    while text and text_width(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text}…"


class Canvas:
    """Collects what is drawn. One unit is a pixel at the drawing's natural size."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    @contextmanager
    def group(self, tip: str) -> Iterator[None]:
        """What is drawn inside shows `tip` when it is pointed at."""
        self._parts.append(f"<g><title>{written_text(tip)}</title>")
        yield
        self._parts.append("</g>")

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 12,
        style: str = "ink",
        anchor: str = "start",
    ) -> None:
        """A line of text whose letters stand on `y`."""
        if text:
            where = "" if anchor == "start" else f' text-anchor="{anchor}"'
            self._parts.append(
                f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" class="{style}"{where}>'
                f"{written_text(text)}</text>"
            )

    def box(
        self, x: float, y: float, width: float, height: float, style: str, radius: float = 4
    ) -> None:
        """A rectangle with round corners."""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
            f'rx="{radius:g}" class="{style}"/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, style: str) -> None:
        """A straight line."""
        self._parts.append(
            f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="{style}"/>'
        )

    def circle(self, x: float, y: float, radius: float, style: str) -> None:
        """A circle."""
        self._parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" class="{style}"/>')

    def polygon(self, points: Sequence[tuple[float, float]], style: str) -> None:
        """A closed shape with straight edges."""
        where = " ".join(f"{x:g},{y:g}" for x, y in points)
        self._parts.append(f'<polygon points="{where}" class="{style}"/>')

    def meter(
        self,
        x: float,
        middle: float,
        width: float,
        height: float,
        share: float,
        style: str,
        *,
        leftward: bool = False,
    ) -> None:
        """A bar on its track, filled from the left, or from the right."""
        y = middle - height / 2
        self.box(x, y, width, height, "track", 2)
        if share > 0:
            filled = max(1.5, width * min(1.0, share))
            self.box(x + width - filled if leftward else x, y, filled, height, style, 2)

    def written(self) -> str:
        """Everything that was drawn, in order."""
        return "\n".join(self._parts)


def written_text(text: str) -> str:
    """The text as it stands in XML: unprintable characters written out, the rest escaped."""
    lines = [_NOT_XML.sub("\ufffd", safe(line)) for line in text.split("\n")]
    return escape("\n".join(lines))
