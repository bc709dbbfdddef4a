"""`advisor map`: the layout of interfaces as a picture."""

from __future__ import annotations

import shutil
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli import options

if TYPE_CHECKING:
    from advisor.model.report import Report
    from advisor.report.map.picture import Picture


class Format(str, Enum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"
    SVG = "svg"


def draw(
    nic: Annotated[
        str | None,
        typer.Argument(
            metavar="[NIC]",
            help="Only this one; for a bond, VLAN or bridge the hardware below. -- before a dash.",
        ),
    ] = None,
    profile: options.Profile = None,
    param: options.Params = None,
    source: options.Source = None,
    netns: options.NetNs = None,
    sample: options.Sample = None,
    waivers: options.Waivers = None,
    baseline: options.Baseline = None,
    format: Annotated[Format, typer.Option("--format", "-f", help="Output format.")] = Format.TEXT,
    output: options.Output = None,
) -> None:
    """Draw how interfaces reach the CPUs: queues, interrupts, NUMA nodes, and where findings sit.

    All hardware that is up, or one interface. It draws only: findings do not change the exit code.
    """
    from advisor.cli.decisions import decide
    from advisor.cli.judge import choose_profile, judge, read_host, shipped_rules
    from advisor.cli.proposals import proposals
    from advisor.knowledge.site import load_config, site_dirs
    from advisor.report.map.build import picture_of
    from advisor.report.map.choice import choose

    params = options.parse_params(param)
    host = read_host(source, sample, netns)
    choice = choose(host, nic)
    chosen = choose_profile(profile, host)
    report = judge(host, chosen, shipped_rules(chosen), params)
    set_aside = [*(waivers or []), *load_config(site_dirs()).waivers]
    report = decide(report, set_aside, baseline)
    picture = picture_of(host, report, choice)
    if format is Format.JSON:
        from advisor.report.map.json import to_json

        options.write(to_json(picture), output)
    elif format is Format.SVG:
        from advisor.report.map.svg import to_svg

        options.write(to_svg(picture), output)
    else:
        from advisor.report.map.text import to_text
        from advisor.report.style import TextStyle

        style = TextStyle(colour=options.want_colour(output), width=_width())
        words = [] if nic is None else ["--", nic] if nic.startswith("-") else [nic]
        marked = _marked(report, picture)
        again = proposals(marked, source, netns, params, "map", words)
        options.write(to_text(picture, style, again), output)


def _marked(report: Report, picture: Picture) -> Report:
    """The report with those failures alone that the map shows: one of them is worth explaining."""
    from dataclasses import replace

    from advisor.model.finding import Status

    others = [finding for finding in report.findings if finding.status is not Status.FAIL]
    return replace(report, findings=(*(note.finding for note in picture.notes), *others))


def _width() -> int:
    """Columns for a table: it may have more of the terminal than prose has."""
    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 160))
