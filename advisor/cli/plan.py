"""`advisor plan`: what would be changed, in which order."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from advisor.cli import options
from advisor.errors import Exit


class Format(str, Enum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"


def plan(
    profile: options.Profile = None,
    param: options.Params = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    source: options.Source = None,
    netns: options.NetNs = None,
    sample: options.Sample = None,
    waivers: options.Waivers = None,
    baseline: options.Baseline = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 1 when there is something to change.")
    ] = False,
    format: Annotated[
        Format, typer.Option("--format", "-f", help="What goes to standard output.")
    ] = Format.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the plan, as JSON, to a file."),
    ] = None,
) -> None:
    """Plan the changes that remove failures: ordered, without contradictions, simulated.

    Nothing is changed. Failures that a waiver or a baseline sets aside are left alone.
    """
    from advisor.cli import planning
    from advisor.report.plan import to_json, to_text
    from advisor.report.style import TextStyle

    choice = planning.Choice(
        profile, param, select, ignore, source, netns, sample, waivers, baseline
    )
    made = planning.make(choice).plan
    if output is not None:
        options.write(to_json(made), output)
    if format is Format.JSON:
        if output is None:
            options.write(to_json(made), None)
    else:
        style = TextStyle(colour=options.want_colour(), width=options.text_width())
        options.write(to_text(made, style), None)
    if exit_code and made.changes:
        raise typer.Exit(Exit.FINDINGS)
