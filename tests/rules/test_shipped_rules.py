"""Every shipped rule: its schema, its names, its own cases, and what has to hold for all rules."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from advisor.engine.lint import lint
from advisor.engine.rule_tests import problems
from advisor.knowledge.locations import profiles_dir, rules_dir
from advisor.knowledge.profiles import load_profile
from advisor.knowledge.rules import check_ids, load_rule, load_rules, rule_files

FILES = rule_files(rules_dir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rule_is_valid_and_its_cases_hold(path: Path) -> None:
    rule = load_rule(path)
    assert lint(rule) == []
    assert problems(rule, load_profile(profiles_dir(), "server", trusted=False)) == []


def test_ids_and_names_are_unique() -> None:
    check_ids(load_rules(rules_dir()))


def test_each_folder_has_its_own_prefixes() -> None:
    folders: dict[str, set[str]] = {}
    for path in FILES:
        folders.setdefault(path.stem[:-4].partition("-")[0].rstrip("0123456789"), set()).add(
            path.parent.name
        )
    assert {prefix: found for prefix, found in folders.items() if len(found) > 1} == {}


def test_rules_that_change_something_say_what_that_means() -> None:
    silent = [
        rule.id for rule in load_rules(rules_dir()) if rule.check.setting and rule.fix is None
    ]
    assert silent == []


def test_rules_that_only_diagnose_say_what_to_do() -> None:
    silent = [
        rule.id for rule in load_rules(rules_dir()) if not rule.check.setting and not rule.advice
    ]
    assert silent == []


def test_there_are_enough_rules_for_every_subject_of_the_mission() -> None:
    rules = load_rules(rules_dir())
    text = " ".join(str(rule.check) + str(rule.let) + rule.why for rule in rules)
    assert len(rules) >= 40
    for subject in (
        "tcp_rmem",
        "tcp_min_tso_segs",
        "somaxconn",
        "netdev_max_backlog",
        "tcp_max_syn_backlog",
        "tcp_syncookies",
        "conntrack",
        "channels",
        "topology",
    ):
        assert subject in text


def test_the_cases_of_a_rule_come_last() -> None:
    """Every start leaves them unread, and everything behind them."""
    for path in FILES:
        head, _, cases = path.read_text("utf-8").partition("\ntests:")
        assert cases, path.name
        assert not re.search(r"^\w", cases, re.M), path.name
        assert "\ntests:" not in head
