"""Numbers and lists as maps write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.report.map.words import cpus_text, listed, percent, ranges, several, short


@pytest.mark.parametrize(
    ("numbers", "most", "text"),
    [
        ([], None, ""),
        ([3], None, "3"),
        ([0, 1, 2, 3, 8], None, "0-3,8"),
        ([8, 3, 2, 2], None, "2-3,8"),
        ([0, 16, 32, 48, 64], 11, "0,16..64"),
        ([0, 16, 32, 48, 65], 11, "5 of them"),
        (range(128), 11, "0-127"),
    ],
)
def test_numbers_are_written_as_ranges(numbers: list[int], most: int | None, text: str) -> None:
    assert ranges(numbers, most) == text


@given(st.sets(st.integers(0, 300)))
def test_ranges_name_every_number_and_no_other(numbers: set[int]) -> None:
    named = set()
    for part in filter(None, ranges(numbers).split(",")):
        low, _, high = part.partition("-")
        named |= set(range(int(low), int(high or low) + 1))
    assert named == numbers


@given(st.sets(st.integers(0, 4096), min_size=1), st.integers(11, 40))
def test_ranges_keep_to_their_room(numbers: set[int], most: int) -> None:
    assert len(ranges(numbers, most)) <= max(most, len("4097 of them"))


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.0004, "0 %"),
        (0.011, "1.1 %"),
        (0.312, "31 %"),
        (0.989, "99 %"),
        (0.998, "99.8 %"),
        (1, "100 %"),
    ],
)
def test_shares_are_written_in_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (0.02, "<0.1"),
        (0.5, "0.5"),
        (7, "7"),
        (9.96, "10"),
        (999.4, "999"),
        (999.9, "1.0k"),
        (9800, "9.8k"),
        (99_960, "100k"),
        (999_900, "1.0M"),
        (12_345_678, "12.3M"),
        (3e9, "3.0G"),
    ],
)
def test_counts_are_written_short(number: float, text: str) -> None:
    assert short(number) == text


@given(st.floats(0, 9.99e11))
def test_a_short_number_is_at_most_five_characters(number: float) -> None:
    assert len(short(number)) <= 5


def test_words_follow_their_numbers() -> None:
    assert [several(count, "queue") for count in (0, 1, 2)] == ["0 queues", "1 queue", "2 queues"]
    assert [cpus_text(cpus) for cpus in ([5], [1, 2])] == ["CPU 5", "CPUs 1-2"]
    assert listed(["a", "", "b"]) == "a · b"
