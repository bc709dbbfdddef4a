"""A healthy server that idles on the defaults of Linux 6.18: totals since boot, no sample."""

from __future__ import annotations

from advisor.model.host import Host
from advisor.model.nic_settings import Channels, Coalesce, Pause, Ring, Rss
from advisor.model.stack import Conntrack, Listener, Quantiles, Sockets
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import Flow, hardware, loopback
from tests.stories.interrupts import interrupt, queue_interrupts
from tests.stories.kernels import counters, sysctls
from tests.stories.readings import Reading, Work, collection, cpus, since_boot
from tests.stories.sections import NO_QUEUE, leaf, multiqueue, neighbours, sockstat, softnet

KERNEL = "6.18"
CPUS = 4
MEMORY = 16 << 30
RX = [Flow(34, 21_000), Flow(9, 2_800), Flow(61, 48_000), Flow(12, 3_100)]
TX = [Flow(21, 9_400), Flow(14, 5_000), Flow(33, 19_000), Flow(8, 2_200)]
LOCAL = Flow(11, 2_600)


def healthy_server() -> Host:
    """The host after a month and a half."""
    return since_boot(_facts, uptime_s=44 * 86400.0)


def _facts(at: Reading) -> Host:
    rates = [41.0, 12.0, 70.0, 15.0]
    irqs = {
        **queue_interrupts(at, KERNEL, "enp2s0", "igc", "", rates, first=127),
        "126": interrupt(at, KERNEL, 126, "enp2s0", "enp2s0", 0, 0),
    }
    received, sent = (sum(flow.packets for flow in flows) for flows in (RX, TX))
    size = 262_144
    return Host(
        collection=collection(at, "intranet", "2026-04-20"),
        kernel=Kernel("6.18.12-amd64", (6, 18, 12), "x86_64", 250, 4096),
        platform=Platform("none", "none", "none", "ASRock", "N100DC-ITX"),
        memory=Memory(total=MEMORY, available=13 << 30, free=4 << 30),
        cpu=cpus(at, [Work({"user": 0.03, "system": 0.01, "softirq": 0.002}, 45, 1)] * CPUS),
        sysctl=sysctls(
            KERNEL,
            MEMORY,
            {"lo": 65536, "enp2s0": 1500},
            {"net.core.default_qdisc": "fq_codel"},
            conntrack={"count": 61, "max": size, "buckets": size},
        ),
        nics={
            "lo": loopback(at, KERNEL, packets=LOCAL.packets, bytes=LOCAL.bytes),
            "enp2s0": hardware(
                at,
                KERNEL,
                name="enp2s0",
                index=2,
                driver="igc",
                bus="0000:02:00.0",
                rx=RX,
                tx=TX,
                irqs=irqs,
                errors={"rx_dropped": 41_877, "multicast": 2_904_112},
                xps=False,
                mtu=1500,
                txqueuelen=1000,
                address="a8:a1:59:e0:4b:12",
                speed_mbps=2500,
                duplex="full",
                driver_version="6.18.12-amd64",
                firmware="2017:888d",
                numa_node=0,
                local_cpus=tuple(range(CPUS)),
                channels=Channels(0, 0, 1, CPUS, 0, 0, 1, CPUS),
                ring=Ring(rx=256, tx=256, rx_max=4096, tx_max=4096),
                coalesce=Coalesce(rx_usecs=3, tx_usecs=0),
                pause=Pause(autoneg=True, rx=True, tx=True, rx_frames=0, tx_frames=3),
                rss=Rss(tuple(slot % CPUS for slot in range(128)), "toeplitz"),
                private_flags={"legacy-rx": False},
                qdisc="mq",
                driver_stats={"rx_missed_errors": 19, "tx_timeout_count": 0},
            ),
        },
        irqs=irqs,
        softnet=softnet(
            at, KERNEL, [flow.packets + 3 for flow in RX], time_squeeze=[0.00004] * CPUS
        ),
        nstat=counters(
            KERNEL,
            {
                "Ip.InReceives": at.count(received + LOCAL.packets),
                "Ip.InDelivers": at.count(received * 0.9 + LOCAL.packets),
                "Ip.OutRequests": at.count(sent + LOCAL.packets),
                "Ip.OutTransmits": at.count(sent + LOCAL.packets),
                "IpExt.InOctets": at.count(75_000),
                "IpExt.OutOctets": at.count(36_000),
                "Tcp.PassiveOpens": at.count(0.8),
                "Tcp.ActiveOpens": at.count(0.3),
                "Tcp.AttemptFails": at.count(0.02),
                "Tcp.EstabResets": at.count(0.01),
                "Tcp.CurrEstab": 34,
                "Tcp.InSegs": at.count(received * 0.85 + LOCAL.packets),
                "Tcp.OutSegs": at.count(sent * 0.95 + LOCAL.packets),
                "Tcp.RetransSegs": at.count(0.05),
                "Tcp.OutRsts": at.count(0.06),
                "Udp.InDatagrams": at.count(1.2),
                "Udp.OutDatagrams": at.count(0.9),
                "Udp.NoPorts": 5_210,
                # A few of everything: a scan, a restart under load, a backup that read slowly.
                "TcpExt.ListenOverflows": 37,
                "TcpExt.ListenDrops": 41,
                "TcpExt.TCPReqQFullDoCookies": 12,
                "TcpExt.SyncookiesSent": 12,
                "TcpExt.SyncookiesFailed": 9,
                "TcpExt.PruneCalled": 18,
                "TcpExt.TCPRcvCollapsed": 902,
                "TcpExt.TCPRcvQDrop": 3,
                "TcpExt.TCPOFODrop": 1,
                "TcpExt.TCPTimeouts": 4_410,
                "TcpExt.TCPSynRetrans": 960,
                "TcpExt.TCPSYNChallenge": 8,
                "TcpExt.TCPAbortOnTimeout": 130,
                "TcpExt.TW": at.count(0.4),
                "TcpExt.DelayedACKs": at.count(2.1),
                "TcpExt.TCPPureAcks": at.count(11),
                "TcpExt.TCPOrigDataSent": at.count(24),
                "TcpExt.TCPDelivered": at.count(25),
            },
        ),
        sockstat=sockstat(44, pages=61, time_wait=18),
        listeners={
            "0.0.0.0:22": Listener("0.0.0.0", 22, 0, 128, drops=2, inode=19_840),
            "0.0.0.0:80": Listener("0.0.0.0", 80, 0, 511, drops=39, inode=24_018),
            "[::]:80": Listener("::", 80, 0, 511, drops=0, inode=24_019),
            "127.0.0.1:5432": Listener(
                "127.0.0.1", 5432, 0, 200, drops=0, loopback=True, uid=112, inode=25_511
            ),
            "127.0.0.53:53": Listener(
                "127.0.0.53", 53, 0, 4096, drops=0, loopback=True, uid=992, inode=18_771
            ),
        },
        sockets=Sockets(
            states={"ESTAB": 34, "TIME-WAIT": 18, "LISTEN": 5},
            established=26,
            established_loopback=8,
            examined=34,
            congestion={"cubic": 34},
            rtt_us=Quantiles(p50=2_100, p95=31_000, min=210, max=94_000),
            min_rtt_us=Quantiles(p50=900, p95=18_000, min=110, max=41_000),
            cwnd=Quantiles(p50=10, p95=29, min=10, max=74),
            pacing_bps=Quantiles(p50=12_000_000, p95=410_000_000, min=310_000, max=1_100_000_000),
            rcv_rtt_us=Quantiles(p50=4_000, p95=71_000, min=1_000, max=210_000),
            rwnd_limited_share=0.01,
            sndbuf_limited_share=0.0,
            retrans_share=0.001,
            ports_most_used=4,
            ports_most_used_to="192.0.2.53:443",
        ),
        neighbours=neighbours(at, KERNEL, 9, 14),
        conntrack=Conntrack(
            count=61,
            max=size,
            buckets=size,
            active=True,
            active_source="netfilter hooks",
            stats={
                "found": 204,
                "new": 0,
                "invalid": 3_911,
                "ignore": 0,
                "delete": 0,
                "chaintoolong": 0,
                "insert": 0,
                "insert_failed": 2,
                "drop": 2,
                "early_drop": 0,
                "clashres": 61,
                "search_restart": 4,
            },
        ),
        qdiscs=NO_QUEUE | multiqueue("enp2s0", [leaf(at, "fq_codel", flow) for flow in TX]),
        netns=NetNs(inode=4026531833, initial=True),
        services=Services(running=("NetworkManager", "irqbalance")),
    )
