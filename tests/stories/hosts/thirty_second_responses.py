"""S1: a handful of HTTP responses took up to 30 s; receive queues were compacted in softirq.

An edge proxy of a content delivery network, autumn 2015: Linux 3.18, one gigabit port.
"""

from __future__ import annotations

from advisor.model.host import Host
from advisor.model.nic_settings import Channels, Coalesce, Pause, Ring, Rss
from advisor.model.stack import Listener, Quantiles, Sockets
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import Flow, hardware, loopback
from tests.stories.interrupts import interrupt, queue_interrupts
from tests.stories.kernels import counters, sysctls
from tests.stories.readings import Reading, Work, collection, cpus, sampled
from tests.stories.sections import NO_CONNTRACK, leaf, multiqueue, neighbours, sockstat, softnet

KERNEL = "3.18"
QUEUES = 8
MEMORY = 32 << 30

# "net.ipv4.tcp_rmem was 4096 5242880 33554432: 5 MiB initial, 32 MiB ceiling"
TCP_RMEM = (4096, 5242880, 33554432)
# "tcp_collapse ran 1,552 times in 300 s": one call for each pruned queue that holds data in order.
COLLAPSES, SAMPLE_S = 1552, 300
# "3,685,271 calls in 30 s" of net_rx_action: NET_RX soft interrupts, uneven over the CPUs as ever
NET_RX_ACTION_CALLS, CALLS_S = 3_685_271, 30
NET_RX_OF_CPU = (452_071, 448_310, 470_902, 461_254, 466_118, 459_730, 463_344, 463_542)
# "stalled for up to 23 ms … nearly all < 1 ms": runs longer than two ticks end with work left.
CUT_SHORT = 20
# "(net_rx_action, netdev_budget = 300)"
NETDEV_BUDGET = 300
# Packets that disappear in an average collapse of a queue of small packets.
COMPACTED_EACH = 150

RX = [Flow(packets=20_600, bytes=2_680_000)] * QUEUES
TX = [Flow(packets=7_750, bytes=9_150_000)] * QUEUES
LOCAL = Flow(packets=900, bytes=310_000)


def thirty_second_responses() -> Host:
    """The host while it happens, counted over 300 s."""
    return sampled(_facts, seconds=SAMPLE_S, uptime_s=41 * 86400.0)


def _facts(at: Reading) -> Host:
    assert sum(NET_RX_OF_CPU) == NET_RX_ACTION_CALLS
    irqs = {
        "44": interrupt(at, KERNEL, 44, "eth0", "eth0", 0, 0),
        **queue_interrupts(at, KERNEL, "eth0", "igb", "", [9_400] * QUEUES, first=45),
    }
    merged_by_gro = 0.93
    return Host(
        collection=collection(at, "edge-17", "2015-11-12"),
        kernel=Kernel("3.18.20", (3, 18, 20), "x86_64", 250, 4096),
        platform=Platform("none", "none", "none", "Supermicro", "X9DRW"),
        memory=Memory(total=MEMORY, available=21 << 30, free=9 << 30),
        cpu=cpus(
            at,
            [
                Work({"user": 0.31, "system": 0.14, "softirq": 0.11}, calls / CALLS_S, 41)
                for calls in NET_RX_OF_CPU
            ],
        ),
        sysctl=sysctls(
            KERNEL,
            MEMORY,
            {"lo": 65536, "eth0": 1500},
            {
                "net.ipv4.tcp_rmem": TCP_RMEM,
                "net.ipv4.tcp_wmem": (4096, 65536, 33554432),
                "net.core.rmem_max": 33554432,
                "net.core.wmem_max": 33554432,
                "net.core.somaxconn": 16384,
                "net.core.netdev_budget": NETDEV_BUDGET,
                "net.ipv4.tcp_max_syn_backlog": 16384,
                "net.ipv4.tcp_slow_start_after_idle": 0,
                "net.ipv4.ip_local_port_range": (10240, 65535),
            },
        ),
        nics={
            "lo": loopback(at, KERNEL, packets=LOCAL.packets, bytes=LOCAL.bytes),
            "eth0": hardware(
                at,
                KERNEL,
                name="eth0",
                index=2,
                driver="igb",
                bus="0000:05:00.0",
                rx=RX,
                tx=TX,
                irqs=irqs,
                mtu=1500,
                txqueuelen=1000,
                address="00:25:90:4a:1c:30",
                speed_mbps=1000,
                duplex="full",
                driver_version="5.2.15-k",
                firmware="1.63, 0x800009fa",
                numa_node=0,
                local_cpus=tuple(range(QUEUES)),
                channels=Channels(0, 0, 1, QUEUES, 0, 0, 1, QUEUES),
                ring=Ring(rx=1024, tx=1024, rx_max=4096, tx_max=4096),
                coalesce=Coalesce(
                    rx_usecs=3,
                    rx_frames=0,
                    tx_usecs=0,
                    tx_frames=0,
                    adaptive_rx=False,
                    adaptive_tx=False,
                ),
                pause=Pause(autoneg=True, rx=False, tx=False),
                rss=Rss(tuple(slot % QUEUES for slot in range(128))),
                qdisc="mq",
                driver_stats={
                    "rx_missed_errors": 0,
                    "rx_long_length_errors": 0,
                    "tx_timeout_count": 0,
                },
            ),
        },
        irqs=irqs,
        softnet=softnet(
            at,
            KERNEL,
            [flow.packets * merged_by_gro + LOCAL.packets / QUEUES for flow in RX],
            time_squeeze=[CUT_SHORT / SAMPLE_S / QUEUES] * QUEUES,
        ),
        nstat=counters(
            KERNEL,
            {
                "TcpExt.PruneCalled": at.grown(COLLAPSES, 6_204_118),
                "TcpExt.TCPRcvCollapsed": at.grown(COLLAPSES * COMPACTED_EACH, 912_043_551),
                "TcpExt.RcvPruned": at.grown(0, 3_411),
                "TcpExt.OfoPruned": at.grown(2, 18_960),
                "Ip.InReceives": at.count(154_100),
                "Ip.InDelivers": at.count(154_090),
                "Ip.OutRequests": at.count(24_800),
                "IpExt.InOctets": at.count(18_900_000),
                "IpExt.OutOctets": at.count(71_900_000),
                "Icmp.InMsgs": at.count(12),
                "Icmp.InEchos": at.count(10),
                "Icmp.OutMsgs": at.count(10),
                "Icmp.OutEchoReps": at.count(10),
                "Tcp.PassiveOpens": at.count(910),
                "Tcp.ActiveOpens": at.count(264),
                "Tcp.AttemptFails": at.count(3),
                "Tcp.EstabResets": at.count(31),
                "Tcp.CurrEstab": 18_412,
                "Tcp.InSegs": at.count(150_300),
                "Tcp.OutSegs": at.count(61_200),
                "Tcp.RetransSegs": at.count(690),
                "Tcp.OutRsts": at.count(44),
                "Udp.InDatagrams": at.count(3_700),
                "Udp.OutDatagrams": at.count(3_700),
                "TcpExt.TW": at.count(480),
                "TcpExt.DelayedACKs": at.count(5_900),
                "TcpExt.TCPHPHits": at.count(21_000),
                "TcpExt.TCPPureAcks": at.count(66_000),
                "TcpExt.TCPHPAcks": at.count(31_000),
                "TcpExt.TCPSackRecovery": at.count(52),
                "TcpExt.TCPTimeouts": at.count(88),
                "TcpExt.TCPRcvCoalesce": at.count(9_800),
                "TcpExt.TCPOFOQueue": at.count(310),
                "TcpExt.TCPSynRetrans": at.count(6),
                "TcpExt.TCPOrigDataSent": at.count(53_000),
            },
        ),
        sockstat=sockstat(18_440, pages=211_004, time_wait=28_310, orphans=61),
        listeners={
            "0.0.0.0:22": Listener("0.0.0.0", 22, 0, 128, inode=18_220),
            "0.0.0.0:80": Listener("0.0.0.0", 80, 0, 16384, inode=40_118),
            "0.0.0.0:443": Listener("0.0.0.0", 443, 1, 16384, inode=40_119),
        },
        sockets=Sockets(
            states={"ESTAB": 18_412, "SYN-RECV": 31, "TIME-WAIT": 28_310, "LISTEN": 3},
            established=18_290,
            established_loopback=122,
            examined=18_412,
            congestion={"cubic": 18_412},
            rtt_us=Quantiles(p50=41_200, p95=168_000, min=310, max=2_410_000),
            cwnd=Quantiles(p50=10, p95=48, min=1, max=812),
            pacing_bps=Quantiles(p50=410_000, p95=9_800_000, min=1_900, max=410_000_000),
            rcv_rtt_us=Quantiles(p50=61_000, p95=410_000, min=1_000, max=9_200_000),
            ports_most_used=2_100,
            ports_most_used_to="203.0.113.80:443",
        ),
        neighbours=neighbours(at, KERNEL, 3, 4),
        conntrack=NO_CONNTRACK,
        qdiscs=multiqueue("eth0", [leaf(at, "pfifo_fast", flow) for flow in TX]),
        netns=NetNs(inode=4026531956, initial=True),
        services=Services(),
    )
