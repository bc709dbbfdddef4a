"""The short form of facts that the cases of rules are written in."""

from __future__ import annotations

import re
from typing import Any

import pytest

from advisor.knowledge.fixtures import NOT_GIVEN, build_host
from advisor.model.host import Host
from advisor.model.nic_settings import Feature
from advisor.model.unavailable import Unavailable


def fact(host: Host, place: str) -> Any:
    """What stands at a dotted place; a dot in a key is written as "/"."""
    value: Any = host
    for key in place.split("."):
        key = key.replace("/", ".")
        value = value[key] if isinstance(value, dict) else getattr(value, key)
    return value


@pytest.mark.parametrize(
    ("given", "place", "expected"),
    [
        ({"kernel": "6.1"}, "kernel.version", (6, 1)),
        ({"kernel": "5.15.0-1034-aws"}, "kernel.version", (5, 15, 0)),
        ({"kernel": "5.15.0-1034-aws"}, "kernel.release", "5.15.0-1034-aws"),
        ({"kernel": {"hz": {"unavailable": "no config"}}}, "kernel.hz", Unavailable("no config")),
        ({"kernel": {"hz": 1000}}, "kernel.version", (6, 1)),
        ({"cpu": 3}, "cpu.count", 3),
        ({"cpu": 3}, "cpu.nodes", {"0": (0, 1, 2)}),
        ({"cpu": 3}, "cpu.each.2.cpu", 2),
        ({"cpu": 3}, "cpu.each.2.siblings", (2,)),
        ({"cpu": 3}, "cpu.each.2.times.softirq", 0.0),
        ({"cpu": {"each": {"0": {}, "4": {}}}}, "cpu.count", 2),
        ({"memory": {"total": 1024}}, "memory.free", 0),
        ({"memory": {"unavailable": "no permission"}}, "memory", Unavailable("no permission")),
        ({"memory": {"total": 1024}}, "softnet", NOT_GIVEN),
        ({"sysctl": {"net.ipv4.tcp_rmem": [1, 2, 3]}}, "sysctl.net.ipv4.tcp_rmem", (1, 2, 3)),
        (
            {"sysctl": {"net.ipv4.conf.eth0/100.rp_filter": 1}},
            "sysctl.net.ipv4.conf.eth0/100.rp_filter",
            1,
        ),
        (
            {"sysctl": {"net.ipv4.tcp_congestion_control": "bbr"}},
            "sysctl.net.ipv4.tcp_congestion_control",
            "bbr",
        ),
        (
            {"sysctl": {"net.ipv4.tcp_ecn": {"unavailable": "not readable"}}},
            "sysctl.net.ipv4.tcp_ecn",
            Unavailable("not readable"),
        ),
        ({"sysctl": {"unavailable": "no /proc"}}, "sysctl", Unavailable("no /proc")),
        ({"nstat": {"TcpExt.PruneCalled": 7}}, "nstat.TcpExt.PruneCalled", 7),
        ({"sockstat": {"TCP.tw": 7}}, "sockstat.TCP.tw", 7),
        ({"nics": {"eth0": {}}}, "nics.eth0.name", "eth0"),
        ({"nics": {"eth0": {}}}, "nics.eth0.mtu", 1500),
        ({"nics": {"eth0": {}}}, "nics.eth0.physical", True),
        ({"nics": {"eth0": {"kind": "veth"}}}, "nics.eth0.kind", "veth"),
        ({"nics": {"eth0": {}}}, "nics.eth0.speed_mbps", None),
        ({"nics": {"eth0": {}}}, "nics.eth0.ring", NOT_GIVEN),
        ({"nics": {"eth0": {"ring": {"rx": 256}}}}, "nics.eth0.ring.tx", 0),
        ({"nics": {"eth0": {"coalesce": {}}}}, "nics.eth0.coalesce.rx_usecs", None),
        (
            {"nics": {"eth0": {"features": {"rx-gro": True}}}},
            "nics.eth0.features.rx-gro",
            Feature(True, requested=True),
        ),
        (
            {"nics": {"eth0": {"features": {"rx-gro": {"active": False, "fixed": True}}}}},
            "nics.eth0.features.rx-gro",
            Feature(active=False, fixed=True),
        ),
        ({"nics": {"eth0": {"rx_queues": {"11": {}}}}}, "nics.eth0.rx_queues.11.queue", 11),
        ({"listeners": {"0.0.0.0:80": {}}}, "listeners.0/0/0/0:80.port", 80),
        ({"listeners": {"0.0.0.0:80": {}}}, "listeners.0/0/0/0:80.loopback", False),
        ({"listeners": {"127.0.0.1:80#2": {}}}, "listeners.127/0/0/1:80#2.loopback", True),
        ({"listeners": {"[::1]:80": {}}}, "listeners.[::1]:80.address", "::1"),
        ({"listeners": {"[::1]:80": {}}}, "listeners.[::1]:80.loopback", True),
        ({"qdiscs": {"eth0 8001:1": {}}}, "qdiscs.eth0 8001:1.parent", "8001:1"),
        ({"softnet": {"5": {}}}, "softnet.5.cpu", 5),
        ({"irqs": {"45": {"affinity": [0, 9]}}}, "irqs.45.affinity", (0, 9)),
        ({}, "collection.uptime_s", 86400.0),
        ({"collection": {"uptime_s": 60}}, "collection.uptime_s", 60.0),
        ({"collection": {"uptime_s": 60}}, "collection.hostname", "test"),
    ],
)
def test_a_short_form_stands_for_a_fact(given: dict[str, Any], place: str, expected: Any) -> None:
    found = fact(build_host(given), place)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"nic": {}}, "nic is not a section of the facts"),
        ({"sample": {}}, "sample is not a section of the facts"),
        ({"kernel": None}, "kernel: expected a group of facts, found None"),
        ({"kernel": 6.1}, "kernel: expected a group of facts, found 6.1"),
        ({"kernel": {"relase": "6.1"}}, "kernel has no field 'relase'"),
        ({"cpu": True}, "cpu: expected a group of facts, found True"),
        ({"cpu": {"each": {"one": {}}}}, "cpu.each.one: expected a key such as '0'"),
        ({"memory": {"total": "1G"}}, "memory.total: expected a whole number, found '1G'"),
        ({"memory": {"total": 1.5}}, "memory.total: expected a whole number, found 1.5"),
        ({"memory": {"total": True}}, "memory.total: expected a whole number, found True"),
        ({"collection": 5}, "collection: expected a group of facts, found 5"),
        ({"collection": {"uptime_s": "x"}}, "collection.uptime_s: expected a number, found 'x'"),
        ({"sysctl": 5}, "sysctl: expected a number, text or a list of numbers, found 5"),
        ({"sysctl": {"net.ipv4.tcp_rmem[1]": 5}}, "give the whole vector as a list"),
        ({"sysctl": {"net..x": 5}}, "sysctl.net..x: not a sysctl key"),
        ({"sysctl": {"net.x": True}}, "sysctl.net.x: expected a number, text or a list"),
        ({"sysctl": {"net.x": [1, "2"]}}, "sysctl.net.x: expected a number, text or a list"),
        ({"sysctl": {"net.x": 1, "net.x.y": 2}}, "sysctl.net.x.y: x is a value here"),
        ({"sysctl": {"net.x.y": 2, "net.x": 1}}, "sysctl.net.x: it is a group of facts here"),
        ({"nstat": {"TcpExt": 5}}, "nstat.TcpExt: expected a group of facts, found 5"),
        ({"nstat": {"TcpExt.A": "5"}}, "nstat.TcpExt.A: expected a whole number, found '5'"),
        ({"nics": ["eth0"]}, "nics: expected a group of facts, found ['eth0']"),
        ({"nics": {"eth0": None}}, "nics.eth0: expected a group of facts, found None"),
        ({"nics": {"eth0": {"mtuu": 1}}}, "nics.eth0 has no field 'mtuu'"),
        ({"nics": {"eth0": {"mtu": None}}}, "nics.eth0.mtu: expected a whole number, found None"),
        ({"nics": {"eth0": {"ring": {"rxx": 1}}}}, "nics.eth0.ring has no field 'rxx'"),
        (
            {"nics": {"eth0": {"rx_queues": {"0": {"rps_cpus": 3}}}}},
            "nics.eth0.rx_queues.0.rps_cpus: expected a list, found 3",
        ),
        (
            {"nics": {"eth0": {"rx_queues": {"0": {"rps_cpus": ["a"]}}}}},
            "nics.eth0.rx_queues.0.rps_cpus[0]: expected a whole number, found 'a'",
        ),
        (
            {"nics": {"eth0": {"features": {"rx-gro": "on"}}}},
            "nics.eth0.features.rx-gro: expected a group of facts, found 'on'",
        ),
        ({"listeners": {"http": {}}}, "listeners.http: expected a key such as '0.0.0.0:80'"),
        ({"softnet": {"-1": {}}}, "softnet.-1: expected a key such as '0'"),
    ],
)
def test_what_is_no_fact_is_refused_with_its_place(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        build_host(given)


def test_without_an_earlier_reading_there_is_no_sample() -> None:
    assert build_host({"kernel": "6.1"}).sample is None


def test_an_earlier_reading_is_the_later_one_with_what_differed() -> None:
    host = build_host(
        {
            "kernel": "6.1",
            "nstat": {"TcpExt.A": 10, "TcpExt.B": 20},
            "nics": {"eth0": {"stats": {"rx_packets": 5, "tx_packets": 6}}},
            "softnet": {"0": {"processed": 9}},
        },
        {"nstat": {"TcpExt.A": 3}, "nics": {"eth0": {"stats": {"rx_packets": 1}}}},
        2.5,
    )
    assert host.sample is not None
    assert host.sample.seconds == 2.5
    before = host.sample.before
    assert before.nstat == {"TcpExt": {"A": 3, "B": 20}}
    assert fact(before, "nics.eth0.stats") == {"rx_packets": 1, "tx_packets": 6}
    assert before.softnet == host.softnet
    assert before.sample is None
    assert host.nstat == {"TcpExt": {"A": 10, "B": 20}}


@pytest.mark.parametrize(
    ("given", "before", "expected"),
    [
        ({"A.a": 1}, {"unavailable": "too early"}, Unavailable("too early")),
        ({"unavailable": "now"}, {"A.a": 1}, {"A": {"a": 1}}),
        ({"unavailable": "now"}, {}, {}),
    ],
)
def test_a_section_that_one_reading_lacks_is_not_mixed_with_the_other(
    given: dict[str, Any], before: dict[str, Any], expected: Any
) -> None:
    host = build_host({"nstat": given}, {"nstat": before})
    assert host.sample is not None
    assert host.sample.before.nstat == expected


def test_a_mistake_in_the_earlier_reading_is_refused_with_its_place() -> None:
    with pytest.raises(ValueError, match="memory has no field 'totl'"):
        build_host({"memory": {"total": 1}}, {"memory": {"totl": 1}})
