"""Sets of CPUs as the kernel writes them: lists ("0-3,8") and masks ("ff,00000001")."""

from __future__ import annotations

import re
from collections.abc import Iterable

from advisor.facts.files import Files
from advisor.model.unavailable import Unavailable

CPUS_MAX = 1 << 16
"""More CPUs than kernels are built for (NR_CPUS <= 8192): guards against "0-999999999"."""

_GROUP_BITS = 32
_GROUP = re.compile(r"[0-9a-fA-F]{1,8}")


def parse_cpu_list(text: str) -> tuple[int, ...] | Unavailable:
    """The CPUs of a list such as "0-3,8" (`%*pbl` in the kernel), sorted; () for an empty one."""
    cpus: set[int] = set()
    for part in text.strip().split(","):
        if not part:
            continue
        first, dash, last = part.partition("-")
        try:
            low = int(first)
            high = int(last) if dash else low
        except ValueError:
            return _not_understood("list", text)
        if not 0 <= low <= high < CPUS_MAX:
            return _not_understood("list", text)
        cpus.update(range(low, high + 1))
    return tuple(sorted(cpus))


def read_cpu_list(files: Files, path: str) -> tuple[int, ...] | Unavailable:
    """The CPUs of the list that a file holds."""
    text = files.read_text(path)
    if isinstance(text, Unavailable):
        return text
    cpus = parse_cpu_list(text)
    return Unavailable(f"{path}: {cpus.reason}") if isinstance(cpus, Unavailable) else cpus


def format_cpu_list(cpus: Iterable[int]) -> str:
    """The CPUs as a list with ranges, as the kernel prints it: "0-3,8"."""
    ranges: list[list[int]] = []
    for cpu in sorted(set(cpus)):
        if ranges and ranges[-1][1] == cpu - 1:
            ranges[-1][1] = cpu
        else:
            ranges.append([cpu, cpu])
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in ranges)


def parse_cpu_mask(text: str) -> tuple[int, ...] | Unavailable:
    """The CPUs of a mask such as "ff,00000001", sorted.

    Groups of 32 bits, the highest first, so "1,00000000" is CPU 32 (`%*pb` in the kernel).
    """
    bits = 0
    groups = text.strip().split(",")
    if len(groups) * _GROUP_BITS > CPUS_MAX:
        return _not_understood("mask", text)
    for group in groups:
        if not _GROUP.fullmatch(group):
            return _not_understood("mask", text)
        bits = bits << _GROUP_BITS | int(group, 16)
    return tuple(cpu for cpu in range(bits.bit_length()) if bits >> cpu & 1)


def format_cpu_mask(cpus: Iterable[int]) -> str:
    """The CPUs as a mask that the kernel accepts: "ff,00000001"; "0" for none."""
    bits = 0
    for cpu in cpus:
        bits |= 1 << cpu
    groups = [f"{bits & 0xFFFFFFFF:08x}"]
    while bits := bits >> _GROUP_BITS:
        groups.append(f"{bits & 0xFFFFFFFF:08x}")
    return ",".join(reversed(groups)).lstrip("0,") or "0"


def _not_understood(kind: str, text: str) -> Unavailable:
    return Unavailable(f"not a CPU {kind}: {text.strip()[:40]!r}")
