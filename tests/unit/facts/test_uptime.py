"""Seconds since boot."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.files import Files
from advisor.facts.uptime import parse_uptime, read_uptime
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host


def test_uptime_is_the_first_of_the_two_numbers(tmp_path: Path) -> None:
    assert read_uptime(host(tmp_path, {"/proc/uptime": "1209.64 2046.62\n"})) == 1209.64


def test_uptime_is_unavailable_without_its_file(tmp_path: Path) -> None:
    assert isinstance(read_uptime(Files(tmp_path)), Unavailable)


@pytest.mark.parametrize("text", ["", "soon", "nan 1", "inf", "-1 0"])
def test_what_is_no_time_is_unavailable(text: str) -> None:
    assert isinstance(parse_uptime(text), Unavailable)
