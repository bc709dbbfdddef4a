"""Interfaces' devices as sysfs shows them, and their interrupts by what does not change at boot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from advisor.changes.persist.boot_file import is_device
from advisor.changes.persist.model import Device, Vector
from advisor.facts.files import Files
from advisor.facts.nics.places import CLASS_NET
from advisor.model.system import Irq
from advisor.model.unavailable import Unavailable

_PERMANENT = 0  # NET_ADDR_PERM (include/uapi/linux/netdevice.h)
_VIRTUAL = "/devices/virtual/"


def read_devices(files: Files) -> dict[str, Device]:
    """Interface name → its device, of all that sysfs shows; an empty one for software."""
    names = files.list_dir(CLASS_NET)
    return {
        name: read_device(files, name)
        for name in ([] if isinstance(names, Unavailable) else names)
        if files.exists(f"{CLASS_NET}/{name}/ifindex")
    }


def read_device(files: Files, nic: str) -> Device:
    """The device of an interface."""
    device = Device(_own_address(files, nic), _bus(files, nic))
    return device if is_device(device) else Device()


def find(device: Device | None, nic: str, present: Mapping[str, Device]) -> str | None:
    """The name that an interface has now, None when it is not there.

    The name counts if it still is that of the device, or if nothing is known about the device.
    Otherwise the one with the same address of its own: names can move when cards come and go.
    """
    now = present.get(nic)
    if device is None or not is_device(device):
        return None if now is None else nic
    if now is not None and _same(device, now):
        return nic
    found = [name for name, each in present.items() if device.mac and each.mac == device.mac]
    return found[0] if len(found) == 1 else None


def vectors(irqs: Mapping[str, Irq]) -> dict[int, Vector]:
    """Number of an interrupt → what it is, for those of interfaces."""
    by_nic: dict[str, list[Irq]] = defaultdict(list)
    for irq in irqs.values():
        if irq.nic is not None:
            by_nic[irq.nic].append(irq)
    return {
        irq.irq: Vector(nic, position, len(found), irq.name)
        for nic, found in by_nic.items()
        for position, irq in enumerate(sorted(found, key=lambda each: each.irq))
    }


def _same(device: Device, other: Device) -> bool:
    if device.mac is not None and device.mac == other.mac:
        return True
    # Virtual functions may get another address at every boot, and slots other numbers.
    return device.bus is not None and device.bus == other.bus


def _own_address(files: Files, nic: str) -> str | None:
    """The address that the device was made with: not a bond's, not one that somebody has set."""
    directory = f"{CLASS_NET}/{nic}"
    path = f"{directory}/bonding_slave/perm_hwaddr"
    if files.read_int(f"{directory}/addr_assign_type") == _PERMANENT:
        path = f"{directory}/address"
    text = files.read_text(path)
    if isinstance(text, Unavailable) or not text.strip("0:\n"):
        return None
    return text.strip().lower()


def _bus(files: Files, nic: str) -> str | None:
    link = files.read_link(f"{CLASS_NET}/{nic}")  # ../../devices/pci…/0000:00:03.0/virtio2/net/eth0
    if isinstance(link, Unavailable) or _VIRTUAL in link or "/net/" not in link:
        return None
    parts = link.rpartition("/net/")[0].split("/")
    if parts[-1].startswith("virtio") and len(parts) > 1:
        parts.pop()  # numbered in the order in which they were found
    port = files.read_int(f"{CLASS_NET}/{nic}/dev_port")
    return f"{parts[-1]}/{0 if isinstance(port, Unavailable) else port}"
