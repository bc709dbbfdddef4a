"""The CPUs that work for an interface, each with what it does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from advisor.layout.cores import Cores
from advisor.layout.vectors import Queue, delivered_to
from advisor.model.layout import ServingCpu, Vector
from advisor.model.nic import Nic
from advisor.model.nic_queues import RxQueue
from advisor.model.system import Irq
from advisor.model.unavailable import Unavailable


def serving_cpus(
    nics: Mapping[str, Nic],
    nic: Nic,
    vectors: Mapping[str, Vector],
    irqs: Mapping[str, Irq],
    cores: Cores,
) -> dict[str, ServingCpu]:
    """CPU number → a CPU that takes its interrupts, or that RPS or XPS names.

    Args:
        nics: The host's interfaces.
        nic: The interface.
        vectors: Its interrupts.
        irqs: The host's interrupts.
        cores: The CPUs.
    """
    rx: dict[int, list[int]] = defaultdict(list)
    tx: dict[int, list[int]] = defaultdict(list)
    for vector in vectors.values():
        for cpu in vector.cpus:
            rx[cpu] += vector.rx
            tx[cpu] += vector.tx
    rps = _by_cpu(nic.rx_queues)
    xps = _by_cpu(nic.tx_queues)
    cpus = sorted(rx.keys() | tx.keys() | rps.keys() | xps.keys())
    others = _others(nics, nic.name, irqs) if cpus else {}
    return {
        str(cpu): ServingCpu(
            cpu=cpu,
            node=cores.node(cpu),
            core=cores.core(cpu),
            online=cores.is_online(cpu),
            rx=tuple(sorted(rx[cpu])),
            tx=tuple(sorted(tx[cpu])),
            rps=tuple(sorted(rps[cpu])),
            xps=tuple(sorted(xps[cpu])),
            other_nics=tuple(sorted(others.get(cpu, ()))),
        )
        for cpu in cpus
    }


def _others(nics: Mapping[str, Nic], name: str, irqs: Mapping[str, Irq]) -> dict[int, set[str]]:
    """CPU → hardware interfaces beside `name` that have a receive queue's interrupt there."""
    found: dict[int, set[str]] = defaultdict(set)
    for nic in nics.values():
        if nic.name == name or not nic.physical:
            continue
        for queue in _each(nic.rx_queues):
            line = irqs.get(str(queue.irq))
            for cpu in () if line is None else delivered_to(line):
                found[cpu].add(nic.name)
    return found


def _by_cpu(queues: Mapping[str, Queue] | Unavailable) -> dict[int, list[int]]:
    """CPU → queues whose mask (RPS, XPS) names it."""
    found: dict[int, list[int]] = defaultdict(list)
    for queue in _each(queues):
        mask = queue.rps_cpus if isinstance(queue, RxQueue) else queue.xps_cpus
        for cpu in () if isinstance(mask, Unavailable) else mask:
            found[cpu].append(queue.queue)
    return found


def _each(queues: Mapping[str, Queue] | Unavailable) -> Iterator[Queue]:
    return iter(() if isinstance(queues, Unavailable) else queues.values())
