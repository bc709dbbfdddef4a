"""Main memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.memory import parse_meminfo, read_memory
from advisor.model.system import Memory
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host

MEMINFO = """\
MemTotal:        1048576 kB
MemFree:            2612 kB
MemAvailable:     619376 kB
Buffers:               0 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
"""


def test_memory_is_in_bytes(tmp_path: Path) -> None:
    assert read_memory(host(tmp_path, {"/proc/meminfo": MEMINFO})) == Memory(
        total=1048576 * 1024, available=619376 * 1024, free=2612 * 1024
    )


@pytest.mark.parametrize("name", ["MemTotal", "MemFree", "MemAvailable"])
def test_a_missing_amount_is_named(name: str) -> None:
    text = "".join(line for line in MEMINFO.splitlines(True) if not line.startswith(f"{name}:"))
    assert parse_meminfo(text) == Unavailable(f"/proc/meminfo has no {name}")


def test_an_amount_that_is_no_number_counts_as_missing() -> None:
    text = MEMINFO.replace("1048576 kB", "lots")
    assert parse_meminfo(text) == Unavailable("/proc/meminfo has no MemTotal")
