"""Reports about a fleet in the formats that people and programs read."""

from __future__ import annotations

from collections.abc import Callable

from advisor.model.fleet import Fleet

FORMATS = ("text", "html", "json", "markdown")
"""Names of the formats."""


def writer(name: str, *, width: int, colour: bool) -> Callable[[Fleet], str]:
    """The function that writes a report in a format of `FORMATS`.

    Args:
        name: The format.
        width: Columns that text may use.
        colour: Whether text may use terminal colours.
    """
    if name == "json":
        from advisor.report.fleet.document import to_json

        return to_json
    if name == "html":
        from advisor.report.fleet.page import to_html

        return to_html
    if name == "markdown":
        from advisor.report.fleet.markdown import to_markdown

        return to_markdown
    from advisor.report.fleet.text import to_text
    from advisor.report.style import TextStyle

    style = TextStyle(colour=colour, width=width)
    return lambda fleet: to_text(fleet, style)
