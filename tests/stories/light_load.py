"""A server with little to do: some web requests, a database of its own, a monitoring agent.

The load of the hosts on a distribution's defaults. Per second there are a dozen requests; since
boot a few of everything went wrong once, as on any host: that is no finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from advisor.model.stack import Conntrack, Counters, Listener, Quantiles, Sockets
from tests.stories.devices import Flow
from tests.stories.kernels import counters
from tests.stories.readings import Reading, Work, cpus
from tests.stories.sections import neighbours, sockstat, softnet

LOCAL = Flow(packets=46, bytes=17_000)
"""What passes loopback, per second."""

REQUESTS = 12
"""Connections that clients open, per second."""

_GRO = 0.9
_IPV6 = 0.06
_ESTABLISHED, _ESTABLISHED_LOCAL, _TIME_WAIT = 61, 14, 33


@dataclass(frozen=True, slots=True)
class Machine:
    """The CPUs of a host, as far as the load needs to know them.

    Attributes:
        cpus: How many.
        on_cpus: CPU that each receive queue interrupts.
        threads: CPUs per core.
        nodes: NUMA nodes.
        steal: Part of the time that the hypervisor gives to others.
    """

    cpus: int
    on_cpus: Sequence[int]
    threads: int = 1
    nodes: int = 1
    steal: float = 0.0


def flows(queues: int, packets: float, size: int) -> list[Flow]:
    """So many packets per second over the queues, as unevenly as few connections are hashed.

    Args:
        queues: Number of queues.
        packets: Packets per second of all of them.
        size: Average bytes of a packet.
    """
    weights = [(3, 1, 5, 2, 4, 1, 7, 2)[queue % 8] for queue in range(queues)]
    rates = [packets * weight / sum(weights) for weight in weights]
    return [Flow(rate, rate * size) for rate in rates]


def light_load(
    at: Reading, kernel: str, machine: Machine, rx: Sequence[Flow], tx: Sequence[Flow]
) -> dict[str, Any]:
    """The sections of a host with this load, by name.

    Args:
        at: The reading.
        kernel: A column of the kernels' tables.
        machine: Its CPUs.
        rx: What each receive queue takes.
        tx: What each transmit queue sends.
    """
    processed = [LOCAL.packets / machine.cpus] * machine.cpus
    for cpu, flow in zip(machine.on_cpus, rx, strict=True):
        processed[cpu] += flow.packets * _GRO
    listeners = _listeners()
    return {
        "cpu": cpus(at, _work(machine), threads=machine.threads, nodes=machine.nodes),
        "softnet": softnet(at, kernel, processed, time_squeeze=[0.00003] * machine.cpus),
        "nstat": _nstat(at, kernel, rx, tx),
        "sockstat": sockstat(
            _ESTABLISHED + _ESTABLISHED_LOCAL + len(listeners), pages=94, time_wait=_TIME_WAIT
        ),
        "listeners": listeners,
        "sockets": _sockets(len(listeners)),
        "neighbours": neighbours(at, kernel, 11, 17),
    }


def tracked(count: int, most: int) -> Conntrack:
    """Connection tracking of a host's firewall: so many entries, of as many as there may be."""
    return Conntrack(
        count=count,
        max=most,
        buckets=most,
        active=True,
        active_source="netfilter hooks",
        stats={
            **dict.fromkeys(("new", "ignore", "delete", "chaintoolong", "insert", "drop"), 0),
            **{"found": 311, "invalid": 6_204, "insert_failed": 1, "early_drop": 0},
            **{"clashres": 87, "search_restart": 9},
        },
    )


def _work(machine: Machine) -> list[Work]:
    """CPUs that receive handle packets beside the little that all of them do."""
    stolen = {"steal": machine.steal} if machine.steal else {}
    return [
        Work({"user": 0.021, "system": 0.012, "softirq": 0.003, **stolen}, 60, 3)
        if cpu in machine.on_cpus
        else Work({"user": 0.024, "system": 0.011, "softirq": 0.0004, **stolen}, 6, 1)
        for cpu in range(machine.cpus)
    ]


def _nstat(at: Reading, kernel: str, rx: Sequence[Flow], tx: Sequence[Flow]) -> Counters:
    received = sum(flow.packets for flow in rx) * _GRO
    sent = sum(flow.packets for flow in tx)
    return counters(
        kernel,
        {
            "Ip.InReceives": at.count(received * (1 - _IPV6) + LOCAL.packets),
            "Ip.InDelivers": at.count(received * (1 - _IPV6) * 0.98 + LOCAL.packets),
            "Ip.OutRequests": at.count(sent * (1 - _IPV6) * 0.6 + LOCAL.packets),
            "Ip.OutDiscards": 40,
            "Ip6.InReceives": at.count(received * _IPV6),
            "Ip6.InDelivers": at.count(received * _IPV6 * 0.9),
            "Ip6.OutRequests": at.count(sent * _IPV6 * 0.6),
            "IpExt.InOctets": at.count(sum(flow.bytes for flow in rx) * 0.94 + LOCAL.bytes),
            "IpExt.OutOctets": at.count(sum(flow.bytes for flow in tx) * 0.94 + LOCAL.bytes),
            "Icmp.InMsgs": at.count(0.2),
            "Icmp.InEchos": at.count(0.2),
            "Tcp.PassiveOpens": at.count(REQUESTS),
            "Tcp.ActiveOpens": at.count(2.2),
            "Tcp.AttemptFails": at.count(0.05),
            "Tcp.EstabResets": at.count(0.1),
            "Tcp.CurrEstab": _ESTABLISHED + _ESTABLISHED_LOCAL,
            "Tcp.InSegs": at.count(received * 0.9 + LOCAL.packets),
            "Tcp.OutSegs": at.count(sent * 0.93 + LOCAL.packets),
            "Tcp.RetransSegs": at.count(sent * 0.0008),
            "Tcp.OutRsts": at.count(0.3),
            "Udp.InDatagrams": at.count(1.5),
            "Udp.OutDatagrams": at.count(1.4),
            "Udp.NoPorts": at.grown(0, 3_118),
            "TcpExt.ListenOverflows": at.grown(0, 12),
            "TcpExt.ListenDrops": at.grown(0, 14),
            "TcpExt.PruneCalled": at.grown(0, 9),
            "TcpExt.TCPRcvCollapsed": at.grown(0, 388),
            "TcpExt.TCPTimeouts": at.count(0.03),
            "TcpExt.TCPSynRetrans": at.count(0.01),
            "TcpExt.TCPAbortOnTimeout": at.count(0.002),
            "TcpExt.TCPLossProbes": at.count(0.05),
            "TcpExt.TCPSYNChallenge": at.grown(0, 21),
            "TcpExt.TW": at.count(6),
            "TcpExt.DelayedACKs": at.count(3),
            "TcpExt.TCPPureAcks": at.count(received * 0.3),
            "TcpExt.TCPOrigDataSent": at.count(sent * 0.6),
            "TcpExt.TCPDelivered": at.count(sent * 0.6),
        },
    )


def _listeners() -> dict[str, Listener]:
    """sshd (128), nginx (511), node_exporter (Go takes somaxconn), PostgreSQL (200)."""
    return {
        "0.0.0.0:22": Listener("0.0.0.0", 22, 0, 128, drops=3, inode=19_512),
        "[::]:22": Listener("::", 22, 0, 128, drops=0, inode=19_514),
        "0.0.0.0:80": Listener("0.0.0.0", 80, 0, 511, drops=2, inode=24_377),
        "0.0.0.0:443": Listener("0.0.0.0", 443, 0, 511, drops=9, inode=24_378),
        "[::]:9100": Listener("::", 9100, 0, 4096, drops=0, uid=997, inode=23_006),
        "127.0.0.1:5432": Listener(
            "127.0.0.1", 5432, 0, 200, drops=0, loopback=True, uid=113, inode=25_940
        ),
    }


def _sockets(listening: int) -> Sockets:
    established = _ESTABLISHED + _ESTABLISHED_LOCAL
    return Sockets(
        states={"ESTAB": established, "TIME-WAIT": _TIME_WAIT, "LISTEN": listening},
        established=_ESTABLISHED,
        established_loopback=_ESTABLISHED_LOCAL,
        examined=established,
        congestion={"cubic": established},
        rtt_us=Quantiles(p50=14_000, p95=62_000, min=240, max=188_000),
        min_rtt_us=Quantiles(p50=11_000, p95=44_000, min=120, max=95_000),
        cwnd=Quantiles(p50=10, p95=31, min=10, max=92),
        pacing_bps=Quantiles(p50=1_700_000, p95=38_000_000, min=210_000, max=610_000_000),
        rcv_rtt_us=Quantiles(p50=12_000, p95=90_000, min=1_000, max=240_000),
        rwnd_limited_share=0.01,
        sndbuf_limited_share=0.0,
        retrans_share=0.0008,
        ports_most_used=6,
        ports_most_used_to="192.0.2.53:443",
    )
