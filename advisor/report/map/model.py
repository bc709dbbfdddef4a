"""What a map shows of one interface, ready to be drawn in any format."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.model.nic_queues import Bql, Topology
from advisor.model.unavailable import Unavailable

Marks = tuple[str, ...]
"""Letters of the findings that sit somewhere, as the legend has them."""


@dataclass(frozen=True, slots=True)
class Load:
    """What passed over some time.

    Attributes:
        packets: Packets, None when they are not counted there, or the counter was reset.
        per_s: Packets per second, on average.
        share: Part of the packets of all queues of that direction, 0 to 1; None when not counted.
    """

    packets: int | None = None
    per_s: float | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """A receive or a transmit queue. What only one of them has is left at its default in the other.

    Attributes:
        way: "rx" or "tx".
        number: Its number.
        load: What passed it.
        steered: CPUs that RPS spreads it over, or that choose it (XPS).
        dropped: Packets dropped there, None when not counted.
        slots: Slots of the indirection table that name it, None without a table.
        flows: Entries of its RFS table.
        chosen_by: Receive queues whose flows choose it.
        elsewhere: Whether its interrupt goes to none of the CPUs that choose it.
        qdisc: Kind of its own queueing discipline, "" when it has none.
        waiting: Packets that wait in its queueing discipline now, None when it has none.
        waiting_bytes: Their bytes.
        qdisc_dropped: Packets dropped by its queueing discipline.
        bql: Byte queue limits, None when there are none.
        stalls: Stalled completions, None when not counted.
        marks: Findings that sit here.
    """

    way: str
    number: int
    load: Load = Load()
    steered: tuple[int, ...] = ()
    dropped: int | None = None
    slots: int | None = None
    flows: int = 0
    chosen_by: tuple[int, ...] = ()
    elsewhere: bool = False
    qdisc: str = ""
    waiting: int | None = None
    waiting_bytes: int | None = None
    qdisc_dropped: int | None = None
    bql: Bql | None = None
    stalls: int | None = None
    marks: Marks = ()


Pair = tuple[Queue | None, Queue | None]
"""A receive and a transmit queue of one channel, or one of them alone."""


@dataclass(frozen=True, slots=True)
class Line:
    """An interrupt (or a NAPI instance without one, or neither) and the queues that it serves.

    Attributes:
        irq: Interrupt number, None when it is not known.
        napi: NAPI instance, None when it is not known or there are several.
        name: Name of the interrupt, "" when it is not known.
        managed: Whether the kernel places it and nobody can move it, None when not known.
        per_s: Interrupts per second, None when not counted.
        cpus: CPUs that it is delivered to, () when that is not known.
        pairs: Its queues, channel by channel.
        marks: Findings that sit at the interrupt.
    """

    irq: int | None
    napi: int | None
    name: str
    managed: bool | None
    per_s: float | None
    cpus: tuple[int, ...]
    pairs: tuple[Pair, ...]
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """A CPU that works for the interface; or several that share an interrupt.

    Attributes:
        cpus: Its number; several numbers when the interrupt may go to any of them.
        core: Its core, as the lowest CPU number on it; None for several CPUs.
        threads: CPUs on that core, itself included; () when that is not shown.
        online: Whether it is online.
        softirq: Part of its time in soft interrupts, 0 to 1, or why it is not known; for several
            CPUs that of the busiest.
        lines: The interrupts that arrive there.
        rps: Receive queues that RPS hands to it.
        xps: Transmit queues that it chooses.
        other_nics: Other hardware interfaces with a receive queue's interrupt here.
        marks: Findings that sit here.
    """

    cpus: tuple[int, ...]
    core: int | None
    threads: tuple[int, ...]
    online: bool
    softirq: float | Unavailable
    lines: tuple[Line, ...]
    rps: tuple[int, ...] = ()
    xps: tuple[int, ...] = ()
    other_nics: tuple[str, ...] = ()
    marks: Marks = ()

    @property
    def saturated(self) -> bool:
        """Whether it spends at least 90 % of its time in soft interrupts."""
        return not isinstance(self.softirq, Unavailable) and self.softirq >= 0.9


@dataclass(frozen=True, slots=True)
class Node:
    """A NUMA node.

    Attributes:
        node: Its number, None when it is not known.
        near: Whether the interface is on it, None when that is not known.
        seats: CPUs that work for the interface, threads of one core beside each other.
        others: Its other online CPUs.
        busiest: The CPU among the others with the most softirq and its share; None without any.
    """

    node: int | None
    near: bool | None
    seats: tuple[Seat, ...]
    others: tuple[int, ...] = ()
    busiest: tuple[int, float] | None = None


@dataclass(frozen=True, slots=True)
class Apart:
    """Queues of which it is not known where their work is done, with what is known of them."""

    reason: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One line about an interface.

    Attributes:
        part: The part of the interface, as findings name it; "" for what none of them names.
        label: What it is about.
        text: What is known of it, or why nothing is.
        known: Whether something is.
        marks: Findings that sit here.
    """

    part: str
    label: str
    text: str
    known: bool = True
    marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """One interface.

    Attributes:
        name: Its name.
        title: What it is, in a few words each: driver, speed, state, node, bus.
        physical: Whether it is hardware.
        topology: How completions are laid out.
        facts: Lines about it.
        nodes: The CPUs that work for it; () for a short form.
        apart: Queues of which it is not known where they are served.
        brief: Whether this is the short form: its queues are not drawn.
        marks: Findings about it that sit nowhere else.
    """

    name: str
    title: tuple[str, ...]
    physical: bool
    topology: Topology
    facts: tuple[Fact, ...]
    nodes: tuple[Node, ...] = ()
    apart: tuple[Apart, ...] = ()
    brief: bool = False
    marks: Marks = ()

    @property
    def rings(self) -> str:
        """How its completions are laid out, as `Topology.layout` says it; "" for software."""
        return self.topology.layout if self.physical else ""
