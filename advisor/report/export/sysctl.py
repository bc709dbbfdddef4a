"""A sysctl.d file: for systemd-sysctl, and for procps's `sysctl --system`."""

from __future__ import annotations

from advisor.model.address import SysctlAddress
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
    value_of,
)

NAME = "99-z-advisor-export.conf"
"""Sorts behind Debian's 99-sysctl.conf, which is a link to /etc/sysctl.conf."""

_GLOB = frozenset("*?[]")
_CONNTRACK = ("net.netfilter.", "net.nf_conntrack")


def files(plan: Plan) -> list[File]:
    """The file; a vector is always written as a whole, as the kernel changes half of it else."""
    lines, left = assignments(plan)
    head = [
        *heading(plan, "sysctl"),
        f"Save as /etc/sysctl.d/{NAME}; then, or at the next boot: sysctl --system",
    ]
    if any(line.startswith(_CONNTRACK) for line in lines):
        head += [
            "At boot these keys exist only if nf_conntrack is loaded before: name it in a file of",
            "/etc/modules-load.d/.",
        ]
    return [File(NAME, joined(commented(head), lines, commented(leftovers(left))))]


def assignments(plan: Plan) -> tuple[list[str], list[Left]]:
    """The lines for the sysctls of a plan, each behind a comment, and what cannot be one."""
    lines: list[str] = []
    left: list[Left] = []
    for change in plan.changes:
        if not isinstance(change.address, SysctlAddress):
            left.append(Left(change, "no sysctl"))
            continue
        why = _why_not(change.address)
        if why is not None:
            left.append(Left(change, why))
            continue
        lines += _lines(change, change.address)
    return lines, left


def _lines(change: Change, address: SysctlAddress) -> list[str]:
    value = value_of(address, change.after)
    return [*commented([about(change)]), f"{address.dotted} = {value}"]


def _why_not(address: SysctlAddress) -> str | None:
    """Why a key cannot stand in the file: both readers have to take it for what it is."""
    if not is_printable(address):
        return "a name in it is not printable"
    for part in address.key:
        if "=" in part:
            return "a name in it has an equals sign, where a key would end"
        if _GLOB & set(part):
            return "a name in it would be read as a pattern"
        if ".." in part or part.startswith(".") or part.endswith("."):
            return "procps refuses a name with such dots"
    return None
