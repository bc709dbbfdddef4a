"""Interrupts with the queues they serve, and the CPUs they go to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TypeVar

from advisor.layout.cores import Cores
from advisor.model.layout import Vector
from advisor.model.nic import Nic
from advisor.model.nic_queues import RxQueue, TxQueue
from advisor.model.system import Irq
from advisor.model.unavailable import Unavailable

Queue = TypeVar("Queue", RxQueue, TxQueue)

Places = Mapping[int, tuple[int, ...]]
"""Queue number → CPUs that take its interrupt."""


def delivered_to(irq: Irq) -> tuple[int, ...]:
    """CPUs that an interrupt goes to; () when that is not known.

    Before 4.13 the kernel does not tell the effective affinity. An interrupt that may go to one
    CPU only, or that one CPU alone ever handled, is certain all the same.
    """
    if not isinstance(irq.effective, Unavailable):
        return irq.effective
    if not isinstance(irq.affinity, Unavailable) and len(irq.affinity) == 1:
        return irq.affinity
    handled = [int(cpu) for cpu, count in irq.counts.items() if count]
    return tuple(handled) if len(handled) == 1 else ()


def vectors_of(nic: Nic, irqs: Mapping[str, Irq], cores: Cores) -> dict[str, Vector]:
    """Interrupt ("45"), or NAPI instance ("napi 257") of which none is known → what it serves."""
    rx: dict[str, list[RxQueue]] = _grouped(nic.rx_queues)
    tx: dict[str, list[TxQueue]] = _grouped(nic.tx_queues)
    found = {}
    for key in sorted(rx.keys() | tx.keys(), key=_in_order):
        queues = [*rx.get(key, ()), *tx.get(key, ())]
        irq = queues[0].irq
        napis = {queue.napi for queue in queues}
        line = irqs.get(str(irq))
        cpus = () if line is None else delivered_to(line)
        nodes = {cores.node(cpu) for cpu in cpus}
        found[key] = Vector(
            irq=irq,
            napi=napis.pop() if len(napis) == 1 else None,
            rx=tuple(queue.queue for queue in rx.get(key, ())),
            tx=tuple(queue.queue for queue in tx.get(key, ())),
            cpus=cpus,
            node=nodes.pop() if len(nodes) == 1 else None,
            managed=None if line is None else line.managed,
        )
    return found


def _grouped(queues: Mapping[str, Queue] | Unavailable) -> dict[str, list[Queue]]:
    """Key of a vector → its queues."""
    found: dict[str, list[Queue]] = defaultdict(list)
    for queue in () if isinstance(queues, Unavailable) else queues.values():
        if queue.irq is not None:
            found[str(queue.irq)].append(queue)
        elif queue.napi is not None:
            found[f"napi {queue.napi}"].append(queue)
    return found


def _in_order(key: str) -> tuple[bool, int]:
    return " " in key, int(key.rpartition(" ")[2])


def places_of(
    queues: Mapping[str, RxQueue] | Mapping[str, TxQueue] | Unavailable,
    vectors: Mapping[str, Vector],
    way: str,
    irqs: Mapping[str, Irq] | Unavailable,
) -> dict[int, tuple[int, ...]] | Unavailable:
    """Queue → CPUs that take its interrupt, when that is known of every queue."""
    if isinstance(queues, Unavailable):
        return queues
    if isinstance(irqs, Unavailable):
        return irqs
    by_queue = {
        queue: vector.cpus
        for vector in vectors.values()
        for queue in (vector.rx if way == "rx" else vector.tx)
    }
    for queue in queues.values():
        if queue.irq is None:
            return Unavailable(f"the interrupt of queue {way}-{queue.queue} is not known")
        if not by_queue.get(queue.queue):
            return Unavailable(f"where interrupt {queue.irq} goes is not known")
    return by_queue
