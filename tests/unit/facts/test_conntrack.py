"""Connection tracking from recorded files of several kernels."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.conntrack import parse_stats, read_conntrack
from advisor.model.stack import Conntrack
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host

RECORDED = Path(__file__).parent / "recorded"
NEW = (RECORDED / "nf_conntrack_6.12").read_text()
OLD = (RECORDED / "nf_conntrack_5.4").read_text()
SYSCTLS = {
    "/proc/sys/net/netfilter/nf_conntrack_count": "258\n",
    "/proc/sys/net/netfilter/nf_conntrack_max": "262144\n",
    "/proc/sys/net/netfilter/nf_conntrack_buckets": "65536\n",
}


def test_counters_are_summed_over_the_cpus() -> None:
    stats = parse_stats(NEW)
    assert isinstance(stats, dict)
    assert stats["drop"] == 0xFA
    assert stats["early_drop"] == 9
    assert stats["insert_failed"] == 4
    assert stats["invalid"] == 4
    assert stats["clashres"] == 2
    assert stats["search_restart"] == 10
    assert stats["chaintoolong"] == 8


def test_the_size_of_the_table_is_no_counter() -> None:
    stats = parse_stats(NEW)
    assert isinstance(stats, dict)
    assert "entries" not in stats


def test_columns_have_the_names_that_the_kernel_gives_them() -> None:
    stats = parse_stats(OLD)
    assert isinstance(stats, dict)
    assert stats["searched"] == 1
    assert "clashres" not in stats
    assert "chaintoolong" not in stats
    assert stats["drop"] == 10


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: does not name the counters"),
        ("entries drop\n", "line 1: no CPU follows"),
        ("entries drop\n0 x\n", "line 2: 'x' is not a counter"),
        ("entries drop\n0 -1\n", "line 2: '-1' is not a counter"),
    ],
)
def test_what_is_not_understood_says_where(text: str, reason: str) -> None:
    stats = parse_stats(text)
    assert isinstance(stats, Unavailable)
    assert stats.reason == f"/proc/net/stat/nf_conntrack {reason}"


@given(st.text() | st.lists(st.sampled_from(["drop", "0", "ffffffff", "g", "\n"])).map(" ".join))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    parse_stats(text)


def test_entries_in_the_table_show_that_packets_are_tracked(tmp_path: Path) -> None:
    found = read_conntrack(host(tmp_path, {**SYSCTLS, "/proc/net/stat/nf_conntrack": NEW}))
    assert isinstance(found, Conntrack)
    assert (found.count, found.max, found.buckets) == (258, 262144, 65536)
    assert (found.active, found.active_source) == (True, "entries in the table")
    assert found.stats == parse_stats(NEW)


def test_an_empty_table_of_recorded_files_leaves_it_open(tmp_path: Path) -> None:
    count = {"/proc/sys/net/netfilter/nf_conntrack_count": "0\n"}
    found = read_conntrack(host(tmp_path, SYSCTLS | count))
    assert isinstance(found, Conntrack)
    assert found.active == Unavailable(
        "the table is empty, and recorded files do not show netfilter hooks"
    )
    assert isinstance(found.stats, Unavailable)


def test_without_its_sysctls_tracking_is_not_loaded(tmp_path: Path) -> None:
    found = read_conntrack(host(tmp_path, {"/proc/sys/net/core/somaxconn": "4096\n"}))
    assert found == Unavailable("connection tracking is not loaded")


def test_hidden_sysctls_do_not_say_that_it_is_not_loaded(tmp_path: Path) -> None:
    found = read_conntrack(host(tmp_path, {"/proc/uptime": "1.0 1.0\n"}))
    assert isinstance(found, Unavailable)
    assert found.reason.startswith("/proc/sys/net does not exist")


@pytest.mark.parametrize("name", ["count", "max", "buckets"])
def test_a_sysctl_that_is_no_number_makes_it_unavailable(tmp_path: Path, name: str) -> None:
    path = f"/proc/sys/net/netfilter/nf_conntrack_{name}"
    found = read_conntrack(host(tmp_path, {**SYSCTLS, path: "many\n"}))
    assert found == Unavailable(f"{path} does not hold a number")
