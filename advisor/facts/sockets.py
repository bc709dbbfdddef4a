"""A summary of the TCP sockets: round-trip times, windows, pacing, and what holds senders up."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterable, Set
from math import ceil
from typing import NamedTuple

from advisor.facts.addresses import local_addresses
from advisor.facts.netlink_dump import Message, attributes
from advisor.facts.sock_diag import (
    CONGESTION,
    ESTABLISHED,
    INFO,
    LISTEN,
    MESSAGE_SIZE,
    STATES,
    address_text,
    endpoint_text,
    is_loopback,
    plain_address,
    tcp_sockets,
)
from advisor.model.stack import Quantiles, Sockets
from advisor.model.unavailable import Unavailable

EXAMINED_AT_MOST = 20_000
"""Established sockets whose tcp_info is decoded, at 2 to 4 µs each.

Sockets arrive in the order of the kernel's hash table, so the first ones are a fair sample.
"""

# struct tcp_info, include/uapi/linux/tcp.h. Fields were only ever appended: older kernels end
# sooner, and what they lack is read as 0, which for each of these fields means "not known".
TCP_INFO = struct.Struct("=68xI8xI8xI4xIQ24xI8xI16xQQQ")
_UNLIMITED = 2**64 - 1  # tcpi_pacing_rate without a limit
_NO_MIN_RTT = 2**32 - 1  # tcpi_min_rtt before the first measurement


class _Info(NamedTuple):
    """What is kept of a socket's tcp_info, in the order of `TCP_INFO`."""

    rtt: int
    cwnd: int
    rcv_rtt: int
    retransmitted: int
    pacing: int
    segments_out: int
    min_rtt: int
    busy: int
    rwnd_limited: int
    sndbuf_limited: int


def read_sockets(examine_at_most: int = EXAMINED_AT_MOST) -> Sockets | Unavailable:
    """Summary of all TCP sockets of this namespace.

    Every socket is counted; tcp_info is decoded for the first `examine_at_most` established ones.
    """
    sockets = tcp_sockets(tuple(STATES), (INFO, CONGESTION))
    try:
        return summarise(sockets, local_addresses(), examine_at_most)
    except OSError as error:
        return Unavailable(f"TCP sockets cannot be read through inet_diag: {error.strerror}")


def summarise(
    sockets: Iterable[Message], local: Set[bytes], examine_at_most: int = EXAMINED_AT_MOST
) -> Sockets:
    """The summary of a dump in which listening sockets come first, as the kernel sends them.

    A socket is on loopback when the other end is an address of this namespace, whichever it is:
    such traffic never leaves through a device. A local port is in use towards a destination by
    any socket whose port nobody listens on, in TIME-WAIT too, since connect() cannot have it.
    """
    states: Counter[int] = Counter()
    listening: set[bytes] = set()
    outgoing: Counter[tuple[int, bytes]] = Counter()
    congestion: Counter[str] = Counter()
    infos: list[_Info] = []
    on_loopback = examined = 0
    for buffer, start, end in sockets:
        state = buffer[start + 1]
        states[state] += 1
        port = buffer[start + 4 : start + 6]
        if state == LISTEN:
            listening.add(port)
            continue
        if port not in listening:
            # Family, and the destination port, source and destination as they lie in memory.
            outgoing[buffer[start], buffer[start + 6 : start + 40]] += 1
        if state == ESTABLISHED:
            loopback = _is_local(buffer[start + 24 : start + 40], buffer[start], local)
            on_loopback += loopback
            if examined < examine_at_most:
                examined += 1
                name, info = _details((buffer, start, end))
                if name:
                    congestion[name] += 1
                if info is not None and not loopback:
                    infos.append(info)
    ports, ports_to = _most_used(outgoing)
    busy = sum(each.busy for each in infos)
    return Sockets(
        states={STATES.get(state, str(state)): states[state] for state in sorted(states)},
        established=states[ESTABLISHED] - on_loopback,
        established_loopback=on_loopback,
        examined=examined,
        congestion=dict(sorted(congestion.items())),
        rtt_us=_quantiles(each.rtt for each in infos),
        min_rtt_us=_quantiles(each.min_rtt for each in infos if each.min_rtt != _NO_MIN_RTT),
        cwnd=_quantiles(each.cwnd for each in infos),
        pacing_bps=_quantiles(each.pacing for each in infos if each.pacing != _UNLIMITED),
        rcv_rtt_us=_quantiles(each.rcv_rtt for each in infos),
        rwnd_limited_share=_share(sum(each.rwnd_limited for each in infos), busy),
        sndbuf_limited_share=_share(sum(each.sndbuf_limited for each in infos), busy),
        retrans_share=_share(
            sum(each.retransmitted for each in infos), sum(each.segments_out for each in infos)
        ),
        ports_most_used=ports,
        ports_most_used_to=ports_to,
    )


def _is_local(destination: bytes, family: int, local: Set[bytes]) -> bool:
    address = plain_address(destination, family)
    return address in local or is_loopback(address)


def _details(message: Message) -> tuple[str, _Info | None]:
    """Congestion control and tcp_info of a socket."""
    buffer, start, end = message
    congestion = ""
    info = None
    for kind, first, last in attributes(buffer, start + MESSAGE_SIZE, end):
        if kind == INFO:
            if last - first >= TCP_INFO.size:
                info = _Info._make(TCP_INFO.unpack_from(buffer, first))
            else:
                info = _Info._make(TCP_INFO.unpack(buffer[first:last].ljust(TCP_INFO.size, b"\0")))
        elif kind == CONGESTION:
            congestion = buffer[first:last].rstrip(b"\0").decode("ascii", "replace")
    return congestion, info


def _most_used(outgoing: Counter[tuple[int, bytes]]) -> tuple[int, str | None]:
    """The largest count, and the destination it is for.

    IPv4 sockets and mapped IPv6 ones draw from the same ports, so they count together.
    """
    together: Counter[tuple[bytes, bytes, bytes]] = Counter()
    for (family, key), number in outgoing.items():
        source, destination = plain_address(key[2:18], family), plain_address(key[18:34], family)
        together[destination, key[:2], source] += number
    if not together:
        return 0, None
    # The smallest of equals, so that two readings of the same sockets agree.
    (destination, port, _), number = min(together.items(), key=lambda item: (-item[1], item[0]))
    return number, endpoint_text(address_text(destination), int.from_bytes(port, "big"))


def _quantiles(values: Iterable[int]) -> Quantiles | None:
    """Nearest-rank quantiles of the values that are known (not 0)."""
    known = sorted(value for value in values if value)
    if not known:
        return None
    median, high = (known[ceil(len(known) * part) - 1] for part in (0.5, 0.95))
    return Quantiles(p50=float(median), p95=float(high), min=float(known[0]), max=float(known[-1]))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
