"""Listening sockets from recorded files, and their keys."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.files import Files
from advisor.facts.listeners import parse_proc_tcp, read_listeners
from advisor.model.stack import Listener
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host

pytestmark = pytest.mark.skipif(
    sys.byteorder == "big", reason="the recorded addresses are of a little-endian machine"
)

RECORDED = Path(__file__).parent / "recorded"
TCP = (RECORDED / "tcp").read_text()
TCP6 = (RECORDED / "tcp6").read_text()
HEADER = TCP.splitlines(keepends=True)[0]


def test_recorded_files_give_the_accept_queue_but_not_the_backlog(tmp_path: Path) -> None:
    found = read_listeners(host(tmp_path, {"/proc/net/tcp": TCP, "/proc/net/tcp6": TCP6}))
    assert isinstance(found, dict)
    assert list(found) == [
        "0.0.0.0:80",
        "0.0.0.0:80#2",
        "[2001:db8::17]:443",
        "[::]:443",
        "127.0.0.1:444",
        "127.0.0.1:8080",
    ]
    assert found["127.0.0.1:8080"] == Listener(
        address="127.0.0.1",
        port=8080,
        accept_queue=129,
        backlog=Unavailable("/proc/net/tcp does not show it, and inet_diag is not available"),
        drops=None,
        loopback=True,
        uid=33,
        inode=5301,
    )
    assert [key for key, each in found.items() if each.loopback] == [
        "127.0.0.1:444",
        "127.0.0.1:8080",
    ]


def test_sockets_that_share_a_port_are_numbered_by_their_inodes(tmp_path: Path) -> None:
    lines = TCP.splitlines(keepends=True)
    reordered = "".join([lines[0], lines[3], lines[2], lines[1]])
    one = read_listeners(host(tmp_path / "1", {"/proc/net/tcp": TCP}))
    other = read_listeners(host(tmp_path / "2", {"/proc/net/tcp": reordered}))
    assert one == other
    assert isinstance(one, dict)
    assert (one["0.0.0.0:80"].inode, one["0.0.0.0:80#2"].inode) == (5302, 5303)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "/proc/net/tcp does not exist"),
        ({"/proc/net/tcp": ""}, "not as the kernel writes it"),
        ({"/proc/net/tcp": TCP, "/proc/net/tcp6": "x\n"}, "not as the kernel writes it"),
        ({"/proc/net/tcp": TCP.replace("0100007F:1F90", "01007F:1F90")}, "not as the kernel"),
        ({"/proc/net/tcp": TCP.replace("00000081", "x")}, "not as the kernel"),
        ({"/proc/net/tcp": TCP.replace(":00000081", "")}, "not as the kernel"),
        ({"/proc/net/tcp": TCP.replace(" 5301 ", f" {2**40} ")}, "not as the kernel"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    found = read_listeners(host(tmp_path, files))
    assert isinstance(found, Unavailable)
    assert reason in found.reason


def test_a_kernel_without_ipv6_has_ipv4_listeners(tmp_path: Path) -> None:
    found = read_listeners(host(tmp_path, {"/proc/net/tcp": HEADER}))
    assert found == {}


WORDS = st.sampled_from(
    ["0A", "01", "0100007F:0050", "0:0", "-1:-1", "00000000:00000000", "7", "\n"]
)


@given(st.text() | st.lists(WORDS).map(lambda words: f"{HEADER} 0: {' '.join(words)}"))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    parse_proc_tcp(text)


def test_this_host_can_be_read() -> None:
    found = read_listeners(Files())
    assert isinstance(found, dict)
    assert all(isinstance(each.backlog, int) for each in found.values()) or not found
