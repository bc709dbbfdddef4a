"""The network interfaces of the calling thread's network namespace.

netlink and the ioctls answer for the namespace of the thread; sysfs shows the namespace of whoever
mounted it. Where the two do not show the same interfaces, everything from sysfs is left out.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable, Mapping, Sequence

from advisor.facts.files import Files
from advisor.facts.nics.assemble import assemble, surroundings_of
from advisor.facts.nics.device_settings import read_device_settings
from advisor.facts.nics.links import Link, read_links
from advisor.facts.nics.napis import read_device_queues
from advisor.facts.nics.places import CLASS_NET
from advisor.facts.own_sysfs import shows_own_interfaces
from advisor.model.nic import Nic
from advisor.model.system import Irq
from advisor.model.unavailable import Unavailable

# Master of a virtio interface and a virtual function; it has the device of the former as parent.
_FAILOVER = "net_failover"
_ATTEMPTS = 3


def read_nics(
    files: Files, irqs: Mapping[str, Irq] | Unavailable, *, own_sysfs: bool | None = None
) -> dict[str, Nic] | Unavailable:
    """Interface name → interface. One that disappears while it is read is left out.

    Args:
        files: The running host's files.
        irqs: The interrupts, with `nic` set for those of interfaces.
        own_sysfs: Whether sysfs shows the namespace of the calling thread; None finds out.
    """
    try:
        if own_sysfs is None:
            own_sysfs = shows_own_interfaces(files)
        for _ in range(_ATTEMPTS):
            links = read_links()
            nics = _read(files, irqs, links, own_sysfs=own_sysfs)
            now = _names_now()
            if now is None or not names_moved(links, now):
                break
    except OSError as error:
        return Unavailable(f"cannot ask the kernel for the interfaces: {error.strerror}")
    return {nic.name: nic for nic in nics if now is None or now.get(nic.index) == nic.name}


def is_hardware(link: Link, driver: str, files: Files, *, own_sysfs: bool) -> bool:
    """Whether there is a device behind it. Before 5.14 only sysfs knows.

    Args:
        link: The interface.
        driver: Its driver.
        files: The host's files.
        own_sysfs: Whether sysfs shows it.
    """
    if driver == _FAILOVER:
        return False
    if link.parent_bus is not None:
        return link.hardware_parent
    maybe = link.kind in ("ethernet", "infiniband", "other")
    return maybe and own_sysfs and files.exists(f"{CLASS_NET}/{link.name}/device")


def names_moved(links: Iterable[Link], now: Mapping[int, str]) -> bool:
    """Whether an interface has another name by now, or a name another interface.

    sysfs and the ioctls know interfaces by name: what they said may then be of another one.
    """
    by_name = {name: index for index, name in now.items()}
    return any(
        now.get(link.index, link.name) != link.name
        or by_name.get(link.name, link.index) != link.index
        for link in links
    )


def _read(
    files: Files,
    irqs: Mapping[str, Irq] | Unavailable,
    links: Sequence[Link],
    *,
    own_sysfs: bool,
) -> list[Nic]:
    settings = read_device_settings(links)
    hardware = {
        link.index
        for link in links
        if is_hardware(link, settings[link.index].driver.name, files, own_sysfs=own_sysfs)
    }
    queues = read_device_queues(sorted(hardware))
    host = surroundings_of(files, links, irqs, hardware, queues, own_sysfs=own_sysfs)
    return [
        assemble(link, settings[link.index], host, hardware=link.index in hardware)
        for link in links
    ]


def _names_now() -> dict[int, str] | None:
    """Interface index → name, None when that cannot be told."""
    try:
        found = socket.if_nameindex()
    except OSError:
        return None
    # As rtnetlink's names are read, whatever the locale.
    return {index: os.fsencode(name).decode(errors="surrogateescape") for index, name in found}
