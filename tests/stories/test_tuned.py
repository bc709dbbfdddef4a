"""A host tuned by advisor: what a setting can remove is gone, and there is nothing more to change.

Every story's host with every profile, its plan applied in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import pytest

from advisor.cli.judge import judge, shipped_rules
from advisor.engine.plan import make_plan, simulated
from advisor.knowledge.catalogue import all_profile_names, find_profile
from advisor.model.finding import Finding, Status
from advisor.model.host import Host
from advisor.model.plan import Plan
from advisor.model.profile import Profile
from advisor.model.rule import Rule, Scope
from tests.stories.build import STORIES
from tests.stories.expectations import expectations

PROFILES = list(all_profile_names())
DEFAULT = [name for name in STORIES if name.startswith("default-")]

each_host = pytest.mark.parametrize("name", STORIES)
each_profile = pytest.mark.parametrize("profile", PROFILES)


class Failure(NamedTuple):
    """What is kept of a finding that fails."""

    rule: str
    scope: Scope
    target: str
    setting: str | None


@dataclass(frozen=True, slots=True)
class Tuned:
    """A host before and after its plan; little enough to keep all of them.

    Attributes:
        before: What failed.
        after: What fails after it.
        changes: Settings of the plan.
        again: Settings of a plan for the host that it makes.
    """

    before: frozenset[Failure]
    after: frozenset[Failure]
    changes: tuple[str, ...]
    again: tuple[str, ...]


@cache
def tuned(name: str, profile: str) -> Tuned:
    host = _host(name)
    chosen, rules = _catalogue(profile)
    # By id, as a host cannot be a key; with the host, as an id is used again after its death.
    judged: dict[int, tuple[Host, Sequence[Finding]]] = {}

    def findings(each: Host) -> Sequence[Finding]:
        if id(each) not in judged:
            judged[id(each)] = each, judge(each, chosen, rules).findings
        return judged[id(each)][1]

    before = findings(host)
    plan = make_plan(host, before, findings, profile)
    later = simulated(host, {change.address: change.after for change in plan.changes})
    after = findings(later)
    again = make_plan(later, after, findings, profile)
    return Tuned(_failures(before), _failures(after), _settings(plan), _settings(again))


@each_profile
@each_host
def test_no_failure_that_a_setting_removes_is_left(name: str, profile: str) -> None:
    assert [each for each in tuned(name, profile).after if each.setting is not None] == []


@each_profile
@each_host
def test_a_second_plan_is_empty(name: str, profile: str) -> None:
    assert tuned(name, profile).again == ()


@each_profile
@each_host
def test_nothing_fails_that_did_not_fail_before(name: str, profile: str) -> None:
    """But for listeners: they keep their limit until their programs are started again."""
    host = tuned(name, profile)
    assert {each for each in host.after - host.before if each.scope is not Scope.LISTENER} == set()


@pytest.mark.parametrize("name", DEFAULT)
def test_a_default_host_shows_no_more_than_what_no_setting_can_remove(name: str) -> None:
    """That is listed in what is expected of it."""
    listed = {
        (wanted["rule"], wanted.get("target", "host"))
        for story, expected in expectations()
        if (story, expected.profile) == (name, "server")
        for wanted in expected.fails
        if "setting" not in wanted
    }
    after = {(each.rule, each.target) for each in tuned(name, "server").after}
    assert after <= listed


def test_the_plans_change_something() -> None:
    """What is tuned here is not tuned already."""
    untouched = {
        name for name in DEFAULT if not any(tuned(name, profile).changes for profile in PROFILES)
    }
    assert untouched == set()


@cache
def _catalogue(profile: str) -> tuple[Profile, tuple[Rule, ...]]:
    """The profile and its rules, loaded once."""
    chosen = find_profile(profile)
    return chosen, shipped_rules(chosen)


@cache
def _host(name: str) -> Host:
    return STORIES[name]()


def _failures(findings: Sequence[Finding]) -> frozenset[Failure]:
    return frozenset(
        Failure(
            each.rule.id,
            each.rule.scope,
            each.target,
            None if each.setting is None else str(each.setting),
        )
        for each in findings
        if each.status is Status.FAIL
    )


def _settings(plan: Plan) -> tuple[str, ...]:
    return tuple(str(change.address) for change in plan.changes)
