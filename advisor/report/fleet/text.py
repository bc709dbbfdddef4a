"""The fleet for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.model.fleet import Fleet
from advisor.report.fleet.words import Table, intake_lines, tables, verdict, worth_showing
from advisor.report.style import TextStyle, safe

_MOST = 10
_GAP = 2
_LEAST = 12
_COLOURS = {"error": "red", "warning": "yellow"}


def to_text(fleet: Fleet, style: TextStyle) -> str:
    """The report as text with a newline at its end."""
    lines = [*style.flow(verdict(fleet)), ""]
    for table in tables(fleet, _MOST):
        if worth_showing(table):
            lines += [*_table(table, style), ""]
    first, *more = intake_lines(fleet, 3)
    lines += [style.paint(f"read: {first}", "bold")]
    for each in more:
        lines += style.wrap(each, 2, 2)
    return "\n".join(lines) + "\n"


def _table(table: Table, style: TextStyle) -> list[str]:
    note = f"  ({table.note})" if table.note else ""
    names = tuple(name.rstrip("#") for name in table.columns)
    numbers = [name.endswith("#") for name in table.columns]
    rows = [tuple(map(safe, row)) for row in (names, *table.rows)]
    widths = _widths(rows, style.width - _GAP)
    lines = [style.paint(table.heading, "bold") + note]
    for index, row in enumerate(rows):
        cells = [
            f"{_cut(cell, width):>{width}}" if number else f"{_cut(cell, width):<{width}}"
            for cell, width, number in zip(row, widths, numbers, strict=True)
        ]
        line = (" " * _GAP + (" " * _GAP).join(cells)).rstrip()
        if index == 0:
            line = style.paint(line, "dim")
        elif table.marks and table.marks[index - 1] in _COLOURS:
            line = style.paint(line, _COLOURS[table.marks[index - 1]])
        lines.append(line)
    return lines


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Columns as wide as they need to be; the widest ones give way where that is too much."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    while sum(widths) + _GAP * (len(widths) - 1) > room and max(widths) > _LEAST:
        widths[widths.index(max(widths))] -= 1
    return widths


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
