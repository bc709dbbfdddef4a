"""What must not get worse, whatever is changed; and how busy a host is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """Events that are watched in any case.

    Attributes:
        label: What they are.
        value: Expression: how many there were in the window.
        floor: What matters to nobody: so many more per second; with `per`, so much more of a share.
        per: Expression: of how many they are a share; "" for events that are told per second.
    """

    label: str
    value: str
    floor: float
    per: str = ""


GUARDS = (
    # RetransSegs counts segments of handshakes, too (tcp_rtx_synack, __tcp_retransmit_skb in
    # net/ipv4/tcp_output.c), which peers that are not there cause.
    Guard(
        "segments sent again on established connections",
        "max(0, delta(nstat.Tcp.RetransSegs) - delta(nstat.TcpExt.TCPSynRetrans))",
        0.001,
        per="delta(nstat.Tcp.OutSegs)",
    ),
    Guard("SYN and SYN-ACK sent again (TCPSynRetrans)", "delta(nstat.TcpExt.TCPSynRetrans)", 1),
    Guard("handshakes dropped at listeners (ListenDrops)", "delta(nstat.TcpExt.ListenDrops)", 1),
    Guard("connections reset (EstabResets)", "delta(nstat.Tcp.EstabResets)", 1),
    Guard(
        "packets lost at receive rings",
        "sum(delta(n.rx_ring_full) for n in nics if n.physical and known(n.rx_ring_full))",
        10,
    ),
    Guard(
        "packets dropped at per-CPU backlogs",
        "sum(delta(s.dropped) for s in softnet) - sum(delta(s.flow_limit_count) for s in softnet)",
        10,
    ),
    Guard(
        "datagrams dropped at full sockets (RcvbufErrors)",
        "delta(nstat.Udp.RcvbufErrors)"
        " + (delta(nstat.Udp6.RcvbufErrors) if exists(nstat.Udp6.RcvbufErrors) else 0)",
        10,
    ),
    # A clash counts as drop and as insert_failed, too long a chain as insert_failed only.
    Guard(
        "new connections refused by conntrack (drop less clashes)",
        "max(0, delta(conntrack.stats.drop) - delta(conntrack.stats.insert_failed)"
        " + (delta(conntrack.stats.chaintoolong) if known(conntrack.stats.chaintoolong) else 0))",
        1,
    ),
)

# Octets, because offloads change how many packets IP sees of the same traffic.
OCTETS = (
    "delta(nstat.IpExt.InOctets) + delta(nstat.IpExt.OutOctets)"
    " + (delta(nstat.Ip6.InOctets) + delta(nstat.Ip6.OutOctets)"
    " if exists(nstat.Ip6.InOctets) else 0)"
)
"""Expression: what IP received, sent and forwarded in the window."""

CONNECTIONS = "delta(nstat.Tcp.ActiveOpens) + delta(nstat.Tcp.PassiveOpens)"
"""Expression: TCP connections that were opened and accepted in the window."""
