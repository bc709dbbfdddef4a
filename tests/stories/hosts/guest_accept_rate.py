"""S3: a guest accepts a fraction of the connections that hardware does.

A connection-rate server under Xen: Linux 3.13, four virtual CPUs, one NIC with one queue.
"""

from __future__ import annotations

from dataclasses import replace

from advisor.model.host import Host
from advisor.model.stack import Conntrack, Listener, Quantiles, Sockets
from advisor.model.system import Kernel, Memory, NetNs, Platform, Services
from tests.stories.devices import Flow, hardware, loopback
from tests.stories.interrupts import interrupt
from tests.stories.kernels import counters, sysctls
from tests.stories.readings import Reading, Work, collection, cpus, sampled
from tests.stories.sections import absent, leaf, neighbours, sockstat, softnet

KERNEL = "3.13"
MEMORY = 4 << 30
SAMPLE_S = 60

# "connect/accept rate in a Xen guest a fraction of bare metal's": a tenth of what the profile plans
ACCEPTED_PER_S = 3_900
# "listen backlog raised from 1024": both somaxconn and the application still ask for that
BACKLOG = 1024
# "so a guest that gets the CPU late does not overflow": it is full, and drops
WAITING = BACKLOG + 1
OVERFLOWS_PER_S = 61
# "SYN cookies (tcp_syncookies)": on, and some are sent while the SYN queue is full
SYNCOOKIES, COOKIES_PER_S = 1, 8
# "conntrack disabled everywhere, as it can halve the accept rate": here it is still in the path
TRACKED, TRACKED_MAX, BUCKETS = 118_230, 262_144, 65_536
# "interrupts spread over several cores": all of them go to CPU 0; the others wait for it
SOFTIRQ = (0.64, 0.03, 0.03, 0.02)
# "a guest that gets the CPU late"
STEAL = (0.12, 0.08, 0.07, 0.09)
# "TSO and scatter/gather (not changeable on EC2-like guests …)"
FEATURES = {
    "on": ("rx-checksum", "tx-checksum-ipv4", "rx-gro"),
    "fixed_on": (),
    "off": ("tx-nocache-copy", "tx-generic-segmentation"),
}
# "32-bit PV guest (made no difference)": its buffers and its option memory are smaller
MACHINE = "i686"
OF_32_BIT = {
    "net.core.rmem_max": 163_840,
    "net.core.rmem_default": 163_840,
    "net.core.wmem_max": 163_840,
    "net.core.wmem_default": 163_840,
    "net.core.optmem_max": 10_240,
}
# "small-packet performance is poor": seven packets in and six out for each connection
RX = Flow(ACCEPTED_PER_S * 7.4, ACCEPTED_PER_S * 7.4 * 84)
TX = Flow(ACCEPTED_PER_S * 6.1, ACCEPTED_PER_S * 6.1 * 190)


def guest_accept_rate() -> Host:
    """The guest under load, counted over a minute."""
    return sampled(_facts, seconds=SAMPLE_S, uptime_s=6 * 86400.0, load=0.7)


def _facts(at: Reading) -> Host:
    irqs = {"76": interrupt(at, KERNEL, 76, "eth0", "eth0", 16_300, 0)}
    return Host(
        collection=collection(at, "www-3", "2014-05-21"),
        kernel=Kernel("3.13.0-24-generic", (3, 13, 0), MACHINE, 250, 4096),
        platform=Platform(
            hypervisor="xen",
            container="none",
            cloud=absent("/sys/class/dmi/id/sys_vendor"),
            vendor="",
            product="",
        ),
        memory=Memory(total=MEMORY, available=2_350 << 20, free=1_100 << 20),
        cpu=cpus(
            at,
            [
                Work({"user": user, "system": 0.14, "softirq": softirq, "steal": steal}, rx, 12)
                for user, softirq, steal, rx in zip(
                    (0.05, 0.31, 0.28, 0.29), SOFTIRQ, STEAL, (15_900, 210, 190, 180), strict=True
                )
            ],
        ),
        sysctl=sysctls(
            KERNEL,
            1 << 30,  # low memory: what a 32-bit kernel sizes its tables by
            {"lo": 65536, "eth0": 1500},
            {
                "net.core.somaxconn": BACKLOG,
                "net.ipv4.tcp_syncookies": SYNCOOKIES,
                "net.netfilter.nf_conntrack_max": TRACKED_MAX,
                **OF_32_BIT,
            },
            conntrack={"count": TRACKED, "max": TRACKED_MAX, "buckets": BUCKETS},
        ),
        nics={
            "lo": loopback(at, KERNEL, packets=90, bytes=21_000),
            "eth0": hardware(
                at,
                KERNEL,
                name="eth0",
                index=2,
                driver="vif",
                bus="vif-0",
                rx=[RX],
                tx=[TX],
                irqs=irqs,
                kinds=FEATURES,
                bql_limit=None,
                mtu=1500,
                txqueuelen=1000,
                address="22:00:0a:1d:5e:07",
                qdisc="pfifo_fast",
                driver_stats={"rx_gso_checksum_fixup": 0},
            ),
        },
        irqs=irqs,
        softnet=softnet(
            at, KERNEL, [RX.packets + 30, 20, 20, 20], time_squeeze=[1.9, 0.0, 0.0, 0.0]
        ),
        nstat=counters(
            KERNEL,
            {
                "Ip.InReceives": at.count(RX.packets + 90),
                "Ip.InDelivers": at.count(RX.packets + 90),
                "Ip.OutRequests": at.count(TX.packets + 90),
                "IpExt.InOctets": at.count(RX.bytes - 14 * RX.packets),
                "IpExt.OutOctets": at.count(TX.bytes - 14 * TX.packets),
                "Tcp.PassiveOpens": at.count(ACCEPTED_PER_S),
                "Tcp.ActiveOpens": at.count(22),
                "Tcp.AttemptFails": at.count(9),
                "Tcp.EstabResets": at.count(17),
                "Tcp.CurrEstab": 2_740,
                "Tcp.InSegs": at.count(RX.packets + 80),
                "Tcp.OutSegs": at.count(TX.packets + 80),
                "Tcp.RetransSegs": at.count(96),
                "Tcp.OutRsts": at.count(21),
                "Udp.InDatagrams": at.count(6),
                "Udp.OutDatagrams": at.count(6),
                "TcpExt.ListenOverflows": at.count(OVERFLOWS_PER_S),
                # Before 4.7 a SYN that is answered with a cookie counts as dropped, too.
                "TcpExt.ListenDrops": at.count(OVERFLOWS_PER_S + COOKIES_PER_S),
                "TcpExt.TCPReqQFullDoCookies": at.count(COOKIES_PER_S),
                "TcpExt.SyncookiesSent": at.count(COOKIES_PER_S),
                "TcpExt.SyncookiesRecv": at.count(COOKIES_PER_S * 0.12),
                "TcpExt.TW": at.count(45),
                "TcpExt.DelayedACKs": at.count(310),
                "TcpExt.TCPPureAcks": at.count(9_100),
                "TcpExt.TCPTimeouts": at.count(88),
            },
        ),
        sockstat=sockstat(2_790, pages=2_120, time_wait=2_710, orphans=12),
        listeners={
            "0.0.0.0:22": Listener("0.0.0.0", 22, 0, 128, inode=9_204),
            "0.0.0.0:80": Listener("0.0.0.0", 80, WAITING, BACKLOG, uid=33, inode=15_711),
        },
        sockets=Sockets(
            states={"ESTAB": 2_740, "SYN-RECV": 410, "TIME-WAIT": 2_710, "LISTEN": 2},
            established=2_724,
            established_loopback=16,
            examined=2_740,
            congestion={"cubic": 2_740},
            rtt_us=Quantiles(p50=1_900, p95=48_000, min=400, max=610_000),
            cwnd=Quantiles(p50=10, p95=14, min=1, max=61),
            ports_most_used=31,
            ports_most_used_to="10.0.4.18:3306",
        ),
        neighbours=neighbours(at, KERNEL, 3, 2),
        conntrack=Conntrack(
            count=TRACKED,
            max=TRACKED_MAX,
            buckets=BUCKETS,
            active=True,
            active_source="entries in the table",
            stats={
                "searched": at.count(160),
                "found": at.count(RX.packets + TX.packets - ACCEPTED_PER_S),
                "new": at.count(ACCEPTED_PER_S + 28),
                "invalid": at.count(4),
                "ignore": at.count(0.2),
                "delete": at.count(ACCEPTED_PER_S + 28),
                "delete_list": at.count(ACCEPTED_PER_S + 28),
                "insert": at.count(ACCEPTED_PER_S + 28),
                "insert_failed": 0,
                "drop": 0,
                "early_drop": 0,
                "icmp_error": 0,
                "expect_new": 0,
                "expect_create": 0,
                "expect_delete": 0,
                "search_restart": at.count(0.5),
            },
        ),
        qdiscs={
            "eth0 root": replace(leaf(at, "pfifo_fast", TX), nic="eth0", parent="root"),
        },
        netns=NetNs(inode=4026531968, initial=True),
        services=Services(running=("irqbalance",)),
    )
