"""What is kept of a report, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.sosreport import members as module
from advisor.facts.sosreport.members import Members, plain_name, wanted_size
from advisor.model.unavailable import Unavailable


@pytest.mark.parametrize(
    "name",
    [
        "proc/meminfo",
        "proc/4242/net/snmp",
        "proc/net/softnet_stat",
        "proc/net",
        "proc/self",
        "proc/irq/120/smp_affinity_list",
        "proc/sys/net/ipv4/conf/eth0/rp_filter",
        "proc/sys/kernel/osrelease",
        "sys/devices/system/cpu/cpu3/topology/core_id",
        "sys/devices/system/cpu/cpu3/node0",
        "sys/class/net/eth0",
        "sys/devices/virtual/net/br0/statistics/rx_packets",
        "sys/devices/pci0000:00/0000:00:03.0/virtio0/net/eth0/statistics/rx_missed_errors",
        "sys/devices/pci0000:3a/0000:3b:00.0/numa_node",
        "sys/devices/virtual/dmi/id/sys_vendor",
        "boot/config-6.1.0",
        "sos_commands/networking/ip_-s_-d_link",
        "sos_commands/networking/ethtool_eth0",
        "sos_commands/networking/ethtool_-S_eth0.100",
        "sos_commands/networking/ethtool_--show-priv-flags_eth0",
        "sos_commands/general/hostname",
        "sos_commands/host/hostname",
        "sos_commands/process/ps_auxwwwm",
    ],
)
def test_files_with_facts_are_read(name: str) -> None:
    assert wanted_size(name) > 0


@pytest.mark.parametrize(
    "name",
    [
        "etc/shadow",
        "etc/ssh/sshd_config",
        "var/log/messages",
        "proc/1/environ",
        "proc/net/nf_conntrack",
        "proc/kallsyms",
        "sys/devices/virtual/dmi/id/product_serial",
        "sys/devices/virtual/dmi/id/product_uuid",
        "sos_commands/networking/ethtool_-e_eth0",
        "sos_commands/networking/ethtool_-m_eth0",
        "sos_commands/networking/namespaces/blue/ip_netns_exec_blue_sysctl_-a",
        "sos_commands/networking/netstat_-W_-neopa",
        "sos_commands/firewall_tables/iptables_-vnxL",
        "sos_logs/sos.log",
        "proc/meminfo/x",
        "xproc/meminfo",
    ],
)
def test_everything_else_is_not(name: str) -> None:
    assert wanted_size(name) == 0


@pytest.mark.parametrize("key", ["tcp_fastopen_key", "stable_secret", "netdev_rss_key"])
def test_secrets_are_noted_and_not_read(key: str) -> None:
    members = Members()
    assert not members.room_for(f"proc/sys/net/x/{key}", 10)
    assert members.missing(f"/proc/sys/net/x/{key}") == Unavailable("a secret: never read")


def test_a_file_that_is_too_large_is_left_out_with_its_size() -> None:
    members = Members()
    most = wanted_size("proc/meminfo")
    assert members.room_for("proc/meminfo", most)
    assert not members.room_for("proc/meminfo", most + 1)
    assert f"{most + 1} bytes" in members.missing("/proc/meminfo").reason


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_MAX", 10_000)
    members = Members()
    for number in range(100):
        name = f"proc/sys/net/ipv4/key{number}"
        if members.room_for(name, 1):
            members.keep(name, b"1")
        members.link(f"sys/class/net/eth{number}", "x")
    assert members.size <= 10_000
    assert members.full
    assert "MiB to read" in members.missing("/proc/meminfo").reason


def test_many_links_and_notes_take_room_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT_MAX", 10_000)
    members = Members()
    for number in range(1000):
        members.link(f"sys/class/net/eth{number}", "x")
        members.leave_out(f"proc/sys/net/ipv4/key{number}", "denied")
    assert len(members.links) + len(members.left_out) < 20


def test_files_of_proc_sys_are_kept_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SYSCTL_FILES_MAX", 3)
    members = Members()
    for number in range(5):
        name = f"proc/sys/net/ipv4/key{number}"
        if members.room_for(name, 1):
            members.keep(name, b"1")
    assert len(members.files) == 3
    assert members.sysctl_cut
    assert members.room_for("proc/meminfo", 100), "others are kept all the same"


def test_files_of_a_process_are_called_by_the_name_that_people_know() -> None:
    reason = Members().missing("/proc/123/net/tcp").reason
    assert reason == "/proc/net/tcp is not in this sosreport"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a/b", "a/b"),
        ("./a//b/", "a/b"),
        ("/a", None),
        ("a/../b", None),
        ("..", None),
        ("", None),
        (".", None),
        ("a\0b", None),
        ("/".join("a" * 41), None),
        ("a" * 5000, None),
    ],
)
def test_names_are_made_plain_or_refused(name: str, plain: str | None) -> None:
    assert plain_name(name) == plain


@given(st.text(alphabet="ab./\0", max_size=30))
def test_no_name_leads_out_of_the_report(name: str) -> None:
    plain = plain_name(name)
    if plain is not None:
        assert not plain.startswith("/")
        assert all(part not in ("", ".", "..") for part in plain.split("/"))
