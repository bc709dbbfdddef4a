"""What the engine makes of rules and facts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from advisor.engine.evaluate import evaluate
from advisor.errors import AdvisorError
from advisor.knowledge.fixtures import build_host
from advisor.model.address import parse_address
from advisor.model.finding import Finding, Status
from advisor.model.rule import Check, Condition, Rule, Scope, Severity
from tests.unit.engine.rules import rule, symptom, when

SOMAXCONN = "sysctl:net.core.somaxconn"
RMEM = "sysctl:net.ipv4.tcp_rmem"


def judge(*rules: Rule, params: dict[str, Any] | None = None, **given: Any) -> list[Finding]:
    before = given.pop("before", None)
    return evaluate(build_host(given, before), rules, params or {})


def one(tested: Rule, **given: Any) -> Finding:
    (finding,) = judge(tested, **given)
    return finding


@pytest.mark.parametrize(
    ("check", "actual", "status", "wanted"),
    [
        ({"at_least": "4096"}, 128, Status.FAIL, 4096),
        ({"at_least": "4096"}, 4096, Status.PASS, 4096),
        ({"at_least": "4096"}, 65535, Status.PASS, 4096),
        ({"at_most": "4096"}, 65535, Status.FAIL, 4096),
        ({"at_most": "4096"}, 4096, Status.PASS, 4096),
        ({"equals": "4096"}, 4096, Status.PASS, 4096),
        ({"equals": "4096"}, 1, Status.FAIL, 4096),
        ({"one_of": "[1, 2]"}, 2, Status.PASS, 1),
        ({"one_of": "[1, 2]"}, 3, Status.FAIL, 1),
        ({"at_least": "10 / 3"}, 1, Status.FAIL, 4),
        ({"at_most": "10 / 3"}, 9, Status.FAIL, 3),
    ],
)
def test_a_setting_is_compared_with_its_target(
    check: dict[str, str], actual: int, status: Status, wanted: int
) -> None:
    finding = one(rule(SOMAXCONN, **check), sysctl={"net.core.somaxconn": actual})
    assert (finding.status, finding.actual, finding.wanted) == (status, actual, wanted)


def test_a_setting_that_does_not_exist_is_not_applicable() -> None:
    finding = one(rule(SOMAXCONN, at_least="1"), sysctl={"net.core.rmem_max": 1})
    assert finding.status is Status.NOT_APPLICABLE
    assert finding.reason == "sysctl.net.core.somaxconn: does not exist here"


def test_a_setting_that_cannot_be_read_is_unknown() -> None:
    given = {"net.core.somaxconn": {"unavailable": "no permission"}}
    finding = one(rule(SOMAXCONN, at_least="1"), sysctl=given)
    assert finding.status is Status.UNKNOWN
    assert finding.reason == "sysctl.net.core.somaxconn: no permission"


def test_a_false_condition_makes_the_rule_not_applicable_with_its_reason() -> None:
    tested = rule(
        SOMAXCONN, at_least="1", conditions=when("kernel.version >= (5, 4)", "{kernel.release}")
    )
    finding = one(tested, kernel="4.18", sysctl={"net.core.somaxconn": 1})
    assert (finding.status, finding.reason) == (Status.NOT_APPLICABLE, "4.18")


def test_a_condition_that_cannot_be_decided_makes_the_rule_unknown() -> None:
    tested = rule(SOMAXCONN, at_least="1", conditions=when("kernel.version >= (5, 4)"))
    finding = one(tested, sysctl={"net.core.somaxconn": 1})
    assert finding.status is Status.UNKNOWN
    assert "not given" in finding.reason


def test_what_a_later_condition_rules_out_needs_no_earlier_one() -> None:
    conditions = (
        *when("kernel.version >= (5, 4)"),
        *when("cpu.count > 1", "one CPU"),
    )
    tested = rule(SOMAXCONN, at_least="1", conditions=conditions)
    finding = one(tested, cpu=1, sysctl={"net.core.somaxconn": 1})
    assert (finding.status, finding.reason) == (Status.NOT_APPLICABLE, "one CPU")
    finding = one(tested, cpu=2, sysctl={"net.core.somaxconn": 1})
    assert finding.status is Status.UNKNOWN
    assert "not given" in finding.reason


def test_what_a_device_does_not_have_is_not_applicable_and_what_it_did_not_tell_is_unknown() -> (
    None
):
    tested = rule("nic:{nic}/ring.rx", scope=Scope.NIC, at_least="512")
    for absent, status in ((True, Status.NOT_APPLICABLE), (False, Status.UNKNOWN)):
        ring = {"unavailable": "no ring", "absent": absent}
        finding = one(tested, nics={"eth0": {"ring": ring}})
        assert (finding.status, finding.reason) == (status, "nics.eth0.ring: no ring")


def test_a_setting_of_another_kind_than_its_target_is_unknown() -> None:
    finding = one(rule(SOMAXCONN, at_least="1"), sysctl={"net.core.somaxconn": "many"})
    assert finding.status is Status.UNKNOWN
    assert finding.reason == "expected a number, found text 'many'"


def test_a_diagnosis_that_is_not_true_or_false_is_unknown() -> None:
    finding = one(rule(expr="kernel.version"), kernel="6.1")
    assert finding.status is Status.UNKNOWN


def test_a_failure_carries_message_evidence_and_command() -> None:
    tested = rule(
        SOMAXCONN,
        at_least="need",
        let={"need": "2 * params.rate"},
        message="{actual} instead of {wanted}",
        advice="restart {collection.hostname}",
    )
    (finding,) = judge(tested, params={"rate": 100}, sysctl={"net.core.somaxconn": 128})
    assert finding.message == "128 instead of 200"
    assert finding.advice == "restart test"
    assert finding.commands == ("sysctl -w net.core.somaxconn=200",)
    assert [(item.fact, item.text) for item in finding.evidence] == [
        ("params.rate", "100"),
        ("need", "200"),
    ]


def test_a_symptom_makes_a_failure_active_and_shows_rates() -> None:
    tested = rule(
        SOMAXCONN,
        at_least="4096",
        symptom=symptom(
            "rate(nstat.TcpExt.ListenOverflows) > 1", "rate(nstat.TcpExt.ListenOverflows)"
        ),
    )
    finding = one(
        tested,
        sysctl={"net.core.somaxconn": 128},
        nstat={"TcpExt.ListenOverflows": 150},
        before={"nstat": {"TcpExt.ListenOverflows": 100}},
    )
    assert finding.active
    assert (finding.evidence[0].text, finding.evidence[0].basis) == ("5/s", "over 10 s")


def test_without_a_sample_counters_are_totals_since_boot() -> None:
    tested = rule(
        expr="delta(nstat.TcpExt.ListenOverflows) == 0",
        symptom=symptom("", "delta(nstat.TcpExt.ListenOverflows)"),
    )
    finding = one(tested, nstat={"TcpExt.ListenOverflows": 150})
    assert finding.status is Status.FAIL
    assert not finding.active
    assert (finding.evidence[0].text, finding.evidence[0].basis) == ("150", "since boot")


def test_a_symptom_that_cannot_be_seen_leaves_the_verdict_alone() -> None:
    tested = rule(SOMAXCONN, at_least="4096", symptom=symptom("rate(nstat.TcpExt.Missing) > 1"))
    finding = one(tested, sysctl={"net.core.somaxconn": 128})
    assert (finding.status, finding.active) == (Status.FAIL, False)


def test_a_rule_is_evaluated_for_each_interface_under_its_name() -> None:
    tested = rule(
        "nic:{nic}/ring.rx",
        at_least="nic.ring.rx_max",
        scope=Scope.NIC,
        conditions=when("nic.physical", "{nic.name} is virtual"),
    )
    findings = judge(
        tested,
        nics={
            "eth0.100": {"ring": {"rx": 256, "rx_max": 4096}},
            "-x": {"ring": {"rx": 4096, "rx_max": 4096}},
            "veth0": {"physical": False},
            "ib0": {"ring": {"unavailable": "not supported"}},
        },
    )
    assert {finding.target: finding.status for finding in findings} == {
        "eth0.100": Status.FAIL,
        "-x": Status.PASS,
        "veth0": Status.NOT_APPLICABLE,
        "ib0": Status.UNKNOWN,
    }
    failed = findings[0]
    assert str(failed.setting) == "nic:eth0.100/ring.rx"
    assert failed.commands == ("ethtool -G eth0.100 rx 4096",)


def test_interfaces_that_cannot_be_read_are_unknown_and_none_is_not_applicable() -> None:
    tested = rule("nic:{nic}/mtu", at_least="1500", scope=Scope.NIC)
    assert one(tested, nics={"unavailable": "no netlink"}).status is Status.UNKNOWN
    assert one(tested, nics={}).status is Status.NOT_APPLICABLE


def test_two_demands_on_one_vector_share_one_command() -> None:
    low = rule(f"{RMEM}[1]", at_most="262144", id="TST001")
    high = rule(f"{RMEM}[2]", at_most="4194304", id="TST002")
    findings = judge(low, high, sysctl={"net.ipv4.tcp_rmem": [4096, 5242880, 33554432]})
    assert {finding.commands for finding in findings} == {
        ("sysctl -w 'net.ipv4.tcp_rmem=4096 262144 4194304'",)
    }


def test_the_larger_of_two_minimums_wins() -> None:
    rules = [rule(SOMAXCONN, at_least=str(n), id=f"TST00{i}") for i, n in enumerate((8, 32, 16))]
    findings = judge(*rules, sysctl={"net.core.somaxconn": 1})
    assert {finding.commands for finding in findings} == {("sysctl -w net.core.somaxconn=32",)}


@pytest.mark.parametrize("actual", [1, 100, 5000])
def test_rules_that_contradict_each_other_are_an_error_that_names_both(actual: int) -> None:
    low = rule(SOMAXCONN, at_most="10", id="TST001")
    high = rule(SOMAXCONN, at_least="1000", id="TST002")
    with pytest.raises(AdvisorError) as caught:
        judge(low, high, sysctl={"net.core.somaxconn": actual})
    assert "TST001" in caught.value.message
    assert "TST002" in caught.value.message
    assert str(caught.value.hint).count("--ignore") == 2


def test_active_failures_come_first_then_the_severest() -> None:
    loud = symptom("true")
    findings = judge(
        rule(expr="true", id="TST001"),
        rule(expr="false", id="TST002", severity=Severity.ERROR),
        rule(expr="false", id="TST003", severity=Severity.INFO, symptom=loud),
        rule(expr="kernel.hz > 1", id="TST004"),
        rule(expr="false", id="TST005"),
    )
    order = [finding.rule.id for finding in findings]
    assert order == ["TST003", "TST002", "TST005", "TST004", "TST001"]


def test_a_profile_changes_severities() -> None:
    tested = rule(expr="false")
    (finding,) = evaluate(build_host({}), [tested], {}, {"TST001": Severity.ERROR})
    assert finding.severity is Severity.ERROR


def test_a_failure_clears_the_areas_that_passed() -> None:
    findings = judge(
        rule(expr="false", id="KRN001", rules_out=("RCV", "OFF001")),
        rule(expr="true", id="RCV001"),
        rule(expr="false", id="RCV002"),
        rule(expr="true", id="OFF001"),
        rule(expr="true", id="OFF002"),
    )
    assert findings[0].cleared == ("OFF001", "RCV001")


def test_a_rule_demands_nothing_where_its_demand_is_conditional() -> None:
    bound = Check(parse_address(SOMAXCONN), "at_most", "10", "kernel.hz > 100")
    tested = replace(rule(SOMAXCONN, at_most="10", id="TST001"), check=bound)
    other = rule(SOMAXCONN, at_least="1000", id="TST002")
    given = {"sysctl": {"net.core.somaxconn": 5}}
    quiet = judge(tested, other, kernel={"hz": 100}, **given)
    assert [finding.status for finding in quiet] == [Status.FAIL, Status.PASS]
    assert quiet[1].wanted is None
    with pytest.raises(AdvisorError):
        judge(tested, other, kernel={"hz": 250}, **given)
    assert one(tested, **given).status is Status.UNKNOWN


def test_a_rule_passes_over_what_it_is_not_about() -> None:
    tested = rule(
        "nic:{nic}/mtu",
        at_least="1500",
        scope=Scope.NIC,
        each=Condition("nic.physical and nic.speed_mbps > 0", "there is no fast hardware"),
    )
    virtual = {"physical": False, "mtu": 1}
    findings = judge(
        tested, nics={"veth0": virtual, "eth0": {"mtu": 1, "speed_mbps": 1}, "eth1": {"mtu": 1}}
    )
    assert {finding.target: finding.status for finding in findings} == {
        "eth0": Status.FAIL,
        "eth1": Status.UNKNOWN,
    }
    nothing = one(tested, nics={"veth0": virtual})
    assert (nothing.target, nothing.status, nothing.reason) == (
        "host",
        Status.NOT_APPLICABLE,
        "there is no fast hardware",
    )


def test_a_value_computed_from_counters_says_what_they_cover() -> None:
    tested = rule(
        expr="lost == 0",
        let={"lost": "delta(nstat.TcpExt.ListenDrops)", "twice": "2 * lost"},
        symptom=symptom("", "twice"),
    )
    finding = one(tested, nstat={"TcpExt.ListenDrops": 5})
    assert [(item.fact, item.text, item.basis) for item in finding.evidence] == [
        ("twice", "10", "since boot"),
        ("delta(nstat.TcpExt.ListenDrops)", "5", "since boot"),
    ]
