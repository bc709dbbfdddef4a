"""Two readings of one host, from figures per second.

A story says what happens per second. From that follow the counters now (since boot, at an average
load) and at the start of the sample, so that all of them agree with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.model.host import Host, Sample
from advisor.model.system import Collection, Cpu, CpuTimes, Processor
from advisor.model.unavailable import NOT_READ

_AT_REST = ("kernel", "platform", "memory", "sysctl", "sockets", "netns", "services", "config")
"""Sections that hold no counters: an earlier reading does not have them (advisor.facts.collect)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One of the two readings.

    Attributes:
        now: Whether it is the later one.
        seconds: Time between the two.
        uptime_s: Time since boot at the later one.
        load: Average load since boot, as a part of that during the sample.
    """

    now: bool
    seconds: float
    uptime_s: float
    load: float = 0.6

    def count(self, per_second: float) -> int:
        """A counter of what happens so often during the sample."""
        total = round(per_second * (self.load * (self.uptime_s - self.seconds) + self.seconds))
        return total if self.now else total - round(per_second * self.seconds)

    def grown(self, growth: int, total: int) -> int:
        """A counter that stands at `total` now and grew by `growth` during the sample."""
        return total if self.now else total - growth

    def times(self, shares: Mapping[str, float]) -> CpuTimes:
        """The times of a CPU, from the parts of the sample that it spent in each state; 1 is all.

        What is left is idle, so that each second of a CPU is accounted for.
        """
        busy = {
            state: round(share * self.load * (self.uptime_s - self.seconds), 2)
            + (round(share * self.seconds, 2) if self.now else 0)
            for state, share in shares.items()
        }
        elapsed = self.uptime_s if self.now else self.uptime_s - self.seconds
        states = dict.fromkeys(CpuTimes.__dataclass_fields__, 0.0) | busy
        states["idle"] = elapsed - sum(busy.values())
        return CpuTimes(**{state: round(seconds, 2) for state, seconds in states.items()})


@dataclass(frozen=True, slots=True)
class Work:
    """What one CPU does.

    Attributes:
        times: State → part of the time.
        net_rx: NET_RX soft interrupts per second.
        net_tx: NET_TX soft interrupts per second.
    """

    times: Mapping[str, float]
    net_rx: float = 0
    net_tx: float = 0


def sampled(
    facts: Callable[[Reading], Host], *, seconds: float, uptime_s: float, load: float = 0.6
) -> Host:
    """The host of a story with an earlier reading.

    Args:
        facts: Makes one reading of the host.
        seconds: Time between the two readings.
        uptime_s: Time since boot.
        load: Average load since boot, as a part of that during the sample.
    """
    now = Reading(True, seconds, uptime_s, load)
    before = replace(
        facts(replace(now, now=False)),
        **dict.fromkeys(_AT_REST, NOT_READ),
    )
    return replace(facts(now), sample=Sample(seconds, before))


def since_boot(facts: Callable[[Reading], Host], *, uptime_s: float, load: float = 0.6) -> Host:
    """The host of a story without an earlier reading: its counters are totals."""
    return facts(Reading(True, 0.0, uptime_s, load))


def collection(at: Reading, hostname: str, day: str) -> Collection:
    """How the facts were read, on `day` ("2015-11-12"), around noon."""
    minute, second = divmod(0 if at.now else round(at.seconds), 60)
    clock = "12:30:00" if at.now else f"12:{29 - minute + (second == 0):02d}:{-second % 60:02d}"
    return Collection(
        hostname=hostname,
        at=f"{day}T{clock}Z",
        source="live",
        uptime_s=at.uptime_s if at.now else at.uptime_s - at.seconds,
        privileged=True,
        advisor="0.1.0",
    )


def cpus(at: Reading, work: Sequence[Work], *, threads: int = 1, nodes: int = 1) -> Cpu:
    """The CPUs of a host. Hyper-threads of a core have the numbers n and n + cores, as on x86.

    Args:
        at: The reading.
        work: What each CPU does.
        threads: CPUs per core.
        nodes: NUMA nodes, one package each; cores are dealt out to them in blocks.
    """
    cores = len(work) // threads
    per_node = cores // nodes
    of_node = [
        [cpu for cpu in range(len(work)) if cpu % cores // per_node == n] for n in range(nodes)
    ]
    return Cpu(
        count=len(work),
        physical_cores=cores,
        nodes={str(node): tuple(members) for node, members in enumerate(of_node)},
        each={
            str(cpu): Processor(
                cpu=cpu,
                core=cpu % per_node,
                package=cpu % cores // per_node,
                node=cpu % cores // per_node,
                siblings=tuple(range(cpu % cores, len(work), cores)),
                times=at.times(each.times),
                net_rx=at.count(each.net_rx),
                net_tx=at.count(each.net_tx),
            )
            for cpu, each in enumerate(work)
        },
    )
