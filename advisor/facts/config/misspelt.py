"""Which key was probably meant by one that the kernel does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable

from advisor.facts.config.assignments import Key, dotted

_DIGITS = re.compile(r"\d")
_SHORT = 8
# Keys of other kernels or configurations of it that resemble one which is always there.
_NO_SLIPS = frozenset(
    (
        "nf_conntrack_dccp_loose",
        "tcp_early_demux",
        "tcp_fack",
        "tcp_l3mdev_accept",
        "udp_early_demux",
        "udp_l3mdev_accept",
    )
)


def meant(key: Key, known: Iterable[Key]) -> Key | None:
    """The key that another one is a slip of the pen for, None when none is near enough.

    That is a key at most two letters away, one in short names, or the only one of this name in
    another place (net.ipv4.somaxconn). Keys that differ in digits alone are different things:
    net.ipv6.conf.all.rp_filter is not a misspelt net.ipv4.conf.all.rp_filter.

    Args:
        key: The key that is not there.
        known: The keys that are.
    """
    if key[-1] in _NO_SLIPS:
        return None
    name, without = dotted(key), _DIGITS.sub("", dotted(key))
    edits = 2 if len(key[-1]) >= _SHORT else 1
    elsewhere: list[Key] = []
    near: list[Key] = []
    for other in known:
        text = dotted(other)
        if _DIGITS.sub("", text) == without:
            continue
        if other[-1] == key[-1] and len(key[-1]) >= _SHORT:
            elsewhere.append(other)
        if abs(len(text) - len(name)) <= edits and _within(name, text, edits):
            near.append(other)
    if near:
        return min(near, key=lambda each: (not _within(name, dotted(each), 1), each))
    return elsewhere[0] if len(elsewhere) == 1 else None


def _within(one: str, other: str, edits: int) -> bool:
    """Whether so many letters put in, left out, changed or swapped turn one into the other."""
    alike = 0
    while alike < min(len(one), len(other)) and one[alike] == other[alike]:
        alike += 1
    one, other = one[alike:], other[alike:]
    if not one or not other:
        return len(one) + len(other) <= edits
    if edits == 0:
        return False
    return (
        _within(one[1:], other[1:], edits - 1)
        or _within(one[1:], other, edits - 1)
        or _within(one, other[1:], edits - 1)
        or (one[:2] == other[1::-1] and _within(one[2:], other[2:], edits - 1))
    )
