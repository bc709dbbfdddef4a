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
from advisor.knowledge.locations import profiles_dir, rules_dir
from advisor.knowledge.profiles import load_profile, profile_names
from advisor.knowledge.rules import load_rules
from advisor.model.host import Host
from advisor.model.profile import Profile
from advisor.model.report import Report
from advisor.model.rule import Rule
from advisor.model.system import Kernel


def read_host(
    source: str | None, sample: float | None, netns: str | None, root: Path | None = None
) -> Host:
    """The facts: of this host, of a namespace, from a snapshot, or of an image that does not run.

    Raises:
        AdvisorError: The combination makes no sense, or the source cannot be read.
    """
    if root is not None:
        if (source, sample, netns) != (None, None, None):
            raise AdvisorError("--root judges an image: --from, --sample and --netns do not go")
        from advisor.expression.kinds import known_names
        from advisor.facts.image import read_image

        return read_image(root, [key for key in known_names("sysctl") if "*" not in key])
    if source is not None:
        if sample is not None or netns is not None:
            raise AdvisorError(
                "--from judges a snapshot: --sample and --netns do not go with it",
                "take the snapshot itself with --sample or --netns",
            )
        from advisor.facts.snapshot import load

        return load(source)
    if sample is not None and not 0 < sample <= 3600:
        raise AdvisorError(f"--sample {sample:g}: expected more than 0 and at most 3600 seconds")
    from advisor.facts.collect import collect

    return collect(sample_seconds=sample, netns=netns)


def choose_profile(name: str, host: Host) -> Profile:
    """The profile called `name`; "auto" picks the only one that fits, else the base.

    Raises:
        AdvisorError: There is no such profile.
    """
    if name != "auto":
        return load_profile(profiles_dir(), name)
    from advisor.engine.detect import BASE, rank, sure

    matches = rank(host, load_profiles())
    return load_profile(profiles_dir(), sure(matches) or BASE)


def load_profiles() -> list[Profile]:
    """Every shipped profile."""
    folder = profiles_dir()
    return [load_profile(folder, name) for name in profile_names(folder)]


def shipped_rules(
    profile: Profile, wanted: Sequence[str] = (), unwanted: Sequence[str] = ()
) -> tuple[Rule, ...]:
    """The rules to evaluate, by the profile's choice and the command line's.

    Raises:
        AdvisorError: A selector matches no rule.
    """
    rules = select(load_rules(rules_dir()), profile.select, profile.ignore)
    return select(rules, wanted, unwanted)


def judge(
    host: Host, profile: Profile, rules: Sequence[Rule], params: dict[str, str] | None = None
) -> Report:
    """The report about a host.

    Raises:
        AdvisorError: A parameter is not allowed, or rules contradict each other.
    """
    resolved = resolve(profile, host, params, dict(os.environ))
    findings = evaluate(host, rules, values(resolved), profile.severity)
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
