"""S4: 2 % of the connections through a local proxy hang, some for 120 s; lo drops nothing.

A host of a service mesh: Linux 6.18, a sidecar proxy with eight workers on one port of loopback.
"""

from __future__ import annotations

from dataclasses import replace

from advisor.model.host import Host
from advisor.model.stack import Conntrack, Listener, Sockets
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import Flow, hardware, loopback
from tests.stories.interrupts import interrupt
from tests.stories.kernels import counters, sysctls
from tests.stories.readings import Reading, Work, collection, cpus, sampled
from tests.stories.sections import NO_QUEUE, leaf, neighbours, sockstat, softnet

KERNEL = "6.18"
CPUS = 8
MEMORY = 32 << 30
SAMPLE_S = 10

# "At about 30,000 transactions/s over lo": each is a connection, opened and accepted on this host
TRANSACTIONS_PER_S = 30_000
# "(0 drops on the interface, netdev_max_backlog already 1000)"
NETDEV_MAX_BACKLOG = 1000
# "2 % of connections hang"
HANGING = 0.02 * TRANSACTIONS_PER_S
# "the handshake's final ACK had been discarded because the accept queue was full": that ACK, the
# request behind it and a retransmission of it; beside them the SYNs that meet a full queue
DROPS_EACH, SYNS_DROPPED_PER_S = 3, 750
# "The queue holds backlog + 1, so full is Recv-Q > Send-Q"
BACKLOG, WORKERS = 128, 8
# "the client-side tell is TCPSYNChallenge": the server answers again after 1 s, most need it once
ANSWERED_AGAIN = 1.35
# "after about 120 s it completes": the longest retransmission timeout
RTO_MAX_MS = 120_000
# "client ESTAB …, server SYN-RECV"
SYN_RECV = 640
# Clients close first; on loopback their ports are used again after a second (tcp_tw_reuse=2).
TIME_WAIT = 50_100

LOCAL = Flow(TRANSACTIONS_PER_S * 9.1, TRANSACTIONS_PER_S * 9.1 * 310)
REMOTE = Flow(410, 96_000)


def stuck_on_loopback() -> Host:
    """The host while connections hang, counted over 10 s."""
    return sampled(_facts, seconds=SAMPLE_S, uptime_s=2 * 86400.0, load=0.3)


def _facts(at: Reading) -> Host:
    irqs = {
        "38": interrupt(at, KERNEL, 38, "virtio0-input.0", "eth0", 380, 1),
        "39": interrupt(at, KERNEL, 39, "virtio0-output.0", "eth0", 350, 2),
    }
    overflows = HANGING * DROPS_EACH + SYNS_DROPPED_PER_S
    challenges = HANGING * ANSWERED_AGAIN
    queues = (12, 41, 96, 8, BACKLOG + 1, 60, 0, 63)
    listeners = {
        f"127.0.0.1:15001{f'#{worker}' if worker > 1 else ''}": Listener(
            address="127.0.0.1",
            port=15001,
            accept_queue=waiting,
            backlog=BACKLOG,
            drops=at.count(overflows / WORKERS),
            loopback=True,
            uid=1337,
            inode=31_200 + worker,
        )
        for worker, waiting in enumerate(queues, 1)
    }
    return Host(
        collection=collection(at, "mesh-node-6", "2026-02-10"),
        kernel=Kernel("6.18.7-cloud-amd64", (6, 18, 7), "x86_64", 250, 4096),
        platform=Platform("kvm", "none", "none", "QEMU", "Standard PC (Q35 + ICH9, 2009)"),
        memory=Memory(total=MEMORY, available=24 << 30, free=18 << 30),
        cpu=cpus(
            at,
            [Work({"user": 0.34, "system": 0.27, "softirq": 0.17}, 34_000, 6) for _ in range(CPUS)],
        ),
        sysctl=sysctls(
            KERNEL,
            MEMORY,
            {"lo": 65536, "eth0": 1500},
            {
                "net.core.netdev_max_backlog": NETDEV_MAX_BACKLOG,
                "net.ipv4.tcp_rto_max_ms": RTO_MAX_MS,
                "net.ipv4.ip_local_port_range": (10240, 65535),
                "net.ipv4.ip_local_reserved_ports": "15000-15090",
            },
            conntrack={"count": 0, "max": 262_144, "buckets": 262_144},
        ),
        nics={
            "lo": loopback(at, KERNEL, packets=LOCAL.packets, bytes=LOCAL.bytes),
            "eth0": hardware(
                at,
                KERNEL,
                name="eth0",
                index=2,
                driver="virtio_net",
                bus="0000:01:00.0",
                rx=[REMOTE],
                tx=[REMOTE],
                irqs=irqs,
                mtu=1500,
                txqueuelen=1000,
                address="52:54:00:6b:3c:58",
                driver_version="1.0.0",
                local_cpus=tuple(range(CPUS)),
                qdisc="fq_codel",
                driver_stats={
                    "rx0_packets": at.count(REMOTE.packets),
                    "rx0_bytes": at.count(REMOTE.bytes),
                    "rx0_drops": 0,
                    "tx0_packets": at.count(REMOTE.packets),
                    "tx0_bytes": at.count(REMOTE.bytes),
                },
            ),
        },
        irqs=irqs,
        softnet=softnet(
            at,
            KERNEL,
            [(LOCAL.packets + REMOTE.packets) / CPUS] * CPUS,
            time_squeeze=[0.4] * CPUS,
        ),
        nstat=counters(
            KERNEL,
            {
                "Ip.InReceives": at.count(LOCAL.packets + REMOTE.packets),
                "Ip.InDelivers": at.count(LOCAL.packets + REMOTE.packets),
                "Ip.OutRequests": at.count(LOCAL.packets + REMOTE.packets),
                "Ip.OutTransmits": at.count(LOCAL.packets + REMOTE.packets),
                "IpExt.InOctets": at.count(LOCAL.bytes + REMOTE.bytes - 14 * LOCAL.packets),
                "IpExt.OutOctets": at.count(LOCAL.bytes + REMOTE.bytes - 14 * LOCAL.packets),
                "Tcp.PassiveOpens": at.count(TRANSACTIONS_PER_S),
                "Tcp.ActiveOpens": at.count(TRANSACTIONS_PER_S + 40),
                "Tcp.AttemptFails": at.count(2),
                "Tcp.EstabResets": at.count(11),
                "Tcp.CurrEstab": 4_410,
                "Tcp.InSegs": at.count(LOCAL.packets + REMOTE.packets - 20),
                "Tcp.OutSegs": at.count(LOCAL.packets + REMOTE.packets - 20),
                "Tcp.RetransSegs": at.count(HANGING * 2.2 + SYNS_DROPPED_PER_S),
                "Tcp.OutRsts": at.count(13),
                "Udp.InDatagrams": at.count(20),
                "Udp.OutDatagrams": at.count(20),
                "TcpExt.ListenOverflows": at.count(overflows),
                "TcpExt.ListenDrops": at.count(overflows),
                "TcpExt.TCPSYNChallenge": at.count(challenges),
                "TcpExt.TCPChallengeACK": at.count(challenges),
                "TcpExt.TCPSynRetrans": at.count(challenges + SYNS_DROPPED_PER_S),
                "TcpExt.TCPTimeouts": at.count(HANGING * 1.2 + SYNS_DROPPED_PER_S),
                "TcpExt.TW": at.count(12),
                "TcpExt.TWRecycled": at.count(TRANSACTIONS_PER_S - 300),
                "TcpExt.DelayedACKs": at.count(900),
                "TcpExt.TCPPureAcks": at.count(TRANSACTIONS_PER_S * 2.4),
                "TcpExt.TCPLossProbes": at.count(190),
                "TcpExt.TCPOrigDataSent": at.count(TRANSACTIONS_PER_S * 3),
                "TcpExt.TCPDelivered": at.count(TRANSACTIONS_PER_S * 4),
            },
        ),
        sockstat=sockstat(4_420, pages=3_020, time_wait=TIME_WAIT, orphans=3),
        listeners={
            "0.0.0.0:22": Listener("0.0.0.0", 22, 0, 128, drops=0, inode=19_004),
            "127.0.0.1:8080": Listener(
                "127.0.0.1", 8080, 0, 4096, drops=0, loopback=True, uid=1000, inode=30_977
            ),
            **listeners,
        },
        sockets=Sockets(
            states={"ESTAB": 4_410, "SYN-RECV": SYN_RECV, "TIME-WAIT": TIME_WAIT, "LISTEN": 10},
            established=38,
            established_loopback=4_372,
            examined=4_410,
            congestion={"cubic": 4_410},
            ports_most_used=TIME_WAIT + 2_200,
            ports_most_used_to="127.0.0.1:15001",
        ),
        neighbours=neighbours(at, KERNEL, 2, 3),
        conntrack=Conntrack(
            count=0,
            max=262_144,
            buckets=262_144,
            active=False,
            active_source="netfilter hooks",
            stats=dict.fromkeys(
                ("found", "invalid", "insert", "insert_failed", "drop", "early_drop", "clashres"), 0
            ),
        ),
        qdiscs=NO_QUEUE
        | {"eth0 root": replace(leaf(at, "fq_codel", REMOTE), nic="eth0", parent="root")},
        netns=NetNs(inode=4026531833, initial=True),
        services=Services(running=("systemd-networkd",)),
    )
