"""The queues of an interface and the interrupts that serve them, as a map draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from advisor.model.host import Host
from advisor.model.layout import Layout, Vector
from advisor.model.nic import Nic
from advisor.model.nic_queues import RxQueue, TxQueue
from advisor.model.stack import Qdisc
from advisor.model.unavailable import Unavailable
from advisor.report.map.counts import Counts, loads
from advisor.report.map.marks import NicMarks
from advisor.report.map.model import Line, Pair, Queue

_PER_QUEUE = ("mq", "mqprio", "taprio")
"""Kinds of qdiscs whose classes are the transmit queues of the device."""

Queues = Mapping[int, Queue]
"""Queue number → the queue."""


def rx_queues(nic: Nic, counts: Counts, marks: NicMarks) -> dict[int, Queue]:
    """The receive queues by number; {} when they are not known."""
    if isinstance(nic.rx_queues, Unavailable):
        return {}
    each = sorted(nic.rx_queues.values(), key=lambda queue: queue.queue)
    before = {queue.queue: counts.rx_before(nic, queue) for queue in each}
    grown = [_growth(counts, queue, before[queue.queue]) for queue in each]
    table = () if isinstance(nic.rss, Unavailable) else nic.rss.indirection
    return {
        queue.queue: Queue(
            way="rx",
            number=queue.queue,
            load=load,
            dropped=counts.growth(queue.drops, getattr(before[queue.queue], "drops", None)),
            slots=table.count(queue.queue) if table else None,
            steered=_known(queue.rps_cpus),
            flows=0 if isinstance(queue.rps_flow_cnt, Unavailable) else queue.rps_flow_cnt,
            marks=marks.at("rx", queue.queue),
        )
        for queue, load in zip(each, loads(grown, counts), strict=True)
    }


def tx_queues(
    host: Host, nic: Nic, layout: Layout | Unavailable, counts: Counts, marks: NicMarks
) -> dict[int, Queue]:
    """The transmit queues by number; {} when they are not known."""
    if isinstance(nic.tx_queues, Unavailable):
        return {}
    each = sorted(nic.tx_queues.values(), key=lambda queue: queue.queue)
    before = {queue.queue: counts.tx_before(nic, queue) for queue in each}
    grown = [_growth(counts, queue, before[queue.queue]) for queue in each]
    away = () if isinstance(layout, Unavailable) else layout.xps_elsewhere
    found = {}
    for queue, load in zip(each, loads(grown, counts), strict=True):
        key, qdisc = _own_qdisc(host, nic.name, queue.queue)
        stalls = None if queue.bql is None else queue.bql.stall_cnt
        earlier = getattr(getattr(before[queue.queue], "bql", None), "stall_cnt", None)
        found[queue.queue] = Queue(
            way="tx",
            number=queue.queue,
            load=load,
            steered=_known(queue.xps_cpus),
            chosen_by=queue.xps_rxqs,
            elsewhere=not isinstance(away, Unavailable) and queue.queue in away,
            qdisc="" if qdisc is None else qdisc.kind,
            waiting=None if qdisc is None else qdisc.backlog_packets,
            waiting_bytes=None if qdisc is None else qdisc.backlog_bytes,
            qdisc_dropped=None if qdisc is None else counts.qdisc_drops(key, qdisc),
            bql=queue.bql,
            stalls=counts.growth(stalls, earlier),
            marks=marks.at("tx", queue.queue),
        )
    return found


def line_of(
    host: Host, vector: Vector, rx: Queues, tx: Queues, counts: Counts, marks: NicMarks
) -> Line:
    """An interrupt with its queues."""
    irqs = {} if isinstance(host.irqs, Unavailable) else host.irqs
    irq = irqs.get(str(vector.irq))
    return Line(
        irq=vector.irq,
        napi=vector.napi,
        name="" if irq is None else irq.name,
        managed=vector.managed,
        per_s=counts.interrupts_per_s(irq),
        cpus=vector.cpus,
        pairs=paired([rx[number] for number in vector.rx], [tx[number] for number in vector.tx]),
        marks=() if vector.irq is None else marks.at("irq", vector.irq),
    )


def paired(rx: Sequence[Queue], tx: Sequence[Queue]) -> tuple[Pair, ...]:
    """Queues of one number beside each other; by their order where no number is common."""
    by_number = {queue.number: queue for queue in rx}, {queue.number: queue for queue in tx}
    if by_number[0].keys().isdisjoint(by_number[1]):
        return tuple(zip_longest(rx, tx))
    numbers = sorted(by_number[0].keys() | by_number[1].keys())
    return tuple((by_number[0].get(number), by_number[1].get(number)) for number in numbers)


def root_qdisc(host: Host, name: str) -> Qdisc | None:
    """The qdisc of an interface that all its packets pass."""
    return None if isinstance(host.qdiscs, Unavailable) else host.qdiscs.get(f"{name} root")


def _own_qdisc(host: Host, name: str, queue: int) -> tuple[str, Qdisc | None]:
    """The qdisc of one transmit queue, where the root has one for each (mq_init(): class N + 1)."""
    root = root_qdisc(host, name)
    if root is None or root.kind not in _PER_QUEUE or isinstance(host.qdiscs, Unavailable):
        return "", None
    handle = root.handle.removesuffix(":")
    key = f"{name} {'' if handle == '0' else handle}:{queue + 1:x}"
    return key, host.qdiscs.get(key)


def _growth(
    counts: Counts, queue: RxQueue | TxQueue, before: RxQueue | TxQueue | None
) -> int | None:
    return counts.growth(queue.packets, None if before is None else before.packets)


def _known(cpus: tuple[int, ...] | Unavailable) -> tuple[int, ...]:
    return () if isinstance(cpus, Unavailable) else cpus
