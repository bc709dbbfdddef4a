"""A host: everything that advisor knows about one machine (or namespace) at one time."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.model.config import Config
from advisor.model.nic import Nic
from advisor.model.record import Record
from advisor.model.stack import (
    Conntrack,
    Counters,
    Listener,
    NeighbourTable,
    Qdisc,
    Sockets,
    Softnet,
    SysctlTree,
)
from advisor.model.system import (
    Collection,
    Cpu,
    Irq,
    Kernel,
    Memory,
    NetNs,
    Platform,
    Services,
)
from advisor.model.unavailable import NOT_READ, Unavailable


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Host(Record):
    """The facts. Each section is a value or `Unavailable(reason)`.

    Collections are dictionaries keyed by name (interfaces) or number as text (CPUs, interrupts),
    so that a fact has the same path in two readings.

    Attributes:
        collection: How and when the facts were read.
        kernel: The running kernel.
        platform: What the host runs on.
        memory: Main memory.
        cpu: CPUs, their topology and how busy they are.
        sysctl: The `net.*` keys, nested by component.
        nics: Interface name → interface.
        irqs: Interrupt number → interrupt.
        softnet: CPU number → its softnet counters.
        nstat: SNMP and extended counters: nstat.TcpExt.ListenOverflows.
        sockstat: Socket counts of /proc/net/sockstat and sockstat6: sockstat.TCP.tw.
        listeners: "address:port" → listening TCP socket; "#2" and so on with SO_REUSEPORT.
        sockets: Summary of the TCP sockets.
        conntrack: Connection tracking.
        neighbours: "ipv4" (ARP) and "ipv6" (NDP) → table of neighbours.
        qdiscs: "interface parent" → queueing discipline.
        netns: The network namespace.
        services: Programs that also change network settings.
        config: What configuration files set at the next boot, and who else changes settings.
        sample: An earlier reading of the counters, None without `--sample`.
    """

    collection: Collection
    kernel: Kernel | Unavailable = NOT_READ
    platform: Platform | Unavailable = NOT_READ
    memory: Memory | Unavailable = NOT_READ
    cpu: Cpu | Unavailable = NOT_READ
    sysctl: SysctlTree | Unavailable = NOT_READ
    nics: dict[str, Nic] | Unavailable = NOT_READ
    irqs: dict[str, Irq] | Unavailable = NOT_READ
    softnet: dict[str, Softnet] | Unavailable = NOT_READ
    nstat: Counters | Unavailable = NOT_READ
    sockstat: Counters | Unavailable = NOT_READ
    listeners: dict[str, Listener] | Unavailable = NOT_READ
    sockets: Sockets | Unavailable = NOT_READ
    conntrack: Conntrack | Unavailable = NOT_READ
    neighbours: dict[str, NeighbourTable] | Unavailable = NOT_READ
    qdiscs: dict[str, Qdisc] | Unavailable = NOT_READ
    netns: NetNs | Unavailable = NOT_READ
    services: Services | Unavailable = NOT_READ
    config: Config | Unavailable = NOT_READ
    sample: Sample | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sample(Record):
    """An earlier reading, so that counters become rates.

    Attributes:
        seconds: Time between the two readings.
        before: The earlier values of the sections that hold counters; the others are Unavailable.
    """

    seconds: float
    before: Host
