"""Makes a plan from this host's facts: what `plan`, `apply` and `export` have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer

from advisor.cli import options
from advisor.errors import AdvisorError
from advisor.model.finding import Finding
from advisor.model.host import Host
from advisor.model.plan import Plan
from advisor.model.profile import Profile
from advisor.model.rule import Rule


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what it was made from.

    Attributes:
        plan: The plan.
        host: The facts.
        profile: The profile.
        rules: The rules that were evaluated.
        findings: What they said.
    """

    plan: Plan
    host: Host
    profile: Profile
    rules: tuple[Rule, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a plan is made for, and by: options as they were given, None where they were not.

    Attributes:
        profile: Name of the profile, None for the site's choice.
        param: Its parameters.
        select: Only these rules.
        ignore: Not these rules.
        source: A snapshot or sosreport instead of this host.
        netns: Another network namespace.
        sample: Read counters twice, so many seconds apart.
        waivers: Files of waivers, besides the site's.
        baseline: File of failures that are set aside.
    """

    profile: str | None = None
    param: list[str] | None = None
    select: list[str] | None = None
    ignore: list[str] | None = None
    source: str | None = None
    netns: str | None = None
    sample: float | None = None
    waivers: list[Path] | None = None
    baseline: Path | None = None


def refuse_choice(context: typer.Context) -> None:
    """A saved plan says what to change, so that nothing on the command line may.

    Raises:
        AdvisorError: Something does; environment variables do not count.
    """
    given = [
        f"--{'from' if name == 'source' else name}"
        for name in Choice.__slots__
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    ]
    if given:
        raise AdvisorError(
            f"a saved plan says what to change: {', '.join(given)} cannot go with it",
            "make another plan: advisor plan -o plan.json",
        )


def make(choice: Choice) -> Planned:
    """The plan for a host; failures that a waiver or the baseline sets aside are left alone.

    Raises:
        AdvisorError: The host, the profile or the rules cannot be read, or rules contradict.
    """
    from advisor.cli.decisions import decide
    from advisor.cli.judge import choose_profile, judge, read_host, shipped_rules
    from advisor.engine.plan import make_plan
    from advisor.knowledge.site import load_config, site_dirs

    params = options.parse_params(choice.param)
    host = read_host(choice.source, choice.sample, choice.netns)
    profile = choose_profile(choice.profile, host)
    wanted, unwanted = options.split_ids(choice.select), options.split_ids(choice.ignore)
    rules = shipped_rules(profile, wanted, unwanted)
    waivers = [*(choice.waivers or []), *load_config(site_dirs()).waivers]
    report = decide(judge(host, profile, rules, params), waivers, choice.baseline)
    plan = make_plan(
        host,
        report.findings,
        lambda changed: judge(changed, profile, rules, params).findings,
        profile.name,
    )
    return Planned(plan, host, profile, rules, report.findings)
