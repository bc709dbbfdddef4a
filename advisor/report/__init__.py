"""Reports in the formats that people and programs read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from advisor.model.report import Report

FORMATS = ("text", "json")
"""Names of the formats."""


def writer(
    name: str, *, colour: bool, verbose: bool, width: int, proposals: Sequence[str] = ()
) -> Callable[[Report], str]:
    """The function that writes a report in a format of `FORMATS`.

    Args:
        name: The format.
        colour: Whether text may use terminal colours.
        verbose: Whether text lists what passed, did not apply or is unknown.
        width: Columns that text may use.
        proposals: Commands that text proposes to type next.
    """
    if name == "json":
        from advisor.report.json_report import to_json

        return to_json
    from advisor.report.style import TextStyle
    from advisor.report.text import to_text

    style = TextStyle(colour=colour, verbose=verbose, width=width)
    return lambda report: to_text(report, style, proposals)
