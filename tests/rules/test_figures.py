"""The figures of the shipped rules, read of whole hosts."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.engine.evaluate import evaluate
from advisor.engine.measure import Subject, figures, measure, subjects
from advisor.engine.outcome import compare, overall
from advisor.engine.params import resolve, values
from advisor.facts import snapshot
from advisor.knowledge.locations import profiles_dir, rules_dir
from advisor.knowledge.profiles import load_profile
from advisor.knowledge.rules import load_rules
from advisor.model.finding import Status
from advisor.model.receipt import ALWAYS, Effect

STORIES = sorted((Path(__file__).parents[1] / "stories").glob("*.json"))
RULES = load_rules(rules_dir())
SERVER = load_profile(profiles_dir(), "server")


def test_rules_whose_setting_loses_packets_or_time_have_figures() -> None:
    assert sum(bool(figures(rule)) for rule in RULES) >= 75
    for rule in RULES:
        lost = rule.symptom and any("lost" in each.label for each in rule.symptom.show)
        if rule.check.setting is not None and lost:
            assert figures(rule), rule.id


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_every_figure_of_a_host_compared_with_itself_is_the_same(story: Path) -> None:
    host = snapshot.load(str(story))
    if host.sample is None:
        pytest.skip("a snapshot without a sample")
    params = values(resolve(SERVER, host))
    window = measure(host, [Subject(rule) for rule in RULES], params)
    assert {key[0] for key in window.readings} > {ALWAYS}
    told = compare([window, window], [window])
    assert {figure.effect for figure in told.figures} == {Effect.SAME}
    assert overall(told) is Effect.SAME


@pytest.mark.parametrize("story", STORIES, ids=lambda path: path.stem)
def test_figures_are_read_of_what_a_plan_changes(story: Path) -> None:
    host = snapshot.load(str(story))
    if host.sample is None:
        pytest.skip("a snapshot without a sample")
    params = values(resolve(SERVER, host))
    failed = [each for each in evaluate(host, RULES, params) if each.status is Status.FAIL]
    changes = [(each.setting, [each.rule.id]) for each in failed if each.setting is not None]
    about = subjects(changes, RULES)
    assert {each.rule.id for each in about} == {ids[0] for _, ids in changes}
    read = {key[0] for key in measure(host, about, params).readings} - {ALWAYS}
    assert read <= {each.rule.id for each in about if figures(each.rule)}
