"""Interfaces that settings belong to, and what becomes of a setting when its interface is renamed.

A name can move to another interface between a change and its undoing; the index cannot. So runs
record both, and addresses are translated before anything is undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.receipt import Device

# Sysctls of one interface: net.<family>.<table>.<interface>.<name>.
_FAMILIES, _TABLES = ("ipv4", "ipv6", "mpls"), ("conf", "neigh")
_OF_ALL = ("all", "default")
_AT = 3


def interface_of(address: Address) -> str | None:
    """The interface that a setting belongs to, None for those of the host."""
    if isinstance(address, NicAddress):
        return address.nic
    if isinstance(address, IrqAddress) or len(address.key) <= _AT + 1:
        return None
    _, family, table, name = address.key[: _AT + 1]
    if family in _FAMILIES and table in _TABLES and name not in _OF_ALL:
        return name
    return None


def devices_of(addresses: Iterable[Address], indexes: Mapping[str, int]) -> tuple[Device, ...]:
    """The interfaces that settings belong to, sorted by name.

    Args:
        addresses: The settings.
        indexes: Interface name → index, of all that there are.
    """
    names = {name for address in addresses if (name := interface_of(address)) is not None}
    return tuple(Device(name, indexes[name]) for name in sorted(names) if name in indexes)


class Names:
    """The names that a run's interfaces have now.

    Args:
        devices: The interfaces, as the run recorded them.
        indexes: Interface name → index, of all that there are now.
    """

    def __init__(self, devices: Iterable[Device], indexes: Mapping[str, int]) -> None:
        names = {index: name for name, index in indexes.items()}
        self._now = {each.name: names.get(each.index) for each in devices}

    def now(self, address: Address) -> Address | None:
        """The setting under its present address, None when its interface is gone."""
        name = interface_of(address)
        if name is None or name not in self._now:
            return address
        present = self._now[name]
        return None if present is None else _on(address, present)


def _on(address: Address, name: str) -> Address:
    if isinstance(address, NicAddress):
        return replace(address, nic=name)
    if isinstance(address, SysctlAddress):
        return replace(address, key=(*address.key[:_AT], name, *address.key[_AT + 1 :]))
    return address
