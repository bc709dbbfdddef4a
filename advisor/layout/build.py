"""The layout of one interface, from the facts of its host."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from advisor.layout.carriers import carriers
from advisor.layout.cores import Cores
from advisor.layout.spreading import indirection, xps_elsewhere, xps_missing, xps_several
from advisor.layout.vectors import Places, Queue, delivered_to, places_of, vectors_of
from advisor.model.host import Host
from advisor.model.layout import Layout, ServingCpu, Vector
from advisor.model.nic import Nic
from advisor.model.system import Irq
from advisor.model.unavailable import Unavailable

_NO_NODE = Unavailable("the device has no NUMA node")
_NO_CPUS = Unavailable("the CPUs are not known")


def layout_of(host: Host, name: str) -> Layout | Unavailable:
    """Where the work of the interface `name` is done; what cannot be told says why."""
    if isinstance(host.nics, Unavailable):
        return host.nics
    nic = host.nics.get(name)
    if nic is None:
        return Unavailable("there is no such interface")
    cores = Cores(host.cpu)
    irqs = {} if isinstance(host.irqs, Unavailable) else host.irqs
    vectors = vectors_of(nic, irqs, cores)
    rx_places = places_of(nic.rx_queues, vectors, "rx", host.irqs)
    tx_places = places_of(nic.tx_queues, vectors, "tx", host.irqs)
    rx_cpus = _all_cpus(rx_places)
    local = cores.local(nic.local_cpus)
    crowd = _crowd(rx_places)
    table = indirection(nic)
    return Layout(
        nic=name,
        carriers=carriers(host.nics, name),
        vectors=vectors,
        cpus=_serving(nic, vectors, cores, _others(host.nics, name, irqs)),
        rx_cpus=rx_cpus,
        rx_cores=cores.of(rx_cpus),
        local_cores=local,
        free_cores=_without(local, cores.of(rx_cpus)),
        most_rx_on_cpu=crowd if isinstance(crowd, Unavailable) else crowd[0],
        crowded_cpu=crowd if isinstance(crowd, Unavailable) else crowd[1],
        rx_on_siblings=_on_siblings(rx_places, cores),
        rx_remote=_remote(rx_places, nic, cores),
        tx_remote=_remote(tx_places, nic, cores),
        xps_missing=xps_missing(nic, cores),
        xps_several=xps_several(nic),
        xps_elsewhere=xps_elsewhere(nic, tx_places),
        rss_missing=table if isinstance(table, Unavailable) else table.missing,
        rss_beyond=table if isinstance(table, Unavailable) else table.beyond,
        rss_most=table if isinstance(table, Unavailable) else table.most,
        rss_least=table if isinstance(table, Unavailable) else table.least,
    )


def _all_cpus(
    places: Places | Unavailable,
) -> tuple[int, ...] | Unavailable:
    if isinstance(places, Unavailable):
        return places
    return tuple(sorted({cpu for cpus in places.values() for cpu in cpus}))


def _crowd(places: Places | Unavailable) -> tuple[int, int] | Unavailable:
    """Receive queues of the fullest CPU, and that CPU. A queue counts where its interrupt goes
    alone; with several CPUs to go to it crowds none of them."""
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


def _on_siblings(places: Places | Unavailable, cores: Cores) -> tuple[int, ...] | Unavailable:
    """Receive queues on a core that another hardware thread also serves receive queues on."""
    if isinstance(places, Unavailable):
        return places
    if not cores.known:
        return _NO_CPUS
    threads: dict[int, set[int]] = defaultdict(set)
    for cpus in places.values():
        for cpu in cpus:
            threads[cores.core(cpu)].add(cpu)
    return tuple(
        sorted(
            queue
            for queue, cpus in places.items()
            if any(len(threads[cores.core(cpu)]) > 1 for cpu in cpus)
        )
    )


def _remote(places: Places | Unavailable, nic: Nic, cores: Cores) -> tuple[int, ...] | Unavailable:
    if nic.numa_node is None:
        return _NO_NODE
    if isinstance(places, Unavailable):
        return places
    nodes = {queue: {cores.node(cpu) for cpu in cpus} for queue, cpus in places.items()}
    if any(None in found for found in nodes.values()):
        return Unavailable("the NUMA node of a CPU is not known")
    return tuple(sorted(queue for queue, found in nodes.items() if nic.numa_node not in found))


def _without(
    cores: tuple[int, ...] | Unavailable, used: tuple[int, ...] | Unavailable
) -> tuple[int, ...] | Unavailable:
    if isinstance(cores, Unavailable):
        return cores
    if isinstance(used, Unavailable):
        return used
    return tuple(core for core in cores if core not in used)


def _others(nics: Mapping[str, Nic], name: str, irqs: Mapping[str, Irq]) -> dict[int, set[str]]:
    """CPU → other hardware interfaces with a receive queue there."""
    found: dict[int, set[str]] = defaultdict(set)
    for nic in nics.values():
        if nic.name == name or not nic.physical or isinstance(nic.rx_queues, Unavailable):
            continue
        for queue in nic.rx_queues.values():
            line = irqs.get(str(queue.irq))
            for cpu in () if line is None else delivered_to(line):
                found[cpu].add(nic.name)
    return found


def _serving(
    nic: Nic, vectors: Mapping[str, Vector], cores: Cores, others: Mapping[int, set[str]]
) -> dict[str, ServingCpu]:
    rx: dict[int, list[int]] = defaultdict(list)
    tx: dict[int, list[int]] = defaultdict(list)
    for vector in vectors.values():
        for cpu in vector.cpus:
            rx[cpu] += vector.rx
            tx[cpu] += vector.tx
    rps: dict[int, list[int]] = defaultdict(list)
    xps: dict[int, list[int]] = defaultdict(list)
    for rx_queue in _each(nic.rx_queues):
        for cpu in _known(rx_queue.rps_cpus):
            rps[cpu].append(rx_queue.queue)
    for tx_queue in _each(nic.tx_queues):
        for cpu in _known(tx_queue.xps_cpus):
            xps[cpu].append(tx_queue.queue)
    return {
        str(cpu): ServingCpu(
            cpu=cpu,
            node=cores.node(cpu),
            core=cores.core(cpu),
            online=cores.online(cpu),
            rx=tuple(sorted(rx[cpu])),
            tx=tuple(sorted(tx[cpu])),
            rps=tuple(rps[cpu]),
            xps=tuple(xps[cpu]),
            other_nics=tuple(sorted(others.get(cpu, ()))),
        )
        for cpu in sorted(rx.keys() | tx.keys() | rps.keys() | xps.keys())
    }


def _each(queues: Mapping[str, Queue] | Unavailable) -> Iterable[Queue]:
    return () if isinstance(queues, Unavailable) else queues.values()


def _known(cpus: tuple[int, ...] | Unavailable) -> tuple[int, ...]:
    return () if isinstance(cpus, Unavailable) else cpus
