"""Which hardware carries the packets of an interface."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.model.nic import Nic

_LAYERS_MAX = 8  # MAX_NEST_DEV


def carriers(nics: Mapping[str, Nic], name: str) -> tuple[str, ...]:
    """Names of the hardware interfaces below `name`, itself when it is one; sorted.

    Below a VLAN, macvlan or tunnel is its lower interface; below a bond, team or bridge are its
    members. A hardware interface with members (netvsc with its virtual function, a failover pair)
    is carried by them too.
    """
    found: set[str] = set()
    layer = {name}
    for _ in range(_LAYERS_MAX):
        found.update(each for each in layer if each in nics and nics[each].physical)
        layer = {below for each in layer for below in _below(nics, each)}
    return tuple(sorted(found))


def _below(nics: Mapping[str, Nic], name: str) -> list[str]:
    nic = nics.get(name)
    lower = [nic.lower] if nic is not None and nic.lower is not None else []
    return lower + [each.name for each in nics.values() if each.master == name]
