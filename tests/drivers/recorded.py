"""A recorded host, read by the functions that read the running one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from advisor.facts.cpu import read_cpu
from advisor.facts.files import Files
from advisor.facts.irqs import read_irqs
from advisor.facts.nics.assemble import assemble, surroundings_of
from advisor.facts.nics.device_settings import DeviceSettings
from advisor.facts.nics.links import Link
from advisor.facts.nics.napis import DeviceQueues, QueueFacts
from advisor.model.host import Host
from advisor.model.nic import Nic
from advisor.model.nic_queues import Napi
from advisor.model.stack import Qdisc
from advisor.model.system import Collection, Irq, Kernel, Memory, NetNs, Platform, Services
from advisor.model.unavailable import Unavailable
from tests.drivers.compact import read_lines, read_yaml
from tests.drivers.ethtool_text import parse_ethtool
from tests.drivers.tree import Cpus, Interface, build_tree, interfaces_of
from tests.stories.devices import HARDWARE_FEATURES
from tests.stories.kernels import counters, features, sysctls, version
from tests.stories.readings import Reading
from tests.stories.sections import NO_CONNTRACK, multiqueue, sockstat, softnet

_MEMORY = 64 << 30
_TABLES = ("3.7", "3.13", "3.18", "5.6", "6.12", "6.18")  # the columns in stories/kernels/
_COUNTERS = (
    *("rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_errors", "tx_errors", "rx_dropped"),
    *("tx_dropped", "rx_crc_errors", "rx_fifo_errors", "rx_missed_errors", "rx_nohandler"),
)
_AT = Reading(now=True, seconds=0.0, uptime_s=864_000.0)


@dataclass(frozen=True)
class Recording:
    """A directory with a recorded host.

    Attributes:
        directory: The directory.
    """

    directory: Path

    @property
    def name(self) -> str:
        """What the tests call it."""
        return self.directory.name

    @property
    def source(self) -> str:
        """Where what is recorded comes from."""
        return (self.directory / "SOURCE").read_text(encoding="utf-8")

    @property
    def expected(self) -> dict[str, Any]:
        """What has to be found."""
        found: dict[str, Any] = read_yaml(self.directory / "expect.yaml")
        return found

    def read(self, root: Path) -> Host:
        """The host, from files that are written below `root`.

        What the recording does not hold (sysctls, protocol counters, features) is as the newest
        kernel of the stories that is not newer has it after a quiet start.
        """
        description = read_yaml(self.directory / "host.yaml")
        kernel: str = description["kernel"]
        cpus = Cpus(**description["cpus"])
        interfaces = interfaces_of(description)
        managed = description.get("managed")
        files = build_tree(root, self.directory, cpus, interfaces, managed)
        irqs = read_irqs(files)
        assert not isinstance(irqs, Unavailable), irqs
        table = _table(kernel)
        nics = self._read_nics(files, interfaces, irqs, table)
        return Host(
            collection=Collection("test", "2026-01-01T00:00:00Z", "live", 864_000.0, True, ""),
            kernel=Kernel(kernel, version(kernel), "x86_64", 250, 4096),
            platform=Platform(description.get("hypervisor", "none"), "none", "none", "", ""),
            memory=Memory(total=_MEMORY, available=_MEMORY // 2, free=_MEMORY // 4),
            cpu=read_cpu(files),
            sysctl=sysctls(table, _MEMORY, {nic.name: nic.mtu for nic in nics.values()}, {}),
            nics=nics,
            irqs=irqs,
            softnet=softnet(_AT, table, [1.0] * cpus.count),
            nstat=counters(table, {}),
            sockstat=sockstat(10, pages=20),
            listeners={},
            conntrack=NO_CONNTRACK,
            qdiscs=_qdiscs(nics),
            netns=NetNs(inode=4026531840, initial=True),
            services=Services(running=tuple(description.get("services", ()))),
        )

    def _read_nics(
        self, files: Files, interfaces: list[Interface], irqs: dict[str, Irq], table: str
    ) -> dict[str, Nic]:
        indexes = {interface.name: interface.index for interface in interfaces}
        links = [_link(interface, indexes) for interface in interfaces]
        hardware = {each.index for each in interfaces if each.device}
        queues = {each.index: self._queues(each.name) for each in interfaces}
        surroundings = surroundings_of(files, links, irqs, hardware, queues)
        nics = [
            assemble(
                link,
                self._settings(link.name, table),
                surroundings,
                hardware=link.index in hardware,
            )
            for link in links
        ]
        return {nic.name: nic for nic in nics}

    def _settings(self, interface: str, table: str) -> DeviceSettings:
        """What ethtool prints; its features are those that a NIC of our time has by default."""
        file = self.directory / f"{interface}.ethtool"
        if not file.exists():
            return DeviceSettings()
        return replace(
            parse_ethtool(read_lines(file)), features=features(table, **HARDWARE_FEATURES)
        )

    def _queues(self, interface: str) -> DeviceQueues:
        """What the kernel's netdev family answers, in the form of its command-line tool (ynl)."""
        file = self.directory / f"{interface}.netdev.yaml"
        if not file.exists():
            return DeviceQueues()
        dumps = read_yaml(file)
        napis = {
            str(napi["id"]): Napi(napi["id"], irq=napi.get("irq"))
            for napi in dumps.get("napi-get", ())
        }
        found: dict[str, dict[int, QueueFacts]] = {"rx": {}, "tx": {}}
        for queue in dumps["queue-get"]:
            napi = queue.get("napi-id")
            irq = napis[str(napi)].irq if napi is not None else None
            found[queue["type"]][queue["id"]] = QueueFacts(napi=napi, irq=irq)
        for counted in dumps.get("qstats-get", ()):
            way, queue = counted["queue-type"], counted["queue-id"]
            found[way][queue] = replace(
                found[way].get(queue, QueueFacts()),
                packets=counted.get(f"{way}-packets"),
                bytes=counted.get(f"{way}-bytes"),
                drops=counted.get(f"{way}-hw-drops"),
            )
        return DeviceQueues(rx=found["rx"], tx=found["tx"], napis=napis)


def recordings() -> list[Recording]:
    """Every recording: a directory beside this file that has a `host.yaml`."""
    return [Recording(file.parent) for file in sorted(Path(__file__).parent.glob("*/host.yaml"))]


def _table(kernel: str) -> str:
    """The column of the stories' tables for a kernel."""
    return max((each for each in _TABLES if version(each) <= version(kernel)), key=version)


def _link(interface: Interface, indexes: dict[str, int]) -> Link:
    bus = "" if not interface.device else interface.device.split("/")[0].rstrip("0123456789:.-")
    return Link(
        index=interface.index,
        name=interface.name,
        kind=interface.kind,
        up=True,
        running=True,
        mtu=interface.mtu,
        txqueuelen=1000,
        qdisc="mq" if interface.tx > 1 else "pfifo_fast",
        master=indexes.get(interface.master or ""),
        lower=indexes.get(interface.lower or ""),
        rx_queues=interface.rx,
        tx_queues=interface.tx,
        parent_bus=bus or None,
        stats=dict.fromkeys(_COUNTERS, 0) | dict(interface.stats),
    )


def _qdiscs(nics: dict[str, Nic]) -> dict[str, Qdisc]:
    found: dict[str, Qdisc] = {}
    for nic in nics.values():
        if nic.physical and nic.tx_queues_count > 1:
            leaves = [Qdisc("", "pfifo_fast", "0:", "") for _ in range(nic.tx_queues_count)]
            found |= multiqueue(nic.name, leaves)
    return found
