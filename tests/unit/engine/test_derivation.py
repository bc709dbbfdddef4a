"""The numbers behind a verdict that is no failure."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.engine.derivation import derived
from advisor.engine.evaluate import evaluate
from advisor.knowledge.fixtures import build_host
from advisor.model.finding import Finding
from advisor.model.rule import Rule, Scope
from tests.unit.engine.rules import rule, symptom, when

SOMAXCONN = "sysctl:net.core.somaxconn"
GIVEN: dict[str, Any] = {
    "sysctl": {"net.core.somaxconn": 4096},
    "memory": {"total": 1 << 30},
    "nstat": {"TcpExt.ListenOverflows": 7},
    "nics": {"eth0": {"ring": {"rx": 4096, "rx_max": 4096}}, "eth1": {"physical": False}},
}
PARAMS = {"rate": 100}


def judged(tested: Rule) -> list[Finding]:
    host = build_host(GIVEN)
    return [derived(finding, host, PARAMS) for finding in evaluate(host, [tested], PARAMS)]


def facts(finding: Finding) -> dict[str, str]:
    return {item.fact: item.text for item in finding.evidence}


def test_a_pass_tells_what_the_target_came_from() -> None:
    tested = rule(
        SOMAXCONN,
        at_least="need",
        let={"need": "2 * params.rate"},
        symptom=symptom("", "nstat.TcpExt.ListenOverflows"),
    )
    (finding,) = judged(tested)
    assert facts(finding) == {
        "nstat.TcpExt.ListenOverflows": "7",
        "params.rate": "100",
        "need": "200",
    }


def test_a_rule_that_does_not_apply_tells_what_its_conditions_saw_and_nothing_else() -> None:
    tested = rule(
        SOMAXCONN,
        at_least="params.rate",
        conditions=when("memory.total > 4 * GiB", "small"),
        symptom=symptom("", "nstat.TcpExt.ListenOverflows"),
    )
    (finding,) = judged(tested)
    assert facts(finding) == {"memory.total": "1073741824"}


def test_an_unknown_tells_what_could_be_seen() -> None:
    (finding,) = judged(rule(expr="memory.total > 1 and kernel.hz > 1"))
    assert facts(finding) == {"memory.total": "1073741824"}


def test_each_interface_has_its_own_numbers() -> None:
    tested = rule(
        "nic:{nic}/ring.rx",
        at_least="nic.ring.rx_max",
        scope=Scope.NIC,
        conditions=when("nic.physical", "virtual"),
    )
    by_target = {finding.target: facts(finding) for finding in judged(tested)}
    assert by_target == {
        "eth0": {"nics.eth0.physical": "yes", "nics.eth0.ring.rx_max": "4096"},
        "eth1": {"nics.eth1.physical": "no"},
    }


def test_a_failure_keeps_its_evidence() -> None:
    host = build_host(GIVEN)
    (finding,) = evaluate(host, [rule(SOMAXCONN, at_least="100 * params.rate")], PARAMS)
    assert derived(finding, host, PARAMS) is finding
    assert facts(finding) == {"params.rate": "100"}


@pytest.mark.parametrize("scope", list(Scope))
def test_where_nothing_is_known_there_is_nothing_to_tell(scope: Scope) -> None:
    host = build_host({})
    tested = rule(expr="kernel.hz > 1", scope=scope)
    for finding in evaluate(host, [tested], {}):
        assert derived(finding, host, {}).evidence == ()
