"""The machine around the network stack: kernel, platform, memory, CPUs, interrupts, namespace."""

from __future__ import annotations

from dataclasses import dataclass, field

from advisor.model.record import Record
from advisor.model.unavailable import Unavailable


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Collection(Record):
    """How and when the facts were read.

    Attributes:
        hostname: Name of the host.
        at: Time of reading, ISO 8601 in UTC.
        source: Where the facts come from: "live" or "netns NAME".
        uptime_s: Seconds since boot; totals without a sample are averaged over it.
        privileged: Whether the reader had CAP_NET_ADMIN in the user namespace of the network.
        advisor: Version of advisor that read the facts.
    """

    hostname: str
    at: str
    source: str
    uptime_s: float
    privileged: bool
    advisor: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Kernel(Record):
    """The running kernel.

    Attributes:
        release: As `uname -r` prints it.
        version: Its leading numbers, (6, 1, 0) for "6.1.0-18-amd64". Distributions backport:
            test for the presence of a file where there is one.
        machine: Architecture as `uname -m` prints it.
        hz: Timer frequency (CONFIG_HZ), in ticks per second.
        page_size: Bytes in a page.
    """

    release: str
    version: tuple[int, ...]
    machine: str
    hz: int | Unavailable
    page_size: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Platform(Record):
    """What the host runs on.

    Attributes:
        hypervisor: "none", "kvm", "xen", "hyperv", "vmware", "qemu", …
        container: "none", "docker", "lxc", "podman", "kubernetes", "systemd-nspawn", …
        cloud: "none", "aws", "gcp", "azure", "oracle", "alibaba", "digitalocean", …
        vendor: DMI system vendor, "" where there is none.
        product: DMI product name, "" where there is none.
    """

    hypervisor: str | Unavailable
    container: str | Unavailable
    cloud: str | Unavailable
    vendor: str
    product: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Memory(Record):
    """Main memory, in bytes.

    Attributes:
        total: Usable memory (MemTotal).
        available: What could be had without swapping (MemAvailable).
        free: Unused memory (MemFree).
    """

    total: int
    available: int
    free: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CpuTimes(Record):
    """Seconds a CPU spent in each state since boot. `rate()` of one is a share from 0 to 1.

    Attributes:
        user: In user mode, nice included, guests excluded.
        system: In the kernel, outside interrupts.
        idle: Doing nothing.
        iowait: Idle with I/O outstanding.
        irq: In hardware interrupts.
        softirq: In soft interrupts: where packets are received.
        steal: Taken by the hypervisor for others.
    """

    user: float
    system: float
    idle: float
    iowait: float
    irq: float
    softirq: float
    steal: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Processor(Record):
    """One online CPU.

    Attributes:
        cpu: Its number.
        core: Core number within its package, None when the topology is not shown.
        package: Socket number, None when the topology is not shown.
        node: NUMA node, None when the topology is not shown.
        siblings: CPUs (itself included) that share its core, empty when that is not shown.
        times: Seconds in each state.
        net_rx: NET_RX soft interrupts since boot.
        net_tx: NET_TX soft interrupts since boot.
    """

    cpu: int
    core: int | None
    package: int | None
    node: int | None
    siblings: tuple[int, ...]
    times: CpuTimes | Unavailable
    net_rx: int | Unavailable
    net_tx: int | Unavailable


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cpu(Record):
    """The CPUs.

    Attributes:
        count: Online CPUs (hardware threads).
        physical_cores: Cores behind them.
        nodes: NUMA node number → its online CPUs.
        each: CPU number → the CPU.
        isolated: CPUs taken out of the scheduler (isolcpus).
    """

    count: int
    physical_cores: int | Unavailable
    nodes: dict[str, tuple[int, ...]] | Unavailable
    each: dict[str, Processor]
    isolated: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Irq(Record):
    """One interrupt line.

    Attributes:
        irq: Its number.
        name: Action name(s) as /proc/interrupts prints them.
        nic: Interface it belongs to, None when it is not a NIC's.
        counts: CPU number → interrupts handled there; CPUs with none are left out.
        total: Interrupts since boot.
        affinity: CPUs it may go to (smp_affinity_list).
        effective: CPUs it does go to (effective_affinity_list).
        hint: CPUs that its driver would like (affinity_hint); all of them when it has no wish.
        managed: Whether the kernel places it and nobody can move it, None when that is not known
            (it is shown in debugfs alone).
    """

    irq: int
    name: str
    nic: str | None
    counts: dict[str, int]
    total: int
    affinity: tuple[int, ...] | Unavailable
    effective: tuple[int, ...] | Unavailable
    hint: tuple[int, ...] | None = None
    managed: bool | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NetNs(Record):
    """The network namespace that the facts describe.

    Attributes:
        inode: Inode number of the namespace; 4026531840 is common for the initial one.
        initial: Whether it is the host's first namespace.
        name: Name it was asked for by, None for the own one.
    """

    inode: int | Unavailable
    initial: bool | Unavailable
    name: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Services(Record):
    """Programs that also change network settings, by what runs now.

    Attributes:
        running: Names found among the processes: "tuned", "irqbalance", "NetworkManager", …
        tuned_profile: TuneD's active profile, None when there is none.
    """

    running: tuple[str, ...] = field(default=())
    tuned_profile: str | None = None
