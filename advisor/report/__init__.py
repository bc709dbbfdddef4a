"""Reports in the formats that people and programs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from advisor import __version__
from advisor.model.report import Report

FORMATS = ("text", "json", "sarif", "junit", "github", "markdown", "prometheus")
"""Names of the formats."""


def writer(
    name: str,
    *,
    colour: bool,
    verbose: bool,
    width: int,
    proposals: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    docs_url: str = "",
) -> Callable[[Report], str]:
    """The function that writes a report in a format of `FORMATS`.

    Args:
        name: The format.
        colour: Whether text may use terminal colours.
        verbose: Whether to list what passed, did not apply or is unknown, in formats that are
            about failures.
        width: Columns that text may use.
        proposals: Commands that text proposes to type next.
        files: Rule id → its file, for formats that point to it.
        docs_url: Where the rules' pages are published, "" where they are not.
    """
    # A check reads one of these modules, not seven: every start pays for what it imports.
    if name == "json":
        from advisor.report.json_report import to_json

        return to_json
    if name == "sarif":
        from advisor.report.sarif import to_sarif

        return lambda report: to_sarif(
            report, version=__version__, files=files, docs_url=docs_url, verbose=verbose
        )
    if name == "junit":
        from advisor.report.junit import to_junit

        return lambda report: to_junit(report, version=__version__)
    if name == "github":
        from advisor.report.github import to_github

        return lambda report: to_github(report, files=files)
    if name == "markdown":
        from advisor.report.markdown import to_markdown

        return lambda report: to_markdown(report, verbose=verbose)
    if name == "prometheus":
        from advisor.report.prometheus import to_prometheus

        return lambda report: to_prometheus(report, version=__version__)
    from advisor.report.style import TextStyle
    from advisor.report.text import to_text

    style = TextStyle(colour=colour, verbose=verbose, width=width)
    return lambda report: to_text(report, style, proposals)
