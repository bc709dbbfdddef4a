"""The CPUs that work for an interface, grouped by NUMA node, as a map draws them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.nic import Nic
from advisor.model.system import Processor
from advisor.model.unavailable import Unavailable
from advisor.report.map.counts import Counts
from advisor.report.map.lines import Queues, line_of, paired
from advisor.report.map.marks import NicMarks
from advisor.report.map.model import Apart, Line, Node, Seat
from advisor.report.map.words import cpus_text

_SOFTWARE = "a software interface has no interrupts: its packets are handled where they are sent"


def lines_of(
    host: Host, layout: Layout, rx: Queues, tx: Queues, counts: Counts, marks: NicMarks
) -> list[Line]:
    """Every interrupt with its queues, and one line without for the queues of which none is
    known."""
    lines = [line_of(host, each, rx, tx, counts, marks) for each in layout.vectors.values()]
    placed_rx = {number for vector in layout.vectors.values() for number in vector.rx}
    placed_tx = {number for vector in layout.vectors.values() for number in vector.tx}
    rest = paired(
        [queue for number, queue in rx.items() if number not in placed_rx],
        [queue for number, queue in tx.items() if number not in placed_tx],
    )
    return lines + ([Line(None, None, "", None, None, (), rest)] if rest else [])


def nodes_of(
    host: Host,
    nic: Nic,
    layout: Layout,
    lines: Sequence[Line],
    counts: Counts,
    marks: NicMarks,
) -> tuple[Node, ...]:
    """The nodes of the host, each with the CPUs that work for the interface.

    Args:
        host: The host.
        nic: The interface.
        layout: Its layout.
        lines: Its interrupts.
        counts: The host's counters.
        marks: Findings at the interface.
    """
    arriving: dict[tuple[int, ...], list[Line]] = defaultdict(list)
    for line in lines:
        if line.cpus:
            arriving[line.cpus].append(line)
    helping = [each.cpu for each in layout.cpus.values() if each.rps]
    for cpu in {*helping, *marks.cpus()}:
        arriving.setdefault((cpu,), [])
    seats = [
        _seat(host, layout, cpus, tuple(found), counts, marks) for cpus, found in arriving.items()
    ]
    seats.sort(key=lambda seat: (len(seat.cpus) > 1, seat.core or 0, seat.cpus))
    by_node: dict[int | None, list[Seat]] = defaultdict(list)
    for seat in seats:
        by_node[_node(host, seat.cpus)].append(seat)
    seated = {cpu for cpus in arriving for cpu in cpus}
    idle: dict[int | None, list[int]] = defaultdict(list)
    for each in _processors(host).values():
        if each.cpu not in seated:
            idle[each.node].append(each.cpu)
    numbers = sorted(by_node.keys() | idle.keys(), key=lambda node: (node is None, node or 0))
    return tuple(
        Node(
            node=node,
            near=None if node is None or nic.numa_node is None else node == nic.numa_node,
            seats=tuple(by_node[node]),
            others=tuple(sorted(idle[node])),
            busiest=_busiest(idle[node], counts),
        )
        for node in numbers
    )


def apart_of(host: Host, nic: Nic, lines: Iterable[Line]) -> tuple[Apart, ...]:
    """The queues of which nobody knows which CPU serves them, by reason."""
    found: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if not line.cpus:
            found[_reason(host, nic, line)].append(line)
    return tuple(Apart(reason, tuple(each)) for reason, each in found.items())


def _seat(
    host: Host,
    layout: Layout,
    cpus: tuple[int, ...],
    lines: tuple[Line, ...],
    counts: Counts,
    marks: NicMarks,
) -> Seat:
    alone = cpus[0] if len(cpus) == 1 else None
    processor = _processors(host).get(str(cpus[0]))
    serving = [layout.cpus[str(cpu)] for cpu in cpus if str(cpu) in layout.cpus]
    return Seat(
        cpus=cpus,
        core=None if alone is None else min(_threads(processor), default=alone),
        threads=() if alone is None else _threads(processor),
        online=not _processors(host) or any(str(cpu) in _processors(host) for cpu in cpus),
        softirq=_most([counts.softirq(cpu) for cpu in cpus]),
        lines=lines,
        rps=_numbers(each.rps for each in serving),
        xps=_numbers(each.xps for each in serving),
        other_nics=tuple(sorted({name for each in serving for name in each.other_nics})),
        marks=tuple(dict.fromkeys(mark for cpu in cpus for mark in marks.at("cpu", cpu))),
    )


def _reason(host: Host, nic: Nic, line: Line) -> str:
    if not nic.physical:
        return _SOFTWARE
    if isinstance(host.irqs, Unavailable):
        return host.irqs.reason
    if line.irq is None:
        if line.napi is not None:
            return "the kernel does not tell which interrupt its NAPI instances have"
        if not nic.irqs:
            return "no interrupt of this device is known"
        return "the names of its interrupts do not tell which queues they serve"
    irq = host.irqs.get(str(line.irq))
    if irq is None:
        return "the interrupt is not among those that the kernel lists"
    if isinstance(irq.affinity, Unavailable):
        return f"where the interrupt goes is not known: {irq.affinity.reason}"
    return f"the kernel does not tell which of {cpus_text(irq.affinity)} takes the interrupt"


def _processors(host: Host) -> Mapping[str, Processor]:
    return {} if isinstance(host.cpu, Unavailable) else host.cpu.each


def _threads(processor: Processor | None) -> tuple[int, ...]:
    return () if processor is None else processor.siblings


def _node(host: Host, cpus: tuple[int, ...]) -> int | None:
    """The node of the CPUs, None when it is not known or there are several."""
    found = {
        None if processor is None else processor.node
        for processor in (_processors(host).get(str(cpu)) for cpu in cpus)
    }
    return found.pop() if len(found) == 1 else None


def _busiest(cpus: Iterable[int], counts: Counts) -> tuple[int, float] | None:
    shares = [(cpu, counts.softirq(cpu)) for cpu in cpus]
    known = [(cpu, share) for cpu, share in shares if not isinstance(share, Unavailable)]
    return max(known, key=lambda pair: pair[1], default=None)


def _most(shares: Sequence[float | Unavailable]) -> float | Unavailable:
    known = [share for share in shares if not isinstance(share, Unavailable)]
    return max(known) if known else shares[0]


def _numbers(groups: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(sorted({number for group in groups for number in group}))
