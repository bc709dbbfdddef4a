"""The commands that people paste into a root shell."""

from __future__ import annotations

import shlex
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.knowledge.fixtures import build_host
from advisor.model.address import (
    Address,
    IrqAddress,
    NicAddress,
    SysctlAddress,
    parse_address,
)
from advisor.settings import commands
from advisor.settings.shell import quoted

HOST = build_host(
    {
        "sysctl": {
            "net.ipv4.tcp_rmem": [4096, 131072, 6291456],
            "net.core.somaxconn": 128,
        }
    }
)
ODD = ("eth0.100", "-x", "--help", "a..b", "$(id)", "a;b", "a b", "a'b", 'a"b', "`id`", "*", "a\\b")


def command(address: str | Address, value: Any) -> str:
    parsed = parse_address(address) if isinstance(address, str) else address
    (line,) = commands(HOST, {parsed: value})[parsed]
    return line


@pytest.mark.parametrize(
    ("address", "value", "expected"),
    [
        ("sysctl:net.core.somaxconn", 4096, "sysctl -w net.core.somaxconn=4096"),
        (
            "sysctl:net.ipv4.tcp_congestion_control",
            "bbr",
            "sysctl -w net.ipv4.tcp_congestion_control=bbr",
        ),
        ("sysctl:net.ipv4.tcp_rmem", (1, 2, 3), "sysctl -w 'net.ipv4.tcp_rmem=1 2 3'"),
        ("sysctl:net.ipv4.tcp_rmem[0]", 1, "sysctl -w 'net.ipv4.tcp_rmem=1 131072 6291456'"),
        ("sysctl:net.ipv4.tcp_rmem[2]", 9, "sysctl -w 'net.ipv4.tcp_rmem=4096 131072 9'"),
        (
            "sysctl:net.ipv4.conf.eth0/100.rp_filter",
            1,
            "sysctl -w net.ipv4.conf.eth0/100.rp_filter=1",
        ),
        ("sysctl:net.ipv4.conf.-x.rp_filter", 1, "sysctl -w net.ipv4.conf.-x.rp_filter=1"),
        ("sysctl:net.ipv4.conf.a;b.rp_filter", 1, "sysctl -w 'net.ipv4.conf.a;b.rp_filter=1'"),
        # sysctl(8) cannot name these.
        (
            "sysctl:net.ipv4.conf.a//b.rp_filter",
            1,
            "echo 1 > /proc/sys/net/ipv4/conf/a..b/rp_filter",
        ),
        ("sysctl:net.ipv4.conf.a=b.rp_filter", 1, "echo 1 > /proc/sys/net/ipv4/conf/a=b/rp_filter"),
        ("irq:45/affinity", (0, 2, 64), "echo 0,2,64 > /proc/irq/45/smp_affinity_list"),
        ("nic:eth0/channels.combined", 8, "ethtool -L eth0 combined 8"),
        ("nic:eth0/ring.rx", 4096, "ethtool -G eth0 rx 4096"),
        ("nic:eth0/ring.rx-buf-len", 2048, "ethtool -G eth0 rx-buf-len 2048"),
        ("nic:eth0/ring.tx-push", True, "ethtool -G eth0 tx-push on"),
        ("nic:eth0/rss.hash.udp4", "sdfn", "ethtool -N eth0 rx-flow-hash udp4 sdfn"),
        (
            "nic:eth0/queue.tx-1.xps_rxqs",
            (0, 1),
            "echo 3 > /sys/class/net/eth0/queues/tx-1/xps_rxqs",
        ),
        ("nic:eth0/coalesce.rx-usecs", 8, "ethtool -C eth0 rx-usecs 8"),
        ("nic:eth0/coalesce.adaptive-rx", False, "ethtool -C eth0 adaptive-rx off"),
        ("nic:eth0/coalesce.cqe-mode-rx", True, "ethtool -C eth0 cqe-mode-rx on"),
        ("nic:eth0/feature.tx-tcp-segmentation", True, "ethtool -K eth0 tx-tcp-segmentation on"),
        ("nic:eth0/pause.autoneg", False, "ethtool -A eth0 autoneg off"),
        (
            "nic:eth0/private.rx_cqe_compress",
            False,
            "ethtool --set-priv-flags eth0 rx_cqe_compress off",
        ),
        ("nic:eth0/rss.indirection", (0, 1, 2, 0, 1, 2), "ethtool -X eth0 equal 3"),
        ("nic:eth0/rss.indirection", (1, 1, 3, 3), "ethtool -X eth0 weight 0 2 0 2"),
        ("nic:eth0/mtu", 9000, "ip link set dev eth0 mtu 9000"),
        ("nic:eth0/txqueuelen", 1000, "ip link set dev eth0 txqueuelen 1000"),
        ("nic:eth0/qdisc", "fq", "tc qdisc replace dev eth0 root fq"),
        ("nic:eth0/threaded", True, "echo 1 > /sys/class/net/eth0/threaded"),
        ("nic:eth0/gro_flush_timeout", 20000, "echo 20000 > /sys/class/net/eth0/gro_flush_timeout"),
        (
            "nic:eth0/queue.rx-0.rps_flow_cnt",
            4096,
            "echo 4096 > /sys/class/net/eth0/queues/rx-0/rps_flow_cnt",
        ),
        ("nic:-x/mtu", 1500, "ip link set dev -x mtu 1500"),
        ("nic:$(id)/mtu", 1500, "ip link set dev '$(id)' mtu 1500"),
        ("nic:a;b/threaded", False, "echo 0 > '/sys/class/net/a;b/threaded'"),
        ("nic:a\x1bb/mtu", 1500, "ip link set dev \"$(printf 'a\\033b')\" mtu 1500"),
        ("nic:a\udcffb/mtu", 1500, "ip link set dev \"$(printf 'a\\377b')\" mtu 1500"),
    ],
)
def test_a_setting_is_one_command(address: str, value: Any, expected: str) -> None:
    assert command(address, value) == expected


@pytest.mark.parametrize(
    ("cpus", "mask"),
    [
        ((), "0"),
        ((0,), "1"),
        ((0, 1, 2, 3), "f"),
        ((31,), "80000000"),
        ((32,), "1,00000000"),
        ((0, 33), "2,00000001"),
        ((63,), "80000000,00000000"),
        ((64,), "1,00000000,00000000"),
        ((1, 70), "40,00000000,00000002"),
        (tuple(range(96)), "ffffffff,ffffffff,ffffffff"),
        ((511,), "80000000" + ",00000000" * 15),
        ((3, 3, 1), "a"),
    ],
)
@pytest.mark.parametrize(("queue", "property_"), [("rx-0", "rps_cpus"), ("tx-7", "xps_cpus")])
def test_cpus_become_the_words_that_the_kernel_parses(
    cpus: tuple[int, ...], mask: str, queue: str, property_: str
) -> None:
    written = command(f"nic:eth0/queue.{queue}.{property_}", cpus)
    path = f"/sys/class/net/eth0/queues/{queue}/{property_}"
    assert shlex.split(written) == ["echo", mask, ">", path]


@given(st.sets(st.integers(0, 8191), max_size=40))
def test_a_mask_names_its_cpus_again(cpus: set[int]) -> None:
    line = command("nic:eth0/queue.rx-0.rps_cpus", tuple(cpus))
    words = shlex.split(line)[1].split(",")
    assert all(len(word) == 8 for word in words[1:])
    mask = int("".join(words), 16)
    assert {cpu for cpu in range(mask.bit_length()) if mask >> cpu & 1} == cpus


RMEM = ("net", "ipv4", "tcp_rmem")


def test_fields_of_one_vector_share_the_command_that_writes_all_of_it() -> None:
    wanted: dict[Address, Any] = {SysctlAddress(RMEM, 0): 1, SysctlAddress(RMEM, 2): 9}
    assert set(commands(HOST, wanted).values()) == {("sysctl -w 'net.ipv4.tcp_rmem=1 131072 9'",)}


def test_a_field_is_changed_in_the_whole_vector_that_another_rule_wants() -> None:
    wanted: dict[Address, Any] = {SysctlAddress(RMEM): (1, 2, 3), SysctlAddress(RMEM, 2): 9}
    assert commands(HOST, wanted)[SysctlAddress(RMEM, 2)] == (
        "sysctl -w 'net.ipv4.tcp_rmem=1 2 9'",
    )


SETTINGS: list[tuple[tuple[str, ...], Any]] = [
    (("mtu",), 1500),
    (("qdisc",), "fq"),
    (("threaded",), True),
    (("ring", "rx"), 1024),
    (("coalesce", "rx-usecs"), 8),
    (("feature", "rx-gro"), True),
    (("private", "flag"), True),
    (("rss", "indirection"), (0, 1)),
    (("queue", "rx-0", "rps_cpus"), (0,)),
]


@pytest.mark.parametrize(("attribute", "value"), SETTINGS)
@pytest.mark.parametrize("name", ODD)
def test_an_odd_name_is_one_word_and_runs_nothing(
    name: str, attribute: tuple[str, ...], value: Any
) -> None:
    words = shlex.split(command(NicAddress(name, attribute), value))
    assert sum(word == name or f"/{name}/" in word for word in words) == 1
    plain = shlex.split(command(NicAddress("eth0", attribute), value))
    assert len(words) == len(plain)


names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=15
) | st.binary(min_size=1, max_size=15).map(
    lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"_").decode(errors="surrogateescape")
)


@settings(max_examples=40, deadline=None)
@given(st.lists(names, min_size=1, max_size=20))
def test_a_shell_reads_back_every_name(words: list[str]) -> None:
    # A command substitution drops line ends at its end; no interface name has one.
    words = [word.rstrip("\n") or "x" for word in words]
    line = " ".join(map(quoted, words))
    assert line.isprintable()
    script = f"printf '%s\\0' {line}"
    shown = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout
    assert shown.decode(errors="surrogateescape").split("\0")[:-1] == words


def test_several_settings_keep_their_own_commands() -> None:
    wanted: dict[Address, Any] = {
        IrqAddress(7): (1,),
        NicAddress("eth0", ("mtu",)): 9000,
        SysctlAddress(("net", "core", "somaxconn")): 4096,
    }
    found = commands(HOST, wanted)
    assert found.keys() == wanted.keys()
    assert len(set(found.values())) == 3
