"""What the collectors read, compared with other ways to ask the running kernel the same."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from advisor.facts.cpu import read_cpu
from advisor.facts.files import Files
from advisor.facts.irqs import read_irqs
from advisor.facts.kernel import parse_config_hz, read_kernel
from advisor.facts.memory import read_memory
from advisor.facts.softnet import read_softnet
from advisor.facts.sysctl import SECRETS, read_sysctl
from advisor.facts.uptime import read_uptime
from advisor.model.system import Cpu, CpuTimes, Kernel, Memory
from advisor.model.unavailable import Unavailable

HERE = Files()
ROOT = Path(__file__).parents[2]

# LXCFS shows a container its own share of the machine; the C library still sees all of it.
whole_machine = pytest.mark.skipif(
    "lxcfs" in Path("/proc/self/mounts").read_text(), reason="LXCFS stands in for /proc here"
)


@pytest.fixture(scope="module")
def probe() -> Any:
    """What proc_probe prints in a network namespace of its own."""
    if os.geteuid() != 0:
        pytest.skip("needs root: enters a network namespace of its own")
    missing = [name for name in ("unshare", "nstat", "sysctl", "ip") if not shutil.which(name)]
    if missing:
        pytest.skip(f"needs the commands {', '.join(missing)}")
    result = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "tests.netns.proc_probe"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "Operation not permitted" in result.stderr:
        pytest.skip("needs the right to create network namespaces (CAP_SYS_ADMIN)")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def flat_counters(counters: dict[str, dict[str, int]]) -> dict[str, int]:
    return {f"{group}{name}": n for group, each in counters.items() for name, n in each.items()}


def test_each_key_of_sysctl_has_the_value_that_the_command_shows(probe: Any) -> None:
    ours, command = probe["sysctl"], probe["sysctl command"]
    public = {key: text for key, text in command.items() if key.split(".")[-1] not in SECRETS}
    assert len(public) > 300
    assert {key: ours.get(key) for key in public} == public


def test_no_secret_is_among_the_values(probe: Any) -> None:
    assert not [key for key in probe["sysctl"] if key.split(".")[-1] in SECRETS]


def test_each_counter_is_the_one_that_nstat_shows(probe: Any) -> None:
    before, after = flat_counters(probe["nstat before"]), flat_counters(probe["nstat"])
    command = probe["nstat command"]
    assert len(command) > 200
    assert sum(command.values()) > 0
    wrong = {
        name: (before.get(name), value, after.get(name))
        for name, value in command.items()
        if name not in before or not before[name] <= value <= after[name]
    }
    assert wrong == {}


def test_an_overflow_and_a_refused_datagram_are_counted(probe: Any) -> None:
    assert probe["nstat"]["TcpExt"]["ListenOverflows"] > 0
    assert probe["nstat"]["Udp"]["NoPorts"] == 1
    assert probe["sockstat"]["TCP"]["inuse"] > 0


def test_a_thread_reads_the_namespace_that_it_entered_and_not_its_process_one(probe: Any) -> None:
    assert probe["nstat"]["Ip"]["InReceives"] > 0
    assert probe["nstat of a thread elsewhere"]["Ip"]["InReceives"] == 0


def test_an_unprivileged_reader_is_told_which_keys_it_may_not_read() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: compares what root reads with what nobody reads")
    tree = read_sysctl(HERE)
    os.seteuid(65534)
    try:
        nobodys = read_sysctl(HERE)
    finally:
        os.seteuid(0)
    assert isinstance(tree, dict)
    assert isinstance(nobodys, dict)
    core: Any = nobodys["net"]["core"]
    private = Path("/proc/sys/net/core/bpf_jit_harden")  # mode 0600; the initial namespace's alone
    if private.exists():
        assert core["bpf_jit_harden"] == Unavailable(f"no permission to read {private}")
    assert core["somaxconn"] == tree["net"]["core"]["somaxconn"]


@whole_machine
def test_interrupts_are_those_that_stat_counts() -> None:
    def counted() -> list[int]:
        line = re.search(r"^intr (.*)$", Path("/proc/stat").read_text(), re.MULTILINE)
        return [int(word) for word in line[1].split()[1:]] if line else []

    before, irqs, after = counted(), read_irqs(HERE), counted()
    if isinstance(irqs, Unavailable):
        pytest.skip(irqs.reason)
    assert irqs
    for number, irq in irqs.items():
        assert before[int(number)] <= irq.total <= after[int(number)], irq


@whole_machine
def test_cpus_are_those_that_libc_counts() -> None:
    cpu = read_cpu(HERE)
    assert isinstance(cpu, Cpu)
    assert cpu.count == len(cpu.each) == os.sysconf("SC_NPROCESSORS_ONLN")


@whole_machine
def test_busy_times_add_up_to_the_time_since_boot() -> None:
    cpu, uptime = read_cpu(HERE), read_uptime(HERE)
    assert isinstance(cpu, Cpu)
    assert isinstance(uptime, float)
    for processor in cpu.each.values():
        times = processor.times
        assert isinstance(times, CpuTimes)
        total = sum(getattr(times, name) for name in CpuTimes.__slots__)
        # Steal is not part of the wall clock everywhere, guests are left out: a wide margin.
        assert 0 < total < 2 * uptime + 10


@whole_machine
def test_uptime_is_that_of_the_boot_clock() -> None:
    uptime = read_uptime(HERE)
    assert isinstance(uptime, float)
    assert abs(uptime - time.clock_gettime(time.CLOCK_BOOTTIME)) < 1


@whole_machine
def test_memory_is_what_libc_counts() -> None:
    memory = read_memory(HERE)
    assert isinstance(memory, Memory)
    assert memory.total == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 0 < memory.free <= memory.total
    assert 0 < memory.available <= memory.total


def test_the_measured_timer_frequency_is_the_configured_one() -> None:
    kernel = read_kernel(HERE)
    assert isinstance(kernel, Kernel)
    config = Path("/proc/config.gz")
    if not config.exists():
        pytest.skip("this kernel does not show its configuration (/proc/config.gz)")
    assert kernel.hz == parse_config_hz(gzip.decompress(config.read_bytes()))


@whole_machine
def test_softnet_has_a_line_for_each_online_cpu() -> None:
    softnet, cpu = read_softnet(HERE), read_cpu(HERE)
    assert isinstance(softnet, dict)
    assert isinstance(cpu, Cpu)
    assert softnet.keys() == cpu.each.keys()
