"""Tables of neighbours, on kernels old and new."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.neighbours import parse_table, read_neighbours
from advisor.model.stack import NeighbourTable
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host

NEW = """\
entries  allocs   destroys hash_grows lookups  hits     res_failed rcv_probes_mcast \
rcv_probes_ucast periodic_gc_runs forced_gc_runs unresolved_discards table_fulls
000003f9 000000c2 000000e4 00000003   00000410 00000021 0000000a   00000000         \
00000000         00000000         00000002       00000010            00000100
000003f9 000000c3 0000009f 00000000   0000039c 00000048 00000001   00000000         \
00000000         000003b2         00000001       00000000            00000001
"""
"""Linux 6.18, two CPUs."""

OLD = """\
entries  allocs destroys hash_grows  lookups hits  res_failed  rcv_probes_mcast rcv_probes_ucast  \
periodic_gc_runs forced_gc_runs unresolved_discards
00000005  00000009 00000004 00000000  00000022 00000011  00000000  00000000 00000000  \
00000000 00000000 00000000
"""
"""Linux 3.10: no table_fulls."""

TABLE = NeighbourTable(
    entries=1017, table_fulls=257, forced_gc_runs=3, unresolved_discards=16, res_failed=11
)


def test_entries_are_of_the_table_and_counters_are_summed_over_the_cpus() -> None:
    assert parse_table(NEW) == TABLE


def test_a_counter_that_an_older_kernel_lacks_is_not_zero() -> None:
    assert parse_table(OLD) == NeighbourTable(5, None, 0, 0, 0)


def test_each_protocol_has_its_table(tmp_path: Path) -> None:
    files = host(tmp_path, {"/proc/net/stat/arp_cache": NEW, "/proc/net/stat/ndisc_cache": OLD})
    found = read_neighbours(files)
    assert found == {"ipv4": TABLE, "ipv6": NeighbourTable(5, None, 0, 0, 0)}


def test_a_kernel_without_ipv6_has_one(tmp_path: Path) -> None:
    assert read_neighbours(host(tmp_path, {"/proc/net/stat/arp_cache": NEW})) == {"ipv4": TABLE}


def test_another_namespace_does_not_show_them(tmp_path: Path) -> None:
    found = read_neighbours(host(tmp_path, {"/proc/net/snmp": ""}))
    assert isinstance(found, Unavailable)
    assert "first network namespace" in found.reason


def test_one_malformed_table_is_not_mistaken_for_a_missing_one(tmp_path: Path) -> None:
    files = host(tmp_path, {"/proc/net/stat/arp_cache": NEW, "/proc/net/stat/ndisc_cache": "x\n"})
    assert isinstance(read_neighbours(files), Unavailable)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "line 1: does not name the counters"),
        ("allocs lookups\n00 00\n", "line 1: does not name the counters"),
        ("entries allocs\n", "line 1: no CPU follows"),
        ("entries allocs\n01\n", "line 2: does not have a hexadecimal number for each name"),
        ("entries allocs\n01 02\n01 xy\n", "line 3: does not have a hexadecimal number"),
        ("entries allocs\n01 -2\n", "line 2: does not have a hexadecimal number"),
    ],
)
def test_a_malformed_file_says_where(text: str, reason: str) -> None:
    found = parse_table(text)
    assert isinstance(found, Unavailable)
    assert found.reason.startswith(f"/proc/net/stat/arp_cache {reason}")
