"""Compares values as the kernel reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator

_NUMBER = re.compile(
    r"(?P<sign>-?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0(?P<octal>[0-7]+)|(?P<decimal>[0-9]+))"
)
_PORTS = "ip_local_reserved_ports"
_SET = "tcp_allowed_congestion_control"
_MASKS = ("flow_limit_cpu_bitmap", "rps_default_mask")
_TO_POWER = "rps_sock_flow_entries"
_TO_PAGE = "nf_conntrack_buckets"
_PAGE_OF_BUCKETS = 65536 // 4


def agrees(name: str, running: str, value: str) -> bool:
    """Whether a key that was set to `value` would show `running`.

    The kernel shows some keys in a form of its own: lists of ports and of congestion controls in
    order, masks of CPUs filled up, sizes of tables rounded up.

    Args:
        name: The last component of the key.
        running: What it shows now.
        value: What a file sets it to.
    """
    if name == _PORTS:
        return set(_ports(running)) == set(_ports(value))
    if name == _SET:
        return set(running.split()) == set(value.split())
    if name in _MASKS:
        return _mask(running) == _mask(value)
    now, wanted = number(running), number(value)
    if now is not None and wanted is not None and 0 < wanted < now:
        if name == _TO_POWER:
            return now == 1 << (wanted - 1).bit_length()
        if name == _TO_PAGE:
            return now - wanted < _PAGE_OF_BUCKETS and now % 64 == 0
    return same(running, value)


def same(running: str, value: str) -> bool:
    """Whether two values are equal word by word: numbers by what they are, else as text.

    Words behind the numbers that a key holds do not count: the kernel does not read them
    ("4096 # comment").
    """
    now, words = running.split(), value.split()
    if now and all(number(word) is not None for word in now):
        words = words[: len(now)]
    return len(now) == len(words) and all(
        a == b or (number(a) is not None and number(a) == number(b))
        for a, b in zip(now, words, strict=True)
    )


def fits(name: str, running: str, value: str) -> bool | None:
    """Whether a value has as many numbers as the key has; None for keys that hold no numbers.

    More than that is no fault: the kernel does not read the rest.

    Args:
        name: The last component of the key.
        running: What it shows now.
        value: What a file sets it to.
    """
    now = running.split()
    if not now or name == _PORTS or name in _MASKS or any(number(word) is None for word in now):
        return None
    words = value.split()[: len(now)]
    return len(words) == len(now) and all(number(word) is not None for word in words)


def number(word: str) -> int | None:
    """The number that the kernel reads (proc_get_long in kernel/sysctl.c: base by prefix)."""
    match = _NUMBER.fullmatch(word)
    if match is None:
        return None
    if match["hex"] is not None:
        found = int(match["hex"], 16)
    elif match["octal"] is not None:
        found = int(match["octal"], 8)
    else:
        found = int(match["decimal"])
    return -found if match["sign"] else found


def _ports(text: str) -> Iterator[int | str]:
    """The ports of "8080,9000-9010"; what is no port as it is written."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        low, high = number(first.strip()), number(last.strip() or first.strip())
        if low is None or high is None or not 0 <= low <= high <= 65535:
            yield part
        else:
            yield from range(low, high + 1)


def _mask(text: str) -> int | str:
    digits = text.replace(",", "")
    try:
        return int(digits, 16)
    except ValueError:
        return digits
