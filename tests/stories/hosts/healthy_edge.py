"""A healthy edge proxy: busy, well tuned, Linux 6.12, nothing to report."""

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
CPUS, THREADS = 32, 2
QUEUES = CPUS // THREADS
MEMORY = 128 << 30
SAMPLE_S = 10

RX = [Flow(packets=11_800 + 190 * (queue % 5), bytes=3_900_000) for queue in range(QUEUES)]
TX = [Flow(packets=16_400 + 240 * (queue % 7), bytes=21_000_000) for queue in range(QUEUES)]
LOCAL = Flow(packets=2_100, bytes=1_900_000)
ESTABLISHED = 41_300
WORKERS = 16


def healthy_edge() -> Host:
    """The host in the evening, counted over 10 s."""
    return sampled(_facts, seconds=SAMPLE_S, uptime_s=63 * 86400.0)


def _facts(at: Reading) -> Host:
    bus = "0000:c1:00.0"
    rates = [8_100.0] * QUEUES
    irqs = {
        **queue_interrupts(at, KERNEL, "enp193s0f0", "ice", bus, rates, first=121),
        "120": interrupt(at, KERNEL, 120, "ice-enp193s0f0:misc", "enp193s0f0", 0, 0),
    }
    merged_by_gro = 0.8
    received = sum(flow.packets for flow in RX) * merged_by_gro
    sent = sum(flow.packets for flow in TX)
    on_queue = [RX[cpu].packets * merged_by_gro if cpu < QUEUES else 40.0 for cpu in range(CPUS)]
    return Host(
        collection=collection(at, "edge-fra-12", "2026-03-04"),
        kernel=Kernel("6.12.57+deb13-amd64", (6, 12, 57), "x86_64", 250, 4096),
        platform=Platform("none", "none", "none", "Supermicro", "AS -1115CS-TNR"),
        memory=Memory(total=MEMORY, available=88 << 30, free=31 << 30),
        cpu=cpus(
            at,
            [
                Work({"user": 0.24, "system": 0.12, "softirq": 0.19}, 9_300, 20)
                if cpu < QUEUES
                else Work({"user": 0.31, "system": 0.15, "softirq": 0.02}, 120, 10)
                for cpu in range(CPUS)
            ],
            threads=THREADS,
        ),
        sysctl=sysctls(
            KERNEL,
            MEMORY,
            {"lo": 65536, "enp193s0f0": 1500},
            {
                "net.core.default_qdisc": "fq",
                "net.core.rmem_max": 16_777_216,
                "net.core.wmem_max": 16_777_216,
                "net.core.somaxconn": 16_384,
                "net.ipv4.ip_local_port_range": (10240, 65535),
                "net.ipv4.tcp_available_congestion_control": "reno cubic bbr",
                "net.ipv4.tcp_congestion_control": "bbr",
                "net.ipv4.tcp_mtu_probing": 1,
                "net.ipv4.tcp_notsent_lowat": 131_072,
                "net.ipv4.tcp_rmem": (4096, 131_072, 8_388_608),
                "net.ipv4.tcp_wmem": (4096, 65_536, 16_777_216),
                "net.ipv4.tcp_slow_start_after_idle": 0,
                "net.ipv4.tcp_fastopen": 3,
            },
        ),
        nics={
            "lo": loopback(at, KERNEL, packets=LOCAL.packets, bytes=LOCAL.bytes),
            "enp193s0f0": hardware(
                at,
                KERNEL,
                name="enp193s0f0",
                index=2,
                driver="ice",
                bus=bus,
                rx=RX,
                tx=TX,
                irqs=irqs,
                errors={"rx_dropped": at.count(0.8), "multicast": at.count(2)},
                mtu=1500,
                txqueuelen=1000,
                address="3c:ec:ef:b1:20:8a",
                speed_mbps=25_000,
                duplex="full",
                driver_version="6.12.57+deb13-amd64",
                firmware="4.50 0x8001d8b5 1.3597.0",
                numa_node=0,
                local_cpus=tuple(range(CPUS)),
                channels=Channels(0, 0, 1, QUEUES, 32, 32, 1, 32),
                ring=Ring(rx=2048, tx=1024, rx_max=8160, tx_max=8160),
                coalesce=Coalesce(rx_usecs=50, tx_usecs=50, adaptive_rx=True, adaptive_tx=True),
                pause=Pause(autoneg=False, rx=False, tx=False, rx_frames=0, tx_frames=0),
                rss=Rss(tuple(slot % QUEUES for slot in range(512)), "toeplitz"),
                private_flags={"link-down-on-close": False, "fw-lldp-agent": False},
                qdisc="mq",
                driver_stats={"rx_dropped.nic": 0, "rx_alloc_fail": 0, "tx_timeout.nic": 0},
            ),
        },
        irqs=irqs,
        softnet=softnet(
            at,
            KERNEL,
            [rate + LOCAL.packets / CPUS for rate in on_queue],
            time_squeeze=[0.02 if cpu < QUEUES else 0.0 for cpu in range(CPUS)],
        ),
        nstat=counters(
            KERNEL,
            {
                "Ip.InReceives": at.count(received * 0.7 + LOCAL.packets),
                "Ip.InDelivers": at.count(received * 0.7 + LOCAL.packets),
                "Ip.OutRequests": at.count(sent / 5 + LOCAL.packets),
                "Ip.OutTransmits": at.count(sent / 5 + LOCAL.packets),
                "Ip6.InReceives": at.count(received * 0.3),
                "Ip6.InDelivers": at.count(received * 0.3),
                "Ip6.OutRequests": at.count(sent / 12),
                "IpExt.InOctets": at.count(42_000_000),
                "IpExt.OutOctets": at.count(231_000_000),
                "Tcp.PassiveOpens": at.count(3_150),
                "Tcp.ActiveOpens": at.count(610),
                "Tcp.AttemptFails": at.count(9),
                "Tcp.EstabResets": at.count(120),
                "Tcp.CurrEstab": ESTABLISHED,
                "Tcp.InSegs": at.count(received * 0.84 + LOCAL.packets),
                "Tcp.OutSegs": at.count(sent * 0.86 + LOCAL.packets),
                "Tcp.RetransSegs": at.count(sent * 0.011),
                "Tcp.OutRsts": at.count(180),
                "Udp.InDatagrams": at.count(received * 0.13),
                "Udp.OutDatagrams": at.count(sent * 0.04),
                "Udp.RcvbufErrors": at.count(0.01),
                "Udp.InErrors": at.count(0.01),
                # A few of everything since boot, as on any host: none of it is a finding.
                "TcpExt.ListenOverflows": at.grown(0, 212),
                "TcpExt.ListenDrops": at.grown(0, 231),
                "TcpExt.SyncookiesSent": at.grown(0, 1_940),
                "TcpExt.SyncookiesRecv": at.grown(0, 61),
                "TcpExt.TCPReqQFullDoCookies": at.grown(0, 1_940),
                "TcpExt.PruneCalled": at.count(0.03),
                "TcpExt.TCPRcvCollapsed": at.count(0.6),
                "TcpExt.TCPRcvQDrop": at.grown(0, 35),
                "TcpExt.TCPOFODrop": at.grown(0, 12),
                "TcpExt.TCPTimeouts": at.count(210),
                "TcpExt.TCPSynRetrans": at.count(14),
                "TcpExt.TCPSYNChallenge": at.count(0.2),
                "TcpExt.TW": at.count(900),
                "TcpExt.TWRecycled": at.count(1.5),
                "TcpExt.DelayedACKs": at.count(5_300),
                "TcpExt.TCPPureAcks": at.count(61_000),
                "TcpExt.TCPHPHits": at.count(19_000),
                "TcpExt.TCPSackRecovery": at.count(310),
                "TcpExt.TCPLossProbes": at.count(520),
                "TcpExt.TCPOrigDataSent": at.count(sent * 0.8),
                "TcpExt.TCPDelivered": at.count(sent * 0.8),
            },
        ),
        sockstat=sockstat(ESTABLISHED + 40, pages=390_000, time_wait=51_200, orphans=74),
        listeners={
            "0.0.0.0:22": Listener("0.0.0.0", 22, 0, 128, drops=0, inode=20_114),
            "127.0.0.1:9100": Listener(
                "127.0.0.1", 9100, 0, 4096, drops=0, loopback=True, uid=998, inode=23_550
            ),
            **{
                f"0.0.0.0:443{f'#{worker}' if worker > 1 else ''}": Listener(
                    "0.0.0.0", 443, worker % 3, 16_384, drops=14, uid=33, inode=30_000 + worker
                )
                for worker in range(1, WORKERS + 1)
            },
        },
        sockets=Sockets(
            states={"ESTAB": ESTABLISHED, "SYN-RECV": 118, "TIME-WAIT": 51_200, "LISTEN": 18},
            established=ESTABLISHED - 260,
            established_loopback=260,
            examined=20_000,
            congestion={"bbr": 19_870, "cubic": 130},
            rtt_us=Quantiles(p50=31_000, p95=144_000, min=190, max=1_900_000),
            min_rtt_us=Quantiles(p50=24_000, p95=98_000, min=81, max=720_000),
            cwnd=Quantiles(p50=14, p95=61, min=4, max=940),
            pacing_bps=Quantiles(p50=720_000, p95=11_000_000, min=4_100, max=910_000_000),
            rcv_rtt_us=Quantiles(p50=38_000, p95=320_000, min=1_000, max=7_100_000),
            rwnd_limited_share=0.04,
            sndbuf_limited_share=0.0,
            retrans_share=0.011,
            ports_most_used=1_240,
            ports_most_used_to="198.51.100.20:443",
        ),
        neighbours=neighbours(at, KERNEL, 4, 9),
        conntrack=NO_CONNTRACK,
        qdiscs=NO_QUEUE | multiqueue("enp193s0f0", [leaf(at, "fq", flow) for flow in TX]),
        netns=NetNs(inode=4026531840, initial=True),
        services=Services(running=("systemd-networkd",)),
    )
