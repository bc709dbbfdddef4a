"""Which interfaces packets to an address may take (RTM_GETROUTE), and which have an address."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from advisor.facts.netlink import NETLINK_ROUTE, Channel
from advisor.facts.netlink_classes import nlmsg
from advisor.facts.netlink_decode import decode
from advisor.facts.netlink_dump import attributes, dump

_RTM_GETROUTE = 26
_RTM_GETADDR = 22
_RTM_F_FIB_MATCH = 0x2000
_LOCAL = 2  # RTN_LOCAL
_UNICAST = 1
_NEXTHOP = struct.Struct("=HBBi")
_IFADDRMSG = struct.Struct("=BBBBI")
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_DST_LEN, _TYPE = 1, 7  # offsets in struct rtmsg


class RouteMessage(nlmsg):
    """RTM_NEWROUTE: struct rtmsg and RTA_*."""

    fields = (
        ("family", "B"),
        ("dst_len", "B"),
        ("src_len", "B"),
        ("tos", "B"),
        ("table", "B"),
        ("protocol", "B"),
        ("scope", "B"),
        ("type", "B"),
        ("flags", "I"),
    )
    nla_map = (
        (1, "dst", "cdata"),
        (2, "src", "cdata"),
        (4, "oif", "uint32"),
        (9, "multipath", "cdata"),
        (30, "nexthop", "uint32"),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """How packets reach an address.

    Attributes:
        local: Whether it is an address of this host.
        interfaces: Indexes of the interfaces that they may take: several when routes of the same
            cost share the load.
        complete: Whether these are known to be all.
    """

    local: bool
    interfaces: frozenset[int]
    complete: bool = True


def way_to(channel: Channel, remote: bytes, local: bytes, bound: int = 0) -> Way:
    """The way to an address, as the kernel would send packets of a connection.

    Args:
        channel: A channel to NETLINK_ROUTE.
        remote: The address, 4 or 16 bytes.
        local: The connection's own address: rules may choose by it.
        bound: Index of the interface or VRF that its socket is bound to, 0 for none.

    Raises:
        OSError: There is no way.
    """
    chosen = _ask(channel, remote, local, bound, 0)
    found = set(_interfaces(chosen))
    try:
        # The whole route, of which one way was chosen; since 4.18 (IPv6).
        route = _ask(channel, remote, local, bound, _RTM_F_FIB_MATCH)
    except OSError:
        route = {}
    ways = list(_interfaces(route))
    # Without net.ipv4.nexthop_compat_mode a group of nexthops is only a number.
    complete = bool(ways) or "nexthop" not in route
    return Way(chosen.get("type") == _LOCAL, frozenset(found.union(ways)), complete)


def default_interfaces() -> frozenset[int]:
    """Indexes of the interfaces of default routes, of every table and of IPv4 and IPv6.

    Raises:
        OSError: The kernel does not list its routes.
    """
    found: set[int] = set()
    for family in (socket.AF_INET, socket.AF_INET6):
        request = struct.pack("=B11x", family)
        for buffer, start, end in dump(NETLINK_ROUTE, _RTM_GETROUTE, request):
            # A router has a million routes that are not to be decoded one by one.
            if buffer[start + _DST_LEN] == 0 and buffer[start + _TYPE] == _UNICAST:
                found.update(_interfaces(decode(RouteMessage, buffer[start:end])))
    return frozenset(found)


def interfaces_with(address: bytes) -> frozenset[int]:
    """Indexes of the interfaces that have an address of 4 or 16 bytes.

    Raises:
        OSError: The kernel does not list its addresses.
    """
    found = set()
    request = _IFADDRMSG.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
    for buffer, start, end in dump(NETLINK_ROUTE, _RTM_GETADDR, request):
        for kind, first, last in attributes(buffer, start + _IFADDRMSG.size, end):
            if kind in (_IFA_ADDRESS, _IFA_LOCAL) and buffer[first:last] == address:
                found.add(_IFADDRMSG.unpack_from(buffer, start)[4])
    return frozenset(found)


def _ask(channel: Channel, remote: bytes, local: bytes, bound: int, flags: int) -> dict[str, Any]:
    request = RouteMessage()
    request["family"] = socket.AF_INET if len(remote) == 4 else socket.AF_INET6
    request["dst_len"] = len(remote) * 8
    request["src_len"] = len(local) * 8
    request["flags"] = flags
    request["attrs"] = [("dst", remote), ("src", local)]
    if bound:
        request["attrs"].append(("oif", bound))
    return decode(RouteMessage, channel.ask(request, _RTM_GETROUTE))


def _interfaces(route: dict[str, Any]) -> Iterator[int]:
    if route.get("oif"):
        yield route["oif"]
    nexthops = route.get("multipath", b"")
    start = 0
    while start + _NEXTHOP.size <= len(nexthops):
        length, _flags, _hops, index = _NEXTHOP.unpack_from(nexthops, start)
        if length < _NEXTHOP.size:
            return
        yield index
        start += (length + 3) & ~3
