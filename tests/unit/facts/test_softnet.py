"""Softnet counters on kernels old and new."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.softnet import parse_softnet, read_softnet
from advisor.model.stack import Softnet
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host


def line(columns: int, **values: int) -> str:
    """A line with so many columns; values by column: _1=11 is the second column."""
    cells = [values.get(f"_{column}", 0) for column in range(columns)]
    return " ".join(f"{cell:08x}" for cell in cells) + "\n"


NEW = line(15, _0=0x0B, _1=2, _2=3, _9=4, _10=5, _11=6, _12=0) + line(15, _0=0x829, _12=1)
"""6.12 and later: 15 columns."""

RHEL8 = line(11, _0=0x2976291, _2=0x114) + line(11, _0=0x77389C, _10=7)
"""4.18: 11 columns, no CPU."""

OLDEST = line(10, _0=1, _9=2)
"""2.6.35: 10 columns, no flow limit."""


def test_columns_have_their_meanings() -> None:
    counters = parse_softnet(NEW, ())
    assert isinstance(counters, dict)
    assert counters["0"] == Softnet(
        cpu=0,
        processed=11,
        dropped=2,
        time_squeeze=3,
        received_rps=4,
        flow_limit_count=5,
        backlog_len=6,
    )
    assert counters["1"].processed == 0x829


def test_offline_cpus_have_no_line_and_the_cpu_column_says_whose_it_is() -> None:
    assert parse_softnet(line(13, _12=0) + line(13, _12=3), (0, 3)) == {
        "0": Softnet(0, 0, 0, 0, 0, 0, 0),
        "3": Softnet(3, 0, 0, 0, 0, 0, 0),
    }


def test_columns_of_future_kernels_are_ignored() -> None:
    assert parse_softnet(line(20, _0=9, _12=2, _19=5), ()) == {"2": Softnet(2, 9, 0, 0, 0, 0, 0)}


def test_before_5_10_the_lines_are_those_of_the_online_cpus() -> None:
    assert parse_softnet(RHEL8, (0, 2)) == {
        "0": Softnet(0, 0x2976291, 0, 0x114, 0, 0, None),
        "2": Softnet(2, 0x77389C, 0, 0, 0, 7, None),
    }
    assert parse_softnet(OLDEST, (0,)) == {"0": Softnet(0, 1, 0, 0, 2, 0, None)}


@pytest.mark.parametrize("online", [(), (0,), (0, 1, 2)])
def test_lines_without_cpus_are_not_guessed_at(online: tuple[int, ...]) -> None:
    assert isinstance(parse_softnet(RHEL8, online), Unavailable)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "/proc/net/softnet_stat is empty"),
        (line(9), "/proc/net/softnet_stat line 1: has only 9 columns"),
        (line(15) + "x\n", "/proc/net/softnet_stat line 2: holds what is not hexadecimal"),
    ],
)
def test_a_malformed_file_says_where(text: str, reason: str) -> None:
    assert parse_softnet(text, (0, 1)) == Unavailable(reason)


@pytest.mark.parametrize(
    "cpus",
    [
        {"/sys/devices/system/cpu/online": "0-1\n"},
        {"/proc/stat": "cpu  1 1\ncpu0 1\ncpu1 1\nintr 1\n"},
    ],
)
def test_the_online_cpus_come_from_sysfs_or_else_from_stat(
    tmp_path: Path, cpus: dict[str, str]
) -> None:
    counters = read_softnet(host(tmp_path, {"/proc/net/softnet_stat": RHEL8, **cpus}))
    assert isinstance(counters, dict)
    assert list(counters) == ["0", "1"]


def test_a_container_that_hides_the_file_gives_the_reason(tmp_path: Path) -> None:
    found = read_softnet(host(tmp_path, {"/proc/stat": "cpu0 1\n"}))
    assert isinstance(found, Unavailable)
    assert "softnet_stat" in found.reason
