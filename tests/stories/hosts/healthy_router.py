"""A healthy router with NAT: two ports of 10 Gbit/s, a million tracked connections, Linux 6.12."""

from __future__ import annotations

from advisor.model.host import Host
from advisor.model.nic import Nic
from advisor.model.nic_settings import Channels, Coalesce, Pause, Ring, Rss
from advisor.model.stack import Conntrack, Listener, Quantiles, Sockets
from advisor.model.system import Irq, Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import Flow, hardware, loopback
from tests.stories.interrupts import interrupt, queue_interrupts
from tests.stories.kernels import counters, sysctls
from tests.stories.readings import Reading, Work, collection, cpus, sampled
from tests.stories.sections import NO_QUEUE, leaf, multiqueue, neighbours, sockstat, softnet

KERNEL = "6.12"
CPUS = 8
MEMORY = 32 << 30
SAMPLE_S = 10

INSIDE, OUTSIDE = "enp1s0f0", "enp1s0f1"
UP = [Flow(43_000 + 900 * (queue % 3), 9_800_000) for queue in range(CPUS)]
DOWN = [Flow(61_000 + 1_100 * (queue % 4), 74_000_000) for queue in range(CPUS)]
TRACKED, TRACKED_MAX = 418_220, 1_048_576
NEW_PER_S = 3_900


def healthy_router() -> Host:
    """The router in the evening, counted over 10 s."""
    return sampled(_facts, seconds=SAMPLE_S, uptime_s=118 * 86400.0, load=0.5)


def _facts(at: Reading) -> Host:
    irqs = {**_interrupts(at, INSIDE, 60), **_interrupts(at, OUTSIDE, 70)}
    per_cpu = [up.packets + down.packets for up, down in zip(UP, DOWN, strict=True)]
    forwarded = sum(per_cpu) / 3  # GRO merges what is received, and it is cut again when sent
    return Host(
        collection=collection(at, "gw-2", "2026-01-28"),
        kernel=Kernel("6.12.63+deb13-amd64", (6, 12, 63), "x86_64", 250, 4096),
        platform=Platform("none", "none", "none", "Supermicro", "X12SDV-8C-SPT4F"),
        memory=Memory(total=MEMORY, available=29 << 30, free=27 << 30),
        cpu=cpus(at, [Work({"user": 0.01, "system": 0.02, "softirq": 0.41}, 21_000, 15)] * CPUS),
        sysctl=sysctls(
            KERNEL,
            MEMORY,
            {"lo": 65536, INSIDE: 1500, OUTSIDE: 1500},
            {
                "net.core.default_qdisc": "fq_codel",
                "net.core.netdev_budget": 600,
                "net.ipv4.ip_forward": 1,
                "net.ipv4.conf.all.forwarding": 1,
                f"net.ipv4.conf.{INSIDE}.forwarding": 1,
                f"net.ipv4.conf.{OUTSIDE}.forwarding": 1,
                "net.ipv4.neigh.default.gc_thresh1": 4096,
                "net.ipv4.neigh.default.gc_thresh2": 8192,
                "net.ipv4.neigh.default.gc_thresh3": 16384,
                "net.netfilter.nf_conntrack_tcp_timeout_established": 86_400,
            },
            conntrack={"count": TRACKED, "max": TRACKED_MAX, "buckets": TRACKED_MAX},
        ),
        nics={
            "lo": loopback(at, KERNEL, packets=4, bytes=900),
            INSIDE: _port(at, INSIDE, 2, UP, DOWN, irqs),
            OUTSIDE: _port(at, OUTSIDE, 3, DOWN, UP, irqs),
        },
        irqs=irqs,
        softnet=softnet(at, KERNEL, [rate / 3 for rate in per_cpu], time_squeeze=[0.3] * CPUS),
        nstat=counters(
            KERNEL,
            {
                "Ip.Forwarding": 1,
                "Ip.InReceives": at.count(forwarded + 30),
                "Ip.ForwDatagrams": at.count(forwarded),
                "Ip.InDelivers": at.count(30),
                "Ip.OutRequests": at.count(30),
                "Ip.OutTransmits": at.count(forwarded + 30),
                "IpExt.InOctets": at.count(660_000_000),
                "IpExt.OutOctets": at.count(660_000_000),
                "Icmp.OutMsgs": at.count(7),
                "Icmp.OutTimeExcds": at.count(7),
                "Tcp.PassiveOpens": at.count(0.05),
                "Tcp.ActiveOpens": at.count(0.02),
                "Tcp.CurrEstab": 4,
                "Tcp.InSegs": at.count(18),
                "Tcp.OutSegs": at.count(17),
                "Udp.InDatagrams": at.count(9),
                "Udp.OutDatagrams": at.count(9),
                "TcpExt.DelayedACKs": at.count(0.5),
            },
        ),
        sockstat=sockstat(11, pages=8),
        listeners={
            "10.0.0.1:22": Listener("10.0.0.1", 22, 0, 128, drops=0, inode=16_402),
            "127.0.0.1:2605": Listener(
                "127.0.0.1", 2605, 0, 3, drops=0, loopback=True, uid=105, inode=18_222
            ),
        },
        sockets=Sockets(
            states={"ESTAB": 4, "LISTEN": 2},
            established=4,
            established_loopback=0,
            examined=4,
            congestion={"cubic": 4},
            rtt_us=Quantiles(p50=700, p95=12_000, min=300, max=12_000),
            min_rtt_us=Quantiles(p50=210, p95=8_000, min=120, max=8_000),
            cwnd=Quantiles(p50=10, p95=10, min=10, max=10),
            ports_most_used=1,
            ports_most_used_to="198.51.100.1:179",
        ),
        neighbours=neighbours(at, KERNEL, 212, 96),
        conntrack=Conntrack(
            count=TRACKED,
            max=TRACKED_MAX,
            buckets=TRACKED_MAX,
            active=True,
            active_source="netfilter hooks",
            stats={
                "found": at.count(3),
                "new": 0,
                "invalid": at.count(21),
                "ignore": 0,
                "delete": 0,
                "chaintoolong": 0,
                "insert": 0,
                "insert_failed": at.grown(0, 71),
                "drop": at.grown(0, 71),
                "early_drop": 0,
                "clashres": at.count(0.4),
                "search_restart": at.count(0.1),
            },
        ),
        qdiscs=NO_QUEUE
        | multiqueue(INSIDE, [leaf(at, "fq_codel", flow) for flow in DOWN])
        | multiqueue(OUTSIDE, [leaf(at, "fq_codel", flow) for flow in UP]),
        netns=NetNs(inode=4026531840, initial=True),
        services=Services(running=("systemd-networkd",)),
    )


def _interrupts(at: Reading, nic: str, first: int) -> dict[str, Irq]:
    queues = queue_interrupts(at, KERNEL, nic, "ixgbe", "", [9_400.0] * CPUS, first=first)
    link = interrupt(at, KERNEL, first + CPUS, nic, nic, 0, 0)
    return {**queues, str(first + CPUS): link}


def _port(
    at: Reading, name: str, index: int, rx: list[Flow], tx: list[Flow], irqs: dict[str, Irq]
) -> Nic:
    return hardware(
        at,
        KERNEL,
        name=name,
        index=index,
        driver="ixgbe",
        bus=f"0000:01:00.{index - 2}",
        rx=rx,
        tx=tx,
        irqs=irqs,
        mtu=1500,
        txqueuelen=1000,
        address=f"3c:ec:ef:44:90:{0x10 + index:x}",
        speed_mbps=10_000,
        duplex="full",
        driver_version="6.12.63+deb13-amd64",
        firmware="0x800009e0",
        numa_node=0,
        local_cpus=tuple(range(CPUS)),
        channels=Channels(0, 0, 1, CPUS, 0, 0, 1, 63),
        ring=Ring(rx=4096, tx=1024, rx_max=8192, tx_max=8192),
        coalesce=Coalesce(rx_usecs=1, tx_usecs=0),
        pause=Pause(autoneg=False, rx=False, tx=False, rx_frames=0, tx_frames=0),
        rss=Rss(tuple(slot % CPUS for slot in range(128)), "toeplitz"),
        private_flags={"legacy-rx": False, "vf-ipsec": False},
        qdisc="mq",
        driver_stats={"rx_missed_errors": 0, "rx_no_dma_resources": at.grown(0, 1_204)},
    )
