"""CPU lists and masks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.cpulist import (
    format_cpu_list,
    format_cpu_mask,
    parse_cpu_list,
    parse_cpu_mask,
)
from advisor.model.unavailable import Unavailable

CPU_SETS = st.sets(st.integers(0, 1023))


@pytest.mark.parametrize(
    ("text", "cpus"),
    [
        ("", ()),
        ("\n", ()),
        ("0\n", (0,)),
        ("0-3,8\n", (0, 1, 2, 3, 8)),
        ("8,0-1", (0, 1, 8)),
        ("0-1,1-2", (0, 1, 2)),
        ("190-191", (190, 191)),
    ],
)
def test_a_list_names_its_cpus(text: str, cpus: tuple[int, ...]) -> None:
    assert parse_cpu_list(text) == cpus


@pytest.mark.parametrize(
    ("text", "cpus"),
    [
        ("0\n", ()),
        ("f\n", (0, 1, 2, 3)),
        ("FF", tuple(range(8))),
        ("1,00000000\n", (32,)),
        ("80000000,00000000,00000001", (0, 95)),
        ("00000000,00000003", (0, 1)),
        ("ff,00000001", (0, *range(32, 40))),
    ],
)
def test_a_mask_has_groups_of_32_cpus_the_highest_first(text: str, cpus: tuple[int, ...]) -> None:
    assert parse_cpu_mask(text) == cpus


@pytest.mark.parametrize("text", ["a", "3-1", "-1", "1-", "0-99999999999", "0x1", "1;2"])
def test_what_is_no_list_is_unavailable(text: str) -> None:
    assert isinstance(parse_cpu_list(text), Unavailable)


@pytest.mark.parametrize("text", ["", "g", "f,,f", "0xff", "123456789", "-1", "1_0", "f f", ",1"])
def test_what_is_no_mask_is_unavailable(text: str) -> None:
    assert isinstance(parse_cpu_mask(text), Unavailable)


def test_a_mask_longer_than_any_machine_is_unavailable() -> None:
    assert isinstance(parse_cpu_mask(",".join(["00000001"] * 10_000)), Unavailable)


@pytest.mark.parametrize(
    ("cpus", "as_list", "as_mask"),
    [
        ((), "", "0"),
        ((0,), "0", "1"),
        ((0, 1, 2, 3, 8), "0-3,8", "10f"),
        ((4,), "4", "10"),
        ((32,), "32", "1,00000000"),
        ((64, 65), "64-65", "3,00000000,00000000"),
    ],
)
def test_cpus_are_printed_as_the_kernel_does(
    cpus: tuple[int, ...], as_list: str, as_mask: str
) -> None:
    assert (format_cpu_list(cpus), format_cpu_mask(cpus)) == (as_list, as_mask)


@given(CPU_SETS)
def test_a_printed_list_reads_back(cpus: set[int]) -> None:
    assert parse_cpu_list(format_cpu_list(cpus)) == tuple(sorted(cpus))


@given(CPU_SETS)
def test_a_printed_mask_reads_back(cpus: set[int]) -> None:
    assert parse_cpu_mask(format_cpu_mask(cpus)) == tuple(sorted(cpus))


@given(CPU_SETS)
def test_each_group_of_a_printed_mask_fits_32_bits(cpus: set[int]) -> None:
    first, *rest = format_cpu_mask(cpus).split(",")
    assert 1 <= len(first) <= 8
    assert all(len(group) == 8 for group in rest)
