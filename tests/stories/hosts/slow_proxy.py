"""S5: 6.8 Gbit/s where 10 were normal, after an upgrade to Linux 3.7.1; the settings were innocent.

A proxy between two links of 10 Gbit/s, idling, and slow on loopback too.
"""

from __future__ import annotations

from advisor.model.host import Host
from advisor.model.nic import Nic
from advisor.model.nic_settings import Channels, Coalesce, Pause, Ring, Rss
from advisor.model.stack import Listener, Quantiles, Sockets
from advisor.model.system import Irq, Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import Flow, hardware, loopback
from tests.stories.interrupts import interrupt, queue_interrupts
from tests.stories.kernels import counters, sysctls
from tests.stories.readings import Reading, Work, collection, cpus, sampled
from tests.stories.sections import (
    NO_CONNTRACK,
    absent,
    leaf,
    multiqueue,
    neighbours,
    sockstat,
    softnet,
)

KERNEL = "3.7"
QUEUES = 4
MEMORY = 16 << 30
SAMPLE_S = 30

# "after an upgrade from 3.5/3.6 to 3.7.1"
RELEASE = "3.7.1"
# "haproxy between two 10 GbE links fell from 10 to 6.8 Gb/s"
LINK_MBPS, RATE_BYTES = 10_000, 6.8e9 / 8
# "all machines idling"
BUSY = {"user": 0.02, "system": 0.09, "softirq": 0.07}
# "Lowering the loopback MTU from 64 KB to 16 KB made it worse (5 MB/s)"
LOOPBACK_MTU, LOOPBACK_BYTES = 16_384, 5_000_000
# "the sender waited for delayed ACKs: 40 ms and 200 ms pauses": some sixteen a second for each flow
FLOWS, DELAYED_ACKS_PER_S = 24, 24 * 16
# "IRQ rate, CPU affinity, tcp_rmem/tcp_wmem, flow control, GSO/TSO: none helped": all as they
# should be, and no packet is lost anywhere
TCP_RMEM, TCP_WMEM = (4096, 87380, 6_291_456), (4096, 65536, 8_388_608)
IRQS_PER_S = 7_800

MSS, FRAME = 1448, 1514
IN = [Flow(RATE_BYTES / FRAME / QUEUES, RATE_BYTES / QUEUES)] * QUEUES
ACKS = [Flow(RATE_BYTES / FRAME / QUEUES / 9, RATE_BYTES / FRAME / QUEUES / 9 * 66)] * QUEUES
# "tcpdump lost 90 % and made it stall" has no counter


def slow_proxy() -> Host:
    """The proxy with its test running, counted over 30 s."""
    return sampled(_facts, seconds=SAMPLE_S, uptime_s=3 * 3600.0, load=0.4)


def _facts(at: Reading) -> Host:
    irqs = {
        **_interrupts(at, "eth0", 40),
        **_interrupts(at, "eth1", 50),
    }
    local = LOOPBACK_BYTES / LOOPBACK_MTU * 2.2
    received = sum(flow.packets for flow in (*IN, *ACKS))
    merged_by_gro = received / 7
    segments = sum(flow.packets for flow in IN)
    return Host(
        collection=collection(at, "proxy-a", "2013-01-05"),
        kernel=Kernel(RELEASE, (3, 7, 1), "x86_64", 250, 4096),
        platform=Platform("none", "none", "none", "Dell Inc.", "PowerEdge R210 II"),
        memory=Memory(total=MEMORY, available=14 << 30, free=13 << 30),
        cpu=cpus(at, [Work(BUSY, IRQS_PER_S * 2.1, 30)] * QUEUES),
        sysctl=sysctls(
            KERNEL,
            MEMORY,
            {"lo": LOOPBACK_MTU, "eth0": 1500, "eth1": 1500},
            {
                "net.ipv4.tcp_rmem": TCP_RMEM,
                "net.ipv4.tcp_wmem": TCP_WMEM,
                "net.core.rmem_max": 16_777_216,
                "net.core.wmem_max": 16_777_216,
                "net.core.somaxconn": 10_000,
                "net.ipv4.tcp_max_syn_backlog": 10_000,
                "net.ipv4.tcp_slow_start_after_idle": 0,
                "net.ipv4.ip_local_port_range": (1025, 65535),
                "net.ipv4.ip_local_reserved_ports": "8000-8100",
            },
        ),
        nics={
            "lo": loopback(at, KERNEL, packets=local, bytes=LOOPBACK_BYTES, mtu=LOOPBACK_MTU),
            "eth0": _port(at, "eth0", 2, IN, ACKS, irqs),
            "eth1": _port(at, "eth1", 3, ACKS, IN, irqs),
        },
        irqs=irqs,
        softnet=softnet(at, KERNEL, [(merged_by_gro + local) / QUEUES] * QUEUES),
        nstat=counters(
            KERNEL,
            {
                "Ip.InReceives": at.count(merged_by_gro + local),
                "Ip.InDelivers": at.count(merged_by_gro + local),
                "Ip.OutRequests": at.count(segments / 16 + segments / 9 + local),
                "IpExt.InOctets": at.count(RATE_BYTES * 0.98 + LOOPBACK_BYTES),
                "IpExt.OutOctets": at.count(RATE_BYTES * 0.98 + LOOPBACK_BYTES),
                "Tcp.PassiveOpens": at.count(41),
                "Tcp.ActiveOpens": at.count(41),
                "Tcp.CurrEstab": FLOWS * 2 + 6,
                "Tcp.InSegs": at.count(merged_by_gro + local),
                "Tcp.OutSegs": at.count(segments + segments / 9 + local),
                "Udp.InDatagrams": at.count(1),
                "Udp.OutDatagrams": at.count(1),
                "TcpExt.DelayedACKs": at.count(DELAYED_ACKS_PER_S),
                "TcpExt.TW": at.count(38),
                "TcpExt.TCPHPHits": at.count(merged_by_gro * 0.4),
                "TcpExt.TCPPureAcks": at.count(merged_by_gro * 0.4),
                "TcpExt.TCPHPAcks": at.count(600),
            },
        ),
        sockstat=sockstat(62, pages=3_900, time_wait=2_280),
        listeners={
            "0.0.0.0:22": Listener("0.0.0.0", 22, 0, 128, inode=6_300),
            "0.0.0.0:8000": Listener("0.0.0.0", 8000, 0, 10_000, inode=9_811),
        },
        sockets=Sockets(
            states={"ESTAB": FLOWS * 2 + 6, "TIME-WAIT": 2_280, "LISTEN": 2},
            established=FLOWS * 2 + 2,
            established_loopback=4,
            examined=FLOWS * 2 + 6,
            congestion={"cubic": FLOWS * 2 + 6},
            rtt_us=Quantiles(p50=1_000, p95=2_000, min=1_000, max=4_000),
            cwnd=Quantiles(p50=44, p95=180, min=10, max=310),
            rcv_rtt_us=Quantiles(p50=1_000, p95=41_000, min=1_000, max=204_000),
            ports_most_used=24,
            ports_most_used_to="10.2.0.10:8000",
        ),
        neighbours=neighbours(at, KERNEL, 7, 3),
        conntrack=NO_CONNTRACK,
        qdiscs={
            **multiqueue("eth0", [leaf(at, "pfifo_fast", flow) for flow in ACKS]),
            **multiqueue("eth1", [leaf(at, "pfifo_fast", flow) for flow in IN]),
        },
        netns=NetNs(inode=absent("/proc/thread-self/ns/net"), initial=True),
        services=Services(),
    )


def _interrupts(at: Reading, nic: str, first: int) -> dict[str, Irq]:
    rates = [IRQS_PER_S] * QUEUES
    queues = queue_interrupts(at, KERNEL, nic, "ixgbe", "", rates, first=first)
    link = interrupt(at, KERNEL, first + QUEUES, nic, nic, 0, 0)
    return {**queues, str(first + QUEUES): link}


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
        address=f"00:1b:21:6f:ca:{40 + index:x}",
        speed_mbps=LINK_MBPS,
        duplex="full",
        driver_version="3.9.15-k",
        firmware="0x61c10001",
        local_cpus=tuple(range(QUEUES)),
        channels=Channels(0, 0, 1, QUEUES, 0, 0, 1, QUEUES),
        ring=Ring(rx=2048, tx=1024, rx_max=4096, tx_max=4096),
        coalesce=Coalesce(
            rx_usecs=1, rx_frames=0, tx_usecs=0, tx_frames=0, adaptive_rx=False, adaptive_tx=False
        ),
        pause=Pause(autoneg=True, rx=True, tx=True),
        rss=Rss(tuple(slot % QUEUES for slot in range(128))),
        qdisc="mq",
        driver_stats={"rx_missed_errors": 0, "rx_no_dma_resources": 0, "tx_restart_queue": 0},
    )
