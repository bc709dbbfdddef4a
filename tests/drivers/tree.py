"""The files of a recorded host, from the short forms of its directory.

`host.yaml` says what CPUs and interfaces there are; `interrupts` has a line for each interrupt:

    number | smp_affinity_list | effective_affinity_list | CPUs of affinity_hint | counts | … | …

The counts are "CPU:count CPU:count …"; the last two columns are what /proc/interrupts prints behind
them: the controller with its number and flow ("PCI-MSI 30932992-edge"), and the actions. "-" stands
for a file that the kernel does not have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from advisor.facts.cpulist import format_cpu_mask, parse_cpu_list
from advisor.facts.files import Files
from tests.drivers.compact import read_lines
from tests.unit.facts.host_tree import Link, host

Entries = dict[str, str | bytes | Link]

_CPU = "/sys/devices/system/cpu"
_NODE = "/sys/devices/system/node"
_ABSENT = "-"
_SECONDS = 864_000
_USER_HZ = 100


@dataclass(frozen=True)
class Cpus:
    """The CPUs of a host. Threads of a core have the numbers n and n + cores, as on x86.

    Attributes:
        count: How many there are, online or not.
        threads: CPUs per core.
        nodes: NUMA nodes; cores are dealt out to them in blocks.
        online: List of those that are online, all by default.
    """

    count: int
    threads: int = 1
    nodes: int = 1
    online: str = ""

    def numbers(self) -> list[int]:
        """Those that are online."""
        return cpu_list(self.online) if self.online else list(range(self.count))

    def core(self, cpu: int) -> int:
        """The core of a CPU."""
        return cpu % (self.count // self.threads)

    def node(self, cpu: int) -> int:
        """The node of a CPU."""
        return self.core(cpu) * self.nodes * self.threads // self.count


@dataclass(frozen=True)
class Interface:
    """An interface, as `host.yaml` describes it.

    Attributes:
        name: Its name.
        index: Its index.
        kind: As `Link.kind`.
        device: Directory of its device below /sys/devices; "" for software.
        id: Number of the PCI device, "" for other buses.
        node: NUMA node that the device says, None when it says nothing.
        local_cpus: CPUs that it says are near, None when it says nothing.
        vectors: List of the interrupts in msi_irqs, None when there is no such directory.
        rx: Receive queues in use.
        tx: Transmit queues in use.
        rps: CPUs of each receive queue's RPS mask, as a list.
        xps: CPUs of each transmit queue's XPS mask, as a list; the last goes for the rest.
        bql: Byte queue limit of each transmit queue, None when the driver has none.
        mtu: Its MTU.
        master: Name of the interface it belongs to.
        lower: Name of the interface below it.
        stats: Standard counters that are not 0.
    """

    name: str
    index: int
    kind: str = "ethernet"
    device: str = ""
    id: str = ""
    node: int | None = None
    local_cpus: str | None = None
    vectors: str | None = None
    rx: int = 1
    tx: int = 1
    rps: str = ""
    xps: list[str] = field(default_factory=list)
    bql: int | None = None
    mtu: int = 1500
    master: str | None = None
    lower: str | None = None
    stats: Mapping[str, int] = field(default_factory=dict)


def build_tree(
    root: Path, directory: Path, cpus: Cpus, interfaces: list[Interface], managed: str | None
) -> Files:
    """Write the files of a recorded host.

    Args:
        root: Where to.
        directory: The recording.
        cpus: Its CPUs.
        interfaces: Its interfaces.
        managed: List of the interrupts that the kernel places itself, None when debugfs is not
            there to tell.
    """
    entries: Entries = {}
    for interface in interfaces:
        _connect(root, interface)
        entries |= dict(_interface(interface))
    entries |= dict(_processors(cpus))
    entries |= dict(_interrupts(directory / "interrupts", cpus, managed))
    return host(root, entries)


def cpu_list(text: object) -> list[int]:
    """The numbers of a list such as "0-3,8"; YAML reads "5" as a number."""
    found = parse_cpu_list(str(text))
    assert isinstance(found, tuple), text
    return list(found)


def _connect(root: Path, interface: Interface) -> None:
    """The links of /sys/class/net, which everything else is read through."""
    device = interface.device or "virtual"
    directory = root / f"sys/devices/{device}/net/{interface.name}"
    directory.mkdir(parents=True)
    links = root / "sys/class/net"
    links.mkdir(parents=True, exist_ok=True)
    (links / interface.name).symlink_to(f"../../devices/{device}/net/{interface.name}")
    if interface.device:
        (directory / "device").symlink_to("../..")


def _interface(interface: Interface) -> Iterator[tuple[str, str]]:
    device = f"/sys/devices/{interface.device or 'virtual'}"
    if interface.device:
        # A virtio device sits on its PCI function, which has all of this.
        function = device.rpartition("/")[0] if "/virtio" in device else device
        if interface.node is not None:
            yield f"{function}/numa_node", f"{interface.node}\n"
        if interface.local_cpus is not None:
            yield f"{function}/local_cpulist", f"{interface.local_cpus}\n"
        if interface.id:
            yield f"{function}/device", f"{interface.id}\n"
        for irq in cpu_list(interface.vectors) if interface.vectors is not None else ():
            yield f"{function}/msi_irqs/{irq}", "msix\n"
    directory = f"{device}/net/{interface.name}"
    yield f"{directory}/ifindex", f"{interface.index}\n"
    for name in ("gro_flush_timeout", "napi_defer_hard_irqs", "threaded"):
        yield f"{directory}/{name}", "0\n"
    for queue in range(interface.rx):
        yield f"{directory}/queues/rx-{queue}/rps_cpus", _mask(interface.rps)
        yield f"{directory}/queues/rx-{queue}/rps_flow_cnt", "0\n"
    for queue in range(interface.tx):
        masks = interface.xps
        mask = masks[min(queue, len(masks) - 1)] if masks else ""
        yield f"{directory}/queues/tx-{queue}/xps_cpus", _mask(mask)
        yield f"{directory}/queues/tx-{queue}/xps_rxqs", "0\n"
        if interface.bql is not None:
            limits = f"{directory}/queues/tx-{queue}/byte_queue_limits"
            values = {"limit": interface.bql, "limit_max": 1_879_048_192}
            for name in ("limit", "limit_max", "limit_min", "inflight", "stall_cnt", "stall_max"):
                yield f"{limits}/{name}", f"{values.get(name, 0)}\n"
            yield f"{limits}/stall_thrs", "0\n"


def _mask(cpus: object) -> str:
    return f"{format_cpu_mask(cpu_list(cpus))}\n"


def _processors(cpus: Cpus) -> Iterator[tuple[str, str]]:
    online = cpus.numbers()
    yield f"{_CPU}/online", ",".join(map(str, online)) + "\n"
    yield f"{_NODE}/online", ",".join(str(node) for node in range(cpus.nodes)) + "\n"
    for node in range(cpus.nodes):
        there = [str(cpu) for cpu in online if cpus.node(cpu) == node]
        yield f"{_NODE}/node{node}/cpulist", ",".join(there) + "\n"
    for cpu in online:
        siblings = [str(other) for other in online if cpus.core(other) == cpus.core(cpu)]
        topology = f"{_CPU}/cpu{cpu}/topology"
        yield f"{topology}/thread_siblings_list", ",".join(siblings) + "\n"
        yield f"{topology}/core_id", f"{cpus.core(cpu)}\n"
        yield f"{topology}/physical_package_id", f"{cpus.node(cpu)}\n"
    # Every CPU is a little busy since boot: user nice system idle iowait irq softirq steal.
    ticks = _SECONDS * _USER_HZ
    times = " ".join(str(ticks * share // 1000) for share in (30, 0, 20, 940, 0, 0, 10, 0, 0, 0))
    yield "/proc/stat", "".join(f"cpu{cpu} {times}\n" for cpu in online)
    header = " ".join(f"CPU{cpu}" for cpu in range(cpus.count))
    counts = " ".join(["1000000"] * cpus.count)
    yield "/proc/softirqs", f"{header}\nNET_TX: {counts}\nNET_RX: {counts}\n"


def _interrupts(file: Path, cpus: Cpus, managed: str | None) -> Iterator[tuple[str, str]]:
    online = cpus.numbers()
    lines = ["".join(f" CPU{cpu}" for cpu in online)]
    for line in read_lines(file):
        irq, affinity, effective, hint, counts, chip, actions = (
            column.strip() for column in line.split("|")
        )
        handled = dict(part.split(":") for part in counts.split())
        columns = " ".join(handled.pop(str(cpu), "0").rjust(10) for cpu in online)
        assert not handled, f"{file}: interrupt {irq} was handled by a CPU that is offline"
        lines.append(f"{irq.rjust(4)}: {columns}  {chip}  {actions}")
        for name, cpus_of in (
            ("smp_affinity_list", affinity),
            ("effective_affinity_list", effective),
        ):
            if cpus_of != _ABSENT:
                yield f"/proc/irq/{irq}/{name}", f"{cpus_of}\n"
        if hint != _ABSENT:
            yield f"/proc/irq/{irq}/affinity_hint", _mask(hint)
        if managed is not None:
            state = "IRQD_AFFINITY_MANAGED" if int(irq) in cpu_list(managed) else "IRQD_ACTIVATED"
            yield f"/sys/kernel/debug/irq/irqs/{irq}", f"handler:  handle_edge_irq\n    {state}\n"
    yield "/proc/interrupts", "\n".join([*lines, ""])


def interfaces_of(description: Mapping[str, Any]) -> list[Interface]:
    """The interfaces of `host.yaml`."""
    return [Interface(**each) for each in description["nics"]]
