"""Which figures are read of a host, in which window, and of which things."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.engine.measure import Reading, Subject, measure, subjects
from advisor.knowledge.fixtures import build_host
from advisor.model.address import Address, parse_address
from advisor.model.host import Host
from advisor.model.receipt import ALWAYS
from advisor.model.rule import Condition, Rule, Scope, Shown, Symptom
from tests.unit.engine.rules import rule

HOST = build_host(
    {
        "sysctl": {"net.core.somaxconn": 128},
        "nstat": {
            **{"TcpExt.ListenOverflows": 500, "TcpExt.ListenDrops": 700, "TcpExt.TCPSynRetrans": 5},
            **{"Tcp.RetransSegs": 35, "Tcp.OutSegs": 3000, "Tcp.ActiveOpens": 100},
            **{"Tcp.PassiveOpens": 2000, "Tcp.EstabResets": 1},
            **{"IpExt.InOctets": 9_000, "IpExt.OutOctets": 2_000},
        },
        "nics": {
            "eth0": {"rx_ring_full": 90, "stats": {"rx_packets": 5000}, "mtu": 1500},
            "eth1": {"rx_ring_full": 40, "stats": {"rx_packets": 400}},
            "veth0": {"kind": "veth", "physical": False, "rx_ring_full": 0},
        },
    },
    {
        "nstat": {
            **{"TcpExt.ListenOverflows": 400, "TcpExt.ListenDrops": 700, "TcpExt.TCPSynRetrans": 0},
            **{"Tcp.RetransSegs": 0, "Tcp.OutSegs": 2000, "Tcp.ActiveOpens": 50},
            **{"Tcp.PassiveOpens": 1000, "Tcp.EstabResets": 1},
            **{"IpExt.InOctets": 1_000, "IpExt.OutOctets": 1_000},
        },
        "nics": {
            "eth0": {"rx_ring_full": 30, "stats": {"rx_packets": 1000}},
            "eth1": {"rx_ring_full": 60},
        },
    },
    seconds=5.0,
)


def showing(*shown: Shown, setting: str = "sysctl:net.core.somaxconn", **keys: Any) -> Rule:
    return rule(setting, at_least="4096", symptom=Symptom("", shown), **keys)


def lower(value: str, unit: str = "count", label: str = "it") -> Shown:
    return Shown(value, label, unit, "lower")


def ring(*shown: Shown, **keys: Any) -> Rule:
    return showing(*shown, setting="nic:{nic}/ring.rx", scope=Scope.NIC, **keys)


def read(checked: Rule, *targets: str, host: Host = HOST) -> dict[tuple[str, str], Reading]:
    """The rule's own readings: (target, label) → reading."""
    found = measure(host, [Subject(checked, frozenset(targets) or None)], {"limit": 3})
    return {key[1:]: value for key, value in found.readings.items() if key[0] == checked.id}


VALUES = {
    "growth in the window": (lower("delta(nstat.TcpExt.ListenOverflows)"), 100, True),
    "a rate is told as events": (lower("rate(nstat.TcpExt.ListenOverflows)", "rate"), 100, True),
    "by way of let": (lower("let_rate", "rate"), 100, True),
    "a share": (
        lower("delta(nstat.TcpExt.ListenOverflows) / delta(nstat.Tcp.PassiveOpens)", "percent"),
        0.1,
        False,
    ),
    "what is there now": (lower("sysctl.net.core.somaxconn"), 128, False),
    "the setting itself": (lower("actual"), 128, False),
    "a parameter": (lower("params.limit"), 3, False),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_figure_is_read_in_the_window(name: str) -> None:
    shown, value, events = VALUES[name]
    checked = showing(shown, let={"let_rate": "rate(nstat.TcpExt.ListenOverflows)"})
    reading = read(checked)["host", "it"]
    assert (reading.value, reading.events, reading.better) == (value, events, "lower")


@pytest.mark.parametrize(
    "value",
    [
        "nstat.TcpExt.NotHere",
        "wanted",
        "sysctl.net.core.somaxconn > 1",
        "delta(nics.eth1.rx_ring_full)",
    ],
    ids=["not there", "no target", "not a number", "began anew"],
)
def test_what_cannot_be_read_is_left_out(value: str) -> None:
    assert read(showing(lower(value))) == {}


def test_what_is_only_shown_is_not_compared() -> None:
    assert read(showing(Shown("delta(nstat.TcpExt.ListenOverflows)", "it", "count"))) == {}
    assert read(showing()) == {}


def test_figures_do_not_depend_on_whether_the_rule_still_applies() -> None:
    gone = (Condition("delta(nstat.TcpExt.ListenOverflows) > 1000", "no overflows"),)
    assert read(showing(lower("delta(nstat.TcpExt.ListenOverflows)"), conditions=gone))


def test_a_figure_of_an_interface_is_read_for_each_that_the_rule_is_about() -> None:
    lost = ring(lower("delta(nic.rx_ring_full)"), each=Condition("nic.physical", "none"))
    # The counter of eth1 began anew.
    assert {key: each.value for key, each in read(lost).items()} == {("eth0", "it"): 60}
    assert read(lost, "eth1") == {}
    frames = ring(lower("frame", "bytes"), let={"frame": "nic.mtu"})
    assert {target for target, _ in read(frames)} == {"eth0", "eth1", "veth0"}
    assert {target for target, _ in read(frames, "eth0")} == {"eth0"}


def test_what_is_the_same_for_every_interface_is_read_once() -> None:
    assert set(read(ring(lower("delta(nstat.TcpExt.ListenOverflows)")))) == {("host", "it")}


def test_some_figures_are_read_in_any_case() -> None:
    window = measure(HOST, [], {})
    always = {label: each for (rule, _, label), each in window.readings.items() if rule == ALWAYS}
    shares = [each for each in always.values() if each.per is not None]
    assert [(each.value, each.per) for each in shares] == [(30, 1000)]
    assert always["handshakes dropped at listeners (ListenDrops)"].value == 0
    assert all(each.better == "lower" and each.events for each in always.values())
    # No softnet, conntrack and UDP here; the counter of eth1 began anew.
    assert len(always) == 4
    assert (window.seconds, window.octets, window.connections) == (5.0, 9_000, 1050)


def test_a_host_without_a_sample_has_no_window() -> None:
    with pytest.raises(ValueError, match="sample"):
        measure(build_host({}), [], {})


def test_what_cannot_be_read_at_all_gives_an_empty_window() -> None:
    window = measure(build_host({}, {}), [Subject(ring(lower("nic.mtu")))], {})
    assert (window.readings, window.octets, window.connections) == ({}, None, None)


CHANGES: list[tuple[Address, list[str]]] = [
    (parse_address("nic:eth0/ring.rx"), ["TST001", "TST002"]),
    (parse_address("nic:eth2/ring.rx"), ["TST001"]),
    (parse_address("sysctl:net.core.somaxconn"), ["TST003", "TST002"]),
]


def test_rules_are_read_of_the_interfaces_that_they_change() -> None:
    rules = [ring(id=f"TST00{number}") for number in range(1, 3)]
    rules += [showing(id="TST003"), showing(id="TST004")]
    found = {each.rule.id: each.targets for each in subjects(CHANGES, rules)}
    assert found == {"TST001": {"eth0", "eth2"}, "TST002": None, "TST003": None}
