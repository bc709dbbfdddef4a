"""What follows from where the interrupts of the queues go."""

from __future__ import annotations

from collections import defaultdict

from advisor.layout.cores import Cores
from advisor.layout.vectors import Places
from advisor.model.nic import Nic
from advisor.model.unavailable import Unavailable

_NO_NODE = Unavailable("the device has no NUMA node")
_NO_CPUS_THERE = Unavailable("no CPU of the device's NUMA node is online")
_NOT_SHOWN = Unavailable("the NUMA node of a CPU is not known")


def all_cpus(places: Places | Unavailable) -> tuple[int, ...] | Unavailable:
    """The CPUs that take interrupts of the queues."""
    if isinstance(places, Unavailable):
        return places
    return tuple(sorted({cpu for cpus in places.values() for cpu in cpus}))


def crowd(places: Places | Unavailable) -> tuple[int, int] | Unavailable:
    """Queues of the fullest CPU, and that CPU. A queue counts where its interrupt goes alone; with
    several CPUs to go to it crowds none of them."""
    if isinstance(places, Unavailable):
        return places
    queues: dict[int, int] = defaultdict(int)
    for cpus in places.values():
        if len(cpus) == 1:
            queues[cpus[0]] += 1
    if not queues:
        return Unavailable("its interrupts go to several CPUs each")
    most = max(queues.values())
    return most, min(cpu for cpu, count in queues.items() if count == most)


def on_siblings(places: Places | Unavailable, cores: Cores) -> tuple[int, ...] | Unavailable:
    """Queues on a core whose other hardware thread takes the interrupt of another queue."""
    if isinstance(places, Unavailable):
        return places
    shown = cores.of(cpu for cpus in places.values() for cpu in cpus)
    if isinstance(shown, Unavailable):
        return shown
    threads: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for queue, cpus in places.items():
        for cpu in cpus:
            threads[cores.core(cpu)][cpu].add(queue)

    def shares(queue: int, cpu: int) -> bool:
        """Whether another thread of the CPU's core has another queue."""
        return any(
            other != cpu and queues != {queue} for other, queues in threads[cores.core(cpu)].items()
        )

    return tuple(
        sorted(queue for queue, cpus in places.items() if any(shares(queue, cpu) for cpu in cpus))
    )


def remote(places: Places | Unavailable, nic: Nic, cores: Cores) -> tuple[int, ...] | Unavailable:
    """Queues whose interrupt goes to no CPU of the device's node."""
    if nic.numa_node is None:
        return _NO_NODE
    if isinstance(places, Unavailable):
        return places
    nodes = {queue: {cores.node(cpu) for cpu in cpus} for queue, cpus in places.items()}
    if any(None in found for found in nodes.values()):
        return _NOT_SHOWN
    if not cores.on_node(nic.numa_node):
        return _NO_CPUS_THERE
    return tuple(sorted(queue for queue, found in nodes.items() if nic.numa_node not in found))


def without(
    cores: tuple[int, ...] | Unavailable, used: tuple[int, ...] | Unavailable
) -> tuple[int, ...] | Unavailable:
    """The cores that are not used."""
    if isinstance(cores, Unavailable):
        return cores
    if isinstance(used, Unavailable):
        return used
    return tuple(core for core in cores if core not in used)
