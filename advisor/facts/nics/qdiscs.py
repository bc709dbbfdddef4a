"""Queueing disciplines with their backlog and drops, from one rtnetlink dump (`tc -s qdisc`)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from advisor.facts.netlink import NETLINK_ROUTE, Channel
from advisor.facts.netlink_classes import nla, nlmsg
from advisor.facts.netlink_decode import decode
from advisor.model.stack import Qdisc
from advisor.model.unavailable import Unavailable

_RTM_GETQDISC = 38
_ROOT = 0xFFFFFFFF
_NONE = 0

_BASIC = struct.Struct("=QI")  # bytes, packets
_QUEUE = struct.Struct("=5I")  # queue length, backlog, drops, requeues, overlimits
_PACKETS = struct.Struct("=Q")


class QdiscMessage(nlmsg):
    """RTM_NEWQDISC: struct tcmsg and TCA_* (include/uapi/linux/rtnetlink.h, gen_stats.h)."""

    fields = (
        ("family", "B"),
        ("pad1", "B"),
        ("pad2", "H"),
        ("index", "i"),
        ("handle", "I"),
        ("parent", "I"),
        ("info", "I"),
    )

    class _Statistics(nla):
        nla_map = ((1, "basic", "cdata"), (3, "queue", "cdata"), (8, "packets", "cdata"))

    nla_map = ((1, "kind", "asciiz"), (7, "statistics", "_Statistics"))


def read_qdiscs(names: Mapping[int, str]) -> dict[str, Qdisc] | Unavailable:
    """Each queueing discipline under "interface parent", of the calling thread's network namespace.

    Args:
        names: Interface index → name.
    """
    try:
        with Channel.open(NETLINK_ROUTE) as channel:
            answers = channel.dump(QdiscMessage(), _RTM_GETQDISC)
    except OSError as error:
        return Unavailable(f"cannot ask the kernel for qdiscs: {error.strerror}")
    if answers.error is not None:
        return Unavailable(f"the kernel did not list the qdiscs: {answers.error.strerror}")
    qdiscs = (parse_qdisc(decode(QdiscMessage, message), names) for message in answers.messages)
    return {f"{qdisc.nic} {qdisc.parent}": qdisc for qdisc in qdiscs if qdisc is not None}


def parse_qdisc(message: dict[str, Any], names: Mapping[int, str]) -> Qdisc | None:
    """The qdisc of a decoded message, None when its interface is not among `names`."""
    nic = names.get(message.get("index", 0))
    if nic is None:
        return None
    statistics = message.get("statistics", {})
    sent, packets = _unpacked(_BASIC, statistics.get("basic"))
    length, backlog, drops, requeues, overlimits = _unpacked(_QUEUE, statistics.get("queue"))
    if "packets" in statistics:  # 5.5: 64 bits wide
        packets = _unpacked(_PACKETS, statistics["packets"])[0]
    return Qdisc(
        nic=nic,
        kind=message.get("kind", ""),
        handle=_handle(message["handle"]),
        parent=_parent(message["parent"]),
        bytes=sent,
        packets=packets,
        drops=drops,
        overlimits=overlimits,
        requeues=requeues,
        backlog_packets=length,
        backlog_bytes=backlog,
    )


def _unpacked(form: struct.Struct, data: bytes | None) -> tuple[int, ...]:
    """The numbers of a structure, zeros when it is missing or cut short."""
    if data is None or len(data) < form.size:
        return form.unpack(bytes(form.size))
    return form.unpack_from(data)


def _handle(number: int) -> str:
    """As tc prints it: "8001:"; "0:" for qdiscs that the kernel made itself."""
    return f"{number >> 16:x}:"


def _parent(number: int) -> str:
    """As tc prints it: "root", "8001:1", and ":1" below a parent without a handle."""
    if number == _ROOT:
        return "root"
    if number == _NONE:
        return "none"
    major, minor = number >> 16, number & 0xFFFF
    return f"{major:x}:{minor:x}" if major else f":{minor:x}"
