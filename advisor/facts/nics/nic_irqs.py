"""Which interrupt belongs to which network interface."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from advisor.facts.files import Files
from advisor.facts.nics.places import CLASS_NET
from advisor.model.unavailable import Unavailable


@dataclass(frozen=True, slots=True)
class _Device:
    """The device below an interface.

    Attributes:
        nic: Interface name.
        index: Interface index.
        path: Its directory: "/sys/devices/pci0000:00/0000:00:03.0/virtio2".
    """

    nic: str
    index: int
    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def nics_by_irq(files: Files, actions: Mapping[str, str]) -> dict[str, str]:
    """Interrupt number → interface, for those of `actions` that belong to one.

    The device's own list of vectors (msi_irqs) decides. Devices without one (Xen, platform, line
    interrupts) are found by what their drivers call the interrupts.

    Args:
        files: The host's files. sysfs shows the interfaces of the namespace that mounted it.
        actions: Interrupt number → action names of /proc/interrupts, joined by ", ".
    """
    result: dict[str, str] = {}
    unlisted = []
    for device in _devices(files):
        vectors = _vectors(files, device)
        if vectors:
            for irq in vectors:
                result.setdefault(irq, device.nic)
        else:
            unlisted.append(device)
    for irq, names in actions.items():
        if irq not in result:
            for device in unlisted:
                if any(_named_after(name, device) for name in names.split(", ")):
                    result[irq] = device.nic
                    break
    return {irq: nic for irq, nic in result.items() if irq in actions}


def _devices(files: Files) -> list[_Device]:
    """The interfaces that stand for a device; of several on one device first the one that has it.

    Representors share the device of their physical port and appear after it. The master of a
    failover pair (net_failover_create) shares that of its standby, but appears before it.
    """
    devices = []
    nics = files.list_dir(CLASS_NET)
    for nic in [] if isinstance(nics, Unavailable) else nics:
        link = files.read_link(f"{CLASS_NET}/{nic}")  # ../../devices/pci…/net/eth0
        if isinstance(link, Unavailable) or "/devices/virtual/" in link:
            continue
        path, found, _ = link.rpartition("/net/")
        if found:
            index = files.read_int(f"{CLASS_NET}/{nic}/ifindex")
            devices.append(
                _Device(
                    nic,
                    0 if isinstance(index, Unavailable) else index,
                    "/sys/" + path.replace("../", ""),
                )
            )
    counts = Counter(device.path for device in devices)
    masters = {_master(files, device.nic) for device in devices if counts[device.path] > 1}
    return sorted(devices, key=lambda device: (device.nic in masters, device.index))


def _master(files: Files, nic: str) -> str | None:
    link = files.read_link(f"{CLASS_NET}/{nic}/master")  # ../eth0
    return None if isinstance(link, Unavailable) else link.rpartition("/")[2]


def _vectors(files: Files, device: _Device) -> list[str]:
    """The interrupts that the bus gave to the device, empty when the bus does not list them."""
    path = device.path
    if device.name.startswith("virtio"):
        path = path.rpartition("/")[0]  # a virtio device uses the vectors of its PCI function
    vectors = files.list_dir(f"{path}/msi_irqs")
    return [] if isinstance(vectors, Unavailable) else vectors


def _named_after(action: str, device: _Device) -> bool:
    """Whether a driver gave an interrupt this name for this device.

    "eth0", "eth0-TxRx-0", "i40e-eth0-TxRx-0", "virtio2-input.0", "vif0-q0-rx",
    "ff0e0000.ethernet", "mlx5_comp0@pci:0000:3b:00.0", "mlx4-1@0000:3b:00.0".
    """
    name = device.name.replace("vif-", "vif")
    return (
        action in (device.nic, name)
        or action.startswith((f"{device.nic}-", f"{device.nic}:", f"{name}-"))
        or f"-{device.nic}-" in action
        or action.endswith((f"@{name}", f"@pci:{name}"))
    )
