"""Where the device of an interface sits: NUMA node, PCI Express link, SR-IOV relations (sysfs)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from advisor.facts.cpulist import parse_cpu_list
from advisor.facts.files import Files
from advisor.model.nic_settings import Pcie
from advisor.model.unavailable import NOT_READ, Unavailable

CLASS_NET = "/sys/class/net"

_SPEED = re.compile(r"(\d+(?:\.\d+)?) GT/s")  # pci_speed_string() in drivers/pci/probe.c
_LANES_MAX = 32  # 255 for an unknown width (pcie_get_width_cap)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a device is, and what it belongs to.

    Attributes:
        numa_node: Its NUMA node, None when the firmware gives it none.
        local_cpus: CPUs near it; all of them without a node.
        device_id: PCI device number ("0x16d7"), None for other buses.
        pcie: Its PCI Express link.
        physical_function: Name of the interface whose virtual function it is.
        virtual_functions: Virtual functions that are enabled on it.
    """

    numa_node: int | None = None
    local_cpus: tuple[int, ...] = ()
    device_id: str | None = None
    pcie: Pcie | Unavailable = NOT_READ
    physical_function: str | None = None
    virtual_functions: int = 0


def read_place(files: Files, interface: str) -> Place:
    """The place of a hardware interface, as far as sysfs tells.

    Args:
        files: The host's files; sysfs must be that of the interface's network namespace.
        interface: Interface name.
    """
    function = _function(files, interface)
    node = files.read_int(f"{function}/numa_node")
    local_cpus = files.read_text(f"{function}/local_cpulist")
    cpus = local_cpus if isinstance(local_cpus, Unavailable) else parse_cpu_list(local_cpus)
    device_id = files.read_text(f"{function}/device")
    virtual_functions = files.read_int(f"{function}/sriov_numvfs")
    is_virtual = files.exists(f"{function}/physfn")
    return Place(
        numa_node=None if isinstance(node, Unavailable) or node < 0 else node,
        local_cpus=() if isinstance(cpus, Unavailable) else cpus,
        device_id=None if isinstance(device_id, Unavailable) else device_id.strip(),
        pcie=(
            Unavailable("a virtual function has no PCI Express link of its own", absent=True)
            if is_virtual
            else _pcie(files, interface, function)
        ),
        physical_function=_physical_function(files, interface, function) if is_virtual else None,
        virtual_functions=(
            0 if isinstance(virtual_functions, Unavailable) else max(0, virtual_functions)
        ),
    )


def _function(files: Files, interface: str) -> str:
    """The directory of what has a place: the device, or the PCI function that it sits on.

    Virtio devices and those of the auxiliary bus have neither file.
    """
    device = f"{CLASS_NET}/{interface}/device"
    placed = any(files.exists(f"{device}/{name}") for name in ("local_cpulist", "numa_node"))
    return device if placed else f"{device}/.."


def _pcie(files: Files, interface: str, function: str) -> Pcie | Unavailable:
    """The link of a PCI function, and what the port above it could."""
    device = _device_name(files, interface)
    if function.endswith("/..") or not files.exists(f"{function}/current_link_speed"):
        return Unavailable(f"the device ({device}) has no PCI Express link of its own", absent=True)
    status = files.read_text(f"{function}/power/runtime_status")
    if not isinstance(status, Unavailable) and status.strip() == "suspended":
        return Unavailable("the device is suspended")  # asking for the link would wake it up
    speed = _speed(files, f"{function}/current_link_speed")
    width = _width(files, f"{function}/current_link_width")
    speed_max = _speed(files, f"{function}/max_link_speed")
    width_max = _width(files, f"{function}/max_link_width")
    if speed is None or width is None or speed_max is None or width_max is None:
        why = "the device does not tell the state of its PCI Express link"
        return Unavailable(why, absent=True)
    return Pcie(
        speed=speed,
        width=width,
        speed_max=speed_max,
        width_max=width_max,
        slot_speed_max=_speed(files, f"{function}/../max_link_speed"),
        slot_width_max=_width(files, f"{function}/../max_link_width"),
        card=device.rpartition(".")[0] or None,
    )


def _device_name(files: Files, interface: str) -> str:
    """Name of the device on its bus ("0000:3b:00.0", "virtio2"), "unknown" when it is hidden."""
    link = files.read_link(f"{CLASS_NET}/{interface}")  # ../../devices/pci…/0000:3b:00.0/net/eth0
    path = "" if isinstance(link, Unavailable) else link.rpartition("/net/")[0]
    return path.rpartition("/")[2] or "unknown"


def _speed(files: Files, path: str) -> float | None:
    text = files.read_text(path)
    match = None if isinstance(text, Unavailable) else _SPEED.match(text)
    return float(match[1]) if match else None


def _width(files: Files, path: str) -> int | None:
    width = files.read_int(path)
    return width if isinstance(width, int) and 0 < width <= _LANES_MAX else None


def _physical_function(files: Files, interface: str, function: str) -> str | None:
    """The interface of the physical function, None when it is in another network namespace.

    The function may carry several: ports that share it differ in dev_port, representors of virtual
    functions appear after the physical port.
    """
    names = files.list_dir(f"{function}/physfn/net")
    if isinstance(names, Unavailable) or not names:
        return None
    own_port = _port(files, interface)
    return min(
        names,
        key=lambda name: (_port(files, name) != own_port, _index(files, name)),
    )


def _port(files: Files, interface: str) -> int:
    port = files.read_int(f"{CLASS_NET}/{interface}/dev_port")
    return 0 if isinstance(port, Unavailable) else port


def _index(files: Files, interface: str) -> int:
    index = files.read_int(f"{CLASS_NET}/{interface}/ifindex")
    return 0 if isinstance(index, Unavailable) else index
