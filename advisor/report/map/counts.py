"""What counters of a host say about some time: over its sample, else since boot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from advisor.model.host import Host
from advisor.model.nic import Nic
from advisor.model.nic_queues import RxQueue, TxQueue
from advisor.model.stack import Qdisc
from advisor.model.system import Cpu, Irq, NetNs, Processor
from advisor.model.unavailable import Unavailable
from advisor.report.map.model import Load

Value = TypeVar("Value")

_NO_TIMES = Unavailable("the CPUs are not known")
_RESET = Unavailable("the counter was reset between the two readings")


class Counts:
    """Growth of counters. None where something is not counted, or was reset in between.

    Args:
        host: The host.

    Attributes:
        seconds: The time that they cover; for interfaces of a namespace without a sample, longer
            than that.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._before = host.sample.before if host.sample else None
        self.seconds = host.sample.seconds if host.sample else host.collection.uptime_s
        inside = isinstance(host.netns, NetNs) and host.netns.initial is False
        self._age_known = host.sample is not None or not inside

    def growth(self, now: int | None, before: int | None) -> int | None:
        """How much a counter grew, or its total when there is no sample."""
        if now is None or self._before is None:
            return now
        return None if before is None or before > now else now - before

    def per_s(self, growth: float | None) -> float | None:
        """So much per second; None where nobody knows how long an interface has been counting."""
        return self._per_s(growth) if self._age_known else None

    def nic_before(self, name: str) -> Nic | None:
        """The interface in the earlier reading."""
        return None if self._before is None else _at(self._before.nics, name)

    def stat(self, nic: Nic, name: str) -> int | None:
        """Growth of a standard counter of an interface."""
        before = self.nic_before(nic.name)
        return self.growth(nic.stats.get(name), before.stats.get(name) if before else None)

    def rx_before(self, nic: Nic, queue: RxQueue) -> RxQueue | None:
        """A receive queue in the earlier reading."""
        before = self.nic_before(nic.name)
        return None if before is None else _at(before.rx_queues, str(queue.queue))

    def tx_before(self, nic: Nic, queue: TxQueue) -> TxQueue | None:
        """A transmit queue in the earlier reading."""
        before = self.nic_before(nic.name)
        return None if before is None else _at(before.tx_queues, str(queue.queue))

    def qdisc_drops(self, key: str, qdisc: Qdisc) -> int | None:
        """Packets that a qdisc dropped."""
        before = None if self._before is None else _at(self._before.qdiscs, key)
        return self.growth(qdisc.drops, before.drops if before else None)

    def interrupts_per_s(self, irq: Irq | None) -> float | None:
        """How often an interrupt came, per second."""
        if irq is None:
            return None
        before = None if self._before is None else _at(self._before.irqs, str(irq.irq))
        return self._per_s(self.growth(irq.total, before.total if before else None))

    def softirq(self, cpu: int) -> float | Unavailable:
        """Part of a CPU's time in soft interrupts, 0 to 1."""
        now = _processor(self._host.cpu, cpu)
        if isinstance(now, Unavailable):
            return now
        if isinstance(now.times, Unavailable):
            return now.times
        spent = now.times.softirq
        if self._before is not None:
            before = _processor(self._before.cpu, cpu)
            if isinstance(before, Unavailable):
                return before
            if isinstance(before.times, Unavailable):
                return before.times
            spent -= before.times.softirq
        if spent < 0 or self.seconds <= 0:
            return _RESET
        return min(1.0, spent / self.seconds)

    def _per_s(self, growth: float | None) -> float | None:
        return None if growth is None or self.seconds <= 0 else growth / self.seconds


def loads(packets: Sequence[int | None], counts: Counts) -> list[Load]:
    """The load of each queue of one direction, from its packets."""
    total = sum(count for count in packets if count is not None)
    return [
        Load()
        if count is None
        else Load(count, counts.per_s(count), count / total if total else 0.0)
        for count in packets
    ]


def _at(section: Mapping[str, Value] | Unavailable, key: str) -> Value | None:
    return None if isinstance(section, Unavailable) else section.get(key)


def _processor(cpus: Cpu | Unavailable, cpu: int) -> Processor | Unavailable:
    if isinstance(cpus, Unavailable):
        return cpus
    if not cpus.each:
        return _NO_TIMES
    return cpus.each.get(str(cpu), Unavailable("the CPU is offline"))
