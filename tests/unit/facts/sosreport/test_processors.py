"""CPUs and NUMA nodes, from whichever part of them a report has."""

from __future__ import annotations

import pytest

from advisor.facts.sosreport.processors import (
    parse_cpuinfo,
    parse_lscpu_table,
    read_report_cpu,
)
from advisor.model.system import Cpu
from advisor.model.unavailable import Unavailable
from tests.unit.facts.sosreport.reports import Entries, bundle, report

STAT = "".join(f"cpu{number} 1 0 0 9 0 0 0 0\n" for number in range(4))
LSCPU = "NUMA node0 CPU(s):  0,2\nNUMA node1 CPU(s):  1,3\n"
NUMACTL = "available: 2 nodes (0-1)\nnode 0 cpus: 0 2\nnode 0 size: 1 MB\nnode 1 cpus: 1 3\n"


def cpu_of(entries: Entries) -> Cpu:
    cpu = read_report_cpu(report(entries))
    assert isinstance(cpu, Cpu)
    return cpu


def cpuinfo(*places: tuple[int, int], siblings: int, cores: int) -> str:
    return "\n".join(
        f"processor\t: {number}\nphysical id\t: {package}\nsiblings\t: {siblings}\n"
        f"core id\t\t: {core}\ncpu cores\t: {cores}\n"
        for number, (package, core) in enumerate(places)
    )


def test_a_large_host() -> None:
    cpu = cpu_of(bundle("sos4"))
    assert (cpu.count, cpu.physical_cores, cpu.isolated) == (8, 4, (6, 7))
    assert cpu.nodes == {"0": (0, 1, 2, 3), "1": (4, 5, 6, 7)}
    fifth = cpu.each["5"]
    assert (fifth.package, fifth.core, fifth.node, fifth.siblings) == (1, 3, 1, (5, 7))
    assert (fifth.net_rx, fifth.net_tx) == (60, 6)


def test_a_virtual_machine_without_sysfs() -> None:
    cpu = cpu_of(bundle("sos3"))
    assert (cpu.count, cpu.physical_cores, cpu.nodes) == (2, 1, {"0": (0, 1)})
    assert cpu.each["1"].siblings == (0, 1)
    assert isinstance(cpu.each["1"].net_rx, Unavailable)


@pytest.mark.parametrize(
    "entries",
    [
        {"sos_commands/processor/lscpu": LSCPU},
        {"sos_commands/numa/numactl_--hardware": NUMACTL},
        {
            "sys/devices/system/node/node0/cpulist": "0,2\n",
            "sys/devices/system/node/node1/cpulist": "1,3\n",
        },
        {f"sys/devices/system/cpu/cpu{cpu}/node{cpu % 2}": "" for cpu in range(4)},
        # One node of two is no answer: the next source is asked.
        {
            "sys/devices/system/node/node0/cpulist": "0,2\n",
            "sos_commands/processor/lscpu": LSCPU,
        },
    ],
)
def test_numa_nodes_are_found_in_every_source(entries: dict[str, str]) -> None:
    cpu = cpu_of({"proc/stat": STAT, **entries})
    assert cpu.nodes == {"0": (0, 2), "1": (1, 3)}
    assert [each.node for each in cpu.each.values()] == [0, 1, 0, 1]


def test_cpus_without_nodes_are_not_taken_for_one_node() -> None:
    cpu = cpu_of({"proc/stat": STAT, "sys/devices/system/cpu/online": "0-3\n"})
    assert isinstance(cpu.nodes, Unavailable)
    assert isinstance(cpu.physical_cores, Unavailable)
    assert cpu.each["0"].node is None


def test_more_cpus_than_sos_copies_are_placed_by_lscpu() -> None:
    header = "CPU NODE SOCKET CORE ONLINE\n"
    table = header + "".join(f"  {cpu}    0      0    {cpu // 2} yes\n" for cpu in range(4))
    topology = "sys/devices/system/cpu/cpu0/topology"
    cpu = cpu_of(
        {
            "proc/stat": STAT,
            "sys/devices/system/cpu/online": "0-3\n",
            f"{topology}/thread_siblings_list": "0-1\n",
            "sos_commands/processor/lscpu_-ae": table,
        }
    )
    assert cpu.physical_cores == 2
    assert cpu.each["3"].siblings == (2, 3)


def test_offline_cpus_of_lscpu_have_no_place() -> None:
    text = "CPU NODE SOCKET CORE ONLINE\n  0    0      0    0    yes\n  1    -      -    -     no\n"
    assert parse_lscpu_table(text) == {0: (0, 0)}
    assert parse_lscpu_table("CPU ONLINE\n 0 yes\n") == {}


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (cpuinfo((0, 0), (0, 0), siblings=2, cores=1), {0: (0, 0), 1: (0, 0)}),
        (cpuinfo((0, 0), (1, 0), siblings=1, cores=1), {0: (0, 0), 1: (1, 0)}),
        # Two dies with a core 0 each: one core of four threads would be wrong.
        (cpuinfo((0, 0), (0, 0), (0, 0), (0, 0), siblings=4, cores=2), {}),
        ("processor\t: 0\nBogoMIPS\t: 50\n", {}),
        ("", {}),
    ],
)
def test_cores_of_cpuinfo(text: str, places: dict[int, tuple[int, int]]) -> None:
    assert parse_cpuinfo(text) == places


@pytest.mark.parametrize(
    ("cmdline", "isolated"),
    [
        ("isolcpus=2-3", (2, 3)),
        ("a isolcpus=nohz,domain,1 b", (1,)),
        ("x.isolcpus=1", ()),
        ("", ()),
    ],
)
def test_isolated_cpus_are_those_of_the_command_line(
    cmdline: str, isolated: tuple[int, ...]
) -> None:
    assert cpu_of({"proc/stat": STAT, "proc/cmdline": f"{cmdline}\n"}).isolated == isolated
