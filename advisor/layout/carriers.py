"""Which hardware carries the packets of an interface."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from advisor.model.nic import Nic


def carriers(nics: Mapping[str, Nic], name: str) -> tuple[str, ...]:
    """Names of the hardware interfaces below `name`, itself when it is one; sorted.

    Below a VLAN, macvlan or tunnel is its lower interface; below a bond, team or bridge are its
    members. A hardware interface with members (netvsc with its virtual function, a failover pair)
    is carried by them too.
    """
    members: dict[str, list[str]] = defaultdict(list)
    for nic in nics.values():
        if nic.master is not None:
            members[nic.master].append(nic.name)
    found: set[str] = set()
    seen: set[str] = set()
    left = [name]
    while left:
        this = left.pop()
        # Two ways can lead to one interface; and facts may hold circles, unlike the kernel.
        if this in seen or this not in nics:
            continue
        seen.add(this)
        if nics[this].physical:
            found.add(this)
        lower = nics[this].lower
        left += members[this] if lower is None else [*members[this], lower]
    return tuple(sorted(found))
