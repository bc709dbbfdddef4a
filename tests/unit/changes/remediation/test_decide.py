"""What an unattended run does: a table (decisions.yaml), and what holds in any situation."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.changes.remediation import decide
from advisor.changes.remediation.together import together
from advisor.changes.remediation.unattended import changes_today
from advisor.model.remediation import RISKS, Decision, Policy, Reason
from advisor.model.rule import Severity
from tests.unit.changes.remediation.situations import policy, situation

CASES = yaml.safe_load((Path(__file__).parent / "decisions.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_decision_is_as_the_table_says(tmp_path: Path, case: dict[str, Any]) -> None:
    expect = case["expect"]
    assert expect.keys() <= {"do", "not", "stopped", "next", "left", "said"}
    decision = decide(policy(tmp_path, **case.get("policy", {})), situation(case))
    assert done(decision) == expect.get("do", [])
    skipped = {str(each.change.address): each.reason.value for each in decision.skipped}
    assert skipped == expect.get("not", {})
    assert expect.get("stopped", "None") in str(decision.stopped)
    if "next" in expect or decision.next_window is not None:
        assert decision.next_window == datetime.fromisoformat(expect["next"])
    assert decision.left_today == expect.get("left", decision.left_today)
    assert expect.get("said", "") in " ".join(each.text for each in decision.skipped)


def test_the_table_has_every_reason() -> None:
    told = {reason for case in CASES for reason in case["expect"].get("not", {}).values()}
    assert told == {reason.value for reason in Reason}


SETTINGS = (
    "sysctl:net.core.somaxconn",
    "sysctl:net.core.rps_sock_flow_entries",
    "sysctl:net.netfilter.nf_conntrack_max",
    "sysctl:net.netfilter.nf_conntrack_buckets",
    "sysctl:net.ipv4.tcp_rmem",
    *(f"nic:{nic}/ring.{ring}" for nic in ("eth0", "eth1") for ring in ("rx", "tx")),
    *(f"nic:{nic}/queue.rx-{queue}.rps_flow_cnt" for nic in ("eth0", "eth1") for queue in (0, 1)),
    "nic:eth0/gro_flush_timeout",
    "nic:eth0/napi_defer_hard_irqs",
    "irq:45/affinity",
)
RULES = ("TST001", "TST002", "TST003", "TST004", "TST005")

_changes = st.lists(
    st.fixed_dictionaries(
        {
            "set": st.sampled_from(SETTINGS),
            "rules": st.lists(st.sampled_from(RULES), min_size=1, max_size=2, unique=True),
            "risk": st.sampled_from(["low", "low", "low", "medium", "high"]),
            "disrupts": st.sampled_from(["none", "none", "none", "link", "reboot"]),
            "severity": st.sampled_from(["warning", "warning", "info", "error"]),
            "active": st.booleans(),
        }
    ),
    max_size=10,
    unique_by=lambda each: each["set"],
)
_runs = st.lists(
    st.fixed_dictionaries(
        {
            "ago": st.integers(-100_000, 200_000),
            "by": st.sampled_from(["person", "remediate"]),
            "boot": st.sampled_from(["this", "earlier"]),
            "state": st.sampled_from(["confirmed"] * 6 + ["rolled-back", "failed"]),
            "set": st.lists(st.sampled_from(SETTINGS), max_size=4, unique=True),
        }
    ),
    max_size=5,
)
_situations = st.fixed_dictionaries(
    {
        "changes": _changes,
        "runs": _runs,
        "allowed": st.lists(st.sampled_from(RULES), min_size=3, unique=True),
        "drift": st.dictionaries(st.sampled_from(SETTINGS), st.integers(1, 3), max_size=2),
        "uptime": st.integers(0, 300_000),
        "seen": st.integers(0, 6),
    }
)
_policies = st.builds(
    Policy,
    file=st.just("remediation.yaml"),
    enabled=st.sampled_from([True, True, True, False]),
    severity=st.sampled_from(Severity),
    active_only=st.booleans(),
    max_risk=st.sampled_from(RISKS),
    allow_link=st.booleans(),
    per_run=st.integers(1, 6),
    per_day=st.integers(1, 12),
    cooldown=st.integers(0, 100_000),
)


@settings(max_examples=400)
@given(_policies, _situations)
def test_whatever_happens_the_policy_holds(rules: Policy, case: dict[str, Any]) -> None:
    given_now = situation(case)
    decision = decide(rules, given_now)
    # Every change of the plan is either made or skipped, in its order.
    places = {each.address: place for place, each in enumerate(given_now.plan.changes)}
    told = [each.address for each in decision.changes]
    skipped = [each.change.address for each in decision.skipped]
    assert Counter(told + skipped) == Counter(list(places))
    assert told == sorted(told, key=places.__getitem__)
    assert skipped == sorted(skipped, key=places.__getitem__)
    # Never too many.
    assert len(told) <= rules.per_run
    if told:
        assert changes_today(given_now) + len(told) <= rules.per_day
        assert rules.enabled
        assert decision.stopped is None
    # Never one that the policy forbids.
    by_setting = {each["set"]: each for each in case["changes"]}
    for change in decision.changes:
        assert set(change.rules) <= set(case["allowed"])
        assert RISKS.index(change.risk) <= RISKS.index(rules.max_risk)
        assert change.disrupts == "none" or (rules.allow_link and change.disrupts == "link")
        given_change = by_setting[str(change.address)]
        assert Severity(given_change["severity"]).rank >= rules.severity.rank
        assert given_change["active"] or not rules.active_only
        assert str(change.address) not in case["drift"]
    # Never a part of what belongs together.
    for group in together(given_now.plan.changes):
        assert {change.address in told for change in group} in ({True}, {False})


@settings(max_examples=100)
@given(_policies, _situations)
def test_a_run_that_was_rolled_back_ends_all_others_until_somebody_looks(
    rules: Policy, case: dict[str, Any]
) -> None:
    case["runs"].append({"state": "rolled-back", "set": ["sysctl:net.a.b"]})
    assert decide(rules, replace(situation(case), seen=None)).changes == ()


def done(decision: Decision) -> list[str]:
    """The changes made."""
    return [str(each.address) for each in decision.changes]
