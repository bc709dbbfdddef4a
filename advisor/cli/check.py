"""`advisor check`: judge a host."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from advisor.cli import options
from advisor.errors import Exit


class FailOn(str, Enum):
    """From which severity on a failure makes `check` exit with 1."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Format(str, Enum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    MARKDOWN = "markdown"
    PROMETHEUS = "prometheus"
    LINE = "line"


def check(
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
    root: options.Root = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            envvar="ADVISOR_FAIL_ON",
            help="Exit 1 from here on. [default: the site's, else warning]",
        ),
    ] = None,
    exit_zero: Annotated[
        bool, typer.Option("--exit-zero", help="Exit 0 in spite of findings.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 3 when something could not be judged.")
    ] = False,
    format: Annotated[
        Format, typer.Option("--format", "-f", envvar="ADVISOR_FORMAT", help="Output format.")
    ] = Format.TEXT,
    waivers: options.Waivers = None,
    baseline: options.Baseline = None,
    write_baseline: Annotated[
        Path | None,
        typer.Option("--write-baseline", metavar="FILE", help="Write the failures to a baseline."),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="NAME=VALUE", help="For -f line: group, site, host, …"),
    ] = None,
    output: options.Output = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also what passed, did not apply, is unknown.")
    ] = False,
) -> None:
    """Judge this host, a namespace or a snapshot against a workload profile.

    Needs no root: what cannot be read is reported as unknown, with the reason.
    """
    from advisor.cli.decisions import decide, save_baseline
    from advisor.cli.judge import choose_profile, judge, read_host, shipped_rules
    from advisor.cli.proposals import proposals
    from advisor.knowledge.site import load_config, site_dirs
    from advisor.model.rule import Severity
    from advisor.report import writer

    params = options.parse_params(param)
    host = read_host(source, sample, netns, root)
    chosen = choose_profile(profile, host)
    rules = shipped_rules(chosen, options.split_ids(select), options.split_ids(ignore))
    site = load_config(site_dirs())
    report = judge(host, chosen, rules, params)
    report = decide(report, [*(waivers or []), *site.waivers], baseline)
    if write_baseline is not None:
        save_baseline(report, write_baseline)
    files: dict[str, str] = {}
    if format in (Format.SARIF, Format.GITHUB):
        from advisor.knowledge.catalogue import rule_places

        files = rule_places(rules)
    write = writer(
        format.value,
        colour=options.want_colour(output),
        verbose=verbose,
        width=options.text_width(),
        proposals=proposals(report, source, netns, params, root=root),
        files=files,
        docs_url=os.environ.get("ADVISOR_DOCS_URL", ""),
    )
    if format is Format.LINE:
        from advisor.cli.lines import line

        here = (source, netns, root) == (None, None, None)
        options.write(line(report, host, site.labels, label, here=here), output)
    else:
        options.write(write(report), output)
    worst = report.worst()
    least = Severity(fail_on.value if fail_on else site.fail_on or FailOn.WARNING.value)
    if not exit_zero and worst is not None and worst.rank >= least.rank:
        raise typer.Exit(Exit.FINDINGS)
    if strict and report.summary()["unknown"]:
        raise typer.Exit(Exit.UNKNOWN)
