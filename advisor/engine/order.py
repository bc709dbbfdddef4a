"""The order in which settings have to be changed, where one change undoes or needs another.

What resets what was measured (`ethtool -L` loses RPS, XPS, the indirection table and interrupt
affinities; a ring change rebuilds queues), so what is reset comes after what resets it.
"""

from __future__ import annotations

from typing import Any

from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress

_NIC_ORDER = (
    *("private", "feature", "mtu", "ring", "channels", "rss", "coalesce", "pause"),
    *("txqueuelen", "qdisc", "threaded"),
)
_FIRST, _INTERRUPTS, _QUEUES, _LAST = 0, 50, 60, 90

# Of a pair, the first has to be in force before the second is of use.
_AFTER_DEVICES = ("gro_flush_timeout", "napi_defer_hard_irqs")
_PAIRS: dict[str, int] = {
    "net.core.rps_sock_flow_entries": 1,  # before the flow tables of the queues
    "net.netfilter.nf_conntrack_buckets": 1,  # a larger table before more entries
    "net.netfilter.nf_conntrack_max": 2,
    "net.nf_conntrack_max": 2,
}
_PRIVILEGED, _PORTS = "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_port_range"


def in_order(changes: dict[Address, tuple[Any, Any]]) -> list[Address]:
    """The settings in the order of their changes.

    Sysctls come first, as they disrupt nothing; then each interface, from what resets most to what
    is reset by it; then interrupts, and last what queues have of their own.

    Args:
        changes: Setting → (value before, value after).
    """
    return sorted(changes, key=lambda address: _place(address, changes))


def _place(address: Address, changes: dict[Address, tuple[Any, Any]]) -> tuple[int, str, int, str]:
    if isinstance(address, SysctlAddress):
        return (_FIRST, "", _among_sysctls(address, changes), str(address))
    if isinstance(address, IrqAddress):
        return (_INTERRUPTS, "", address.irq, "")
    return _of_nic(address)


def _of_nic(address: NicAddress) -> tuple[int, str, int, str]:
    kind = address.attribute[0]
    if kind == "queue":
        return (_QUEUES, address.nic, 0, str(address))
    if kind in _AFTER_DEVICES:
        return (_LAST, address.nic, _AFTER_DEVICES.index(kind), str(address))
    place = _NIC_ORDER.index(kind) if kind in _NIC_ORDER else len(_NIC_ORDER)
    return (10, address.nic, place, str(address))


def _among_sysctls(address: SysctlAddress, changes: dict[Address, tuple[Any, Any]]) -> int:
    name = address.dotted
    if name in (_PRIVILEGED, _PORTS):
        return _ports_place(name, changes)
    if _shrinks_conntrack(changes):
        # Fewer entries before a smaller table.
        return {1: 2, 2: 1}.get(_PAIRS.get(name, 0), 0)
    return _PAIRS.get(name, 0)


def _ports_place(name: str, changes: dict[Address, tuple[Any, Any]]) -> int:
    """At no moment may the range reach below the first unprivileged port (ipv4_local_port_range()
    and ipv4_privileged_ports() in net/ipv4/sysctl_net_ipv4.c): that port moves first when it goes
    down, the range moves first when it goes up."""
    for address, (before, after) in changes.items():
        if isinstance(address, SysctlAddress) and address.dotted == _PRIVILEGED:
            lowered = after < before
            return (0 if lowered else 1) if name == _PRIVILEGED else (1 if lowered else 0)
    return 0


def _shrinks_conntrack(changes: dict[Address, tuple[Any, Any]]) -> bool:
    return any(
        isinstance(address, SysctlAddress)
        and address.dotted == "net.netfilter.nf_conntrack_buckets"
        and after < before
        for address, (before, after) in changes.items()
    )
