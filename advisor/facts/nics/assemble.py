"""One network interface, put together from what each source knows of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from advisor.facts.files import Files
from advisor.facts.nics.bonds import bond_of
from advisor.facts.nics.counted import count, count_software
from advisor.facts.nics.device_settings import DeviceSettings
from advisor.facts.nics.driver_stats import (
    by_name,
    queue_counters,
    rx_ring_full,
    with_current_names,
)
from advisor.facts.nics.links import Link, with_real_speed
from advisor.facts.nics.napis import DeviceQueues, QueueFacts
from advisor.facts.nics.places import CLASS_NET, Place, read_place
from advisor.facts.nics.queue_irqs import QueueIrqs, queue_irqs
from advisor.facts.nics.queues import (
    list_queues,
    read_rx_queues,
    read_tx_queues,
    read_tx_timeouts,
)
from advisor.facts.nics.topology import find_topology, software_topology
from advisor.model.nic import Nic
from advisor.model.nic_queues import RxQueue, TxQueue
from advisor.model.system import Irq
from advisor.model.unavailable import Unavailable

_NO_DEVICE = Unavailable("a software interface has no device", absent=True)
_OTHER_NAMESPACE = Unavailable("/sys shows another network namespace")
_NO_QUEUES = DeviceQueues()
_NOTHING = QueueFacts()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the interfaces of one reading share. See `surroundings_of`.

    Attributes:
        files: The host's files.
        own_sysfs: Whether sysfs shows these interfaces; if not, nothing is read from it.
        names: Interface index → name, for what is above and below an interface.
        members: Interface index → indexes of the interfaces that belong to it.
        with_real_speed: Indexes of the interfaces whose speed is not made up.
        irqs: Interface name → its interrupts, sorted by number.
        queues: Interface index → what the kernel's core knows of its queues.
    """

    files: Files
    own_sysfs: bool = True
    names: dict[int, str] = field(default_factory=dict)
    members: dict[int, list[int]] = field(default_factory=dict)
    with_real_speed: set[int] = field(default_factory=set)
    irqs: dict[str, list[Irq]] = field(default_factory=dict)
    queues: dict[int, DeviceQueues] = field(default_factory=dict)


def surroundings_of(
    files: Files,
    links: Sequence[Link],
    irqs: Mapping[str, Irq] | Unavailable,
    hardware: Set[int],
    queues: dict[int, DeviceQueues],
    *,
    own_sysfs: bool = True,
) -> Surroundings:
    """What `assemble` needs beside an interface itself.

    Args:
        files: The host's files.
        links: All interfaces.
        irqs: All interrupts, with `nic` set for those of interfaces.
        hardware: Indexes of the interfaces that stand for hardware.
        queues: Interface index → what the kernel's core knows of its queues.
        own_sysfs: Whether sysfs shows these interfaces.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for link in links:
        if link.master is not None:
            members[link.master].append(link.index)
    return Surroundings(
        files=files,
        own_sysfs=own_sysfs,
        names={link.index: link.name for link in links},
        members=members,
        with_real_speed=with_real_speed(links, hardware),
        irqs=_by_nic(irqs) if own_sysfs else {},
        queues=queues,
    )


def assemble(link: Link, settings: DeviceSettings, host: Surroundings, *, hardware: bool) -> Nic:
    """One interface from what each source knows of it.

    All that is read here are files below /sys/class/net; everything else comes in as plain data.

    Args:
        link: What rtnetlink says of it.
        settings: What its driver answers to ethtool's questions.
        host: What it shares with the other interfaces; see `surroundings_of`.
        hardware: Whether it stands for hardware (or a hypervisor's device).
    """
    driver = settings.driver.name
    stats = link.stats or {}
    named = settings.statistics
    driver_stats = named if isinstance(named, Unavailable) else by_name(named)
    counters = with_current_names(
        driver, {} if isinstance(driver_stats, Unavailable) else driver_stats
    )
    queues = host.queues.get(link.index, _NO_QUEUES)
    irqs = host.irqs.get(link.name, [])
    vectors = queue_irqs(driver, irqs)
    rx_counted, tx_counted = queue_counters(driver, counters)
    rx_facts, tx_facts = _merged(queues.rx, rx_counted), _merged(queues.tx, tx_counted)
    files = _read_files(host, link, rx_facts, tx_facts, vectors, hardware=hardware)
    if hardware:
        counted = count(driver, counters, stats, settings.pause, queues, files.tx_timeouts)
    else:
        counted = count_software(driver, counters)
    threaded = _sysfs_number(host, link, "threaded")
    real_speed = link.index in host.with_real_speed
    return Nic(
        name=link.name,
        index=link.index,
        kind=link.kind,
        physical=hardware,
        up=link.up,
        running=link.running,
        mtu=link.mtu,
        txqueuelen=link.txqueuelen,
        mtu_min=link.mtu_min,
        mtu_max=link.mtu_max,
        address=link.address,
        speed_mbps=settings.speed_mbps if real_speed else None,
        duplex=settings.duplex if real_speed else None,
        autoneg=settings.autoneg if real_speed else None,
        speed_max_mbps=settings.speed_max_mbps if real_speed else None,
        speed_advertised_mbps=settings.speed_advertised_mbps if real_speed else None,
        speed_partner_mbps=settings.speed_partner_mbps if real_speed else None,
        carrier_changes=link.carrier_changes,
        carrier_downs=link.carrier_downs,
        driver=driver,
        driver_version=settings.driver.version,
        firmware=settings.driver.firmware,
        bus=settings.driver.bus,
        numa_node=files.place.numa_node,
        local_cpus=files.place.local_cpus,
        master=None if link.master is None else host.names.get(link.master),
        lower=None if link.lower is None else host.names.get(link.lower),
        overhead=link.overhead,
        bond=bond_of(link.bonding, host.members.get(link.index, ()), host.names),
        physical_function=files.place.physical_function,
        virtual_functions=files.place.virtual_functions,
        xdp=link.xdp,
        rx_queues_count=_count(files.rx, queues.rx, link.rx_queues),
        tx_queues_count=_count(files.tx, queues.tx, link.tx_queues),
        gso_max_size=link.gso_max_size,
        gso_max_segs=link.gso_max_segs,
        gro_max_size=link.gro_max_size,
        tso_max_size=link.tso_max_size,
        channels=settings.channels,
        ring=settings.ring,
        coalesce=settings.coalesce,
        queue_coalesce=settings.queue_coalesce,
        features=settings.features,
        pause=settings.pause,
        rss=settings.rss,
        fec=settings.fec,
        pcie=files.place.pcie,
        private_flags=settings.private_flags,
        stats=stats,
        driver_stats=driver_stats,
        rx_ring_full=(
            rx_ring_full(driver, counters, stats, queues.rx_overruns) if hardware else None
        ),
        counted=counted,
        rx_queues=files.rx,
        tx_queues=files.tx,
        napis=queues.napis,
        irqs=tuple(irq.irq for irq in irqs),
        topology=(
            find_topology(
                driver,
                queues=queues,
                irqs=vectors,
                channels=settings.channels,
                device_id=files.place.device_id,
            )
            if hardware
            else software_topology(driver)
        ),
        qdisc=link.qdisc,
        napi_defer_hard_irqs=_sysfs_number(host, link, "napi_defer_hard_irqs"),
        gro_flush_timeout=_sysfs_number(host, link, "gro_flush_timeout"),
        threaded=None if threaded is None else threaded > 0,
    )


@dataclass(frozen=True, slots=True)
class _InSysfs:
    """What sysfs says of an interface; see `Nic`."""

    rx: dict[str, RxQueue] | Unavailable
    tx: dict[str, TxQueue] | Unavailable
    place: Place
    tx_timeouts: int | None = None


def _read_files(
    host: Surroundings,
    link: Link,
    rx: Mapping[int, QueueFacts],
    tx: Mapping[int, QueueFacts],
    irqs: QueueIrqs,
    *,
    hardware: bool,
) -> _InSysfs:
    numbers = list_queues(host.files, link.name) if host.own_sysfs else _OTHER_NAMESPACE
    if isinstance(numbers, Unavailable):
        return _InSysfs(numbers, numbers, Place(pcie=numbers if hardware else _NO_DEVICE))
    name = link.name
    return _InSysfs(
        rx=read_rx_queues(host.files, name, numbers.rx, rx, irqs.rx),
        tx=read_tx_queues(host.files, name, numbers.tx, tx, irqs.tx, hardware=hardware),
        place=read_place(host.files, name) if hardware else Place(pcie=_NO_DEVICE),
        tx_timeouts=read_tx_timeouts(host.files, name, numbers.tx) if hardware else None,
    )


def _by_nic(irqs: Mapping[str, Irq] | Unavailable) -> dict[str, list[Irq]]:
    found: dict[str, list[Irq]] = defaultdict(list)
    if not isinstance(irqs, Unavailable):
        for irq in sorted(irqs.values(), key=lambda irq: irq.irq):
            if irq.nic is not None:
                found[irq.nic].append(irq)
    return found


def _merged(
    kernel: Mapping[int, QueueFacts], driver: Mapping[int, QueueFacts]
) -> dict[int, QueueFacts]:
    """What is known of the queues: by the kernel's core, and where that is silent by the driver."""
    merged = {}
    for queue in kernel.keys() | driver.keys():
        core, own = kernel.get(queue, _NOTHING), driver.get(queue, _NOTHING)
        merged[queue] = QueueFacts(
            packets=own.packets if core.packets is None else core.packets,
            bytes=own.bytes if core.bytes is None else core.bytes,
            drops=own.drops if core.drops is None else core.drops,
            napi=core.napi,
            irq=core.irq,
        )
    return merged


def _count(
    in_sysfs: dict[str, RxQueue] | dict[str, TxQueue] | Unavailable,
    in_kernel: Mapping[int, QueueFacts],
    allocated: int,
) -> int:
    """The queues in use: as many as sysfs shows, else the kernel's core, else at most so many."""
    if isinstance(in_sysfs, Unavailable):
        return len(in_kernel) or allocated
    return len(in_sysfs)


def _sysfs_number(host: Surroundings, link: Link, name: str) -> int | None:
    if not host.own_sysfs:
        return None
    value = host.files.read_int(f"{CLASS_NET}/{link.name}/{name}")
    return None if isinstance(value, Unavailable) else value
