"""`sysctl -a` and the copies of /proc/sys become one tree without secrets."""

from __future__ import annotations

import pytest

from advisor.facts.snapshot import encode
from advisor.facts.sosreport.sysctl import parse_sysctl, read_sysctl, with_sysctl_files
from advisor.model.stack import SysctlTree
from advisor.model.unavailable import Unavailable
from tests.unit.facts.sosreport.reports import Entries, bundle, host_of, report

ALL = "net.ipv4.conf.all.forwarding = 0\n"
SECRET = Unavailable("a secret: never read")


def tree(entries: Entries) -> SysctlTree | Unavailable:
    return read_sysctl(with_sysctl_files(report(entries)))


def printed(text: str) -> SysctlTree:
    found = tree({"sos_commands/kernel/sysctl_-a": ALL + text})
    assert isinstance(found, dict)
    net = found["net"]
    assert isinstance(net, dict)
    return net


@pytest.mark.parametrize(
    ("line", "path", "value"),
    [
        ("net.core.somaxconn = 4096", ("core", "somaxconn"), 4096),
        (
            "net.ipv4.tcp_rmem = 4096\t131072\t6291456",
            ("ipv4", "tcp_rmem"),
            (4096, 131072, 6291456),
        ),
        ("net.ipv4.ip_local_reserved_ports = ", ("ipv4", "ip_local_reserved_ports"), ""),
        ("net.ipv4.ip_local_reserved_ports =", ("ipv4", "ip_local_reserved_ports"), ""),
        ("net.ipv4.tcp_x = a = b", ("ipv4", "tcp_x"), "a = b"),
        ("net.ipv4.conf.eth0/100.rp_filter = 1", ("ipv4", "conf", "eth0.100", "rp_filter"), 1),
        ("net.ipv4.tcp_fastopen_key = 0-1", ("ipv4", "tcp_fastopen_key"), SECRET),
        (
            'sysctl: reading key "net.ipv6.conf.lo.stable_secret"',
            ("ipv6", "conf", "lo", "stable_secret"),
            SECRET,
        ),
        (
            "sysctl: permission denied on key 'net.core.bpf_jit_harden'",
            ("core", "bpf_jit_harden"),
            Unavailable("sos could not read /proc/sys/net/core/bpf_jit_harden"),
        ),
        (
            'sysctl: permission denied on key "net.core.bpf_jit_kallsyms", ignoring',
            ("core",),
            None,
        ),
    ],
)
def test_each_form_of_line_is_understood(line: str, path: tuple[str, ...], value: object) -> None:
    found: object = printed(f"net.core.x = 1\n{line}\n")
    for step in path:
        assert isinstance(found, dict)
        found = found[step]
    if value is not None:
        assert found == value


def test_lines_of_other_things_are_passed_over() -> None:
    read, denied = parse_sysctl(
        "vm.swappiness = 60\nkernel.hostname = a\nnonsense\nsysctl: x = y\n"
    )
    assert read == {"proc/sys/kernel/hostname": "a"}
    assert denied == {}


def test_no_secret_of_a_report_is_in_its_facts() -> None:
    entries = bundle("sos4")
    assert "11111111" in str(entries["sos_commands/kernel/sysctl_-a"])
    text = encode(host_of(entries))
    assert "11111111" not in text
    assert "00:11:22:33" not in text


def test_copies_of_proc_sys_add_what_sysctl_does_not_print() -> None:
    found = tree(
        {
            "sos_commands/kernel/sysctl_-a": ALL + "net.core.somaxconn = 128\n",
            "proc/sys/net/ipv4/neigh/default/base_reachable_time": "30\n",
        }
    )
    assert found == {
        "net": {
            "core": {"somaxconn": 128},
            "ipv4": {
                "conf": {"all": {"forwarding": 0}},
                "neigh": {"default": {"base_reachable_time": 30}},
            },
        }
    }


def test_copies_of_proc_sys_do_without_sysctl() -> None:
    found = tree(
        {"proc/sys/net/ipv4/conf/all/forwarding": "1\n", "proc/sys/net/core/somaxconn": "5\n"}
    )
    assert found == {
        "net": {"ipv4": {"conf": {"all": {"forwarding": 1}}}, "core": {"somaxconn": 5}}
    }


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {"sos_commands/kernel/sysctl_-a": ""},
        {"sos_commands/kernel/sysctl_-a": "kernel.hostname = a\nnet.core.somaxconn = 5\n"},
        {"proc/sys/net/core/somaxconn": "5\n"},
    ],
)
def test_a_part_of_the_keys_is_not_taken_for_all(entries: Entries) -> None:
    assert isinstance(tree(entries), Unavailable)


def test_a_file_in_the_place_of_a_directory_does_no_harm() -> None:
    net = printed("net.ipv4.conf = 1\nnet.ipv4.conf.x.y.z = 2\nnet.ipv4.conf.x = 3\n")
    assert isinstance(net["ipv4"], dict)
