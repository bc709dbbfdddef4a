"""The interfaces of the network namespace, from one rtnetlink dump."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from advisor.facts.netlink import NETLINK_ROUTE, Channel
from advisor.facts.netlink_decode import decode
from advisor.facts.nics.bonds import Bonding, parse_bonding
from advisor.facts.nics.link_messages import RTM_GETLINK, LinkMessage
from advisor.facts.nics.tunnels import tunnel_lower, tunnel_overhead

_IFF_UP = 0x1
_ARPHRD_ETHER = 1
_ARPHRD_LOOPBACK = 772
_KINDS_BY_HARDWARE = {_ARPHRD_ETHER: "ethernet", _ARPHRD_LOOPBACK: "loopback", 32: "infiniband"}
_OPERATING = (0, 6)  # IF_OPER_UNKNOWN (drivers that do not say), IF_OPER_UP

# Buses of devices that exist in software only, and yet have a parent.
_SOFTWARE_BUSES = ("netdevsim", "faux")
# Interfaces on top of others, whose speed they report.
_PASS_ON_SPEED = ("vlan", "macvlan", "macvtap", "ipvlan", "ipvtap", "bond", "team")
_LAYERS_MAX = 8  # MAX_NEST_DEV
# IFLA_LINK names the other end of the pair here, not an interface below.
_PAIRS = ("veth", "netkit", "vxcan")

# struct rtnl_link_stats64 (include/uapi/linux/if_link.h); new ones are added at its end.
_STATISTICS = (
    "rx_packets",
    "tx_packets",
    "rx_bytes",
    "tx_bytes",
    "rx_errors",
    "tx_errors",
    "rx_dropped",
    "tx_dropped",
    "multicast",
    "collisions",
    "rx_length_errors",
    "rx_over_errors",
    "rx_crc_errors",
    "rx_frame_errors",
    "rx_fifo_errors",
    "rx_missed_errors",
    "tx_aborted_errors",
    "tx_carrier_errors",
    "tx_fifo_errors",
    "tx_heartbeat_errors",
    "tx_window_errors",
    "rx_compressed",
    "tx_compressed",
    "rx_nohandler",
    "rx_otherhost_dropped",
)


@dataclass(frozen=True, slots=True)
class Link:
    """What rtnetlink tells about an interface.

    Attributes:
        index: Interface index.
        name: Interface name.
        kind: See `Nic.kind`.
        up: Whether the administrator set it up.
        running: Whether it can carry traffic now.
        mtu: Maximum transmission unit, bytes.
        txqueuelen: Default queue length, packets.
        mtu_min: Smallest MTU that it accepts, None before 4.19.
        mtu_max: Largest MTU that it accepts, None before 4.19.
        address: Hardware address, "" when it has none.
        qdisc: Kind of the root qdisc.
        master: Index of the interface it belongs to.
        lower: Index of the interface below, in this namespace.
        rx_queues: Receive queues allocated; fewer may be in use.
        tx_queues: Transmit queues allocated; fewer may be in use.
        gso_max_size: Largest super-frame, bytes.
        gso_max_segs: Most segments of one.
        gro_max_size: Largest super-frame that GRO builds, None before 5.19.
        tso_max_size: Largest that the device could take, None before 5.19.
        carrier_changes: Times the link went up or down.
        carrier_downs: Times it went down, None before 4.16.
        xdp: Whether an XDP program is attached, in whatever mode.
        overhead: Bytes that a tunnel adds to each packet, None for others.
        bonding: What a bond or team says of itself, None for others.
        parent: Name of the device on its bus ("0000:00:03.0", "virtio2"), None for software, and
            before 5.14.
        parent_bus: That bus.
        stats: Standard counters.
    """

    index: int
    name: str
    kind: str
    up: bool
    running: bool
    mtu: int
    txqueuelen: int
    mtu_min: int | None = None
    mtu_max: int | None = None
    address: str = ""
    qdisc: str | None = None
    master: int | None = None
    lower: int | None = None
    rx_queues: int = 1
    tx_queues: int = 1
    gso_max_size: int | None = None
    gso_max_segs: int | None = None
    gro_max_size: int | None = None
    tso_max_size: int | None = None
    carrier_changes: int | None = None
    carrier_downs: int | None = None
    xdp: bool = False
    overhead: int | None = None
    bonding: Bonding | None = None
    parent: str | None = None
    parent_bus: str | None = None
    stats: dict[str, int] | None = None

    @property
    def hardware_parent(self) -> bool:
        """Whether its device is on a bus of hardware, or of a hypervisor's devices."""
        return self.parent_bus is not None and self.parent_bus not in _SOFTWARE_BUSES


def read_links() -> list[Link]:
    """The interfaces of the calling thread's network namespace, in the order of their index.

    Raises:
        OSError: The kernel refused the dump.
    """
    request = LinkMessage()
    with Channel.open(NETLINK_ROUTE) as channel:
        answers = channel.dump(request, RTM_GETLINK)
    if answers.error is not None:
        raise answers.error
    links = (parse_link(decode(LinkMessage, message)) for message in answers.messages)
    return sorted((link for link in links if link is not None), key=lambda link: link.index)


def parse_link(message: dict[str, Any]) -> Link | None:
    """The link of a decoded message, None when it lacks what every link has."""
    name = message.get("name")
    index = message.get("index", 0)
    if not name or index <= 0:
        return None
    info = message.get("info", {})
    kind = info.get("kind") or _KINDS_BY_HARDWARE.get(message["hardware"], "other")
    data = info.get("data", b"")
    up = bool(message["flags"] & _IFF_UP)
    return Link(
        index=index,
        name=name,
        kind=kind,
        up=up,
        running=up and message.get("carrier", 1) != 0 and message.get("operating", 0) in _OPERATING,
        mtu=message.get("mtu", 0),
        txqueuelen=message.get("txqueuelen", 0),
        mtu_min=message.get("mtu_min"),
        mtu_max=message.get("mtu_max"),
        address=message.get("address", b"").hex(":"),
        qdisc=message.get("qdisc"),
        master=message.get("master"),
        lower=_lower(message, kind, data),
        rx_queues=message.get("rx_queues", 1),
        tx_queues=message.get("tx_queues", 1),
        gso_max_size=message.get("gso_max_size"),
        gso_max_segs=message.get("gso_max_segs"),
        gro_max_size=message.get("gro_max_size"),
        tso_max_size=message.get("tso_max_size"),
        carrier_changes=message.get("carrier_changes"),
        carrier_downs=message.get("carrier_downs"),
        xdp=message.get("xdp", {}).get("attached", 0) != 0,
        overhead=tunnel_overhead(kind, data),
        bonding=parse_bonding(kind, data),
        parent=message.get("parent"),
        parent_bus=message.get("parent_bus"),
        stats=_statistics(message.get("stats", b"")),
    )


def with_real_speed(links: Sequence[Link], hardware: Collection[int]) -> set[int]:
    """The indexes of the interfaces whose reported speed is that of hardware.

    veth always says 10 Gbit/s and tun 10 Mbit/s (veth_get_link_ksettings, tun_get_link_ksettings),
    and a bridge the largest of its ports. VLANs and the like pass on the speed of the interface
    below, bonds and teams the sum of their members.

    Args:
        links: All interfaces of the namespace.
        hardware: Indexes of those that stand for hardware.
    """
    below: dict[int, set[int]] = defaultdict(set)
    for link in links:
        if link.lower is not None:
            below[link.index].add(link.lower)
        if link.master is not None:
            below[link.master].add(link.index)
    real = set(hardware)
    passing_on = [link.index for link in links if link.kind in _PASS_ON_SPEED]
    for _ in range(_LAYERS_MAX):
        real.update(index for index in passing_on if below[index] and below[index] <= real)
    return real


def _lower(message: dict[str, Any], kind: str, data: bytes) -> int | None:
    if kind in _PAIRS or "link_namespace" in message:
        return None
    link: int | None = tunnel_lower(kind, data) or message.get("link")
    return link if link not in (0, message["index"]) else None


def _statistics(data: bytes) -> dict[str, int]:
    """Older kernels have fewer counters, newer ones may have more than are named here."""
    count = min(len(data) // 8, len(_STATISTICS))
    return dict(zip(_STATISTICS, struct.unpack_from(f"={count}Q", data), strict=False))
