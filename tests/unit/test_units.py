"""Numbers for people."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.units import FORMATS, format_value


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0, "bytes", "0 B"),
        (1, "bytes", "1 B"),
        (1023, "bytes", "1023 B"),
        (1024, "bytes", "1 KiB"),
        (1536, "bytes", "1.5 KiB"),
        (4096, "bytes", "4 KiB"),
        (131072, "bytes", "128 KiB"),
        (6291456, "bytes", "6 MiB"),
        (33554432, "bytes", "32 MiB"),
        (100_000_000, "bytes", "95.4 MiB"),
        (17179869184, "bytes", "16 GiB"),
        (2**41, "bytes", "2 TiB"),
        (-2048, "bytes", "-2 KiB"),
        (0, "bitrate", "0 bit/s"),
        (999, "bitrate", "999 bit/s"),
        (1000, "bitrate", "1 kbit/s"),
        (1_260_000_000, "bitrate", "1.26 Gbit/s"),
        (400_000_000_000, "bitrate", "400 Gbit/s"),
        (3e15, "bitrate", "3000 Tbit/s"),
        (10000, "mbit", "10 Gbit/s"),
        (100, "mbit", "100 Mbit/s"),
        (0, "count", "0"),
        (999, "count", "999"),
        (482193, "count", "482\u202f193"),
        (1234567, "count", "1\u202f234\u202f567"),
        (99999, "count", "99999"),
        (100_000, "count", "100\u202f000"),
        (-4500, "count", "-4500"),
        (-123456, "count", "-123\u202f456"),
        (12.0, "count", "12"),
        (12.5, "count", "12.5"),
        (0, "percent", "0 %"),
        (0.125, "percent", "12.5 %"),
        (1, "percent", "100 %"),
        (0.00012, "percent", "0.01 %"),
        (0.000012, "percent", "0.0012 %"),
        (0, "rate", "0/s"),
        (2.5, "rate", "2.5/s"),
        (50_000, "rate", "50000/s"),
        (0, "s", "0 µs"),
        (0.0000005, "s", "0.5 µs"),
        (0.0145, "s", "14.5 ms"),
        (1, "s", "1 s"),
        (90, "s", "90 s"),
        (119, "s", "119 s"),
        (120, "s", "2 min"),
        (7200, "s", "2 h"),
        (432000, "s", "5 days"),
        (14.5, "ms", "14.5 ms"),
        (2500, "ms", "2.5 s"),
        (20, "us", "20 µs"),
        (1500, "us", "1.5 ms"),
        (8000, "us", "8 ms"),
        ((4096, 131072, 6291456), "bytes", "4 KiB 128 KiB 6 MiB"),
        ([1, 2000], "count", "1 2000"),
        (True, "bytes", "yes"),
        ("fq", "bytes", "fq"),
        (True, "", "yes"),
        (False, "", "no"),
        (4096, "", "4096"),
        (0.5, "", "0.5"),
        (1 / 3, "", "0.33"),
        (12345.678, "", "12346"),
        (99.96, "", "100"),
        (9.999, "", "10"),
        (0.0001234, "", "0.00012"),
        ((1, 2), "", "1 2"),
        ("cubic", "", "cubic"),
        (10**400, "bytes", str(10**400)),
    ],
)
def test_a_value_is_written_as_people_read_it(value: Any, unit: str, text: str) -> None:
    assert format_value(value, unit) == text


def test_there_is_no_number_in_a_unit_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        format_value(1, "furlong")


@given(
    st.integers() | st.floats() | st.integers(-(10**400), 10**400),
    st.sampled_from(["", *FORMATS]),
)
def test_every_number_can_be_written_in_every_unit(value: float, unit: str) -> None:
    text = format_value(value, unit)
    assert text
    assert text == text.strip()
    assert "\n" not in text


@given(st.integers(1, 2**60))
def test_bytes_are_written_within_one_part_in_a_hundred(value: int) -> None:
    number, unit = format_value(value, "bytes").split()
    size = 1024 ** ["B", "KiB", "MiB", "GiB", "TiB"].index(unit)
    assert float(number) * size == pytest.approx(value, rel=0.01)


@given(st.floats(1e-9, 1e9))
def test_durations_are_written_within_one_part_in_a_hundred(value: float) -> None:
    number, unit = format_value(value, "s").split()
    sizes = {"µs": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600, "days": 86400}
    assert float(number) * sizes[unit] == pytest.approx(value, rel=0.05)


@given(st.integers(-(10**15), 10**15))
def test_counts_are_exact(value: int) -> None:
    text = format_value(value, "count")
    assert int(text.replace("\u202f", "")) == value
    assert re.fullmatch(r"-?(\d{1,5}|\d{3}\u202f\d{3}|\d{1,3}(\u202f\d{3}){2,})", text)
