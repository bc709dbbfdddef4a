"""The fleet of the tests is what they take it for, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.fleet import bed, look
from tests.fleet.play import ROOT, play, write_inventory

_KINDS = ("net", "mnt", "pid", "uts", "ipc")


def test_hosts_share_nothing_that_one_of_them_changes() -> None:
    with bed.fleet(2) as fleet:
        first, second = fleet.hosts
        before = second.look()
        first.run("sysctl", "-q", "-w", "net.ipv4.tcp_sack=0")
        first.run("ip", "link", "set", "dev", "eth0", "mtu", "1400")
        for path in ("/etc/sysctl.d/50-ours.conf", "/var/lib/ours", "/run/ours", "/opt/ours"):
            first.write(path, "ours")
            assert not Path(path).exists()
            assert second.run("sh", "-c", f"test ! -e {path} && echo absent") == "absent\n"
        assert second.look() == before
        assert [host.run("hostname") for host in fleet.hosts] == ["h1\n", "h2\n"]
        assert [host.run("ls", "/sys/class/net").split() for host in fleet.hosts] == [
            ["eth0", "lo"]
        ] * 2
        assert "sshd" in second.run("cat", "/proc/1/cmdline")


@pytest.mark.parametrize(
    "path", ["/proc/sys/vm/swappiness", "/proc/irq/default_smp_affinity", "/sys/kernel/mm"]
)
def test_a_host_cannot_change_what_it_shares_with_the_machine(path: str) -> None:
    with bed.fleet(1) as fleet:
        said = fleet["h1"].run("sh", "-c", f"test -w {path} || echo read-only")
        assert said == "read-only\n"


def test_a_playbook_reaches_every_host_over_ssh(tmp_path: Path) -> None:
    playbook = tmp_path / "names.yml"
    playbook.write_text(
        "- hosts: all\n"
        "  gather_facts: false\n"
        "  tasks:\n"
        "    - name: say the name\n"
        "      ansible.builtin.command: sh -c 'hostname; echo $SSH_CONNECTION'\n"
    )
    with bed.fleet(3) as fleet:
        write_inventory(fleet)
        played = play(fleet, playbook)
        assert played.code == 0, played.output
        said = played.results("stdout_lines")
        assert {host: lines[0] for host, lines in said.items()} == {h: h for h in said}
        assert {lines[1].split()[2] for lines in said.values()} == {
            host.address for host in fleet.hosts
        }
        assert len(said) == 3


def test_nothing_is_left_of_a_fleet_and_the_machine_is_as_before(tmp_path: Path) -> None:
    machine = look.everything()
    with bed.fleet(3) as fleet:
        write_inventory(fleet)
        # A connection of SSH that persists, and a process that has left its session.
        play(fleet, _long(tmp_path))
        spaces = namespaces_of(fleet)
        assert len(spaces) == 4 + 3 * len(_KINDS)
        assert len(processes_in(spaces)) >= 10
        folder = fleet.folder
    assert processes_in(spaces) == []
    assert not folder.exists()
    assert str(folder) not in Path("/proc/self/mountinfo").read_text()
    assert look.everything() == machine


def test_nothing_is_left_when_a_test_fails() -> None:
    with pytest.raises(ZeroDivisionError), bed.fleet(2) as fleet:
        spaces = namespaces_of(fleet)
        assert processes_in(spaces)
        raise ZeroDivisionError
    assert processes_in(spaces) == []


def test_nothing_runs_on_when_a_host_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "layer"
    broken.joinpath("usr/sbin").mkdir(parents=True)
    broken.joinpath("usr/sbin/sshd").write_text("#!/bin/sh\necho no such key; exit 3\n")
    broken.joinpath("usr/sbin/sshd").chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(AssertionError, match="h1 did not start:\nno such key"):
        bed.fleet(2, [broken]).__enter__()
    assert _mentioning(f"{tmp_path}/fleet-") == []
    assert list(tmp_path.glob("fleet-*")) == []


def test_nothing_runs_on_when_the_switch_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(AssertionError, match=r"the switch did not start:\n.*no-such-layer"):
        bed.fleet(1, [tmp_path / "no-such-layer"]).__enter__()
    assert _mentioning(f"{tmp_path}/fleet-") == []
    assert list(tmp_path.glob("fleet-*")) == []


def test_nothing_is_left_when_the_tests_are_killed() -> None:
    script = (
        "from tests.fleet import bed\n"
        "from tests.fleet.test_bed import namespaces_of\n"
        "with bed.fleet(2) as fleet:\n"
        "    fleet['h1'].run('sh', '-c', 'setsid sleep 600 >/dev/null 2>&1 </dev/null &')\n"
        "    print(fleet.folder, *namespaces_of(fleet), flush=True)\n"
        "    input()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    folder, *spaces = process.stdout.readline().decode().split()
    assert len(processes_in(spaces)) >= 6
    process.send_signal(signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 10
    while processes_in(spaces):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    subprocess.run(["rm", "-r", folder], check=True)


def namespaces_of(fleet: bed.Fleet) -> list[str]:
    """All the namespaces of a fleet, as /proc names them."""
    first = (fleet.switch, *(host.init for host in fleet.hosts))
    return sorted(set().union(*map(_spaces, first)) - _spaces(os.getpid()))


def processes_in(spaces: Iterable[str]) -> list[int]:
    """The processes that are in one of some namespaces."""
    wanted = set(spaces)
    return [pid for pid in _pids() if wanted & _spaces(pid)]


def _long(folder: Path) -> Path:
    path = folder / "long.yml"
    path.write_text(
        "- hosts: all\n"
        "  gather_facts: false\n"
        "  tasks:\n"
        "    - name: leave something running\n"
        "      ansible.builtin.shell: setsid sleep 600 >/dev/null 2>&1 </dev/null &\n"
    )
    return path


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _spaces(pid: int) -> set[str]:
    try:
        return {str(Path(f"/proc/{pid}/ns/{kind}").readlink()) for kind in _KINDS}
    except OSError:
        return set()


def _mentioning(text: str) -> list[int]:
    found = []
    for pid in _pids():
        with suppress(OSError):
            if text.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found
