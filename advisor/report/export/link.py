"""Drop-ins for systemd.link files, which udev applies when an interface appears.

Options and the version that has them first: systemd.link(5), systemd 262.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from advisor.model.address import NicAddress
from advisor.model.plan import Change, Plan
from advisor.report.export.common import (
    File,
    Left,
    about,
    commented,
    heading,
    is_printable,
    joined,
    leftovers,
)
from advisor.report.style import safe

Option = tuple[str, int]
"""Name of an option, and the first version of systemd that has it."""

_PLAIN: Mapping[str, Option] = {
    "mtu": ("MTUBytes", 211),
    "txqueuelen": ("TransmitQueueLength", 248),
}
_AT_LEAST_ONE: Mapping[str, Mapping[str, Option]] = {
    "channels": {
        "rx": ("RxChannels", 239),
        "tx": ("TxChannels", 239),
        "other": ("OtherChannels", 239),
        "combined": ("CombinedChannels", 239),
    },
    "ring": {
        "rx": ("RxBufferSize", 244),
        "rx-jumbo": ("RxJumboBufferSize", 244),
        "tx": ("TxBufferSize", 244),
    },
}
_PAUSE: Mapping[str, Option] = {
    "rx": ("RxFlowControl", 246),
    "tx": ("TxFlowControl", 246),
    "autoneg": ("AutoNegotiationFlowControl", 246),
}
_MICROSECONDS: Mapping[str, Option] = {
    "rx-usecs": ("RxCoalesceSec", 250),
    "rx-usecs-irq": ("RxCoalesceIrqSec", 250),
    "rx-usecs-low": ("RxCoalesceLowSec", 250),
    "rx-usecs-high": ("RxCoalesceHighSec", 250),
    "tx-usecs": ("TxCoalesceSec", 250),
    "tx-usecs-irq": ("TxCoalesceIrqSec", 250),
    "tx-usecs-low": ("TxCoalesceLowSec", 250),
    "tx-usecs-high": ("TxCoalesceHighSec", 250),
}
_COALESCE: Mapping[str, Option] = {
    "rx-frames": ("RxMaxCoalescedFrames", 250),
    "rx-frames-irq": ("RxMaxCoalescedIrqFrames", 250),
    "rx-frames-low": ("RxMaxCoalescedLowFrames", 250),
    "rx-frames-high": ("RxMaxCoalescedHighFrames", 250),
    "tx-frames": ("TxMaxCoalescedFrames", 250),
    "tx-frames-irq": ("TxMaxCoalescedIrqFrames", 250),
    "tx-frames-low": ("TxMaxCoalescedLowFrames", 250),
    "tx-frames-high": ("TxMaxCoalescedHighFrames", 250),
    "pkt-rate-low": ("CoalescePacketRateLow", 250),
    "pkt-rate-high": ("CoalescePacketRateHigh", 250),
    "adaptive-rx": ("UseAdaptiveRxCoalesce", 250),
    "adaptive-tx": ("UseAdaptiveTxCoalesce", 250),
}
_FEATURES: Mapping[str, Option] = {
    "rx-checksum": ("ReceiveChecksumOffload", 245),
    "tx-generic-segmentation": ("GenericSegmentationOffload", 232),
    "tx-tcp-segmentation": ("TCPSegmentationOffload", 232),
    "tx-tcp6-segmentation": ("TCP6SegmentationOffload", 235),
    "rx-gro": ("GenericReceiveOffload", 232),
    "rx-lro": ("LargeReceiveOffload", 232),
    "rx-gro-hw": ("GenericReceiveOffloadHardware", 250),
    "rx-ntuple-filter": ("NTupleFilter", 250),
    "rx-vlan-hw-parse": ("ReceiveVLANCTAGHardwareAcceleration", 250),
    "rx-vlan-filter": ("ReceiveVLANCTAGFilter", 250),
    "tx-vlan-hw-insert": ("TransmitVLANCTAGHardwareAcceleration", 250),
    "tx-vlan-stag-hw-insert": ("TransmitVLANSTAGHardwareAcceleration", 250),
    "tx-gso-partial": ("PartialGenericSegmentationOffload", 258),
    "rx-all": ("ReceiveAll", 258),
    "rx-fcs": ("ReceiveFCS", 258),
    "rx-gro-list": ("GenericReceiveOffloadList", 260),
    "rx-udp-gro-forwarding": ("GenericReceiveOffloadUDPForwarding", 260),
    "tx-scatter-gather": ("ScatterGather", 260),
    "tx-scatter-gather-fraglist": ("ScatterGatherFragmentList", 260),
    "tx-tcp-ecn-segmentation": ("TCPECNSegmentationOffload", 260),
    "tx-tcp-mangleid-segmentation": ("TCPMangleIdSegmentationOffload", 260),
}


def files(plan: Plan) -> list[File]:
    """One drop-in for each interface; what is no setting of an interface is named in the last."""
    options: dict[str, list[str]] = {}
    left: list[Left] = []
    for change in plan.changes:
        found = option(change)
        if isinstance(found, Left):
            left.append(found)
        elif isinstance(change.address, NicAddress):
            lines = options.setdefault(change.address.nic, [])
            name, value, version = found
            lines += commented([f"{about(change)} (systemd {version})"])
            lines.append(f"{name}={value}")
    head = commented(heading(plan, "link"))
    rest = commented(leftovers(left))
    made = [
        File(
            f"50-advisor-{number}.conf",
            joined(
                [*head, *_place(nic, number)],
                ["[Link]", *lines],
                rest if number == len(options) else [],
            ),
        )
        for number, (nic, lines) in enumerate(options.items(), start=1)
    ]
    return made or [File("50-advisor.conf", joined(head, rest))]


def option(change: Change) -> tuple[str, str, int] | Left:
    """Option, value and first version of systemd for a change, or why there is none."""
    address = change.address
    if not isinstance(address, NicAddress):
        return Left(change, "no setting of an interface")
    if not is_printable(address):
        return Left(change, "the interface's name is not printable")
    kind, name = address.attribute[0], ".".join(address.attribute[1:])
    value = change.after
    if not isinstance(value, int):
        return Left(change, "systemd.link has no option for it")
    found = _option(kind, name)
    if found is None:
        return Left(change, "systemd.link has no option for it")
    if kind in _AT_LEAST_ONE and value < 1:
        return Left(change, "systemd.link takes 1 and more")
    unit = "us" if kind == "coalesce" and name in _MICROSECONDS else ""
    return found[0], f"{_text(value)}{unit}", found[1]


def _option(kind: str, name: str) -> Option | None:
    tables = {
        **_AT_LEAST_ONE,
        "pause": _PAUSE,
        "coalesce": {**_MICROSECONDS, **_COALESCE},
        "feature": _FEATURES,
    }
    return tables[kind].get(name) if kind in tables else _PLAIN.get(kind)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _place(nic: str, number: int) -> list[str]:
    """Where to put it: only the first .link file that matches counts, with its drop-ins."""
    return commented(
        [
            "",
            f"Interface {safe(nic)}: save as /etc/systemd/network/FILE.d/50-advisor.conf, where",
            "FILE is the .link file that applies to it, which udev tells as ID_NET_LINK_FILE:",
            "  udevadm info --query=property --path=/sys/class/net/INTERFACE",
            "This holds for every interface that FILE matches. If it matches others, too (as",
            f"99-default.link does), copy FILE to /etc/systemd/network/70-advisor-{number}.link,",
            "give the copy a [Match] section for this interface alone, and put these options into",
            "its [Link] section.",
        ]
    )
