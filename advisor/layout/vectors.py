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
"""Queue number → CPUs that take its interrupt, at least one."""

_SOFTWARE = Unavailable("a software interface has no interrupts")


def delivered_to(irq: Irq) -> tuple[int, ...]:
    """CPUs that an interrupt goes to; () when that is not known.

    The kernel does not tell the effective affinity before 4.13, and tells an empty one for an
    interrupt controller that does not keep it (irq_validate_effective_affinity). An interrupt that
    may go to one CPU only, or that one of the CPUs that it may go to alone ever handled, is certain
    all the same.
    """
    if not isinstance(irq.effective, Unavailable) and irq.effective:
        return irq.effective
    may_go_to = None if isinstance(irq.affinity, Unavailable) else irq.affinity
    if may_go_to is not None and len(may_go_to) == 1:
        return may_go_to
    handled = tuple(int(cpu) for cpu, count in irq.counts.items() if count)
    if len(handled) != 1 or (may_go_to is not None and handled[0] not in may_go_to):
        return ()
    return handled


def vectors_of(nic: Nic, irqs: Mapping[str, Irq], cores: Cores) -> dict[str, Vector]:
    """Interrupt ("45"), or NAPI instance ("napi 257") of which none is known → what it serves."""
    rx: dict[str, list[RxQueue]] = _grouped(nic.rx_queues)
    tx: dict[str, list[TxQueue]] = _grouped(nic.tx_queues)
    found = {}
    for key in sorted(rx.keys() | tx.keys(), key=_in_order):
        queues = [*rx.get(key, ()), *tx.get(key, ())]
        napis = {queue.napi for queue in queues}
        line = irqs.get(key)
        cpus = () if line is None else delivered_to(line)
        nodes = {cores.node(cpu) for cpu in cpus}
        found[key] = Vector(
            irq=queues[0].irq,
            napi=napis.pop() if len(napis) == 1 else None,
            rx=tuple(sorted(queue.queue for queue in rx.get(key, ()))),
            tx=tuple(sorted(queue.queue for queue in tx.get(key, ()))),
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
    nic: Nic,
    queues: Mapping[str, RxQueue] | Mapping[str, TxQueue] | Unavailable,
    irqs: Mapping[str, Irq] | Unavailable,
) -> Places | Unavailable:
    """Queue → CPUs that take its interrupt, when that is known of every queue.

    Args:
        nic: The interface.
        queues: Its receive queues, or its transmit queues.
        irqs: The host's interrupts.
    """
    if not nic.physical:
        return _SOFTWARE
    if isinstance(queues, Unavailable):
        return queues
    if isinstance(irqs, Unavailable):
        return irqs
    places = {}
    for queue in queues.values():
        if queue.irq is None:
            way = "rx" if isinstance(queue, RxQueue) else "tx"
            return Unavailable(f"the interrupt of queue {way}-{queue.queue} is not known")
        line = irqs.get(str(queue.irq))
        cpus = () if line is None else delivered_to(line)
        if not cpus:
            return Unavailable(f"where interrupt {queue.irq} goes is not known")
        places[queue.queue] = cpus
    return places or Unavailable("it has no such queues")
