"""Which addresses, routes and neighbours are kept, and how an entry is written as text.

An entry is the fixed fields of its message and its attributes in hexadecimal,
"2,24,0,0,254,4,253,1,0 dst=0a000000 priority=64000000", without the interface's index: it is put
back on the interface that has the name then.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import Any

from advisor.facts.netlink_classes import nlmsg
from advisor.settings.live.state_messages import AddressEntry, NeighbourEntry, RouteEntry

FAMILIES = (2, 10)  # AF_INET, AF_INET6

Entry = dict[str, Any]
"""Fixed fields and attributes of a message by name, as the decoder gives them."""

_ATTRIBUTE = re.compile(r"([a-z0-9_]+)=((?:[0-9a-f]{2})*)")
_INDEX = struct.Struct("=I")
_NEXTHOP = struct.Struct("=HBBi")
_EXPIRES = struct.Struct("=8xi")  # in struct rta_cacheinfo

_PERMANENT_ADDRESS = 0x80  # IFA_F_PERMANENT: neither from DHCP nor from an advertisement
_CHOSEN_FLAGS = 0x2 | 0x10 | 0x100 | 0x200 | 0x400  # what its owner chose; the rest is its state
_PERMANENT_NEIGHBOUR = 0x80
_ROUTER = 0x80
_UNICAST = 1
_LOCAL_TABLE = 255
_ONLINK = 0x4
_CLONED = 0x200

UNWATCHED = (0, 3, 4, 16, 18)
"""Who added a route (RTPROT_UNSPEC, BOOT, STATIC, DHCP, KEEPALIVED) and does not add it again.

The kernel adds its own again, routers advertise theirs again, and routing daemons watch links.
"""


@dataclass(frozen=True, slots=True)
class Table:
    """One of the kernel's tables: its message and requests.

    Attributes:
        message: The message.
        get: Number of the request that lists it.
        new: Number of the request that adds to it.
    """

    message: type[nlmsg]
    get: int
    new: int


TABLES = {
    "addresses": Table(AddressEntry, get=22, new=20),
    "routes": Table(RouteEntry, get=26, new=24),
    "neighbours": Table(NeighbourEntry, get=30, new=28),
}


def kept(table: Table, entry: Entry, index: int) -> Entry | None:
    """What is kept of an entry, None for those of other interfaces and those that come back alone.

    Args:
        table: Its table.
        entry: The decoded message.
        index: The interface.
    """
    if entry.get("family") not in FAMILIES:
        return None
    if table.message is RouteEntry:
        return _kept_route(entry, index)
    if entry.get("index") != index:
        return None
    if table.message is AddressEntry:
        return _kept_address(entry)
    if not entry["state"] & _PERMANENT_NEIGHBOUR:
        return None
    plain = {"pad1": 0, "pad2": 0, "index": 0, "state": _PERMANENT_NEIGHBOUR, "type": 0}
    return {**entry, **plain, "flags": entry["flags"] & _ROUTER}


def on_interface(table: Table, entry: Entry, index: int) -> Entry:
    """A kept entry as it is sent for an interface."""
    if table.message is not RouteEntry:
        return {**entry, "index": index}
    return entry if "multipath" in entry else {**entry, "oif": _INDEX.pack(index)}


def to_text(table: Table, entry: Entry) -> str:
    """The entry as text."""
    fixed = ",".join(str(entry[name]) for name, _form in table.message.fields)
    attributes = [
        f"{name}={entry[name].hex()}" for _, name, _ in table.message.nla_map if name in entry
    ]
    return " ".join([fixed, *attributes])


def from_text(table: Table, text: str, index: int) -> Entry:
    """The entry of a text.

    Args:
        table: Its table.
        text: What `to_text` made.
        index: The interface that it is for.

    Raises:
        ValueError: No reader of the kernel's tables would have kept such an entry.
    """
    fixed, *attributes = text.split(" ")
    names = [name for name, _form in table.message.fields]
    values = fixed.split(",")
    if len(values) != len(names) or not all(re.fullmatch(r"[0-9]{1,10}", each) for each in values):
        raise ValueError("not the fields of an entry")
    entry: Entry = dict(zip(names, map(int, values), strict=True))
    try:
        struct.pack("=" + "".join(form for _, form in table.message.fields), *entry.values())
    except struct.error as error:
        raise ValueError("a field is too large") from error
    for attribute in attributes:
        match = _ATTRIBUTE.fullmatch(attribute)
        if match is None or match[1] not in {name for _, name, _ in table.message.nla_map}:
            raise ValueError("not the attributes of an entry")
        entry[match[1]] = bytes.fromhex(match[2])
    again = kept(table, on_interface(table, entry, index), index)
    if again is None or to_text(table, again) != text:
        raise ValueError("not an entry that would have been kept")
    return entry


def _kept_address(entry: Entry) -> Entry | None:
    flags = _number(entry, "flags32") if "flags32" in entry else entry["flags"]
    if not flags & _PERMANENT_ADDRESS:
        return None
    flags &= _PERMANENT_ADDRESS | _CHOSEN_FLAGS
    found = {**entry, "flags": flags & 0xFF, "index": 0}
    if "flags32" in entry:
        found["flags32"] = _INDEX.pack(flags)
    return found


def _kept_route(entry: Entry, index: int) -> Entry | None:
    table = _number(entry, "table") or entry["table8"]
    if (
        entry["protocol"] not in UNWATCHED
        or entry["type"] != _UNICAST
        or entry["flags"] & _CLONED
        or table == _LOCAL_TABLE
        or "nexthop" in entry  # an object of its own, which goes with the device
        or _expires(entry)
    ):
        return None
    found = {name: value for name, value in entry.items() if name not in ("oif", "cacheinfo")}
    found["flags"] = entry["flags"] & _ONLINK
    if "multipath" not in entry:
        return found if _number(entry, "oif") == index else None
    hops, interfaces = _plain_hops(entry["multipath"])
    return {**found, "multipath": hops} if index in interfaces else None


def _expires(entry: Entry) -> bool:
    cacheinfo = entry.get("cacheinfo", b"")
    if len(cacheinfo) >= _EXPIRES.size and _EXPIRES.unpack_from(cacheinfo)[0]:
        return True
    return "expires" in entry


def _plain_hops(data: bytes) -> tuple[bytes, set[int]]:
    """The next hops of a route without the kernel's notes of their state, and their interfaces."""
    hops = bytearray(data)
    interfaces: set[int] = set()
    start = 0
    while start + _NEXTHOP.size <= len(data):
        length, flags, weight, index = _NEXTHOP.unpack_from(data, start)
        if length < _NEXTHOP.size:
            break
        _NEXTHOP.pack_into(hops, start, length, flags & _ONLINK, weight, index)
        interfaces.add(index)
        start += (length + 3) & ~3
    return bytes(hops), interfaces


def _number(entry: Entry, name: str) -> int:
    """The 32-bit number of an attribute, 0 when it is missing."""
    data = entry.get(name, b"")
    number: int = _INDEX.unpack(data)[0] if len(data) == _INDEX.size else 0
    return number
