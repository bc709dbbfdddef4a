"""`advisor explain`: a rule's page, and this host's numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from advisor.cli import completions, options


def explain(
    rule: Annotated[
        str,
        typer.Argument(
            metavar="RULE",
            help="Id (RCV001) or name (rmem-initial-huge).",
            autocompletion=completions.rules,
        ),
    ],
    here: Annotated[
        bool, typer.Option("--here", help="With this host's numbers and how the target came about.")
    ] = False,
    profile: options.Profile = None,
    param: options.Params = None,
    source: options.Source = None,
    netns: options.NetNs = None,
    sample: options.Sample = None,
    root: options.Root = None,
) -> None:
    """Explain a rule: mechanism, evidence, change, sources."""
    from advisor.knowledge.catalogue import find_rule
    from advisor.report.rule_page import page
    from advisor.report.style import TextStyle

    found = find_rule(rule)
    style = TextStyle(colour=options.want_colour(), width=options.text_width())
    lines = page(found, style)
    if here or source or netns or sample or param or root:
        from advisor.cli.judge import choose_profile, judge, read_host
        from advisor.engine.derivation import derived
        from advisor.report.rule_page import here_lines

        host = read_host(source, sample, netns, root)
        chosen = choose_profile(profile, host)
        report = judge(host, chosen, (found,), options.parse_params(param))
        values = {name: value for name, (value, _) in report.params.items()}
        findings = tuple(derived(finding, host, values) for finding in report.findings)
        lines += here_lines(replace(report, findings=findings), style)
    options.write("\n".join(lines) + "\n", None)
