"""A table for the terminal whose bars take the room that its texts leave."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.report.style import TextStyle, safe

_NARROWEST, _FAIR, _WIDEST = 3, 6, 16
_GAP = 2
_MARKS = re.compile(r"\[[A-Z]+(?:,[A-Z]+)*\]")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of text.

    Attributes:
        title: Its heading.
        texts: A text for each row.
        right: Whether it is aligned to the right.
        optional: Whether it is left out where there is no room for all.
    """

    title: str
    texts: Sequence[str]
    right: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Meter:
    """A column of bars, each with its number.

    Attributes:
        title: Its heading.
        shares: For each row how full its bar is, 0 to 1; None for no bar.
        texts: The numbers.
        warns: Whether bars that are nearly full are something bad.
    """

    title: str
    shares: Sequence[float | None]
    texts: Sequence[str]
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, written.

    Attributes:
        heading: The line of headings.
        rows: The lines of each row: one, and more where the remarks found no room.
    """

    heading: str
    rows: list[list[str]]


def grid(
    columns: Sequence[Column | Meter], remarks: Sequence[Sequence[str]], style: TextStyle
) -> Grid:
    """Write a table. Columns without any content are left out.

    Args:
        columns: The columns, with as many entries as there are remarks.
        remarks: What to say about each row behind its last column, or below it.
        style: How to write it.
    """
    shown = [column for column in columns if any(map(str.strip, column.texts))]
    said = [safe("; ".join(each)) for each in remarks]
    gap = _GAP
    if _room(shown, gap, style) < _count_bars(shown) * (_FAIR - _NARROWEST):
        shown = [each for each in shown if not (isinstance(each, Column) and each.optional)]
        gap = _GAP if _room(shown, _GAP, style) >= 0 else 1
    bars = _count_bars(shown) or 1
    room = _room(shown, gap, style) + bars * _NARROWEST
    longest = max(map(len, said), default=0) + gap
    beside = room - longest >= bars * _FAIR or longest == gap
    bar = max(_NARROWEST, min(_WIDEST, (room - (longest if beside else 0)) // bars))
    widths = [_texts_width(each) + (bar if isinstance(each, Meter) else 0) for each in shown]
    titles = [column.title.ljust(width) for column, width in zip(shown, widths, strict=True)]
    rows = []
    for index, remark in enumerate(said):
        cells = [
            _cell(column, index, width, bar, style)
            for column, width in zip(shown, widths, strict=True)
        ]
        line = (" " * gap).join(cells)
        if beside:
            rows.append([f"{line}{' ' * gap}{style.paint(remark, 'bold')}".rstrip()])
        else:
            below = style.wrap(remark, widths[0] + gap, 2)
            rows.append([line.rstrip(), *(style.paint(text, "bold") for text in below)])
    return Grid((" " * gap).join(titles).rstrip(), rows)


def _room(columns: Sequence[Column | Meter], gap: int, style: TextStyle) -> int:
    """Columns of the terminal that are left when every bar is as narrow as can be."""
    bars = _count_bars(columns) * _NARROWEST
    return style.width - bars - sum(_texts_width(column) + gap for column in columns) + gap


def bar(share: float, width: int) -> str:
    """A share from 0 to 1 as a bar of so many columns; what is more than nothing shows."""
    halves = min(2 * width, round(share * width * 2))
    if share > 0:
        halves = max(1, halves)
    return ("█" * (halves // 2) + "▌" * (halves % 2)).ljust(width, "░")


def highlighted(text: str, style: TextStyle) -> str:
    """The text with the letters of findings, "[A]", in colour where there are any."""
    return _MARKS.sub(lambda match: style.paint(match[0], "bold", "red"), text)


def _count_bars(columns: Sequence[Column | Meter]) -> int:
    return sum(isinstance(column, Meter) for column in columns)


def _texts_width(column: Column | Meter) -> int:
    """Columns of the terminal that it needs without bars."""
    texts = max(map(len, column.texts), default=0)
    if isinstance(column, Meter):
        return max(texts + 1, len(column.title) - _NARROWEST)
    return max(texts, len(column.title))


def _cell(column: Column | Meter, index: int, width: int, bar_width: int, style: TextStyle) -> str:
    text = column.texts[index]
    if isinstance(column, Column):
        padded = text.rjust(width) if column.right else text.ljust(width)
        return highlighted(padded, style)
    share = column.shares[index]
    if share is None:
        return text.rjust(width)
    colours = _colours(share) if column.warns else ("blue",)
    number = text.rjust(width - bar_width)
    if column.warns and share >= 0.9:
        number = " " * (len(number) - len(text)) + style.paint(text, "bold", "red")
    return style.paint(bar(share, bar_width), *colours) + number


def _colours(share: float) -> tuple[str, ...]:
    if share >= 0.9:
        return ("bold", "red")
    return ("yellow",) if share >= 0.5 else ("green",)
