"""Exported scripts and playbooks, run: they change what the plan says, by any name, and undo it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.model.address import Address, NicAddress, SysctlAddress
from advisor.model.host import Host
from advisor.model.plan import Change, Plan
from advisor.report.export import File, export
from advisor.settings import read
from tests.netns.spaces import Space, needs_namespaces, space

pytestmark = needs_namespaces

# Beside the interpreter first: a virtual environment need not be on the path.
PLAYBOOK = shutil.which("ansible-playbook", path=str(Path(sys.executable).parent)) or shutil.which(
    "ansible-playbook"
)

NAMES = (
    *("plain", "eth0.100", "-x", "--help", "a..b", "$(id)", "a;b", "a'b", 'a"b', "a=b", "$HOME"),
    *("a&b", "~", "a\\b", "{{x}}", "#", "a\x1b[31mb", "not\udcffutf8", "dev", "`id`"),
)
WANTED: dict[tuple[str, ...], Any] = {
    ("mtu",): 1400,
    ("txqueuelen",): 500,
    ("qdisc",): "pfifo_fast",
    ("feature", "tx-tcp-segmentation"): False,
    ("channels", "rx"): 2,
    ("queue", "rx-0", "rps_cpus"): (0,),
    ("queue", "rx-0", "rps_flow_cnt"): 64,
    ("gro_flush_timeout",): 20000,
    ("napi_defer_hard_irqs",): 2,
}
RMEM = SysctlAddress(("net", "ipv4", "tcp_rmem"))


@pytest.fixture
def odd() -> Iterator[Space]:
    queues = ("numrxqueues", "2", "numtxqueues", "2")
    with space() as made:
        for number, name in enumerate(NAMES):
            made.run(
                "ip", "link", "add", "name", name, *queues, "type", "veth", "peer", f"p{number}"
            )
            made.run("ip", "link", "set", "dev", name, "up")
            made.run("ethtool", "-L", name, "rx", "1")
        yield made


def wanted(name: str) -> dict[Address, Any]:
    return {
        **{NicAddress(name, attribute): value for attribute, value in WANTED.items()},
        SysctlAddress(("net", "ipv4", "conf", name, "rp_filter")): 2,
        RMEM: (4096, 65536, 1048576),
    }


def plan_for(host: Host, name: str) -> Plan:
    changes = tuple(
        Change(address, before, after, ("TST001",), "low", "none", (), ("touch /owned",))
        for address, after in wanted(name).items()
        if not hasattr(before := read(host, address), "absent")
    )
    assert len(changes) >= len(WANTED), "too few of the settings can be read here"
    return Plan(name, "2026-11-21T10:00:00Z", "server", changes, (), ())


def values(host: Host) -> dict[Address, Any]:
    return {address: read(host, address) for name in NAMES for address in wanted(name)}


def saved(files: list[File], directory: Path) -> Path:
    """The files; the path of the last one."""
    for file in files:
        path = directory / file.name
        path.write_bytes(file.text.encode())
        path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_script_makes_the_changes_and_what_it_prints_undoes_them(
    odd: Space, tmp_path: Path, name: str
) -> None:
    before = odd.read()
    plan = plan_for(before, name)
    script = saved(export(plan, "shell"), tmp_path)
    undo = tmp_path / "undo.sh"
    odd.run("sh", "-c", f"cd {tmp_path} && ./{script.name} > undo.sh")
    after = odd.read()
    assert {each.address: read(after, each.address) for each in plan.changes} == {
        each.address: each.after for each in plan.changes
    }
    touched = {each.address for each in plan.changes}
    old, new = values(before), values(after)
    assert {address: new[address] for address in old if address not in touched} == {
        address: value for address, value in old.items() if address not in touched
    }
    odd.run("sh", str(undo))
    assert values(odd.read()) == old


@pytest.mark.parametrize("name", ["a;b", "$(id)", "a\x1b[31mb"], ids=ascii)
def test_a_tuned_script_starts_and_stops(odd: Space, tmp_path: Path, name: str) -> None:
    before = odd.read()
    plan = plan_for(before, name)
    script = saved(export(plan, "tuned"), tmp_path)
    assert script.name == "script.sh"
    odd.run(str(script), "start")
    after = odd.read()
    done = [each for each in plan.changes if each.address != RMEM]
    assert {each.address: read(after, each.address) for each in done} == {
        each.address: each.after for each in done
    }
    odd.run(str(script), "verify")
    odd.run(str(script), "stop")
    assert values(odd.read()) == values(before)


def test_a_script_that_cannot_read_a_value_changes_nothing(odd: Space, tmp_path: Path) -> None:
    before = odd.read()
    gone = Change(NicAddress("gone", ("mtu",)), 1500, 1400, ("TST001",), "low", "none", (), ())
    plan = plan_for(before, "plain")
    plan = Plan(plan.hostname, plan.at, plan.profile, (*plan.changes, gone), (), ())
    script = saved(export(plan, "shell"), tmp_path)
    odd.run("sh", "-c", f"! sh {script} >/dev/null 2>&1")
    assert values(odd.read()) == values(before)


@pytest.mark.skipif(PLAYBOOK is None, reason="needs ansible-playbook")
@pytest.mark.parametrize("name", ["{{x}}", "`id`"])  # each takes 15 s
def test_a_playbook_makes_the_changes_once(odd: Space, tmp_path: Path, name: str) -> None:
    before = odd.read()
    plan = plan_for(before, name)
    text = export(plan, "ansible")[0].text
    playbook = tmp_path / "advisor.yml"
    # The namespace has no /etc of its own.
    playbook.write_text(text.replace("/etc/sysctl.d", str(tmp_path)))
    variables = (f"HOME={tmp_path}", "LC_ALL=C.UTF-8", "ANSIBLE_NOCOLOR=1")
    settings = ("ansible_become=false", f"ansible_python_interpreter={sys.executable}")

    def play(*options: str) -> str:
        assert PLAYBOOK is not None
        words = [PLAYBOOK, "-i", "localhost,", "-c", "local", *options, str(playbook)]
        for setting in settings:
            words += ["-e", setting]
        # It says on standard output what has failed.
        return odd.run("env", *variables, "sh", "-c", '"$@" 2>&1 || :', "sh", *words)

    changes = len(plan.changes) + 1
    # The commands are not run, the file would be new.
    assert "changed=1 " in play("--check")
    assert values(odd.read()) == values(before)
    assert f"changed={changes} " in play()
    after = odd.read()
    assert {each.address: read(after, each.address) for each in plan.changes} == {
        each.address: each.after for each in plan.changes
    }
    assert "changed=0 " in play()
