"""Gets a host, a profile and rules, and lets the engine judge: what several commands need."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from advisor.engine.evaluate import evaluate
from advisor.engine.frames import View
from advisor.engine.params import resolve, values
from advisor.engine.selection import select
from advisor.errors import AdvisorError
from advisor.knowledge.catalogue import all_profile_names, all_rules, find_profile
from advisor.knowledge.site import load_config, site_dirs
from advisor.model.host import Host
from advisor.model.profile import Profile
from advisor.model.report import Report
from advisor.model.rule import Rule, Severity
from advisor.model.system import Kernel


def read_host(
    source: str | None, sample: float | None, netns: str | None, root: Path | None = None
) -> Host:
    """The facts: of this host, of a namespace, from a snapshot or sosreport, or of an image.

    Raises:
        AdvisorError: The combination makes no sense, or the source cannot be read.
    """
    if root is not None:
        if (source, sample, netns) != (None, None, None):
            raise AdvisorError("--root judges an image: --from, --sample and --netns do not go")
        from advisor.expression.kinds import known_names
        from advisor.facts.image import read_image

        return read_image(root, known_names("sysctl"))
    if source is not None:
        if sample is not None or netns is not None:
            raise AdvisorError(
                "--from judges a snapshot or sosreport: --sample and --netns do not go with it",
                "take the snapshot itself with --sample or --netns",
            )
        from advisor.facts.sosreport import load as sosreport

        if source != "-" and sosreport.is_sosreport(source):
            return sosreport.load(source)
        from advisor.facts import snapshot

        return snapshot.load(source)
    if sample is not None and not 0 < sample <= 3600:
        raise AdvisorError(f"--sample {sample:g}: expected more than 0 and at most 3600 seconds")
    from advisor.facts.collect import collect

    return collect(sample_seconds=sample, netns=netns)


def choose_profile(name: str | None, host: Host) -> Profile:
    """The profile called `name`; "auto" picks the only one that fits, else the base.

    None stands for the site's choice, else for the base.

    Raises:
        AdvisorError: There is no such profile.
    """
    from advisor.engine.detect import BASE, rank, sure

    name = name or load_config(site_dirs()).profile or BASE
    if name != "auto":
        return find_profile(name)
    matches = rank(host, load_profiles())
    return find_profile(sure(matches) or BASE)


def load_profiles() -> list[Profile]:
    """Every profile, of the site too."""
    return [find_profile(name) for name in all_profile_names()]


def shipped_rules(
    profile: Profile, wanted: Sequence[str] = (), unwanted: Sequence[str] = ()
) -> tuple[Rule, ...]:
    """The rules to evaluate, by the choice of the profile, the site and the command line.

    Raises:
        AdvisorError: A selector matches no rule.
    """
    site = load_config(site_dirs())
    rules = select(all_rules(), profile.select, profile.ignore)
    rules = select(rules, site.select, site.ignore)
    return select(rules, wanted, unwanted)


def judge(
    host: Host, profile: Profile, rules: Sequence[Rule], params: dict[str, str] | None = None
) -> Report:
    """The report about a host.

    Raises:
        AdvisorError: A parameter is not allowed, or rules contradict each other.
    """
    site = load_config(site_dirs())
    resolved = resolve(profile, host, params, dict(os.environ), site.params)
    severities = profile.severity | {id: Severity(name) for id, name in site.severity.items()}
    findings = evaluate(host, rules, values(resolved), severities)
    kernel = host.kernel.release if isinstance(host.kernel, Kernel) else "unknown"
    shown: dict[str, tuple[Any, str]] = {
        name: (item.value, item.origin) for name, item in resolved.items()
    }
    return Report(
        collection=host.collection,
        kernel=kernel,
        profile=profile.name,
        params=shown,
        rules=len(rules),
        sample_s=host.sample.seconds if host.sample else None,
        findings=tuple(findings),
        since=View(host, {}).since,
    )
