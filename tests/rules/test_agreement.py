"""All rules together: they never want one setting to be two things, and agree after one step.

The hosts are those of the stories with settings turned at random, within what the kernel and the
drivers accept and somewhat beyond, judged by every profile.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import pytest

from advisor import settings
from advisor.cli.judge import load_profiles
from advisor.engine.evaluate import evaluate
from advisor.engine.params import resolve, values
from advisor.engine.selection import select
from advisor.engine.targets import merge
from advisor.facts.snapshot import load
from advisor.knowledge.locations import rules_dir
from advisor.knowledge.rules import load_rules
from advisor.model.finding import Finding, Status
from advisor.model.host import Host
from advisor.model.profile import Profile
from advisor.model.rule import Rule
from advisor.model.stack import SysctlTree
from advisor.model.unavailable import Unavailable
from tests.stories.build import STORIES, snapshot_of

ROUNDS = 400
PROFILES = {profile.name: profile for profile in load_profiles()}


@cache
def story(name: str) -> Host:
    return load(str(snapshot_of(name)))


@cache
def rules_of(profile: str) -> tuple[Rule, ...]:
    chosen = PROFILES[profile]
    return select(load_rules(rules_dir()), chosen.select, chosen.ignore)


def findings(host: Host, profile: Profile) -> list[Finding]:
    params = values(resolve(profile, host))
    return evaluate(host, rules_of(profile.name), params, profile.severity)


def turned(choose: random.Random, host: Host) -> Host:
    """The host with some of its settings at other values."""
    assert not isinstance(host.sysctl, Unavailable)
    nics = host.nics
    if not isinstance(nics, Unavailable):
        nics = {name: _turned_nic(choose, nic) for name, nic in nics.items()}
    return replace(host, sysctl=_turned_tree(choose, host.sysctl), nics=nics)


def _turned_tree(choose: random.Random, tree: SysctlTree) -> SysctlTree:
    result: SysctlTree = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            result[name] = _turned_tree(choose, value)
        elif choose.random() > 0.2 or not isinstance(value, (int, tuple)):
            result[name] = value
        elif isinstance(value, tuple):
            result[name] = tuple(_number(choose, each) for each in value)
        else:
            result[name] = _number(choose, value)
    return result


def _number(choose: random.Random, value: int) -> int:
    return choose.choice(
        [0, 1, 2, value // 16, value // 2, value, value * 2, value * 16, 2**31 - 1, -1]
    )


def _turned_nic(choose: random.Random, thing: Any) -> Any:
    """The same record with numbers and switches turned in channels, rings, coalescing, features."""
    parts = {}
    for part in ("channels", "ring", "coalesce", "pause"):
        record = getattr(thing, part)
        if is_dataclass(record) and not isinstance(record, Unavailable):
            parts[part] = replace(
                record,
                **{
                    field.name: _turned_value(choose, getattr(record, field.name))
                    for field in fields(record)
                    if not field.name.endswith("_max") and choose.random() < 0.3
                },
            )
    if isinstance(thing.features, dict):
        parts["features"] = {
            name: replace(each, active=not each.active)
            if not each.fixed and choose.random() < 0.1
            else each
            for name, each in thing.features.items()
        }
    mtu = choose.choice([thing.mtu, 576, 1280, 1500, 9000])
    txqueuelen = choose.choice([thing.txqueuelen, 0, 1, 1000, 20000])
    return replace(thing, mtu=mtu, txqueuelen=txqueuelen, **parts)


def _turned_value(choose: random.Random, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return _number(choose, value) if isinstance(value, int) else value


@pytest.mark.parametrize("part", range(8))
def test_rules_do_not_contradict_each_other_and_converge_in_one_step(part: int) -> None:
    changed = 0
    for number in range(part, ROUNDS, 8):
        choose = random.Random(number)
        name = choose.choice(sorted(STORIES))
        profile = PROFILES[choose.choice(sorted(PROFILES))]
        host = turned(choose, story(name))
        wanted = merge(findings(host, profile))  # raises where two rules contradict each other
        changed += len(wanted)
        for address, value in wanted.items():
            host = settings.replaced(host, address, value)
        left = _left(findings(host, profile))
        assert not left, f"round {number}: {name} as {profile.name}"
    assert changed > ROUNDS / 8, "hardly anything was out of order"


def _left(found: Sequence[Finding]) -> list[tuple[str, str, Any, Any]]:
    """What would still have to be changed: nothing, after one step."""
    return [
        (each.rule.id, str(each.setting), each.actual, each.wanted)
        for each in found
        if each.status is Status.FAIL and each.setting is not None
    ]
