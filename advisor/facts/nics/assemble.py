"""The network interfaces of the calling thread's network namespace, put together from all sources.

netlink and the ioctls answer for the namespace of the thread; sysfs shows the namespace of whoever
mounted it. Where the two do not show the same interfaces, everything from sysfs is left out.
"""

from __future__ import annotations

import socket
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from advisor.facts.files import Files
from advisor.facts.nics.device_settings import DeviceSettings, read_device_settings
from advisor.facts.nics.driver_stats import by_name, queue_counters, rx_ring_full
from advisor.facts.nics.links import Link, read_links, with_real_speed
from advisor.facts.nics.napis import DeviceQueues, QueueFacts, read_device_queues
from advisor.facts.nics.queue_irqs import queue_irqs
from advisor.facts.nics.queues import CLASS_NET, Place, read_place, read_rx_queues, read_tx_queues
from advisor.facts.nics.topology import find_topology, software_topology
from advisor.facts.own_sysfs import shows_own_interfaces
from advisor.model.nic import Nic
from advisor.model.nic_queues import RxQueue, TxQueue
from advisor.model.system import Irq
from advisor.model.unavailable import Unavailable

_OTHER_NAMESPACE = Unavailable("/sys shows another network namespace")
_NO_QUEUES = DeviceQueues()
_NOTHING = QueueFacts()
_NOWHERE = Place()


def read_nics(
    files: Files, irqs: Mapping[str, Irq] | Unavailable, *, own_sysfs: bool | None = None
) -> dict[str, Nic] | Unavailable:
    """Interface name → interface. One that disappears while it is read is left out.

    Args:
        files: The running host's files.
        irqs: The interrupts, with `nic` set for those of interfaces.
        own_sysfs: Whether sysfs shows the namespace of the calling thread; None finds out.
    """
    try:
        if own_sysfs is None:
            own_sysfs = shows_own_interfaces(files)
        links = read_links()
        settings = read_device_settings(links)
    except OSError as error:
        return Unavailable(f"cannot ask the kernel for the interfaces: {error.strerror}")
    hardware = {link.index for link in links if _is_hardware(link, files, own_sysfs)}
    host = Surroundings(
        files=files,
        own_sysfs=own_sysfs,
        names={link.index: link.name for link in links},
        with_real_speed=with_real_speed(links, hardware),
        irqs=_by_nic(irqs) if own_sysfs else {},
        queues=read_device_queues(sorted(hardware)),
    )
    nics = [
        assemble(link, settings[link.index], host, hardware=link.index in hardware)
        for link in links
    ]
    present = _present()
    return {nic.name: nic for nic in nics if present is None or nic.index in present}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the interfaces of one reading share.

    Attributes:
        files: The host's files.
        own_sysfs: Whether sysfs shows these interfaces.
        names: Interface index → name.
        with_real_speed: Indexes of the interfaces whose speed is not made up.
        irqs: Interface name → its interrupts.
        queues: Interface index → what the kernel's core knows of its queues.
    """

    files: Files
    own_sysfs: bool
    names: dict[int, str]
    with_real_speed: set[int]
    irqs: dict[str, list[Irq]]
    queues: dict[int, DeviceQueues]


def _is_hardware(link: Link, files: Files, own_sysfs: bool) -> bool:
    """Whether there is a device behind it. Before 5.14 only sysfs knows."""
    if link.parent_bus is not None:
        return link.hardware_parent
    maybe = link.kind in ("ethernet", "infiniband", "other")
    return maybe and own_sysfs and files.exists(f"{CLASS_NET}/{link.name}/device")


def assemble(link: Link, settings: DeviceSettings, host: Surroundings, *, hardware: bool) -> Nic:
    """One interface from what each source knows of it."""
    driver = settings.driver.name
    stats = link.stats or {}
    named = settings.statistics
    driver_stats = named if isinstance(named, Unavailable) else by_name(named)
    counters = {} if isinstance(driver_stats, Unavailable) else driver_stats
    queues = host.queues.get(link.index, _NO_QUEUES)
    irqs = host.irqs.get(link.name, [])
    vectors = queue_irqs(driver, irqs)
    rx_counted, tx_counted = queue_counters(driver, counters)
    rx_facts, tx_facts = _merged(queues.rx, rx_counted), _merged(queues.tx, tx_counted)
    rx: dict[str, RxQueue] | Unavailable
    tx: dict[str, TxQueue] | Unavailable
    place = _NOWHERE
    if not host.own_sysfs:
        rx = tx = _OTHER_NAMESPACE
    else:
        rx = read_rx_queues(host.files, link.name, rx_facts, vectors.rx)
        tx = read_tx_queues(host.files, link.name, tx_facts, vectors.tx, hardware=hardware)
        if hardware:
            place = read_place(host.files, link.name)
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
        address=link.address,
        speed_mbps=settings.speed_mbps if real_speed else None,
        duplex=settings.duplex if real_speed else None,
        autoneg=settings.autoneg if real_speed else None,
        speed_max_mbps=settings.speed_max_mbps if real_speed else None,
        speed_advertised_mbps=settings.speed_advertised_mbps if real_speed else None,
        speed_partner_mbps=settings.speed_partner_mbps if real_speed else None,
        driver=driver,
        driver_version=settings.driver.version,
        firmware=settings.driver.firmware,
        bus=settings.driver.bus,
        numa_node=place.numa_node,
        local_cpus=place.local_cpus,
        master=None if link.master is None else host.names.get(link.master),
        lower=None if link.lower is None else host.names.get(link.lower),
        rx_queues_count=_count(rx, queues.rx, link.rx_queues),
        tx_queues_count=_count(tx, queues.tx, link.tx_queues),
        gso_max_size=link.gso_max_size,
        channels=settings.channels,
        ring=settings.ring,
        coalesce=settings.coalesce,
        queue_coalesce=settings.queue_coalesce,
        features=settings.features,
        pause=settings.pause,
        rss=settings.rss,
        fec=settings.fec,
        private_flags=settings.private_flags,
        stats=stats,
        driver_stats=driver_stats,
        rx_ring_full=(
            rx_ring_full(driver, counters, stats, queues.rx_overruns) if hardware else None
        ),
        rx_queues=rx,
        tx_queues=tx,
        irqs=tuple(irq.irq for irq in irqs),
        topology=(
            find_topology(
                driver,
                queues=queues,
                irqs=vectors,
                channels=settings.channels,
                device_id=place.device_id,
            )
            if hardware
            else software_topology(driver)
        ),
        qdisc=link.qdisc,
        napi_defer_hard_irqs=_sysfs_number(host, link, "napi_defer_hard_irqs"),
        gro_flush_timeout=_sysfs_number(host, link, "gro_flush_timeout"),
        threaded=None if threaded is None else threaded > 0,
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


def _present() -> set[int] | None:
    """The indexes of the interfaces that there are now, None when that cannot be told."""
    try:
        return {index for index, _name in socket.if_nameindex()}
    except OSError:
        return None
