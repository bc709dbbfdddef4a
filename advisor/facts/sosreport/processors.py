"""The CPUs of a sosreport, whose copy of /sys/devices/system is never whole.

sos copies at most 64 directories of CPUs (since 4.12) and of the NUMA nodes only their lists; what
is missing is taken from `lscpu`, `numactl --hardware` and /proc/cpuinfo.
"""

from __future__ import annotations

import re
from dataclasses import replace

from advisor.facts.cpu import CPUS, NODES, read_cpu
from advisor.facts.cpulist import parse_cpu_list, read_cpu_list
from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.system import Cpu
from advisor.model.unavailable import Unavailable

Nodes = dict[str, tuple[int, ...]]
Places = dict[int, tuple[int, int]]
"""CPU → numbers of its package and core."""

_LSCPU_NODE = re.compile(r"^NUMA node(\d{1,5}) CPU\(s\):\s*(\S*)$", re.MULTILINE)
_NUMACTL_NODE = re.compile(r"^node (\d{1,5}) cpus:([ \d]*)$", re.MULTILINE)
_NODE = re.compile(r"node(\d{1,5})")
_ISOLATED = re.compile(r"(?:^|\s)isolcpus=((?:[a-z_]+,)*)([\d,-]+)(?:\s|$)")


def read_report_cpu(files: ReportFiles) -> Cpu | Unavailable:
    """The online CPUs, how they hang together, and what they did since boot."""
    cpu = read_cpu(files)
    if isinstance(cpu, Unavailable):
        return cpu
    online = sorted(each.cpu for each in cpu.each.values())
    # Without a directory of nodes the reader of live files takes the kernel for one without NUMA.
    nodes = _nodes(files, online)
    node_of = {} if isinstance(nodes, Unavailable) else _by_cpu(nodes)
    cpu = replace(
        cpu,
        nodes=nodes,
        each={key: replace(each, node=node_of.get(each.cpu)) for key, each in cpu.each.items()},
        isolated=cpu.isolated or _isolated(files),
    )
    if isinstance(cpu.physical_cores, int):
        return cpu
    places = _places(files, online)
    return cpu if places is None else _placed(cpu, places)


def parse_lscpu_table(text: str) -> Places:
    """The places in a table of `lscpu -ae`; {} when it has not all the columns."""
    header: list[str] = []
    places = {}
    for row in (line.split() for line in text.splitlines()):
        if not header:
            header = row if {"CPU", "SOCKET", "CORE"} <= set(row) else []
            continue
        cell = dict(zip(header, row, strict=False))
        try:
            places[int(cell["CPU"])] = int(cell["SOCKET"]), int(cell["CORE"])
        except (KeyError, ValueError):
            continue  # an offline CPU has dashes
    return places


def parse_cpuinfo(text: str) -> Places:
    """The places in /proc/cpuinfo of x86; {} when it does not have them (other machines).

    Core numbers repeat in the dies of a package. Then more CPUs would seem to share a core than
    "siblings" and "cpu cores" allow, and nothing is concluded.
    """
    places: Places = {}
    threads: set[float] = set()
    for block in text.split("\n\n"):
        cell = {name.strip(): value.strip() for name, _, value in _pairs(block)}
        try:
            places[int(cell["processor"])] = int(cell["physical id"]), int(cell["core id"])
            threads.add(int(cell["siblings"]) / int(cell["cpu cores"]))
        except (KeyError, ValueError, ZeroDivisionError):
            continue
    sharing = {len(each) for each in _cores(places).values()}
    return places if places and max(sharing) <= max(threads, default=0) else {}


def _pairs(block: str) -> list[tuple[str, str, str]]:
    return [line.partition(":") for line in block.splitlines()]


def _places(files: ReportFiles, online: list[int]) -> Places | None:
    table = output(files, "lscpu -ae", "lscpu -e")
    cpuinfo = files.read_text("/proc/cpuinfo")
    found = {} if isinstance(table, Unavailable) else parse_lscpu_table(table)
    if not found and isinstance(cpuinfo, str):
        found = parse_cpuinfo(cpuinfo)
    return found if found.keys() >= set(online) else None


def _placed(cpu: Cpu, places: Places) -> Cpu:
    cores = _cores({each.cpu: places[each.cpu] for each in cpu.each.values()})
    each = {
        key: replace(
            one,
            package=places[one.cpu][0],
            core=places[one.cpu][1],
            siblings=tuple(cores[places[one.cpu]]),
        )
        for key, one in cpu.each.items()
    }
    return replace(cpu, physical_cores=len(cores), each=each)


def _cores(places: Places) -> dict[tuple[int, int], list[int]]:
    cores: dict[tuple[int, int], list[int]] = {}
    for cpu, place in sorted(places.items()):
        cores.setdefault(place, []).append(cpu)
    return cores


def _nodes(files: ReportFiles, online: list[int]) -> Nodes | Unavailable:
    """NUMA node → its online CPUs, from the first source that has a node for every CPU."""
    for nodes in (_listed(files), _linked(files, online), _printed(files)):
        present = {
            name: kept for name, cpus in nodes.items() if (kept := tuple(set(online) & set(cpus)))
        }
        if sum(map(len, present.values())) == len(online):
            return {name: tuple(sorted(present[name])) for name in sorted(present, key=int)}
    return Unavailable("no NUMA nodes in this sosreport")


def _listed(files: ReportFiles) -> Nodes:
    names = files.list_dir(NODES)
    found: Nodes = {}
    for name in [] if isinstance(names, Unavailable) else names:
        match = _NODE.fullmatch(name)
        cpus = read_cpu_list(files, f"{NODES}/{name}/cpulist") if match else ()
        if match and not isinstance(cpus, Unavailable):
            found[match[1]] = cpus
    return found


def _linked(files: ReportFiles, online: list[int]) -> Nodes:
    """By the links "cpu0/node0", which are copied along with the CPUs."""
    found: Nodes = {}
    for cpu in online:
        names = files.list_dir(f"{CPUS}/cpu{cpu}")
        for name in [] if isinstance(names, Unavailable) else names:
            match = _NODE.fullmatch(name)
            if match:
                found[match[1]] = (*found.get(match[1], ()), cpu)
    return found


def _printed(files: ReportFiles) -> Nodes:
    text = output(files, "lscpu")
    if isinstance(text, str):
        lists = {match[1]: parse_cpu_list(match[2]) for match in _LSCPU_NODE.finditer(text)}
        found = {name: cpus for name, cpus in lists.items() if not isinstance(cpus, Unavailable)}
        if found:
            return found
    text = output(files, "numactl --hardware")
    if isinstance(text, Unavailable):
        return {}
    return {match[1]: tuple(map(int, match[2].split())) for match in _NUMACTL_NODE.finditer(text)}


def _isolated(files: ReportFiles) -> tuple[int, ...]:
    """CPUs that the kernel's command line isolates: "isolcpus=domain,2-7"."""
    cmdline = files.read_text("/proc/cmdline")
    match = None if isinstance(cmdline, Unavailable) else _ISOLATED.search(cmdline)
    cpus = () if match is None else parse_cpu_list(match[2])
    return () if isinstance(cpus, Unavailable) else cpus


def _by_cpu(nodes: Nodes) -> dict[int, int]:
    return {cpu: int(node) for node, cpus in nodes.items() for cpu in cpus}
