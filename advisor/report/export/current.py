"""How to find out with ordinary commands whether a setting has its value: for Ansible's tasks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.plan import Change
from advisor.settings.shell import as_file

_HARDWARE = r"Current hardware settings:[\s\S]*^"
_RING = {
    "rx": "RX",
    "rx-jumbo": "RX Jumbo",
    "tx": "TX",
    "rx-buf-len": "RX Buf Len",
    "cqe-size": "CQE Size",
    "tx-push": "TX Push",
    "rx-push": "RX Push",
    "tx-push-buf-len": "TX push buff len",
    "tcp-data-split": "TCP data split",
}
_CHANNELS = {"rx": "RX", "tx": "TX", "other": "Other", "combined": "Combined"}
_PAUSE = {"autoneg": "Autonegotiate", "rx": "RX", "tx": "TX"}
_PAIRS = {
    "adaptive-rx": r"^Adaptive RX: *{}\b",
    "adaptive-tx": r"^Adaptive RX: *\S+ +TX: *{}\b",
    "cqe-mode-rx": r"^CQE mode RX: *{}\b",
    "cqe-mode-tx": r"^CQE mode RX: *\S+ +TX: *{}\b",
}
# What `ethtool -k` calls by an older name.
_FEATURES = {
    "rx-checksum": "rx-checksumming",
    "tx-generic-segmentation": "generic-segmentation-offload",
    "rx-gro": "generic-receive-offload",
    "rx-lro": "large-receive-offload",
    "rx-vlan-hw-parse": "rx-vlan-offload",
    "tx-vlan-hw-insert": "tx-vlan-offload",
    "rx-ntuple-filter": "ntuple-filters",
    "rx-hashing": "receive-hashing",
}
# unparse_rxfhashopts() in ethtool's rxclass code prints them in this order.
_HASH_FIELDS = {
    "m": "L2DA",
    "v": "VLAN tag",
    "t": "L3 proto",
    "s": "IP SA",
    "d": "IP DA",
    "f": "L4 bytes 0 & 1 [TCP/UDP src port]",
    "n": "L4 bytes 2 & 3 [TCP/UDP dst port]",
}
_SLOTS_PER_ROW = 8


@dataclass(frozen=True, slots=True)
class Current:
    """How to see whether a setting has its value.

    Attributes:
        words: A command that prints the value.
        pattern: Regular expression that is found in what it prints exactly if the setting has the
            value; `^` and `$` are the ends of lines.
    """

    words: tuple[str, ...]
    pattern: str


def current(change: Change) -> Current | None:
    """How to see whether a change has been made, None if no command tells."""
    address = change.address
    file = as_file(address, change.after)
    if file is not None:
        return Current(("cat", file[0]), _in_file(address, file[1], change))
    if not isinstance(address, NicAddress):
        return None
    nic, kind, name = address.nic, address.attribute[0], ".".join(address.attribute[1:])
    if kind in ("mtu", "txqueuelen"):
        path = f"/sys/class/net/{nic}/{'mtu' if kind == 'mtu' else 'tx_queue_len'}"
        return Current(("cat", path), rf"^{change.after}$")
    if kind == "qdisc":
        words = ("tc", "qdisc", "show", "dev", nic, "root")
        return Current(words, rf"^qdisc {re.escape(str(change.after))} ")
    if kind == "rss":
        return _rss(nic, address.attribute, change.after)
    option = {
        "channels": "-l",
        "ring": "-g",
        "coalesce": "-c",
        "feature": "-k",
        "pause": "-a",
        "private": "--show-priv-flags",
    }[kind]
    return Current(("ethtool", option, nic), _listed(kind, name, _text(change)))


def _listed(kind: str, name: str, value: str) -> str:
    """The line of a listing of ethtool that has the value."""
    if kind == "ring":
        return rf"{_HARDWARE}{_RING[name]}:\s*{value}$"
    if kind == "channels":
        return rf"{_HARDWARE}{_CHANNELS[name]}:\s*{value}$"
    if kind == "pause":
        return rf"^{_PAUSE[name]}:\s*{value}$"
    if kind == "feature":
        return rf"^\s*{re.escape(_FEATURES.get(name, name))}: {value}\b"
    if kind == "private":
        return rf"^{re.escape(name)} *: {value}$"
    if name in _PAIRS:
        return _PAIRS[name].format(value)
    # Some versions of ethtool write "rx-frame-low".
    return rf"^{name.replace('frames-', 'frames?-')}:\s*{value}$"


def _in_file(address: Address, text: str, change: Change) -> str:
    if isinstance(address, IrqAddress):
        return rf"^{_ranges(change.after)}$"
    if isinstance(address, NicAddress) and isinstance(change.after, tuple):
        return rf"^[0,]*{re.escape(text)}$"  # the kernel fills a mask up with zeros
    if isinstance(address, SysctlAddress):
        fields = r"\s+".join(map(re.escape, text.split()))
        return rf"^{fields}$"
    return rf"^{re.escape(text)}$"


def _rss(nic: str, attribute: tuple[str, ...], value: object) -> Current | None:
    if attribute[1] == "hash" and isinstance(value, str):
        if not value or not set(value) <= set(_HASH_FIELDS):
            return None
        fields = [each for letter, each in _HASH_FIELDS.items() if letter in value]
        lines = r"\n".join(map(re.escape, fields))
        return Current(
            ("ethtool", "-n", nic, "rx-flow-hash", attribute[2]),
            rf"Hash flow key:\n{lines}\s*\Z",
        )
    if isinstance(value, tuple):
        rows = [
            rf"^\s*{start}:\s+"
            + r"\s+".join(map(str, value[start : start + _SLOTS_PER_ROW]))
            + r"\s*$"
            for start in range(0, len(value), _SLOTS_PER_ROW)
        ]
        return Current(("ethtool", "-x", nic), r"\n".join(rows))
    return None


def _text(change: Change) -> str:
    value = change.after
    if isinstance(value, bool):
        return "on" if value else "off"
    return re.escape(str(value))


def _ranges(cpus: Sequence[int]) -> str:
    """A list of CPUs as the kernel prints it: "0-3,8"."""
    parts: list[str] = []
    numbers = sorted(set(cpus))
    start = 0
    for index, cpu in enumerate(numbers):
        if index + 1 == len(numbers) or numbers[index + 1] != cpu + 1:
            first = numbers[start]
            parts.append(str(first) if first == cpu else f"{first}-{cpu}")
            start = index + 1
    return ",".join(parts)
