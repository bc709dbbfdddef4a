"""The queues of an interface, from /sys/class/net/NAME/queues, and its device's place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.facts.cpulist import parse_cpu_list, parse_cpu_mask
from advisor.facts.files import Files
from advisor.facts.nics.napis import QueueFacts
from advisor.model.nic_queues import Bql, RxQueue, TxQueue
from advisor.model.unavailable import Unavailable

CLASS_NET = "/sys/class/net"

_NOTHING = QueueFacts()


@dataclass(frozen=True, slots=True)
class Place:
    """Where the device of an interface sits.

    Attributes:
        numa_node: Its NUMA node, None when the firmware gives it none.
        local_cpus: CPUs near it; all of them without a node.
        device_id: PCI device number ("0x16d7"), None for other buses.
    """

    numa_node: int | None = None
    local_cpus: tuple[int, ...] = ()
    device_id: str | None = None


def read_place(files: Files, interface: str) -> Place:
    """The place of a hardware interface, as far as sysfs tells."""
    device = f"{CLASS_NET}/{interface}/device"
    if not files.exists(f"{device}/numa_node"):
        device += "/.."  # a virtio device sits on its PCI function
    node = files.read_int(f"{device}/numa_node")
    local_cpus = files.read_text(f"{device}/local_cpulist")
    cpus = local_cpus if isinstance(local_cpus, Unavailable) else parse_cpu_list(local_cpus)
    device_id = files.read_text(f"{device}/device")
    return Place(
        numa_node=None if isinstance(node, Unavailable) or node < 0 else node,
        local_cpus=() if isinstance(cpus, Unavailable) else cpus,
        device_id=None if isinstance(device_id, Unavailable) else device_id.strip(),
    )


def read_rx_queues(
    files: Files, interface: str, facts: Mapping[int, QueueFacts], irqs: Sequence[int] = ()
) -> dict[str, RxQueue] | Unavailable:
    """Queue number → receive queue in use.

    Args:
        files: The host's files; sysfs must be that of the interface's network namespace.
        interface: Interface name.
        facts: What is known of the queues from elsewhere.
        irqs: Interrupts in the order of the queues, for queues of which `facts` has none.
    """
    numbers = _queue_numbers(files, interface, "rx-")
    if isinstance(numbers, Unavailable):
        return numbers
    queues = {}
    for number in numbers:
        known = facts.get(number, _NOTHING)
        directory = f"{CLASS_NET}/{interface}/queues/rx-{number}"
        queues[str(number)] = RxQueue(
            queue=number,
            rps_cpus=_mask(files, f"{directory}/rps_cpus"),
            rps_flow_cnt=files.read_int(f"{directory}/rps_flow_cnt"),
            packets=known.packets,
            bytes=known.bytes,
            drops=known.drops,
            napi=known.napi,
            irq=known.irq if known.irq is not None else _nth(irqs, number, len(numbers)),
        )
    return queues


def read_tx_queues(
    files: Files,
    interface: str,
    facts: Mapping[int, QueueFacts],
    irqs: Sequence[int] = (),
    *,
    hardware: bool,
) -> dict[str, TxQueue] | Unavailable:
    """Queue number → transmit queue in use.

    Args:
        files: The host's files; sysfs must be that of the interface's network namespace.
        interface: Interface name.
        facts: What is known of the queues from elsewhere.
        irqs: Interrupts in the order of the queues, for queues of which `facts` has none.
        hardware: Whether there is a ring that byte queue limits can limit. Before 6.9 the files
            are there for software interfaces too, and always say 0.
    """
    numbers = _queue_numbers(files, interface, "tx-")
    if isinstance(numbers, Unavailable):
        return numbers
    queues = {}
    for number in numbers:
        known = facts.get(number, _NOTHING)
        directory = f"{CLASS_NET}/{interface}/queues/tx-{number}"
        queues[str(number)] = TxQueue(
            queue=number,
            # With one queue there is nothing to choose (and reading the file is an error).
            xps_cpus=_mask(files, f"{directory}/xps_cpus") if len(numbers) > 1 else (),
            packets=known.packets,
            bytes=known.bytes,
            bql=_bql(files, f"{directory}/byte_queue_limits") if hardware else None,
            napi=known.napi,
            irq=known.irq if known.irq is not None else _nth(irqs, number, len(numbers)),
        )
    return queues


def _queue_numbers(files: Files, interface: str, prefix: str) -> list[int] | Unavailable:
    names = files.list_dir(f"{CLASS_NET}/{interface}/queues")
    if isinstance(names, Unavailable):
        return names
    numbers = (name.removeprefix(prefix) for name in names if name.startswith(prefix))
    return sorted(int(number) for number in numbers if number.isdecimal())


def _nth(irqs: Sequence[int], queue: int, queues: int) -> int | None:
    """The interrupt of a queue; None when there are fewer of them, as then queues share some."""
    return irqs[queue] if queue < queues <= len(irqs) else None


def _mask(files: Files, path: str) -> tuple[int, ...] | Unavailable:
    text = files.read_text(path)
    return text if isinstance(text, Unavailable) else parse_cpu_mask(text)


def _bql(files: Files, directory: str) -> Bql | None:
    limit = _optional(files, f"{directory}/limit")
    inflight = _optional(files, f"{directory}/inflight")
    if limit is None or inflight is None:
        return None
    return Bql(
        limit=limit,
        inflight=inflight,
        stall_thrs=_optional(files, f"{directory}/stall_thrs"),
        stall_cnt=_optional(files, f"{directory}/stall_cnt"),
        stall_max=_optional(files, f"{directory}/stall_max"),
    )


def _optional(files: Files, path: str) -> int | None:
    value = files.read_int(path)
    return None if isinstance(value, Unavailable) else value
