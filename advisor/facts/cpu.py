"""CPUs: topology from sysfs, busy times from /proc/stat, soft interrupts from /proc/softirqs."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from advisor.facts.cpulist import read_cpu_list
from advisor.facts.files import Files, malformed
from advisor.model.system import Cpu, CpuTimes, Processor
from advisor.model.unavailable import Unavailable

STAT = "/proc/stat"
SOFTIRQS = "/proc/softirqs"
CPUS = "/sys/devices/system/cpu"
NODES = "/sys/devices/system/node"

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_CPU_LINE = re.compile(r"cpu(\d{1,9})\s")
_TICKS_TO_STEAL = 8  # user nice system idle iowait irq softirq steal; guest and guest_nice follow


@dataclass(frozen=True, slots=True)
class _Core:
    """Where a CPU is: numbers of its core and package, and the CPUs on that core."""

    core: int | None = None
    package: int | None = None
    siblings: tuple[int, ...] = ()


def read_cpu(files: Files) -> Cpu | Unavailable:
    """The online CPUs, how they hang together, and what they did since boot."""
    online = online_cpus(files)
    if isinstance(online, Unavailable):
        return online
    stat = files.read_text(STAT)
    softirqs = files.read_text(SOFTIRQS)
    times = stat if isinstance(stat, Unavailable) else parse_stat(stat)
    soft = softirqs if isinstance(softirqs, Unavailable) else parse_softirqs(softirqs)
    cores = _cores(files, online)
    nodes = _nodes(files, online)
    node_of = {} if isinstance(nodes, Unavailable) else _by_cpu(nodes)
    isolated = read_cpu_list(files, f"{CPUS}/isolated")
    return Cpu(
        count=len(online),
        physical_cores=_physical_cores(cores),
        nodes=nodes,
        each={
            str(cpu): Processor(
                cpu=cpu,
                core=cores[cpu].core,
                package=cores[cpu].package,
                node=node_of.get(cpu),
                siblings=cores[cpu].siblings,
                times=_of(times, cpu, STAT),
                net_rx=_of(_of(soft, "NET_RX", SOFTIRQS), cpu, SOFTIRQS),
                net_tx=_of(_of(soft, "NET_TX", SOFTIRQS), cpu, SOFTIRQS),
            )
            for cpu in online
        },
        isolated=() if isinstance(isolated, Unavailable) else isolated,
    )


def online_cpus(files: Files) -> tuple[int, ...] | Unavailable:
    """The numbers of the online CPUs; from /proc/stat where sysfs is not mounted."""
    online = read_cpu_list(files, f"{CPUS}/online")
    if isinstance(online, Unavailable) or not online:
        stat = files.read_text(STAT)
        if isinstance(stat, Unavailable):
            return stat
        online = tuple(
            int(match[1]) for line in stat.splitlines() if (match := _CPU_LINE.match(line))
        )
    return online or Unavailable(f"neither {CPUS}/online nor {STAT} names a CPU")


def parse_stat(text: str, ticks_per_second: int | None = None) -> dict[int, CpuTimes] | Unavailable:
    """Seconds that each CPU spent in each state (show_stat in fs/proc/stat.c).

    The kernel counts a guest's time in user as well, and a nice guest's in nice: both come off.

    Args:
        text: The file.
        ticks_per_second: Its unit, USER_HZ; this system's by default. It is not CONFIG_HZ.
    """
    unit = ticks_per_second or os.sysconf("SC_CLK_TCK")
    result: dict[int, CpuTimes] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = _CPU_LINE.match(line)
        if match is None:
            continue
        try:
            ticks = [int(word) for word in line.split()[1:]]
            user, nice, system, idle, iowait, irq, softirq, steal = ticks[:_TICKS_TO_STEAL]
        except ValueError:
            return malformed(STAT, number, "does not hold eight times")
        guests = sum(ticks[_TICKS_TO_STEAL : _TICKS_TO_STEAL + 2])
        result[int(match[1])] = CpuTimes(
            # The counters are not read at one instant: guests can be ahead of user by a tick.
            user=max(0, user + nice - guests) / unit,
            system=system / unit,
            idle=idle / unit,
            iowait=iowait / unit,
            irq=irq / unit,
            softirq=softirq / unit,
            steal=steal / unit,
        )
    return result or Unavailable(f"{STAT} names no CPU")


def parse_softirqs(text: str) -> dict[str, dict[int, int]] | Unavailable:
    """Kind ("NET_RX") → CPU → soft interrupts since boot (show_softirqs).

    The header names all possible CPUs, "CPU0 CPU1 …", online or not.
    """
    lines = text.splitlines()
    if not text.strip():
        return Unavailable(f"{SOFTIRQS} is empty")
    try:
        cpus = [int(word.removeprefix("CPU")) for word in lines[0].split()]
    except ValueError:
        return malformed(SOFTIRQS, 1, "is not a list of CPUs")
    result: dict[str, dict[int, int]] = {}
    for number, line in enumerate(lines[1:], start=2):
        kind, _, counts = line.partition(":")
        try:
            result[kind.strip()] = dict(zip(cpus, map(int, counts.split()), strict=True))
        except ValueError:
            return malformed(SOFTIRQS, number, "does not have a number for each CPU")
    return result


def _cores(files: Files, online: tuple[int, ...]) -> dict[int, _Core]:
    """Asks one CPU of each core: its siblings have the same answers."""
    cores: dict[int, _Core] = {}
    for cpu in online:
        if cpu in cores:
            continue
        topology = f"{CPUS}/cpu{cpu}/topology"
        siblings = read_cpu_list(files, f"{topology}/thread_siblings_list")
        if isinstance(siblings, Unavailable) or cpu not in siblings:
            cores[cpu] = _Core()
            continue
        core = files.read_int(f"{topology}/core_id")
        package = files.read_int(f"{topology}/physical_package_id")
        shared = _Core(
            core=None if isinstance(core, Unavailable) else core,
            package=None if isinstance(package, Unavailable) else package,
            siblings=siblings,
        )
        cores.update(dict.fromkeys(siblings, shared))
    return cores


def _physical_cores(cores: dict[int, _Core]) -> int | Unavailable:
    """Cores are told apart by their siblings: core numbers repeat in each package and die."""
    shared = {core.siblings for core in cores.values()}
    return Unavailable(f"{CPUS} does not tell the topology") if () in shared else len(shared)


def _nodes(files: Files, online: tuple[int, ...]) -> dict[str, tuple[int, ...]] | Unavailable:
    """NUMA nodes with their CPUs; nodes that are memory only are left out."""
    if not files.exists(NODES):
        # A kernel without NUMA has one node; without sysfs nobody knows.
        return {"0": online} if files.exists(CPUS) else Unavailable(f"{NODES} does not exist")
    nodes = read_cpu_list(files, f"{NODES}/online")
    if isinstance(nodes, Unavailable):
        return nodes
    result: dict[str, tuple[int, ...]] = {}
    for node in nodes:
        cpus = read_cpu_list(files, f"{NODES}/node{node}/cpulist")
        if isinstance(cpus, Unavailable):
            return cpus
        if cpus:
            result[str(node)] = cpus
    return result


def _of(section: Mapping[_Key, _Value] | Unavailable, key: _Key, path: str) -> _Value | Unavailable:
    if isinstance(section, Unavailable):
        return section
    return section.get(key, Unavailable(f"{path} does not have {key}"))


def _by_cpu(nodes: dict[str, tuple[int, ...]]) -> dict[int, int]:
    return {cpu: int(node) for node, cpus in nodes.items() for cpu in cpus}
