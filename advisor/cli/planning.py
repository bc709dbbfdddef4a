"""Makes a plan from this host's facts: what `plan`, `apply` and `export` have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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


def make(
    profile: str | None,
    params: dict[str, str],
    wanted: Sequence[str] = (),
    unwanted: Sequence[str] = (),
    *,
    source: str | None = None,
    netns: str | None = None,
    sample: float | None = None,
) -> Planned:
    """The plan for a host; failures that a waiver sets aside are left alone.

    Args:
        profile: Name of the profile, None for the site's choice.
        params: Its parameters.
        wanted: Only these rules.
        unwanted: Not these rules.
        source: A snapshot or sosreport instead of this host.
        netns: Another network namespace.
        sample: Read counters twice, so many seconds apart.

    Raises:
        AdvisorError: The host, the profile or the rules cannot be read, or rules contradict.
    """
    from advisor.cli.decisions import decide
    from advisor.cli.judge import choose_profile, judge, read_host, shipped_rules
    from advisor.engine.plan import make_plan
    from advisor.knowledge.site import load_config, site_dirs

    host = read_host(source, sample, netns)
    chosen = choose_profile(profile, host)
    rules = shipped_rules(chosen, wanted, unwanted)
    waivers = load_config(site_dirs()).waivers
    report = decide(judge(host, chosen, rules, params), waivers, None)
    plan = make_plan(
        host,
        report.findings,
        lambda changed: judge(changed, chosen, rules, params).findings,
        chosen.name,
    )
    return Planned(plan, host, chosen, rules, report.findings)
