"""CPUs: topology, busy times, soft interrupts."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.cpu import parse_softirqs, parse_stat, read_cpu
from advisor.facts.files import Files
from advisor.model.system import Cpu, CpuTimes
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host

STAT = """\
cpu  3000 200 1000 8000 40 0 300 60 500 100
cpu0 1000 100 500 4000 20 0 200 30 400 50
cpu1 2000 100 500 4000 20 0 100 30 100 50
intr 137370 0 0
ctxt 1
softirq 5 1 2
"""
# Possible CPUs, of which 2 is not online.
SOFTIRQS = """\
                    CPU0       CPU1       CPU2
          HI:          0          4          0
      NET_TX:       3811       3309          0
      NET_RX:   35337084   20535441          0
"""
BASE = {
    "/proc/stat": STAT,
    "/proc/softirqs": SOFTIRQS,
    "/sys/devices/system/cpu/online": "0-1\n",
    "/sys/devices/system/cpu/isolated": "\n",
}
TICKS = st.integers(0, 10**12)


def topology(cpu: int, core: int, package: int, siblings: str) -> dict[str, str]:
    directory = f"/sys/devices/system/cpu/cpu{cpu}/topology"
    return {
        f"{directory}/core_id": f"{core}\n",
        f"{directory}/physical_package_id": f"{package}\n",
        f"{directory}/thread_siblings_list": f"{siblings}\n",
    }


def cpus(root: Path, *parts: dict[str, str]) -> Cpu:
    entries: dict[str, str | bytes | Link] = {}
    for part in (BASE, *parts):
        entries.update(part)
    found = read_cpu(host(root, entries))
    assert isinstance(found, Cpu)
    return found


def test_hyperthreads_of_one_core_are_one_physical_core(tmp_path: Path) -> None:
    found = cpus(tmp_path, topology(0, 0, 0, "0-1"), topology(1, 0, 0, "0-1"))
    assert (found.count, found.physical_cores) == (2, 1)
    assert found.each["1"].siblings == (0, 1)


def test_the_same_core_number_in_two_packages_is_two_cores(tmp_path: Path) -> None:
    found = cpus(
        tmp_path,
        {"/proc/stat": STAT + "cpu2 1 1 1 1 1 1 1 1\ncpu3 1 1 1 1 1 1 1 1\n"},
        {"/sys/devices/system/cpu/online": "0-3"},
        topology(0, 0, 0, "0,2"),
        topology(1, 0, 1, "1,3"),
        {"/sys/devices/system/node/online": "0-1"},
        {"/sys/devices/system/node/node0/cpulist": "0,2"},
        {"/sys/devices/system/node/node1/cpulist": "1,3"},
    )
    assert found.physical_cores == 2
    assert found.nodes == {"0": (0, 2), "1": (1, 3)}
    cpu3 = found.each["3"]
    assert (cpu3.core, cpu3.package, cpu3.node, cpu3.siblings) == (0, 1, 1, (1, 3))


def test_a_node_without_cpus_is_left_out(tmp_path: Path) -> None:
    found = cpus(
        tmp_path,
        {"/sys/devices/system/node/online": "0,2"},
        {"/sys/devices/system/node/node0/cpulist": "0-1"},
        {"/sys/devices/system/node/node2/cpulist": "\n"},
    )
    assert found.nodes == {"0": (0, 1)}


def test_a_kernel_without_numa_has_one_node(tmp_path: Path) -> None:
    found = cpus(tmp_path)
    assert found.nodes == {"0": (0, 1)}
    assert found.each["1"].node == 0


def test_isolated_cpus_are_named(tmp_path: Path) -> None:
    assert cpus(tmp_path, {"/sys/devices/system/cpu/isolated": "1\n"}).isolated == (1,)


def test_soft_interrupts_are_those_of_the_cpu(tmp_path: Path) -> None:
    cpu1 = cpus(tmp_path).each["1"]
    assert (cpu1.net_rx, cpu1.net_tx) == (20535441, 3309)


def test_a_guests_time_is_not_counted_twice() -> None:
    times = parse_stat(STAT, ticks_per_second=100)
    assert isinstance(times, dict)
    # user 1000 holds guest 400, nice 100 holds guest_nice 50.
    assert times[0] == CpuTimes(
        user=6.5, system=5.0, idle=40.0, iowait=0.2, irq=0.0, softirq=2.0, steal=0.3
    )


def test_times_are_in_the_systems_unit() -> None:
    times = parse_stat("cpu0 0 0 1000 0 0 0 0 0\n")
    assert isinstance(times, dict)
    assert times[0].system == 1000 / os.sysconf("SC_CLK_TCK")


@given(ticks=st.lists(TICKS, min_size=8, max_size=12))
def test_no_time_is_negative_and_none_is_invented(ticks: list[int]) -> None:
    times = parse_stat(f"cpu0 {' '.join(map(str, ticks))}\n", ticks_per_second=1)
    assert isinstance(times, dict)
    states = [getattr(times[0], field.name) for field in fields(CpuTimes)]
    assert min(states) >= 0
    assert sum(states) <= sum(ticks[:8])


@pytest.mark.parametrize("line", ["cpu0 1 2 3", "cpu0 a b c d e f g h", "cpu0 "])
def test_a_malformed_line_of_times_is_named(line: str) -> None:
    found = parse_stat(f"cpu  1 1 1 1 1 1 1 1\n{line}\n")
    assert found == Unavailable("/proc/stat line 2: does not hold eight times")


@pytest.mark.parametrize("line", ["NET_RX: 1", "NET_RX: 1 x", "NET_RX: 1 2 3"])
def test_a_malformed_line_of_soft_interrupts_is_named(line: str) -> None:
    found = parse_softirqs(f" CPU0 CPU1\n{line}\n")
    assert found == Unavailable("/proc/softirqs line 2: does not have a number for each CPU")


def test_a_container_without_sysfs_knows_its_cpus_and_says_what_it_does_not_know(
    tmp_path: Path,
) -> None:
    found = read_cpu(host(tmp_path, {"/proc/stat": STAT, "/proc/softirqs": SOFTIRQS}))
    assert isinstance(found, Cpu)
    assert found.count == 2
    assert isinstance(found.physical_cores, Unavailable)
    assert isinstance(found.nodes, Unavailable)
    cpu0 = found.each["0"]
    assert (cpu0.core, cpu0.package, cpu0.node, cpu0.siblings) == (None, None, None, ())
    assert cpu0.net_rx == 35337084


@pytest.mark.parametrize("content", ["", "garbage\n"])
def test_masked_statistics_leave_the_topology(tmp_path: Path, content: str) -> None:
    found = cpus(
        tmp_path,
        topology(0, 0, 0, "0-1"),
        {"/proc/stat": content, "/proc/softirqs": content},
    )
    assert found.physical_cores == 1
    assert isinstance(found.each["0"].times, Unavailable)
    assert isinstance(found.each["0"].net_rx, Unavailable)


def test_a_cpu_that_the_statistics_do_not_show_is_unavailable_there(tmp_path: Path) -> None:
    found = cpus(tmp_path, {"/sys/devices/system/cpu/online": "0-2"})
    assert isinstance(found.each["2"].times, Unavailable)
    assert found.each["2"].net_rx == 0


def test_without_any_list_of_cpus_the_section_is_unavailable(tmp_path: Path) -> None:
    assert isinstance(read_cpu(Files(tmp_path)), Unavailable)
