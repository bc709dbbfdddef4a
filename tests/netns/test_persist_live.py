"""Settings that were made to last, brought by advisor and by the tools that run at boot."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.netns.boot_probe import TOOLS
from tests.netns.persist_probe import ODD_NAMES
from tests.netns.spaces import ROOT, needs_namespaces

pytestmark = needs_namespaces

PRIVATE = "mount --make-rprivate / && umount -l /sys && mount -t sysfs none /sys"


def test_at_boot_every_setting_gets_its_value_and_what_cannot_says_why() -> None:
    results = _probe("boot")
    first = results["first"]
    bad = {setting for setting, (brought, _) in first.items() if brought == "failed"}
    assert bad == {
        *("nic:p0/txqueuelen", "nic:p0/ring.rx", "nic:gone/mtu", "nic:lo/mtu"),
        "interrupt 1 of -x",
    }
    assert all(problem for setting, (_, problem) in first.items() if setting in bad)
    good = {setting: problem for setting, (_, problem) in first.items() if setting not in bad}
    assert len(good) == 8
    assert set(good.values()) == {None}
    assert {first[setting][0] for setting in good} == {"set"}
    assert {results["again"][setting][0] for setting in good} == {"was so already"}


def test_when_an_interface_is_activated_its_link_is_left_up_and_a_run_decides_first() -> None:
    results = _probe("boot")
    activated = {setting: brought for setting, (brought, _) in results["activated"].items()}
    assert activated["nic:-x/gro_flush_timeout"] == "set"
    assert activated["nic:-x/mtu"] == "skipped"
    assert activated["nic:-x/txqueuelen"] == "skipped"
    assert activated["nic:-x/queue.rx-1.rps_cpus"] == "was so already"
    assert "nic:p0/txqueuelen" not in activated
    assert results["now"] == {"nic:-x/mtu": 1300, "nic:-x/txqueuelen": 5}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tools_set_what_the_file_says_and_nothing_else(tool: str) -> None:
    program = TOOLS[tool][0]
    if not (shutil.which(program) or Path(program).exists()):
        pytest.skip(f"{program} is not installed")
    results = _probe(tool)
    left = set(results["left"])
    odd = {"a;b", "A*", "a=b", "$(id)", "é", *(["a..b"] if tool == "procps" else [])}
    conf = "sysctl:net.ipv4.conf.{}.rp_filter"
    assert left == {conf.format(nic.replace(".", "/")) for nic in odd}
    assert results["after"] == {
        setting: value if setting in left else ("2" if "rp_filter" in setting else value)
        for setting, value in {
            **results["before"],
            "sysctl:net.ipv4.tcp_rmem": "5000 140000 7000000",
            "sysctl:net.ipv4.ip_local_reserved_ports": "8080,9000-9010",
        }.items()
    }
    assert len(results["after"]) == len(ODD_NAMES) + 2
    assert not results["said"]


def test_on_a_disk_that_is_full_or_read_only_all_files_are_written_or_none() -> None:
    results = _probe("disk")
    assert {came for _, came, _ in results} == {"written", "as before"}
    full = [said for how, came, said in results if came == "as before" and how != "ro"]
    assert len(full) > 20
    assert all("No space left on device" in said for said in full)
    locked = [(came, said) for how, came, said in results if how == "ro"]
    # Nothing has to be written where the files are as they should be.
    assert {came for came, said in locked if not said} <= {"written"}
    assert all("Read-only file system" in said for _, said in locked if said)
    assert any(said for _, said in locked)


def _probe(what: str) -> Any:
    script = f"{PRIVATE} && exec {sys.executable} -m tests.netns.persist_probe {what}"
    done = subprocess.run(
        ["unshare", "-nm", "sh", "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
