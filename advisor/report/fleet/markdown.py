"""The fleet as Markdown: for a ticket, a wiki or a job's summary."""

from __future__ import annotations

from advisor.model.fleet import Fleet
from advisor.report.fleet.words import Table, intake_lines, tables, verdict, worth_showing
from advisor.report.markdown import escape

_MOST = 25


def to_markdown(fleet: Fleet) -> str:
    """The report as Markdown with a newline at its end."""
    lines = ["# Fleet report", "", *(f"- {escape(part)}" for part in verdict(fleet)), ""]
    for table in tables(fleet, _MOST):
        if worth_showing(table):
            lines += [*_table(table), ""]
    lines += ["## Input", "", *(f"- {escape(each)}" for each in intake_lines(fleet, 5))]
    return "\n".join(lines) + "\n"


def _table(table: Table) -> list[str]:
    names = [name.rstrip("#") for name in table.columns]
    rulers = ["---:" if name.endswith("#") else "---" for name in table.columns]
    lines = [f"## {table.heading.capitalize()}", ""]
    if table.note:
        lines += [f"{table.note.capitalize()}.", ""]
    lines += [_row(names), _row(rulers)]
    return lines + [_row([escape(cell) for cell in row]) for row in table.rows]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
