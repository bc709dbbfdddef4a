"""Socket counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.files import Files
from advisor.facts.sockstat import parse_sockstat, read_sockstat
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host

SOCKSTAT = """\
sockets: used 332
TCP: inuse 10 orphan 0 tw 2 alloc 504 mem 68
UDP: inuse 1 mem 9
FRAG: inuse 0 memory 0
"""
SOCKSTAT6 = "TCP6: inuse 163\nFRAG6: inuse 0 memory 0\n"


def test_both_families_are_in_one_table(tmp_path: Path) -> None:
    files = host(tmp_path, {"/proc/net/sockstat": SOCKSTAT, "/proc/net/sockstat6": SOCKSTAT6})
    assert read_sockstat(files) == {
        "sockets": {"used": 332},
        "TCP": {"inuse": 10, "orphan": 0, "tw": 2, "alloc": 504, "mem": 68},
        "UDP": {"inuse": 1, "mem": 9},
        "FRAG": {"inuse": 0, "memory": 0},
        "TCP6": {"inuse": 163},
        "FRAG6": {"inuse": 0, "memory": 0},
    }


def test_a_kernel_without_ipv6_has_only_the_first(tmp_path: Path) -> None:
    counts = read_sockstat(host(tmp_path, {"/proc/net/sockstat": SOCKSTAT}))
    assert isinstance(counts, dict)
    assert list(counts) == ["sockets", "TCP", "UDP", "FRAG"]


def test_missing_counts_are_unavailable(tmp_path: Path) -> None:
    assert isinstance(read_sockstat(Files(tmp_path)), Unavailable)


@pytest.mark.parametrize(
    "text", ["TCP: inuse", "TCP: inuse many", "TCP inuse 1", "TCP: inuse 1 tw", "noise"]
)
def test_a_malformed_line_is_named(text: str) -> None:
    found = parse_sockstat(f"sockets: used 1\n{text}\n")
    assert isinstance(found, Unavailable)
    assert found.reason.startswith("/proc/net/sockstat line 2: ")


def test_a_malformed_second_file_spoils_the_section(tmp_path: Path) -> None:
    files = host(tmp_path, {"/proc/net/sockstat": SOCKSTAT, "/proc/net/sockstat6": "TCP6: x\n"})
    found = read_sockstat(files)
    assert isinstance(found, Unavailable)
    assert found.reason.startswith("/proc/net/sockstat6 line 1: ")
