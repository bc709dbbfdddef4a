"""What a host has to make settings last, from its files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from advisor.changes.persist import names
from advisor.changes.persist.boot_file import to_file
from advisor.changes.persist.devices import find
from advisor.changes.persist.model import Device, LinkFile, Means, NicMeans, Settings, Vector
from advisor.changes.persist.plan import plan_files
from advisor.changes.persist.read_means import boot_command, read_means
from advisor.changes.persist.reload import reload_units
from advisor.changes.state_dir import VARIABLE
from advisor.facts.files import Files
from advisor.knowledge.fixtures import build_host
from advisor.model.address import Address, NicAddress, SysctlAddress
from advisor.model.config import Config, Owner
from advisor.model.host import Host
from advisor.model.receipt import PersistedFile, Value
from advisor.model.system import Irq, NetNs
from tests.unit.facts.host_tree import Link, host

Tree = Mapping[str, str | bytes | Link]

PCI = "../../devices/pci0000:00/0000:00:03.0"
SYSTEMD: Tree = {
    "/usr/lib/systemd/systemd-sysctl": "",
    "/run/systemd/system/x": "",
    "/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-252.so": "",
    "/proc/sys/kernel/random/boot_id": "some-boot\n",
}
DEFAULT_LINK = "[Match]\nOriginalName=*\n[Link]\nNamePolicy=keep kernel\n"
LINK_FILE = "/etc/systemd/network/10-eth0.link"


def _nic(name: str, index: int, device: str | None, **more: str) -> dict[str, str | bytes | Link]:
    real = f"{device or '../../devices/virtual'}/net/{name}"
    directory = "/sys/class/net/" + real
    there = "/" + directory.replace("/sys/class/net/../../", "sys/")
    return {
        f"/sys/class/net/{name}": Link(real),
        f"{there}/ifindex": f"{index}\n",
        **{f"{there}/{key}": f"{value}\n" for key, value in more.items()},
    }


def _means(tmp_path: Path, tree: Tree, known: Host | None = None) -> Means:
    return read_means(host(tmp_path, {**SYSTEMD, **tree}), known or _host())


def _host(owners: dict[str, Owner] | None = None, **facts: Any) -> Host:
    return replace(build_host({}), config=Config("systemd", owners=owners or {}), **facts)


def test_a_plain_host_with_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    found = _means(tmp_path, {})
    assert (found.boot, found.reader, found.systemd, found.udev) == (
        "some-boot",
        "systemd",
        True,
        252,
    )
    assert (found.later, found.nics, found.kept, found.nowhere) == ((), {}, Settings(), None)
    assert found.command[1:] == ("-I", "-m", "advisor")
    assert found.state_dir is None


def test_another_state_directory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/srv/advisor")
    assert _means(tmp_path, {}).state_dir == "/srv/advisor"


@pytest.mark.parametrize(
    ("tree", "reader"),
    [
        ({"/usr/sbin/sysctl": "", "/run/systemd/system/x": ""}, "procps"),
        ({"/usr/sbin/sysctl": "", "/usr/lib/systemd/systemd-sysctl": ""}, "procps"),
        ({"/usr/lib/systemd/systemd-sysctl": ""}, "none"),
        ({}, "none"),
    ],
    ids=["only sysctl", "systemd is installed and another init runs", "no init", "nothing"],
)
def test_who_sets_values_at_boot(tmp_path: Path, tree: Tree, reader: str) -> None:
    assert read_means(host(tmp_path, tree), _host()).reader == reader


@pytest.mark.parametrize(
    ("names_", "version"),
    [
        (("/usr/lib/systemd/libsystemd-shared-247.so",), 247),
        (("/usr/lib64/systemd/libsystemd-shared-252-32.el9.so",), 252),
        (("/usr/lib/systemd/libsystemd-shared-257.9-1.fc42.so",), 257),
        (
            (
                "/usr/lib/systemd/libsystemd-shared-257.so",
                "/usr/lib/aarch64-linux-gnu/systemd/libsystemd-shared-256.so",
            ),
            256,
        ),
        ((), None),
    ],
)
def test_the_version_of_udev(tmp_path: Path, names_: tuple[str, ...], version: int | None) -> None:
    tree = {"/run/systemd/system/x": "", **dict.fromkeys(names_, "")}
    assert read_means(host(tmp_path, tree), _host()).udev == version


def test_lines_that_are_read_after_advisors_file(tmp_path: Path) -> None:
    tree: Tree = {
        "/etc/sysctl.d/99-sysctl.conf": "net.core.somaxconn = 1",
        names.SYSCTL: "net.core.somaxconn = 2",
        "/usr/lib/sysctl.d/99-zz.conf": "net.core.somaxconn = 3",
        "/run/sysctl.d/zz.conf": "net.core.somaxconn = 4",
        "/etc/sysctl.d/zz.conf": Link("/dev/null"),
        "/etc/sysctl.conf": "net.core.somaxconn = 5",
    }
    assert [each.value for each in _means(tmp_path, tree).later] == ["3"]


def test_tuned_reads_sysctl_conf_last_as_sysctl_does(tmp_path: Path) -> None:
    tree: Tree = {"/etc/sysctl.conf": "net.core.somaxconn = 5", "/etc/tuned/active_profile": "x"}
    assert [each.place for each in _means(tmp_path, tree).later] == ["/etc/sysctl.conf:1"]


def test_a_module_that_only_advisors_own_file_loads_is_not_taken_care_of(tmp_path: Path) -> None:
    found = _means(tmp_path, {names.MODULES: "nf_conntrack\n", "/etc/modules": "br_netfilter\n"})
    assert "nf_conntrack" not in found.loaded
    assert "br_netfilter" in found.loaded


def test_a_module_that_is_built_in_is_there_in_time(tmp_path: Path) -> None:
    assert "nf_conntrack" in _means(tmp_path, {"/sys/module/nf_conntrack/x": ""}).loaded


def test_devices_are_known_by_their_own_address_and_place(tmp_path: Path) -> None:
    tree: Tree = {
        **_nic("eth0", 2, PCI, addr_assign_type="0", address="52:54:00:AA:00:01", dev_port="1"),
        **_nic("eth1", 3, f"{PCI}/virtio2", addr_assign_type="3", address="52:54:00:aa:00:99"),
        **_nic("eth2", 4, PCI, addr_assign_type="0", address="00:00:00:00:00:00"),
        **_nic("bond0", 5, None, addr_assign_type="2", address="52:54:00:aa:00:99"),
        "/sys/devices/pci0000:00/0000:00:03.0/virtio2/net/eth1/bonding_slave/perm_hwaddr": (
            "52:54:00:aa:00:02\n"
        ),
        "/sys/class/net/bonding_masters": "bond0\n",
    }
    found = _means(tmp_path, tree).nics
    assert {name: each.device for name, each in found.items()} == {
        "eth0": Device("52:54:00:aa:00:01", "0000:00:03.0/1"),
        "eth1": Device("52:54:00:aa:00:02", "0000:00:03.0/0"),
        "eth2": Device(None, "0000:00:03.0/0"),
        "bond0": Device(),
    }


ETH0 = {**_nic("eth0", 2, PCI), "/run/udev/data/n2": f"I:1\nE:ID_NET_LINK_FILE={LINK_FILE}\n"}


@pytest.mark.parametrize(
    ("tree", "link"),
    [
        ({LINK_FILE: "[Match]\nPermanentMACAddress=52:54:00:00:00:01\n"}, True),
        ({LINK_FILE: "[Match]\nPath=pci-0000:00:03.0\nType=ether\n[Link]\nName=eth0\n"}, True),
        ({LINK_FILE: "[Match]\nOriginalName=eth0\n"}, True),
        ({LINK_FILE: "[Match]\nOriginalName=eth*\n"}, False),
        ({LINK_FILE: "[Match]\nOriginalName=eth0 eth1\n"}, False),
        ({LINK_FILE: "[Match]\nOriginalName=eth0\nOriginalName=eth1\n"}, False),
        ({LINK_FILE: "[Match]\nOriginalName=!eth1\n"}, False),
        ({LINK_FILE: "[Match]\nMACAddress=52:54:00:00:00:01\n"}, False),
        ({LINK_FILE: "[Match]\nDriver=virtio_net\n"}, False),
        ({LINK_FILE: "[Link]\nOriginalName=eth0\n"}, False),
        (
            {
                LINK_FILE: "[Match]\nPath=pci-0000:00:03.0\n",
                f"/run/systemd/network/{LINK_FILE.rpartition('/')[2]}.d/a.conf": (
                    "[Match]\nPath=pci-0000:00:04.0\n"
                ),
            },
            False,
        ),
        (
            {
                LINK_FILE: "[Match]\nPath=pci-0000:00:03.0\n",
                **_nic("eth1", 3, PCI),
                "/run/udev/data/n3": f"E:ID_NET_LINK_FILE={LINK_FILE}\n",
            },
            False,
        ),
        ({}, False),
    ],
    ids=[
        *("its address", "its place", "its name", "a pattern", "two names", "two lines"),
        *("all but one", "an address that others take over", "a driver", "no condition"),
        *("a drop-in adds a condition", "udev matched two by it", "the file is gone"),
    ],
)
def test_a_link_file_counts_if_it_is_about_one_interface_alone(
    tmp_path: Path, tree: Tree, link: bool
) -> None:
    found = _means(tmp_path, {**ETH0, **tree}).nics["eth0"].link
    assert found == (LinkFile("10-eth0.link") if link else None)


@pytest.mark.parametrize(
    "path",
    [
        "/usr/lib/systemd/network/99-default.link",
        "/tmp/10-eth0.link",
        "/etc/systemd/network/../../10-eth0.link",
        "/etc/systemd/network/-x.link",
    ],
)
def test_other_link_files_are_none_to_put_a_drop_in_beside(tmp_path: Path, path: str) -> None:
    tree = {
        **ETH0,
        "/usr/lib/systemd/network/99-default.link": DEFAULT_LINK,
        "/etc/systemd/network/-x.link": "[Match]\nOriginalName=eth0\n",
        "/run/udev/data/n2": f"E:ID_NET_LINK_FILE={path}\n",
    }
    assert _means(tmp_path, tree).nics["eth0"].link is None


def test_options_of_drop_ins_that_are_read_later_are_taken(tmp_path: Path) -> None:
    directory = f"{LINK_FILE}.d"
    tree: Tree = {
        **ETH0,
        LINK_FILE: "[Match]\nOriginalName=eth0\n",
        f"{directory}/10-a.conf": "[Link]\nTxBufferSize=1\n",
        f"{directory}/50-advisor.conf": "[Link]\nMTUBytes=1\n",
        f"{directory}/90-site.conf": "[Link]\nRxBufferSize=1\n",
    }
    link = _means(tmp_path, tree).nics["eth0"].link
    assert link == LinkFile("10-eth0.link", {"RxBufferSize": f"{directory}/90-site.conf"})


@pytest.mark.parametrize(
    ("text", "managed"),
    [("[device]\nmanaged=true\n", True), ("[device]\nmanaged=false\n", False), ("", False)],
)
def test_what_networkmanager_manages(tmp_path: Path, text: str, managed: bool) -> None:
    found = _means(tmp_path, {**_nic("eth0", 2, PCI), "/run/NetworkManager/devices/2": text})
    assert found.nics == {"eth0": NicMeans(device=Device(None, "0000:00:03.0/0"), managed=managed)}


def test_owners_irqs_and_the_namespace_come_from_the_facts(tmp_path: Path) -> None:
    irq = Irq(45, "eth0-rx-0", "eth0", {}, 0, (0,), (0,))
    connections = {"eth0": ("ethernet.mtu=9000",)}
    known = _host(
        {
            "irqbalance": Owner("irqbalance", True),
            "NetworkManager": Owner(
                "NetworkManager", nic_settings={"eth0": ("ethernet.mtu=9000",)}
            ),
        },
        irqs={
            "44": Irq(44, "eth0", "eth0", {}, 0, (0,), (0,)),
            "45": irq,
            "46": Irq(46, "nvme", None, {}, 0, (0,), (0,)),
        },
        netns=NetNs(1, False),
    )
    found = _means(tmp_path, {}, known)
    assert found.irqbalance
    assert found.profiles == connections
    assert found.vectors == {
        44: Vector("eth0", 0, 2, "eth0"),
        45: Vector("eth0", 1, 2, "eth0-rx-0"),
    }
    assert found.nowhere is not None


def test_irqbalance_that_is_installed_and_does_not_run_is_no_owner(tmp_path: Path) -> None:
    known = _host({"irqbalance": Owner("irqbalance", False)})
    assert not _means(tmp_path, {}, known).irqbalance


def test_advisors_own_file_is_read_unless_somebody_has_edited_it(tmp_path: Path) -> None:
    settings = Settings({NicAddress("eth0", ("ring", "rx")): 512})
    content = to_file(settings)
    assert _means(tmp_path / "a", {names.SETTINGS: content}).kept == settings
    edited = content.replace(b"512", b"513")
    assert _means(tmp_path / "b", {names.SETTINGS: edited}).kept == Settings()


def test_what_is_there_already_of_advisors_does_not_change_the_plan(tmp_path: Path) -> None:
    values: dict[Address, Value] = {
        SysctlAddress(("net", "netfilter", "nf_conntrack_max")): 1048576,
        NicAddress("eth0", ("ring", "rx")): 512,
    }
    tree = {**ETH0, LINK_FILE: "[Match]\nOriginalName=eth0\n"}
    first = plan_files(values, _means(tmp_path, tree))
    written = {each.path: each.content for each in first.files if each.target is None}
    assert plan_files(values, _means(tmp_path / "again", {**tree, **written})) == first


@pytest.mark.parametrize(
    ("device", "found"),
    [
        (None, "eth0"),
        (Device(), "eth0"),
        (Device("02:00:00:00:00:01", "0000:00:03.0/0"), "eth0"),
        (Device("02:00:00:00:00:99", "0000:00:03.0/0"), "eth0"),
        (Device("02:00:00:00:00:02", "0000:00:09.0/0"), "eth1"),
        (Device("02:00:00:00:00:99", "0000:00:09.0/0"), None),
        (Device("02:00:00:00:00:03", None), None),
        (Device(None, "0000:00:04.0/0"), None),
    ],
    ids=[
        *("nothing is known of it", "it is software", "the same", "another address in its place"),
        *("it has moved", "it is gone", "two have its address", "only a place, now another's"),
    ],
)
def test_a_device_is_found_again_under_its_name_or_by_its_address(
    device: Device | None, found: str | None
) -> None:
    present = {
        "eth0": Device("02:00:00:00:00:01", "0000:00:03.0/0"),
        "eth1": Device("02:00:00:00:00:02", "0000:00:04.0/0"),
        "eth2": Device("02:00:00:00:00:03", None),
        "eth3": Device("02:00:00:00:00:03", None),
    }
    assert find(device, "eth0", present) == found
    assert find(device, "eth9", {}) is None


def test_this_python_runs_advisor_without_its_environment() -> None:
    command, _ = boot_command(Files())
    done = subprocess.run(
        [*command, "--version"], cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="everything here belongs to another user than root")
@pytest.mark.parametrize("mode", [0o775, 0o757])
def test_a_python_that_others_can_replace_is_not_run_at_boot(
    tmp_path: Path, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    loose = tmp_path / "loose"
    loose.mkdir()
    (loose / "python").symlink_to(sys.executable)
    loose.chmod(mode)
    monkeypatch.setattr(sys, "executable", str(loose / "python"))
    _, problem = boot_command(Files())
    assert problem is not None
    assert f"{loose} can be changed by others" in problem


def test_units_of_another_root_than_the_hosts_are_not_systemds_to_read(tmp_path: Path) -> None:
    files = host(tmp_path, {"/run/systemd/system/x": ""})
    assert reload_units([PersistedFile(names.UNIT, None, "0" * 64)], files) is None
