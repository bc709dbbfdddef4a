"""Where the work of one interface is done: its queues, their interrupts, CPUs and cores.

Nothing here is read: `advisor.layout` derives it from the facts whenever it is needed, so that it
is right also for a host with other settings in memory. Rules about interfaces see it as `layout`.

With threaded NAPI (`nic.threaded`) the CPUs here take the interrupts alone: kernel threads handle
the packets, where the scheduler puts them.
"""

from __future__ import annotations

from dataclasses import dataclass

from advisor.model.record import Record
from advisor.model.unavailable import Unavailable


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Vector(Record):
    """An interrupt, or a NAPI instance whose interrupt is not known, and the queues it serves.

    Attributes:
        irq: Interrupt number, None when it is not known.
        napi: NAPI instance, None when it is not known or there are several.
        rx: Numbers of the receive queues.
        tx: Numbers of the transmit queues.
        cpus: CPUs that it is delivered to; () when that is not known.
        node: NUMA node of those CPUs, None when not known or when there are several.
        managed: Whether the kernel places it and nobody can move it, None when not known.
    """

    irq: int | None
    napi: int | None
    rx: tuple[int, ...]
    tx: tuple[int, ...]
    cpus: tuple[int, ...]
    node: int | None
    managed: bool | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ServingCpu(Record):
    """A CPU that works for the interface.

    Attributes:
        cpu: Its number.
        node: NUMA node, None when not shown.
        core: Its core, as the lowest CPU number on that core; itself when its siblings are not
            shown.
        online: Whether it is online.
        rx: Receive queues whose interrupt it takes.
        tx: Transmit queues whose interrupt it takes.
        rps: Receive queues whose RPS mask names it; RPS passes over CPUs that are offline.
        xps: Transmit queues whose XPS mask names it.
        other_nics: Other hardware interfaces that have a receive queue's interrupt here.
    """

    cpu: int
    node: int | None
    core: int
    online: bool
    rx: tuple[int, ...]
    tx: tuple[int, ...]
    rps: tuple[int, ...]
    xps: tuple[int, ...]
    other_nics: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Layout(Record):
    """Queues → NAPI → interrupts → CPUs → NUMA nodes of one interface.

    Attributes:
        nic: Its name.
        carriers: Names of the hardware interfaces that carry its packets: itself, the members of a
            bond, what is below a VLAN, the ports of a bridge; () when there are none.
        vectors: Interrupt ("45"), or NAPI ("napi 257") without one → what it serves.
        cpus: CPU number → a CPU that takes its interrupts, or that RPS or XPS names.
        rx_cpus: CPUs that take the interrupts of its receive queues.
        rx_cores: Cores of those of them that are online.
        local_cores: Cores near the device; all cores when it has no NUMA node, or one without
            CPUs.
        free_cores: Those of them that take no receive interrupt of it.
        most_rx_on_cpu: Receive queues of the CPU that has most of them; one whose interrupt may go
            to several CPUs does not count.
        crowded_cpu: That CPU; the lowest of several.
        rx_on_siblings: Receive queues whose CPU is a hardware thread of the same core as the CPU
            of another one.
        rx_remote: Receive queues whose interrupt goes to no CPU of the device's NUMA node.
        tx_remote: The same of transmit queues.
        xps_missing: Online CPUs that no XPS mask names, although others are named.
        xps_several: Online CPUs that the XPS masks of several transmit queues name.
        xps_elsewhere: Transmit queues whose interrupt goes to none of the online CPUs that their
            XPS mask names.
        rss_missing: Receive queues that no slot of the indirection table names.
        rss_beyond: Queues that the indirection table names and that are not there.
        rss_most: Slots of the queue that has most of them.
        rss_least: Slots of the queue that has fewest, of those that have any.
    """

    nic: str
    carriers: tuple[str, ...]
    vectors: dict[str, Vector]
    cpus: dict[str, ServingCpu]
    rx_cpus: tuple[int, ...] | Unavailable
    rx_cores: tuple[int, ...] | Unavailable
    local_cores: tuple[int, ...] | Unavailable
    free_cores: tuple[int, ...] | Unavailable
    most_rx_on_cpu: int | Unavailable
    crowded_cpu: int | Unavailable
    rx_on_siblings: tuple[int, ...] | Unavailable
    rx_remote: tuple[int, ...] | Unavailable
    tx_remote: tuple[int, ...] | Unavailable
    xps_missing: tuple[int, ...] | Unavailable
    xps_several: tuple[int, ...] | Unavailable
    xps_elsewhere: tuple[int, ...] | Unavailable
    rss_missing: tuple[int, ...] | Unavailable
    rss_beyond: tuple[int, ...] | Unavailable
    rss_most: int | Unavailable
    rss_least: int | Unavailable
