"""The reading layer: content, or a reason that people understand."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from advisor.facts.files import Files, unreadable
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host, private_files


def reason(value: object) -> str:
    assert isinstance(value, Unavailable), value
    return value.reason


def test_paths_are_those_of_the_host_below_its_root(tmp_path: Path) -> None:
    files = host(tmp_path, {"/proc/uptime": "1.00 2.00\n"})
    assert files.read_text("/proc/uptime") == "1.00 2.00\n"
    assert files.locate("/proc/uptime") == str(tmp_path / "proc/uptime")


def test_only_the_running_host_is_live(tmp_path: Path) -> None:
    assert Files().live
    assert not Files(tmp_path).live


def test_the_running_hosts_files_are_read_at_their_own_paths() -> None:
    assert Files().locate("/proc/version") == "/proc/version"
    assert "Linux" in str(Files().read_text("/proc/version"))


def test_a_file_longer_than_one_read_is_read_to_its_end(tmp_path: Path) -> None:
    text = "".join(f"line {number}\n" for number in range(50_000))
    assert host(tmp_path, {"/proc/long": text}).read_text("/proc/long") == text


def test_a_file_over_the_limit_is_unavailable_and_not_cut(tmp_path: Path) -> None:
    files = host(tmp_path, {"/proc/exact": "x" * 10, "/proc/over": "x" * 11})
    assert files.read_text("/proc/exact", limit=10) == "x" * 10
    assert reason(files.read_text("/proc/over", limit=10)) == "/proc/over is larger than 10 bytes"


def test_the_head_of_a_file_is_at_most_as_long_as_asked(tmp_path: Path) -> None:
    files = host(tmp_path, {"/proc/cpuinfo": "abcdef"})
    assert files.read_head("/proc/cpuinfo", 4) == "abcd"
    assert files.read_head("/proc/cpuinfo", 400) == "abcdef"


def test_bytes_that_are_not_text_are_replaced(tmp_path: Path) -> None:
    assert host(tmp_path, {"/x": b"a\xffb"}).read_text("/x") == "a\ufffdb"


def test_a_missing_file_is_named_in_the_reason(tmp_path: Path) -> None:
    missing = reason(Files(tmp_path).read_text("/proc/interrupts"))
    assert missing.startswith("/proc/interrupts does not exist")


def test_a_path_through_a_file_does_not_exist(tmp_path: Path) -> None:
    files = host(tmp_path, {"/proc/net": ""})
    assert "does not exist" in reason(files.read_text("/proc/net/snmp"))


def test_a_directory_is_not_a_readable_file(tmp_path: Path) -> None:
    files = host(tmp_path, {"/proc/net/snmp": ""})
    assert reason(files.read_text("/proc/net")).startswith("cannot read /proc/net: ")


def test_a_fifo_does_not_hang_the_reader(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert Files(tmp_path).read_text("/fifo") == ""


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EACCES, "no permission to read /proc/x"),
        (errno.EPERM, "no permission to read /proc/x"),
        (errno.ENOENT, "/proc/x does not exist"),
        (errno.EIO, "cannot read /proc/x: Input/output error"),
    ],
)
def test_each_refusal_of_the_kernel_has_its_words(code: int, words: str) -> None:
    assert unreadable("/proc/x", OSError(code, "")).reason.startswith(words)


def test_a_file_without_permission_says_so() -> None:
    with private_files("/proc/secret") as files:
        assert reason(files.read_text("/proc/secret")) == "no permission to read /proc/secret"


@pytest.mark.parametrize(("text", "number"), [("42\n", 42), ("-1\n", -1), (" 7 ", 7)])
def test_an_integer_is_read_whatever_surrounds_it(tmp_path: Path, text: str, number: int) -> None:
    assert host(tmp_path, {"/n": text}).read_int("/n") == number


@pytest.mark.parametrize("text", ["", "max", "1 2", "0x10"])
def test_what_is_no_integer_is_unavailable(tmp_path: Path, text: str) -> None:
    assert reason(host(tmp_path, {"/n": text}).read_int("/n")) == "/n does not hold a number"


def test_a_directory_lists_its_names_in_order(tmp_path: Path) -> None:
    files = host(tmp_path, {"/d/b": "", "/d/a": "", "/d/c/e": ""})
    assert files.list_dir("/d") == ["a", "b", "c"]
    assert "does not exist" in reason(files.list_dir("/missing"))


def test_a_link_is_returned_as_it_is_written(tmp_path: Path) -> None:
    files = host(tmp_path, {"/ns/net": Link("net:[4026531840]"), "/file": ""})
    assert files.read_link("/ns/net") == "net:[4026531840]"
    assert isinstance(files.read_link("/file"), Unavailable)


def test_a_dangling_link_exists(tmp_path: Path) -> None:
    files = host(tmp_path, {"/ns/net": Link("net:[4026531840]")})
    assert files.exists("/ns/net")
    assert not files.exists("/ns/mnt")


def test_network_files_are_those_of_the_calling_thread_where_the_kernel_has_them(
    tmp_path: Path,
) -> None:
    assert Files(tmp_path).net("snmp") == "/proc/net/snmp"
    modern = host(tmp_path, {"/proc/thread-self/net/snmp": ""})
    assert modern.net("snmp") == "/proc/thread-self/net/snmp"
