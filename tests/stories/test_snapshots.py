"""The snapshots are what the script writes, are valid, and do not contradict themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import jsonschema
import pytest

from advisor.facts.snapshot_schema import snapshot_schema
from advisor.model.host import Host
from tests.stories.build import STORIES, document, snapshot_of

HOSTS = {name: make() for name, make in STORIES.items()}
_GAUGES = ("Ip.Forwarding", "Ip.DefaultTTL", "Tcp.Rto", "Tcp.MaxConn", "Tcp.CurrEstab")

SAMPLED = {name: host for name, host in HOSTS.items() if host.sample is not None}

each_host = pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS)
each_sampled_host = pytest.mark.parametrize("host", SAMPLED.values(), ids=SAMPLED)


def growth(host: Host, now: float, before: float) -> float:
    """Of a counter over the sample; since boot without one."""
    return now - before if host.sample else now


def counted(host: Host) -> dict[str, float]:
    """Protocol counter → its growth."""
    earlier = host.sample.before.nstat if host.sample else host.nstat
    return {
        f"{group}.{name}": growth(host, value, earlier[group][name])
        for group, counters in host.nstat.items()
        for name, value in counters.items()
    }


@pytest.mark.parametrize("name", STORIES)
def test_the_committed_snapshot_is_what_the_script_writes(name: str) -> None:
    # As lines: a difference then shows as the few lines that differ.
    assert snapshot_of(name).read_text().splitlines() == document(name).splitlines()


@pytest.mark.parametrize("name", STORIES)
def test_the_committed_snapshot_is_valid(name: str) -> None:
    jsonschema.validate(json.loads(snapshot_of(name).read_text()), snapshot_schema())


@each_host
def test_every_second_of_a_cpu_is_accounted_for(host: Host) -> None:
    for processor in host.cpu.each.values():
        total = sum(asdict(processor.times).values())
        assert total == pytest.approx(host.collection.uptime_s, abs=0.1)
        assert processor.times.idle >= 0
        if host.sample:
            earlier = host.sample.before.cpu.each[str(processor.cpu)].times
            assert total - sum(asdict(earlier).values()) == pytest.approx(
                host.sample.seconds, abs=0.1
            )


@each_sampled_host
def test_counters_only_grow(host: Host) -> None:
    now, before = dict(_counters(host)), dict(_counters(host.sample.before))
    assert now.keys() == before.keys()
    assert {name for name, value in now.items() if value < before[name]} == set()
    assert min(before.values()) >= 0


@each_host
def test_queues_add_up_to_their_interface(host: Host) -> None:
    for nic in host.nics.values():
        for way, queues in (("rx", nic.rx_queues), ("tx", nic.tx_queues)):
            for what in ("packets", "bytes"):
                numbers = [getattr(queue, what) for queue in queues.values()]
                if None not in numbers:
                    assert sum(numbers) == nic.stats[f"{way}_{what}"]


@each_sampled_host
def test_no_link_carries_more_than_its_speed(host: Host) -> None:
    for nic in host.nics.values():
        if nic.speed_mbps is None:
            continue
        earlier = host.sample.before.nics[nic.name].stats
        for counter in ("rx_bytes", "tx_bytes"):
            rate = (nic.stats[counter] - earlier[counter]) / host.sample.seconds
            assert rate * 8 < nic.speed_mbps * 1e6


@each_host
def test_qdiscs_sent_what_their_interface_sent(host: Host) -> None:
    for nic in host.nics.values():
        root = host.qdiscs.get(f"{nic.name} root")
        if root is None or root.kind == "noqueue":
            continue
        leaves = [each for each in host.qdiscs.values() if each.nic == nic.name and each != root]
        for counter in ("packets", "bytes", "drops", "backlog_packets", "backlog_bytes"):
            if root.kind == "mq":
                assert getattr(root, counter) == sum(getattr(leaf, counter) for leaf in leaves)
        assert root.packets == nic.stats["tx_packets"]


@each_host
def test_the_stack_handles_what_arrives(host: Host) -> None:
    """softnet counts what drivers hand over; IP receives nearly all of it, TCP a part."""
    earlier = host.sample.before.softnet if host.sample else host.softnet
    processed = sum(
        growth(host, line.processed, earlier[cpu].processed) for cpu, line in host.softnet.items()
    )
    grown = counted(host)
    received = grown["Ip.InReceives"] + grown["Ip6.InReceives"]
    assert received == pytest.approx(processed, rel=0.02)
    delivered = grown["Ip.InDelivers"] + grown["Ip6.InDelivers"]
    assert delivered + grown["Ip.ForwDatagrams"] <= received * 1.001
    assert grown["Tcp.InSegs"] + grown["Udp.InDatagrams"] <= delivered * 1.001


@each_host
def test_handshakes_that_were_dropped_are_split_as_the_kernel_counts_them(host: Host) -> None:
    grown = counted(host)
    of_both_queues = grown["TcpExt.ListenOverflows"] + grown["TcpExt.TCPReqQFullDrop"]
    assert grown["TcpExt.ListenDrops"] >= of_both_queues
    assert grown["TcpExt.SyncookiesSent"] == grown["TcpExt.TCPReqQFullDoCookies"]
    if host.kernel.version < (4, 7):
        assert grown["TcpExt.ListenDrops"] >= of_both_queues + grown["TcpExt.SyncookiesSent"]


@each_host
def test_sockets_are_the_same_in_every_section(host: Host) -> None:
    established = host.sockets.states["ESTAB"]
    assert host.nstat["Tcp"]["CurrEstab"] == established
    assert host.sockets.established + host.sockets.established_loopback == established
    assert host.sockets.states["LISTEN"] == len(host.listeners)
    assert host.sockstat["TCP"]["tw"] == host.sockets.states.get("TIME-WAIT", 0)
    assert host.sockstat["TCP"]["tw"] <= host.sysctl["net"]["ipv4"]["tcp_max_tw_buckets"]


@each_host
def test_no_listener_has_more_than_somaxconn(host: Host) -> None:
    somaxconn = host.sysctl["net"]["core"]["somaxconn"]
    assert max(listener.backlog for listener in host.listeners.values()) <= somaxconn


def _counters(host: Host) -> Iterator[tuple[str, Any]]:
    """Name → value of whatever may only grow."""
    for group, counters in host.nstat.items():
        for name, value in counters.items():
            if not f"{group}.{name}".startswith(_GAUGES):
                yield f"nstat.{group}.{name}", value
    for nic in host.nics.values():
        for name, value in nic.stats.items():
            yield f"{nic.name}.{name}", value
    for irq in host.irqs.values():
        yield f"irq {irq.irq}", irq.total
    for line in host.softnet.values():
        yield f"softnet {line.cpu}", line.processed + line.dropped + line.time_squeeze
    for processor in host.cpu.each.values():
        yield f"cpu {processor.cpu} net_rx", processor.net_rx
        for state, seconds in asdict(processor.times).items():
            yield f"cpu {processor.cpu} {state}", seconds
    for key, qdisc in host.qdiscs.items():
        yield f"qdisc {key}", qdisc.packets + qdisc.drops + qdisc.requeues
    for key, listener in host.listeners.items():
        yield f"listener {key}", listener.drops or 0
