"""The network interfaces of a sosreport, put together as those of a live host are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from advisor.facts.nics.assemble import assemble, surroundings_of
from advisor.facts.nics.driver_stats import queue_counters, with_current_names
from advisor.facts.nics.links import Link
from advisor.facts.nics.napis import QueueFacts
from advisor.facts.nics.places import CLASS_NET, read_place
from advisor.facts.nics.queue_irqs import queue_irqs
from advisor.facts.nics.queues import read_rx_queues, read_tx_queues
from advisor.facts.sosreport.device_settings import read_driver, read_settings
from advisor.facts.sosreport.link_text import LinkText
from advisor.facts.sosreport.links import to_link
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.nic import Nic
from advisor.model.nic_settings import Channels
from advisor.model.system import Cpu, Irq
from advisor.model.unavailable import Unavailable

_FAILOVER = "net_failover"  # it shows the device of its standby
_MAYBE_HARDWARE = ("ethernet", "infiniband", "other")
_QUEUES_MAX = 4096  # MAX_TX_QUEUES in alloc_netdev_mqs() is higher; no device is


def with_device_links(files: ReportFiles, texts: Sequence[LinkText]) -> ReportFiles:
    """The same report with the links in /sys/class/net of interfaces whose device is named.

    sos copies them since 3.5; before, `ip` (parentdev, iproute2 5.14) or `ethtool -i` (bus-info)
    tell the device, and with it which interrupts are the interface's.
    """
    links = files.members.links
    for text in texts:
        driver = read_driver(files, text.name)
        device = text.details.get("parentdev") or driver.bus
        bus = text.details.get("parentbus", "unknown")
        # The name comes from a report: it must not lead anywhere else.
        plain = device.replace(":", "").replace(".", "").replace("-", "").replace("_", "").isalnum()
        if plain and not text.told_kind and driver.name != _FAILOVER:
            links.setdefault(
                f"sys/class/net/{text.name}", f"../../devices/{bus}/{device}/net/{text.name}"
            )
    return ReportFiles(members=files.members)


def read_report_nics(
    files: ReportFiles,
    texts: Sequence[LinkText],
    irqs: Mapping[str, Irq] | Unavailable,
    cpu: Cpu | Unavailable,
) -> dict[str, Nic]:
    """Interface name → interface.

    Args:
        files: The report.
        texts: What `ip` printed of the interfaces.
        irqs: The interrupts, with `nic` set for those of interfaces.
        cpu: The CPUs, for those near an interface.
    """
    indexes = {text.name: text.index for text in texts}
    drivers = {text.name: read_driver(files, text.name) for text in texts}
    links = [to_link(text, indexes, drivers[text.name].name) for text in texts]
    hardware = {link.index for link in links if _is_hardware(files, link, drivers[link.name].name)}
    host = surroundings_of(files, links, irqs, hardware, {})
    nics = {}
    for link, text in zip(links, texts, strict=True):
        settings = read_settings(files, link.name, drivers[link.name])
        nic = assemble(link, settings, host, hardware=link.index in hardware)
        if nic.physical:
            nic = _with_place(files, nic, cpu, text.virtual_functions)
        nics[nic.name] = _with_queues(files, nic, host.irqs.get(nic.name, []))
    return nics


def _is_hardware(files: ReportFiles, link: Link, driver: str) -> bool:
    if driver == _FAILOVER:
        return False
    if link.parent_bus is not None:
        return link.hardware_parent
    where = files.read_link(f"{CLASS_NET}/{link.name}")
    device = isinstance(where, str) and "/devices/virtual/" not in f"/{where}"
    return link.kind in _MAYBE_HARDWARE and device


def _with_place(
    files: ReportFiles, nic: Nic, cpu: Cpu | Unavailable, virtual_functions: int
) -> Nic:
    """With what is known of the device's place, although the queues are not in the report."""
    place = read_place(files, nic.name)
    nodes = {} if isinstance(cpu, Unavailable) or isinstance(cpu.nodes, Unavailable) else cpu.nodes
    pcie = place.pcie
    if isinstance(pcie, Unavailable):
        pcie = files.members.missing(f"{CLASS_NET}/{nic.name}/device/current_link_speed")
    return replace(
        nic,
        numa_node=place.numa_node,
        local_cpus=place.local_cpus or nodes.get(str(place.numa_node), ()),
        physical_function=place.physical_function,
        virtual_functions=place.virtual_functions or virtual_functions,
        pcie=pcie,
    )


def _with_queues(files: ReportFiles, nic: Nic, irqs: Sequence[Irq]) -> Nic:
    """With queues that channels or the driver's counters tell of: sos does not copy theirs."""
    if not isinstance(nic.rx_queues, Unavailable):
        return nic
    counters = {} if isinstance(nic.driver_stats, Unavailable) else nic.driver_stats
    rx, tx = queue_counters(nic.driver, with_current_names(nic.driver, counters))
    rx_count = _in_use(nic.channels, rx, "rx") or (1 if nic.rx_queues_count == 1 else 0)
    tx_count = _in_use(nic.channels, tx, "tx") or (1 if nic.tx_queues_count == 1 else 0)
    vectors = queue_irqs(nic.driver, irqs)
    if rx_count:
        queues = read_rx_queues(files, nic.name, range(rx_count), rx, vectors.rx)
        nic = replace(nic, rx_queues=queues, rx_queues_count=rx_count)
    if tx_count:
        sending = read_tx_queues(
            files, nic.name, range(tx_count), tx, vectors.tx, hardware=nic.physical
        )
        nic = replace(nic, tx_queues=sending, tx_queues_count=tx_count)
    return nic


def _in_use(channels: Channels | Unavailable, counted: Mapping[int, QueueFacts], way: str) -> int:
    """Queues in use: a channel has one of each of its kind, and drivers count those in use."""
    if isinstance(channels, Channels):
        number = channels.combined + (channels.rx if way == "rx" else channels.tx)
        if 0 < number <= _QUEUES_MAX:
            return number
    return max(counted) + 1 if counted and max(counted) < _QUEUES_MAX else 0
