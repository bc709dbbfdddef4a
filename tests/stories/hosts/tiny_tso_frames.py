"""S2: one core at 100 % for hours, tiny TSO frames, and a queue in front of an idle link.

A storage host in a data centre: Linux 5.6, 8 cores, 8 queue sets with combined completion queues.
"""

from __future__ import annotations

from dataclasses import replace

from advisor.model.host import Host
from advisor.model.nic_settings import Channels, Coalesce, Pause, Ring, Rss
from advisor.model.stack import Listener, Qdisc, Quantiles, Sockets
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import HARDWARE_FEATURES, Flow, hardware, loopback
from tests.stories.interrupts import queue_interrupts
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

KERNEL = "5.6"
MEMORY = 64 << 30
SAMPLE_S = 60

# "storage hosts with 8 NIC queue sets … 8 cores"
QUEUES = 8
# "one or two of the 8 cores stayed at 100 % softirq for hours while the others sat at 20-40 %"
SOFTIRQ = (0.31, 0.24, 0.38, 0.22, 0.27, 0.998, 0.35, 0.29)
BAD = SOFTIRQ.index(max(SOFTIRQ))
# "frames were only 2 segments"
SEGMENT, HEADER, SEGMENTS = 1448, 66, 2
# "TCP sends about one packet per millisecond": so many flows are stuck on the bad queue
FRAMES_PER_FLOW, STUCK_FLOWS = 1000, 40
# "the bad core sent 33 % more bytes than the others with 7 times the packets": packets as TCP makes
# them (frames). What NICs and qdiscs count are segments, so only Ip.OutRequests shows it.
MORE_BYTES, TIMES_THE_FRAMES = 1.33, 7
# "2-4 thousand frames were stuck in the qdisc"
WAITING = 3_120
# "Packets backed up in the egress qdisc and were dropped there"
DROPPED_PER_S = 212
# "although transmit was nowhere near line rate": 6 Gbit/s of
LINE_RATE = 25_000
# "RX/TX rings of several thousand entries": this driver's maximum, 4094 together
RING = 2047
# "… added hundreds of milliseconds": the receive ring at this rate holds 209 ms
ACKS_PER_S, ACKS_ELSEWHERE = 9_800, 5_000
# "Queueing pushed RTT to 0.5-2 s inside a data centre"
RTT_US = Quantiles(p50=520, p95=910_000, min=61, max=2_000_000)
MIN_RTT_US = Quantiles(p50=184, p95=610, min=38, max=9_400)
# "pacing collapsed to 16 KB/s-16 MB/s (good cores: mostly 64 MB/s-4 GB/s)"
PACING_BPS = Quantiles(p50=210_000_000, p95=2_900_000_000, min=16_000, max=4_000_000_000)
# "cwnd rarely exceeded 100"
CWND = Quantiles(p50=31, p95=88, min=1, max=141)
# "net.ipv4.tcp_min_tso_segs 2 → 8"
MIN_TSO_SEGS = 2
# "NAPI handles 64 packets a poll … on the saturated core every poll was busy": each run of
# net_rx_action ends with work left.
CUT_SHORT_PER_S = 480

BAD_FRAMES = STUCK_FLOWS * FRAMES_PER_FLOW
GOOD_FRAMES = BAD_FRAMES / TIMES_THE_FRAMES
BAD_TX = Flow(BAD_FRAMES * SEGMENTS, BAD_FRAMES * SEGMENTS * (SEGMENT + HEADER))
GOOD_TX = Flow(BAD_TX.packets / MORE_BYTES, BAD_TX.bytes / MORE_BYTES)
TX = [BAD_TX if queue == BAD else GOOD_TX for queue in range(QUEUES)]
RX = [
    Flow(acks, acks * 92)
    for acks in (ACKS_PER_S if queue == BAD else ACKS_ELSEWHERE for queue in range(QUEUES))
]
FLOWS = 2_960


def tiny_tso_frames() -> Host:
    """The host an hour after the burst, counted over a minute."""
    return sampled(_facts, seconds=SAMPLE_S, uptime_s=19 * 86400.0, load=0.5)


def _facts(at: Reading) -> Host:
    # A saturated CPU polls on without interrupts.
    rates = [140.0 if share > 0.9 else 5_200.0 for share in SOFTIRQ]
    irqs = queue_interrupts(at, KERNEL, "eth0", "bnxt_en", "", rates, first=72)
    frames = BAD_FRAMES + (QUEUES - 1) * GOOD_FRAMES
    segments = sum(flow.packets for flow in TX)
    acks = sum(flow.packets for flow in RX)
    hardware_features = HARDWARE_FEATURES | {
        "on": (*HARDWARE_FEATURES["on"], "tx-checksum-ipv4", "tx-checksum-ipv6", "tx-gso-partial")
    }
    hardware_features["on"] = tuple(
        name for name in hardware_features["on"] if name != "tx-checksum-ip-generic"
    )
    return Host(
        collection=collection(at, "store-204", "2020-06-18"),
        kernel=Kernel("5.6.13", (5, 6, 13), "x86_64", 250, 4096),
        platform=Platform("none", "none", "none", "Wiwynn", "Bryce Canyon"),
        memory=Memory(total=MEMORY, available=37 << 30, free=6 << 30),
        cpu=cpus(
            at,
            [
                Work(
                    {"system": 0.12, "user": 0.06, "iowait": 0.05, "softirq": share}
                    if share < 0.9
                    else {"softirq": share},
                    5_400 if share < 0.9 else 760,
                    60,
                )
                for share in SOFTIRQ
            ],
        ),
        sysctl=sysctls(
            KERNEL,
            MEMORY,
            {"lo": 65536, "eth0": 1500},
            {
                "net.ipv4.tcp_min_tso_segs": MIN_TSO_SEGS,
                "net.core.default_qdisc": "fq",
                "net.core.rmem_max": 16777216,
                "net.core.wmem_max": 16777216,
                "net.ipv4.tcp_rmem": (4096, 131072, 16777216),
                "net.ipv4.tcp_wmem": (4096, 65536, 16777216),
            },
        ),
        nics={
            "lo": loopback(at, KERNEL, packets=120, bytes=31_000),
            "eth0": hardware(
                at,
                KERNEL,
                name="eth0",
                index=2,
                driver="bnxt_en",
                bus="0000:18:00.0",
                rx=RX,
                tx=TX,
                irqs=irqs,
                kinds=hardware_features,
                device_id="0x16d7",
                mtu=1500,
                txqueuelen=1000,
                address="b0:26:28:7e:10:44",
                speed_mbps=LINE_RATE,
                duplex="full",
                driver_version="1.10.1",
                firmware="218.0.166.0/pkg 218.0.195.0",
                numa_node=0,
                local_cpus=tuple(range(QUEUES)),
                # "Separate … queues avoid it, at the cost of half the total queue count"
                channels=Channels(0, 0, 0, QUEUES, QUEUES // 2, QUEUES // 2, 0, QUEUES),
                ring=Ring(rx=RING, tx=RING, rx_max=2047, tx_max=2047),
                coalesce=Coalesce(
                    rx_usecs=10,
                    rx_frames=15,
                    tx_usecs=28,
                    tx_frames=30,
                    adaptive_rx=True,
                    adaptive_tx=False,
                ),
                pause=Pause(autoneg=True, rx=False, tx=False),
                rss=Rss(tuple(slot % QUEUES for slot in range(128)), "toeplitz"),
                qdisc="mq",
                driver_stats={
                    f"[{queue}]: {name}": 0
                    for queue in range(QUEUES)
                    for name in ("rx_discards", "tx_discards", "missed_irqs")
                },
            ),
        },
        irqs=irqs,
        softnet=softnet(
            at,
            KERNEL,
            [flow.packets * 0.97 + 15 for flow in RX],
            time_squeeze=[CUT_SHORT_PER_S if share > 0.9 else 0.02 for share in SOFTIRQ],
        ),
        nstat=counters(
            KERNEL,
            {
                "Ip.InReceives": at.count(acks * 0.97 + 120),
                "Ip.InDelivers": at.count(acks * 0.97 + 120),
                "Ip.OutRequests": at.count(frames + 120),
                "IpExt.InOctets": at.count(acks * 78),
                "IpExt.OutOctets": at.count(segments * SEGMENT + frames * 52),
                "Tcp.PassiveOpens": at.count(14),
                "Tcp.ActiveOpens": at.count(9),
                "Tcp.CurrEstab": FLOWS,
                "Tcp.InSegs": at.count(acks * 0.97 + 118),
                "Tcp.OutSegs": at.count(segments + 118),
                "Tcp.RetransSegs": at.count(DROPPED_PER_S * SEGMENTS + 190),
                "Udp.InDatagrams": at.count(2),
                "Udp.OutDatagrams": at.count(2),
                "TcpExt.TW": at.count(8),
                "TcpExt.DelayedACKs": at.count(12),
                "TcpExt.TCPPureAcks": at.count(acks * 0.8),
                "TcpExt.TCPSackRecovery": at.count(61),
                "TcpExt.TCPLossProbes": at.count(140),
                "TcpExt.TCPTimeouts": at.count(33),
                "TcpExt.TCPSpuriousRtxHostQueues": at.count(27),
                "TcpExt.TCPOrigDataSent": at.count(segments),
                "TcpExt.TCPDelivered": at.count(segments),
            },
        ),
        sockstat=sockstat(3_010, pages=92_800, time_wait=460),
        listeners={
            "0.0.0.0:22": Listener("0.0.0.0", 22, 0, 128, drops=0, inode=21_340),
            "0.0.0.0:6800": Listener("0.0.0.0", 6800, 0, 4096, drops=0, inode=28_117),
        },
        sockets=Sockets(
            states={"ESTAB": FLOWS, "TIME-WAIT": 460, "LISTEN": 2},
            established=FLOWS - 14,
            established_loopback=14,
            examined=FLOWS,
            congestion={"cubic": FLOWS},
            rtt_us=RTT_US,
            min_rtt_us=MIN_RTT_US,
            cwnd=CWND,
            pacing_bps=PACING_BPS,
            rcv_rtt_us=Quantiles(p50=1_900, p95=240_000, min=1_000, max=1_400_000),
            rwnd_limited_share=0.002,
            sndbuf_limited_share=0.011,
            retrans_share=0.009,
            ports_most_used=6,
            ports_most_used_to="10.42.7.19:6800",
        ),
        neighbours=neighbours(at, KERNEL, 48, 51),
        conntrack=NO_CONNTRACK,
        qdiscs=NO_QUEUE | multiqueue("eth0", [_queue(at, flow) for flow in TX]),
        netns=NetNs(inode=4026531992, initial=True),
        services=Services(),
    )


def _queue(at: Reading, flow: Flow) -> Qdisc:
    stuck = flow is BAD_TX
    waiting, segments = (WAITING, SEGMENTS) if stuck else (2, 11)
    return replace(
        leaf(at, "fq", flow),
        drops=at.count(DROPPED_PER_S if stuck else 0),
        requeues=at.count(BAD_FRAMES * 0.06 if stuck else 0.01),
        backlog_packets=waiting,
        backlog_bytes=waiting * segments * (SEGMENT + HEADER),
    )
