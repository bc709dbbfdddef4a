"""A healthy storage host: 64 cores on two nodes, 32 queues at 100 Gbit/s, Linux 6.12."""

from __future__ import annotations

from advisor.model.host import Host
from advisor.model.nic_settings import Channels, Coalesce, Pause, Ring, Rss
from advisor.model.stack import Listener, Quantiles, Sockets
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import Flow, hardware, loopback
from tests.stories.interrupts import interrupt, queue_interrupts
from tests.stories.kernels import counters, sysctls
from tests.stories.readings import Reading, Work, collection, cpus, sampled
from tests.stories.sections import (
    NO_CONNTRACK,
    NO_QUEUE,
    leaf,
    multiqueue,
    neighbours,
    sockstat,
    softnet,
)

KERNEL = "6.12"
CORES, NODES, QUEUES = 64, 2, 32
NEAR = tuple(range(CORES // NODES, CORES))
MEMORY = 512 << 30
SAMPLE_S = 10

NIC, BUS, MTU = "ens3f0np0", "0000:b1:00.0", 9000
RX = [Flow(7_900 + 130 * (queue % 6), 9_100_000) for queue in range(QUEUES)]
TX = [Flow(24_000 + 310 * (queue % 9), 198_000_000) for queue in range(QUEUES)]
FLOWS = 1_860


def healthy_storage() -> Host:
    """The host during a rebalance, counted over 10 s."""
    return sampled(_facts, seconds=SAMPLE_S, uptime_s=90 * 86400.0, load=0.4)


def _facts(at: Reading) -> Host:
    irqs = {
        **queue_interrupts(
            at, KERNEL, NIC, "mlx5_core", BUS, [6_300.0] * QUEUES, first=201, on_cpus=NEAR
        ),
        "200": interrupt(at, KERNEL, 200, f"mlx5_async0@pci:{BUS}", NIC, 0.1, NEAR[0]),
    }
    received, sent = (sum(flow.packets for flow in flows) for flows in (RX, TX))
    return Host(
        collection=collection(at, "osd-31", "2026-05-11"),
        kernel=Kernel("6.12.74+deb13-amd64", (6, 12, 74), "x86_64", 250, 4096),
        platform=Platform("none", "none", "none", "Dell Inc.", "PowerEdge R7625"),
        memory=Memory(total=MEMORY, available=391 << 30, free=22 << 30),
        cpu=cpus(
            at,
            [
                Work({"user": 0.14, "system": 0.16, "iowait": 0.02, "softirq": 0.22}, 7_000, 20)
                if cpu in NEAR
                else Work({"user": 0.17, "system": 0.12, "iowait": 0.03, "softirq": 0.01}, 40, 4)
                for cpu in range(CORES)
            ],
            nodes=NODES,
        ),
        sysctl=sysctls(
            KERNEL,
            MEMORY,
            {"lo": 65536, NIC: MTU},
            {
                "net.core.default_qdisc": "fq_codel",
                "net.core.rmem_max": 33_554_432,
                "net.core.wmem_max": 33_554_432,
                "net.ipv4.tcp_rmem": (4096, 131_072, 33_554_432),
                "net.ipv4.tcp_wmem": (4096, 65_536, 33_554_432),
                "net.ipv4.tcp_mtu_probing": 1,
            },
        ),
        nics={
            "lo": loopback(at, KERNEL, packets=400, bytes=210_000),
            NIC: hardware(
                at,
                KERNEL,
                name=NIC,
                index=4,
                driver="mlx5_core",
                bus=BUS,
                rx=RX,
                tx=TX,
                irqs=irqs,
                bql_limit=262_144,
                mtu=MTU,
                txqueuelen=1000,
                address="b8:3f:d2:9c:61:7e",
                speed_mbps=100_000,
                duplex="full",
                driver_version="6.12.74+deb13-amd64",
                firmware="22.41.1000 (MT_0000000359)",
                numa_node=1,
                local_cpus=NEAR,
                channels=Channels(0, 0, 0, QUEUES, 0, 0, 0, 63),
                ring=Ring(rx=2048, tx=1024, rx_max=8192, tx_max=8192),
                coalesce=Coalesce(
                    rx_usecs=8,
                    rx_frames=128,
                    tx_usecs=16,
                    tx_frames=32,
                    adaptive_rx=True,
                    adaptive_tx=True,
                    cqe_mode_rx=False,
                    cqe_mode_tx=True,
                ),
                pause=Pause(autoneg=False, rx=False, tx=False, rx_frames=0, tx_frames=0),
                rss=Rss(tuple(slot % QUEUES for slot in range(256)), "toeplitz"),
                private_flags={"rx_cqe_moder": True, "rx_cqe_compress": False},
                qdisc="mq",
                driver_stats={"rx_out_of_buffer": at.grown(0, 2_310), "rx_discards_phy": 0},
            ),
        },
        irqs=irqs,
        softnet=softnet(
            at,
            KERNEL,
            [RX[cpu - NEAR[0]].packets * 0.5 if cpu in NEAR else 12.0 for cpu in range(CORES)],
            time_squeeze=[0.05 if cpu in NEAR else 0.0 for cpu in range(CORES)],
        ),
        nstat=counters(
            KERNEL,
            {
                "Ip.InReceives": at.count(received * 0.5 + 400),
                "Ip.InDelivers": at.count(received * 0.5 + 400),
                "Ip.OutRequests": at.count(sent / 6.8 + 400),
                "Ip.OutTransmits": at.count(sent / 6.8 + 400),
                "IpExt.InOctets": at.count(286_000_000),
                "IpExt.OutOctets": at.count(6_280_000_000),
                "Tcp.PassiveOpens": at.count(21),
                "Tcp.ActiveOpens": at.count(17),
                "Tcp.AttemptFails": at.count(0.1),
                "Tcp.CurrEstab": FLOWS,
                "Tcp.InSegs": at.count(received * 0.5 + 390),
                "Tcp.OutSegs": at.count(sent + 390),
                "Tcp.RetransSegs": at.count(sent * 0.00004),
                "Udp.InDatagrams": at.count(3),
                "Udp.OutDatagrams": at.count(3),
                "TcpExt.TW": at.count(12),
                "TcpExt.DelayedACKs": at.count(260),
                "TcpExt.TCPPureAcks": at.count(received * 0.4),
                "TcpExt.TCPTimeouts": at.count(0.2),
                "TcpExt.PruneCalled": at.grown(0, 190),
                "TcpExt.TCPRcvCollapsed": at.grown(0, 4_120),
                "TcpExt.TCPOrigDataSent": at.count(sent),
                "TcpExt.TCPDelivered": at.count(sent),
            },
        ),
        sockstat=sockstat(FLOWS + 12, pages=210_000, time_wait=700),
        listeners={
            "0.0.0.0:22": Listener("0.0.0.0", 22, 0, 128, drops=0, inode=22_190),
            "0.0.0.0:6800": Listener("0.0.0.0", 6800, 0, 512, drops=0, uid=167, inode=41_006),
            "0.0.0.0:6801": Listener("0.0.0.0", 6801, 0, 512, drops=0, uid=167, inode=41_008),
        },
        sockets=Sockets(
            states={"ESTAB": FLOWS, "TIME-WAIT": 700, "LISTEN": 3},
            established=FLOWS - 20,
            established_loopback=20,
            examined=FLOWS,
            congestion={"cubic": FLOWS},
            rtt_us=Quantiles(p50=310, p95=1_400, min=45, max=9_200),
            min_rtt_us=Quantiles(p50=92, p95=240, min=31, max=900),
            cwnd=Quantiles(p50=54, p95=310, min=10, max=1_200),
            pacing_bps=Quantiles(p50=9.1e8, p95=6.2e9, min=4.4e7, max=1.1e10),
            rcv_rtt_us=Quantiles(p50=1_000, p95=4_000, min=1_000, max=61_000),
            rwnd_limited_share=0.02,
            sndbuf_limited_share=0.01,
            retrans_share=0.00004,
            ports_most_used=8,
            ports_most_used_to="10.60.4.112:6800",
        ),
        neighbours=neighbours(at, KERNEL, 61, 88),
        conntrack=NO_CONNTRACK,
        qdiscs=NO_QUEUE | multiqueue(NIC, [leaf(at, "fq_codel", flow) for flow in TX]),
        netns=NetNs(inode=4026531840, initial=True),
        services=Services(running=("irqbalance",)),
    )
