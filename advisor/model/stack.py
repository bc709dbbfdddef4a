"""The network stack's own state: softnet, sockets, listeners, conntrack, neighbours, qdiscs."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.model.record import Record
from advisor.model.unavailable import NOT_READ, Unavailable


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Softnet(Record):
    """One CPU's line of /proc/net/softnet_stat.

    Attributes:
        cpu: CPU number (column 13; offline CPUs are skipped by the kernel).
        processed: Packets handled.
        dropped: Packets lost because the per-CPU backlog was full (netdev_max_backlog).
        time_squeeze: Times net_rx_action stopped with work left, for budget or time.
        received_rps: Times this CPU was woken by RPS.
        flow_limit_count: Packets dropped by the flow limit.
        backlog_len: Packets in the backlog now, None before 5.10.
    """

    cpu: int
    processed: int
    dropped: int
    time_squeeze: int
    received_rps: int
    flow_limit_count: int
    backlog_len: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Listener(Record):
    """One listening TCP socket.

    Attributes:
        address: Local address.
        port: Local port.
        accept_queue: Connections waiting for accept() now (Recv-Q).
        backlog: Its limit, min(listen backlog, somaxconn at the time of listen()) (Send-Q).
            The queue holds backlog + 1: it is full when accept_queue > backlog. Unavailable
            where the kernel has no inet_diag.
        drops: Packets dropped at the socket (sk_drops), None when not reported.
        loopback: Whether only this host can reach it.
        uid: User that owns it.
        inode: Socket inode.
    """

    address: str
    port: int
    accept_queue: int
    backlog: int | Unavailable
    drops: int | None = None
    loopback: bool = False
    uid: int = 0
    inode: int = 0


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Quantiles(Record):
    """Distribution over the sockets looked at.

    Attributes:
        p50: Median.
        p95: 95th percentile.
        min: Smallest.
        max: Largest.
    """

    p50: float
    p95: float
    min: float
    max: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sockets(Record):
    """Summary of the TCP sockets (sock_diag, tcp_info).

    The figures from `rtt_us` to `retrans_share` are of the examined sockets that reach another
    host; None without any that tell.

    Attributes:
        states: State name ("ESTAB", "SYN-RECV", "TIME-WAIT", …) → sockets in it.
        established: Established sockets that reach another host (loopback left out).
        established_loopback: Established sockets whose other end is an address of this host.
        examined: Established sockets whose tcp_info was read (bounded on very large hosts).
        congestion: Congestion control → examined sockets that use it, loopback included;
            Unavailable where only /proc/net/tcp tells of the sockets.
        rtt_us: Smoothed round-trip times, microseconds.
        min_rtt_us: Smallest round-trip times, microseconds.
        cwnd: Congestion windows, segments.
        pacing_bps: Pacing rates, bytes per second; unlimited ones are left out.
        rcv_rtt_us: Receiver-side round-trip estimates, microseconds.
        rwnd_limited_share: Part of the busy time that senders waited for the peer's window, 0 to 1.
        sndbuf_limited_share: Part of the busy time that senders waited for send buffer, 0 to 1.
        retrans_share: Segments sent again, as a part of the segments sent, 0 to 1.
        ports_most_used: Most local ports in use towards one destination address and port, by
            connections that were made from here, those in TIME-WAIT included.
        ports_most_used_to: That destination, None without outgoing connections.
    """

    states: dict[str, int]
    established: int
    established_loopback: int
    examined: int
    congestion: dict[str, int] | Unavailable
    rtt_us: Quantiles | None = None
    min_rtt_us: Quantiles | None = None
    cwnd: Quantiles | None = None
    pacing_bps: Quantiles | None = None
    rcv_rtt_us: Quantiles | None = None
    rwnd_limited_share: float | None = None
    sndbuf_limited_share: float | None = None
    retrans_share: float | None = None
    ports_most_used: int = 0
    ports_most_used_to: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Conntrack(Record):
    """Connection tracking as seen from this namespace.

    Attributes:
        count: Entries of this namespace now.
        max: Most entries, enforced per namespace; 0 means unlimited.
        buckets: Hash buckets, one table for all namespaces.
        active: Whether tracking hooks are registered in this namespace.
        active_source: How that was found.
        stats: Summed per-CPU counters of /proc/net/stat/nf_conntrack: drop, early_drop,
            insert_failed, invalid, clashres, chaintoolong, search_restart, …
    """

    count: int
    max: int
    buckets: int
    active: bool | Unavailable
    active_source: str = ""
    stats: dict[str, int] | Unavailable = NOT_READ


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NeighbourTable(Record):
    """The neighbours of one protocol: ARP's or NDP's table, one for all network namespaces.

    Attributes:
        entries: Entries now, those included that never expire.
        table_fulls: Entries that were refused because the table was full ("neighbor table
            overflow" in the kernel log), None before 4.3.
        forced_gc_runs: Searches for entries to throw out because there were too many.
        unresolved_discards: Packets dropped because too many waited for one address.
        res_failed: Addresses that were asked for and that nobody answered for.
    """

    entries: int
    table_fulls: int | None = None
    forced_gc_runs: int | None = None
    unresolved_discards: int | None = None
    res_failed: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Qdisc(Record):
    """One queueing discipline.

    Attributes:
        nic: Interface.
        kind: "fq", "fq_codel", "pfifo_fast", "mq", "noqueue", …
        handle: Its handle, "8001:".
        parent: "root", or the class it hangs on, "8001:1".
        bytes: Bytes sent.
        packets: Packets sent, the segments of super-frames counted one by one (bstats_update()).
        drops: Packets dropped.
        overlimits: Times a packet had to wait for its rate.
        requeues: Times the driver gave a packet back.
        backlog_packets: Packets (super-frames count once) waiting now.
        backlog_bytes: Bytes waiting now.
    """

    nic: str
    kind: str
    handle: str
    parent: str
    bytes: int = 0
    packets: int = 0
    drops: int = 0
    overlimits: int = 0
    requeues: int = 0
    backlog_packets: int = 0
    backlog_bytes: int = 0


SysctlValue = int | str | tuple[int, ...]
"""A scalar, a vector of integers, or text that is neither."""

SysctlTree = dict[str, "SysctlValue | Unavailable | SysctlTree"]
"""Nested by component: ["net"]["ipv4"]["tcp_rmem"] → (4096, 131072, 6291456)."""

Counters = dict[str, dict[str, int]]
"""Group → counter → value, as in ["TcpExt"]["ListenOverflows"]."""
