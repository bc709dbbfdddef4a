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
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="IDS", help="Only these rules.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="IDS", help="Not these rules.")
    ] = None,
    source: options.Source = None,
    netns: options.NetNs = None,
    sample: options.Sample = None,
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

    Nothing is changed. Failures that a waiver sets aside are left alone.
    """
    from advisor.cli.decisions import decide
    from advisor.cli.judge import choose_profile, judge, read_host, shipped_rules
    from advisor.engine.plan import make_plan
    from advisor.knowledge.site import load_config, site_dirs
    from advisor.report.plan import to_json, to_text
    from advisor.report.style import TextStyle

    params = options.parse_params(param)
    host = read_host(source, sample, netns)
    chosen = choose_profile(profile, host)
    rules = shipped_rules(chosen, options.split_ids(select), options.split_ids(ignore))
    waivers = load_config(site_dirs()).waivers
    report = decide(judge(host, chosen, rules, params), waivers, None)
    made = make_plan(
        host,
        report.findings,
        lambda changed: judge(changed, chosen, rules, params).findings,
        chosen.name,
    )
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
