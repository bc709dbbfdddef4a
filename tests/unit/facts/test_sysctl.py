"""The tree of net.* keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.files import Files
from advisor.facts.sysctl import SECRETS, parse_value, read_sysctl
from advisor.model.stack import SysctlTree, SysctlValue
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host, private_files

NET = "/proc/sys/net"


def net(root: Path, entries: dict[str, str | bytes]) -> SysctlTree:
    """The tree below "net" of a host with these keys (path below /proc/sys/net → content)."""
    files: dict[str, str | bytes | Link] = {f"{NET}/{key}": text for key, text in entries.items()}
    tree = read_sysctl(host(root, files))
    assert isinstance(tree, dict)
    below = tree["net"]
    assert isinstance(below, dict)
    return below


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1000\n", 1000),
        ("-1\n", -1),
        ("4294967295\n", 4294967295),
        ("4096\t131072\t6291456\n", (4096, 131072, 6291456)),
        ("32768\t60999\n", (32768, 60999)),
        ("1 0", (1, 0)),
        ("cubic\n", "cubic"),
        ("reno cubic bbr\n", "reno cubic bbr"),
        ("\n", ""),
        ("00000003\n", "00000003"),
        ("00000000,00000003\n", "00000000,00000003"),
        ("1 eth0", "1 eth0"),
        ("+1", "+1"),
        ("1_000", "1_000"),
    ],
)
def test_a_value_is_a_number_a_vector_or_text(text: str, value: SysctlValue) -> None:
    assert parse_value(text) == value


@pytest.mark.parametrize("name", ["ip_local_reserved_ports", "flow_limit_cpu_bitmap"])
def test_lists_and_masks_stay_text_when_they_look_like_a_number(name: str) -> None:
    assert parse_value("10\n", name) == "10"


@given(st.lists(st.integers(-(2**63), 2**64 - 1), min_size=1, max_size=5))
def test_printed_numbers_read_back(numbers: list[int]) -> None:
    value = numbers[0] if len(numbers) == 1 else tuple(numbers)
    assert parse_value("\t".join(map(str, numbers)) + "\n") == value


@given(st.text())
def test_nothing_is_lost_from_a_value(text: str) -> None:
    value = parse_value(text)
    words = [str(value)] if not isinstance(value, tuple) else [str(number) for number in value]
    assert " ".join(words).split() == text.split()


def test_keys_are_nested_by_component(tmp_path: Path) -> None:
    assert net(
        tmp_path,
        {
            "core/somaxconn": "4096\n",
            "ipv4/tcp_rmem": "4096\t131072\t6291456\n",
            "ipv4/conf/eth0.100/rp_filter": "2\n",
            "ipv4/conf/a..b/rp_filter": "0\n",
        },
    ) == {
        "core": {"somaxconn": 4096},
        "ipv4": {
            "tcp_rmem": (4096, 131072, 6291456),
            "conf": {"eth0.100": {"rp_filter": 2}, "a..b": {"rp_filter": 0}},
        },
    }


def test_the_list_of_secrets_is_not_empty_and_none_is_read(tmp_path: Path) -> None:
    assert {"tcp_fastopen_key", "stable_secret"} <= SECRETS
    tree = net(tmp_path, {f"ipv6/conf/all/{name}": "hunter2" for name in SECRETS})
    assert "hunter2" not in repr(tree)
    conf = tree["ipv6"]["conf"]["all"]
    assert conf == dict.fromkeys(SECRETS, Unavailable("a secret: never read"))


def test_what_can_only_be_written_is_not_read(tmp_path: Path) -> None:
    assert net(tmp_path, {"ipv4/route/flush": "1", "ipv4/route/gc_timeout": "300"}) == {
        "ipv4": {"route": {"flush": Unavailable("write-only"), "gc_timeout": 300}}
    }


def test_a_key_without_permission_says_so() -> None:
    with private_files(f"{NET}/core/bpf_jit_harden") as files:
        tree = read_sysctl(files)
    denied = Unavailable("no permission to read /proc/sys/net/core/bpf_jit_harden")
    assert tree == {"net": {"core": {"bpf_jit_harden": denied}}}


def test_a_value_longer_than_the_usual_read_is_whole(tmp_path: Path) -> None:
    ports = ",".join(str(port) for port in range(10_000, 30_000, 2))
    assert net(tmp_path, {"ipv4/ip_local_reserved_ports": ports}) == {
        "ipv4": {"ip_local_reserved_ports": ports}
    }


@pytest.mark.parametrize("length", [1022, 1023, 1024])
def test_values_around_the_usual_read_are_whole(tmp_path: Path, length: int) -> None:
    assert net(tmp_path, {"core/x": "a" * length}) == {"core": {"x": "a" * length}}


def test_binary_content_is_text(tmp_path: Path) -> None:
    assert net(tmp_path, {"core/x": b"\xff\xfe\x00"}) == {"core": {"x": "\ufffd\ufffd\x00"}}


def test_a_directory_too_deep_to_be_the_kernels_is_not_followed(tmp_path: Path) -> None:
    tree = net(tmp_path, {"/".join("d" * 200) + "/x": "1"})
    assert "nested too deeply" in repr(tree)


def test_a_container_without_the_directory_gives_the_reason(tmp_path: Path) -> None:
    found = read_sysctl(Files(tmp_path))
    assert isinstance(found, Unavailable)
    assert found.reason.startswith("/proc/sys/net does not exist")


def test_an_interface_that_vanishes_takes_its_keys_along(tmp_path: Path) -> None:
    # A dangling link opens with ENOENT, as a key does whose interface went away.
    files = host(tmp_path, {f"{NET}/core/x": Link("gone"), f"{NET}/core/y": "1"})
    assert read_sysctl(files) == {"net": {"core": {"y": 1}}}
