"""Programs that also change network settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.files import Files
from advisor.facts.services import COMM_MAX, PROGRAMS, read_services
from advisor.model.system import Services
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host, private_files

INIT: dict[str, str | bytes | Link] = {"/proc/1/comm": "systemd\n"}


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_is_found_by_the_name_that_the_kernel_shows(
    tmp_path: Path, program: str
) -> None:
    files = host(tmp_path, INIT | {"/proc/812/comm": f"{program[:COMM_MAX]}\n"})
    assert read_services(files) == Services(running=(program,))


def test_running_programs_are_named_once_and_in_order(tmp_path: Path) -> None:
    comms = ["tuned", "irqbalance", "tuned", "bash", "tunedd"]
    processes = {f"/proc/{number}/comm": f"{name}\n" for number, name in enumerate(comms, 100)}
    found = read_services(host(tmp_path, INIT | processes))
    assert isinstance(found, Services)
    assert found.running == ("irqbalance", "tuned")


def test_the_active_profile_is_that_of_a_tuned_that_runs(tmp_path: Path) -> None:
    profile = {"/etc/tuned/active_profile": "network-latency\n"}
    stopped = read_services(host(tmp_path / "stopped", INIT | profile))
    running = read_services(
        host(tmp_path / "running", INIT | profile | {"/proc/9/comm": "tuned\n"})
    )
    assert stopped == Services()
    assert running == Services(running=("tuned",), tuned_profile="network-latency")


@pytest.mark.parametrize("profile", [{}, {"/etc/tuned/active_profile": "\n"}])
def test_a_tuned_without_a_profile_has_none(tmp_path: Path, profile: dict[str, str]) -> None:
    files = host(tmp_path, INIT | profile | {"/proc/9/comm": "tuned\n"})
    assert read_services(files) == Services(running=("tuned",))


def test_saptune_exits_and_is_known_by_what_it_applied(tmp_path: Path) -> None:
    applied = {"/run/saptune/parameter/net.ipv4.tcp_rmem": "{}"}
    assert read_services(host(tmp_path, INIT | applied)) == Services(running=("saptune",))


def test_in_a_pid_namespace_the_hosts_programs_are_unknown(tmp_path: Path) -> None:
    own: dict[str, str | bytes | Link] = {"/proc/self/ns/pid": Link("pid:[4026532001]")}
    assert isinstance(read_services(host(tmp_path, INIT | own)), Unavailable)


def test_processes_hidden_from_other_users_are_unknown(tmp_path: Path) -> None:
    # hidepid=2 leaves out the directories of others; hidepid=1 shows them, closed.
    assert isinstance(read_services(host(tmp_path, {"/proc/812/comm": "bash\n"})), Unavailable)
    with private_files("/proc/1/comm") as files:
        assert isinstance(read_services(files), Unavailable)


def test_without_proc_services_are_unknown(tmp_path: Path) -> None:
    assert isinstance(read_services(Files(tmp_path)), Unavailable)
