"""Changes that make sense only together: all of them are made, or none.

- what one rule wants of one interface, or of the host: masks of queues, the fields of a decision;
- what one request carries to a device: all rings, all channels;
- pairs of which one alone does nothing, or harm: both halves of RFS, of the deferral of interrupts,
  of the size of the connection table, of the ranges of ports.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

from advisor.changes.interfaces import interface_of
from advisor.model.address import Address, NicAddress, SysctlAddress
from advisor.model.plan import Change
from advisor.settings.live import batch

_SYSCTLS = {
    "net.core.rps_sock_flow_entries": "rfs",
    "net.netfilter.nf_conntrack_buckets": "conntrack",
    "net.netfilter.nf_conntrack_max": "conntrack",
    "net.nf_conntrack_max": "conntrack",
    "net.ipv4.ip_unprivileged_port_start": "ports",
    "net.ipv4.ip_local_port_range": "ports",
}
_DEFERRAL = ("gro_flush_timeout", "napi_defer_hard_irqs")
_FLOW_TABLE = "rps_flow_cnt"


def together(changes: Sequence[Change]) -> list[list[Change]]:
    """The changes in groups that must not be split; groups and changes in the given order."""
    groups: list[list[int]] = []
    seen: dict[Hashable, int] = {}
    for index, change in enumerate(changes):
        keys = list(_keys(change))
        joined = sorted({seen[key] for key in keys if key in seen})
        members = [member for number in joined for member in groups[number]]
        for number in joined:
            groups[number] = []
        groups.append([*members, index])
        seen = {
            key: len(groups) - 1 if number in joined else number for key, number in seen.items()
        }
        seen.update(dict.fromkeys(keys, len(groups) - 1))
    ordered = sorted(sorted(group) for group in groups if group)
    return [[changes[index] for index in group] for group in ordered]


def _keys(change: Change) -> Iterator[Hashable]:
    """What a change has in common with those that it belongs to."""
    place = interface_of(change.address)
    for rule in change.rules:
        yield "rule", rule, place
    request = batch(change.address)
    if request is not None:
        yield "request", request
    pair = _pair(change.address)
    if pair is not None:
        yield "pair", pair


def _pair(address: Address) -> Hashable:
    if isinstance(address, SysctlAddress):
        return _SYSCTLS.get(address.dotted)
    if isinstance(address, NicAddress) and address.attribute[-1] == _FLOW_TABLE:
        return "rfs"
    if isinstance(address, NicAddress) and address.attribute[0] in _DEFERRAL:
        return "deferral", address.nic
    return None
