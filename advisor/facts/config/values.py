"""Compares values as the kernel reads them."""

from __future__ import annotations

import re

_NUMBER = re.compile(
    r"(?P<sign>-?)(?:0[xX](?P<hex>[0-9a-fA-F]+)|0(?P<octal>[0-7]+)|(?P<decimal>[0-9]+))"
)


def same(one: str, other: str) -> bool:
    """Whether two values are equal word by word: numbers by what they are, else as text."""
    first, second = one.split(), other.split()
    return len(first) == len(second) and all(
        a == b or (number(a) is not None and number(a) == number(b))
        for a, b in zip(first, second, strict=True)
    )


def fits(running: str, value: str) -> bool | None:
    """Whether a value has as many numbers as the key has; None for keys that hold no numbers."""
    now = running.split()
    if not now or any(number(word) is None for word in now):
        return None
    words = value.split()
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
