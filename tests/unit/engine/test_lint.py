"""What is said about rules that are valid YAML and make no sense."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.engine.lint import lint
from advisor.model.rule import Condition, Fix, Rule, Scope, Shown, Symptom
from advisor.model.rule_case import RuleTest
from tests.unit.engine.rules import rule, symptom, when

SOMAXCONN = "sysctl:net.core.somaxconn"
RING = "nic:{nic}/ring.rx"


def setting(address: str = SOMAXCONN, /, **keys: Any) -> Rule:
    """A rule that checks a setting."""
    if not keys.keys() & {"equals", "at_least", "at_most", "one_of"}:
        keys["at_least"] = "4096"
    return rule(address, **keys)


def diagnosis(**keys: Any) -> Rule:
    """A rule that only diagnoses."""
    return rule(**{"expr": "cpu.count > 1", "advice": "do this instead", **keys})


def nic(address: str = RING, /, **keys: Any) -> Rule:
    """A rule that is evaluated for each interface."""
    return setting(address, scope=Scope.NIC, **keys)


def case(**params: Any) -> tuple[RuleTest, ...]:
    return (RuleTest("a case", {}, "fail", params=params),)


def figures(*values: str) -> Symptom:
    """Evidence that tells whether a change helped."""
    return Symptom("", tuple(Shown(value, f"it {value}", "count", "lower") for value in values))


GOOD = {
    "setting": setting(),
    "field of a vector": setting("sysctl:net.ipv4.tcp_rmem[2]"),
    "sysctl of an interface": setting("sysctl:net.ipv4.conf.eth0/100.rp_filter"),
    "diagnosis": diagnosis(),
    "interface": nic(),
    "interface by name": setting("nic:eth0/ring.rx"),
    "interrupt": setting("irq:45/affinity", equals="[0, 1]"),
    "feature": nic("nic:{nic}/feature.tx-tcp-segmentation", equals="true"),
    "private flag": nic("nic:{nic}/private.rx_cqe_compress", equals="true"),
    "scope's name": nic(conditions=when("nic.physical", "{nic.name} is virtual")),
    "loop with the scope's name": diagnosis(expr="all(nic.mtu > 1 for nic in nics)"),
    "parameter": setting(at_least="params.peak_accepts_per_s"),
    "let": setting(let={"a": "cpu.count", "b": "a * 2"}, at_least="b"),
    "let in the message only": setting(let={"a": "cpu.count"}, message="{a:count} CPUs"),
    "let in the evidence only": setting(let={"a": "cpu.count"}, symptom=symptom("", "a")),
    "actual in the target": setting(at_least="max(actual, 4096)"),
    "actual and wanted in messages": setting(message="{actual} {wanted}", advice="{wanted}"),
    "wanted in the symptom": setting(symptom=symptom("wanted > 2 * actual", "wanted / actual")),
    "parameter of a case": setting(tests=case(rtt_ms=5)),
    "figures of growth": setting(
        let={"lost": "sum(delta(n.rx_ring_full) for n in nics if known(n.rx_ring_full))"},
        symptom=figures("lost / 2", "rate(nstat.Tcp.OutSegs)", 'delta(irqs["5"].total)'),
    ),
    "figures of what is there now": setting(
        symptom=figures("nstat.Tcp.CurrEstab", "max(q.backlog_packets for q in qdiscs)", "actual")
    ),
    "figure of an interface": nic(symptom=figures("max(rate(q.packets) for q in nic.rx_queues)")),
    "total that is only shown": setting(symptom=symptom("", "nstat.Tcp.OutSegs")),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_rule_has_no_problems(name: str) -> None:
    assert lint(GOOD[name]) == []


BAD = {
    "fact of the target": (
        setting(at_least="sysctl.net.core.somaxcon"),
        "check.at_least: there is no fact sysctl.net.core.somaxcon; "
        "did you mean sysctl.net.core.somaxconn?",
    ),
    "section": (
        diagnosis(expr="cpus.count > 1"),
        "check.expr: there is no fact cpus; did you mean cpu?",
    ),
    "field": (
        nic(at_least="nic.rings.rx_max"),
        "check.at_least: there is no fact nic.rings.rx_max; did you mean nic.ring.rx_max?",
    ),
    "counter in another group": (
        setting(symptom=symptom("rate(nstat.Tcp.ListenOverflows) > 1")),
        "symptom.when: there is no fact nstat.Tcp.ListenOverflows; "
        "did you mean nstat.TcpExt.ListenOverflows?",
    ),
    "parameter": (
        setting(at_least="params.peak_accept_per_s"),
        "check.at_least: there is no fact params.peak_accept_per_s; "
        "did you mean params.peak_accepts_per_s?",
    ),
    "fact of a condition": (
        setting(conditions=when("kernel.versoin >= (5, 4)", "old")),
        "when[0].if: there is no fact kernel.versoin; did you mean kernel.version?",
    ),
    "fact of the second condition's reason": (
        setting(conditions=(Condition("true", "x"), Condition("true", "{kernel.name} is old"))),
        "when[1].else: there is no fact kernel.name",
    ),
    "fact of a let": (
        setting(let={"a": "memory.totl"}, at_least="a"),
        "let.a: there is no fact memory.totl; did you mean memory.total?",
    ),
    "fact of the evidence": (
        setting(symptom=symptom("", "memory.total", "memory.totl")),
        "symptom.show[1]: there is no fact memory.totl; did you mean memory.total?",
    ),
    "fact of the message": (
        setting(message="{memory.totl:bytes} of memory"),
        "message: there is no fact memory.totl; did you mean memory.total?",
    ),
    "fact of the advice": (
        diagnosis(advice="wait for {kernel.relase}"),
        "advice: there is no fact kernel.relase; did you mean kernel.release?",
    ),
    "let before it is there": (
        setting(let={"a": "bandwidth * 2", "bandwidth": "a"}, at_least="bandwidth"),
        "let.a: there is no fact bandwidth",
    ),
    "let in a condition": (
        setting(conditions=when("demand > 1", "x"), let={"demand": "cpu.count"}, at_least="demand"),
        "when[0].if: there is no fact demand",
    ),
    "actual before it is there": (
        setting(let={"a": "actual * 2"}, at_least="a"),
        "let.a: there is no fact actual",
    ),
    "wanted in the target": (
        setting(at_least="wanted"),
        "check.at_least: there is no fact wanted",
    ),
    "actual of a diagnosis": (
        diagnosis(message="{actual} is too much"),
        "message: there is no fact actual",
    ),
    "scope's name in another scope": (
        setting(at_least="nic.ring.rx_max"),
        "check.at_least: there is no fact nic; nic is there in rules with `scope: nic`",
    ),
    "name of another scope": (
        nic(at_least="listener.backlog"),
        "check.at_least: there is no fact listener; "
        "listener is there in rules with `scope: listener`",
    ),
    "condition that is a number": (
        setting(conditions=when("cpu.count", "x")),
        "when[0].if: cpu.count is a number, where true or false is needed; "
        "compare it, as in cpu.count > 0",
    ),
    "diagnosis that is a number": (
        diagnosis(expr="cpu.count - 1"),
        "check.expr: cpu.count - 1 is a number, where true or false is needed; "
        "compare it, as in cpu.count - 1 > 0",
    ),
    "minimum that is text": (
        setting(at_least="kernel.release"),
        "check.at_least: kernel.release is text, where a number is needed",
    ),
    "minimum of a switch": (
        nic("nic:{nic}/feature.tx-tcp-segmentation", at_least="1"),
        'check.setting: nic.features["tx-tcp-segmentation"].active is true or false, '
        "where a number is needed",
    ),
    "unused let": (setting(let={"spare": "cpu.count"}), "let.spare: not used"),
    "let that is used by itself only": (
        setting(let={"spare": "spare + 1"}),
        "let.spare: there is no fact spare",
    ),
    "let named like a section": (
        setting(let={"memory": "2"}, at_least="memory"),
        "let.memory: memory means something already; choose another name",
    ),
    "let named like a scope": (
        setting(let={"nic": "2"}, at_least="nic"),
        "let.nic: nic means something already; choose another name",
    ),
    "let named like what messages have": (
        setting(let={"wanted": "2"}, at_least="wanted"),
        "let.wanted: wanted means something already; choose another name",
    ),
    "let named params": (
        setting(let={"params": "2"}, at_least="params"),
        "let.params: params means something already; choose another name",
    ),
    "let named like a function": (
        setting(let={"rate": "2"}, at_least="rate"),
        "let.rate: rate is a function; choose another name",
    ),
    "unknown sysctl": (
        setting("sysctl:net.core.somaxcon"),
        "check.setting: there is no fact sysctl.net.core.somaxcon; "
        "did you mean sysctl.net.core.somaxconn?",
    ),
    "unknown property": (
        nic("nic:{nic}/ring.rxx"),
        "check.setting: interfaces have no setting 'ring.rxx'; did you mean ring.rx?",
    ),
    "property that cannot be set": (
        nic("nic:{nic}/speed_mbps"),
        "check.setting: interfaces have no setting 'speed_mbps'",
    ),
    "unknown feature": (
        nic("nic:{nic}/feature.tx-tcp-segmentaton", equals="true"),
        'check.setting: there is no fact nic.features["tx-tcp-segmentaton"].active; '
        'did you mean nic.features["tx-tcp-segmentation"].active?',
    ),
    "judged interface in scope host": (
        setting(RING),
        "check.setting: {nic} is there in rules with `scope: nic`",
    ),
    "judged interface in a sysctl": (
        nic("sysctl:net.ipv4.conf.{nic}.rp_filter"),
        "check.setting: {nic} stands for a whole interface name in nic:… only",
    ),
    "judged interface in a name": (
        nic("nic:{nic}.100/mtu"),
        "check.setting: {nic} stands for a whole interface name in nic:… only",
    ),
    "setting without fix": (
        setting(fix=None),
        "fix: missing; a rule that checks a setting says what changing it would mean",
    ),
    "diagnosis with fix": (
        diagnosis(fix=Fix("low", "none")),
        "fix: a rule that only diagnoses changes nothing; what to do is `advice`",
    ),
    "diagnosis without advice": (
        diagnosis(advice=""),
        "advice: missing; a rule that only diagnoses says what to do",
    ),
    "figure of a diagnosis": (
        diagnosis(symptom=figures("delta(nstat.Tcp.OutSegs)")),
        "symptom.show[0].better: a rule that only diagnoses changes nothing that could be compared",
    ),
    "figure that is text": (
        setting(symptom=figures("kernel.release")),
        "symptom.show[0]: kernel.release is text, where a number is needed",
    ),
    "figure of a total": (
        setting(symptom=figures("cpu.count", "delta(nstat.Tcp.InSegs) / nstat.Tcp.OutSegs")),
        "symptom.show[1].better: nstat.Tcp.OutSegs is a total since boot; "
        "compare its delta() or rate()",
    ),
    "figure of a total in let": (
        setting(let={"sent": "nstat.Tcp.OutSegs"}, symptom=figures("sent")),
        "symptom.show[0].better: nstat.Tcp.OutSegs is a total since boot; "
        "compare its delta() or rate()",
    ),
    "figure of an interface's total": (
        nic(symptom=figures("nic.stats.rx_packets")),
        'symptom.show[0].better: nics["*"].stats.rx_packets is a total since boot; '
        "compare its delta() or rate()",
    ),
    "figure of totals in a loop": (
        nic(symptom=figures("sum(q.packets for q in nic.rx_queues if q.queue > 0)")),
        'symptom.show[0].better: nics["*"].rx_queues["*"].packets is a total since boot; '
        "compare its delta() or rate()",
    ),
    "parameter of a case": (
        setting(tests=case(rtt=5)),
        "tests: a case: profile server has no parameter 'rtt'; did you mean rtt_ms?",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_rule_has_one_problem_with_its_place_and_what_was_meant(name: str) -> None:
    tested, problem = BAD[name]
    assert lint(tested) == [problem]


def test_figures_are_told_by_their_labels() -> None:
    twice = Shown("delta(nstat.Tcp.OutSegs)", "sent", "count", "higher")
    problem = "there is another 'sent'; figures are told by their label"
    assert lint(setting(symptom=Symptom("", (twice, twice)))) == [
        f"symptom.show[0].better: {problem}",
        f"symptom.show[1].better: {problem}",
    ]


def test_a_figure_of_values_that_need_each_other_is_looked_at_once() -> None:
    circle = {"a": "b + 1", "b": "a + 1"}
    assert lint(setting(let=circle, symptom=figures("a"))) == ["let.a: there is no fact b"]


def test_every_problem_of_a_rule_is_told() -> None:
    tested = setting(
        "sysctl:net.core.somaxcon",
        let={"spare": "cpus.count"},
        at_least="params.rtt",
        message="{kernel.relase}",
        fix=None,
    )
    assert [problem.partition(":")[0] for problem in lint(tested)] == [
        "fix",
        "let.spare",
        "check.setting",
        "let.spare",
        "check.at_least",
        "message",
    ]
