"""Plans for tests."""

from __future__ import annotations

from typing import Any

from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.plan import Change, Left, Plan

ADDRESSES: list[Address] = [
    SysctlAddress(("net", "ipv4", "tcp_rmem")),
    SysctlAddress(("net", "ipv4", "conf", "eth0.100", "rp_filter")),
    NicAddress("-x", ("ring", "rx")),
    NicAddress("$(id)", ("queue", "rx-0", "rps_cpus")),
    NicAddress("é;b", ("private", "a.b")),
    IrqAddress(45),
]


def change(address: Address, before: Any = 1, after: Any = 2, disrupts: str = "none") -> Change:
    return Change(address, before, after, ("TST001",), "low", disrupts, ("at once",), ("true",))


def plan(*changes: Change) -> Plan:
    left = (Left("CT002", "host", "the table is full", "find out why"),)
    return Plan("web-1", "2026-11-21T10:00:00Z", "server", changes, ("TST001",), left)
