"""Receive-side scaling: tables and hashed fields as requests, and the key left alone."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import AdvisorError
from advisor.model.address import NicAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live import WriteError
from advisor.settings.live.nic_rss import RssSettings, steering_rules
from tests.unit.settings.live.fake_driver import FakeDriver, FakeKernel

TABLE = NicAddress("eth0", ("rss", "indirection"))
DEFAULT = (0, 1, 2, 3, 0, 1, 2, 3)


@pytest.fixture(params=[True, False], ids=["6.8", "before 6.8"])
def driver(request: pytest.FixtureRequest) -> FakeDriver:
    return FakeDriver(knows_transformations=request.param)


@pytest.fixture
def rss(tmp_path: Path, driver: FakeDriver) -> RssSettings:
    return RssSettings(FakeKernel(tmp_path, driver))


def test_a_table_is_read_checked_and_written(rss: RssSettings, driver: FakeDriver) -> None:
    table = (0, 1, 0, 1, 0, 1, 0, 1)
    assert rss.read(TABLE) == DEFAULT
    rss.check(TABLE, table, DEFAULT)
    rss.write(TABLE, table)
    assert driver.table == list(table)
    assert rss.read(TABLE) == table


def test_the_kernels_own_table_is_asked_for_as_such(rss: RssSettings, driver: FakeDriver) -> None:
    # A table that was written keeps the kernel from lowering the number of channels later.
    rss.write(TABLE, (3,) * 8)
    rss.write(TABLE, DEFAULT)
    assert driver.table == list(DEFAULT)
    assert len(driver.requests[-1]) == 24, "a request without a table"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ((0, 1), "as many slots"),
        ((4,) * 8, "only 4 receive queues"),
        ((-1,) * 8, "negative"),
        ((True,) * 8, "numbers"),
        ("equal", "numbers"),
        ((), "as many slots"),
    ],
)
def test_a_table_that_cannot_be_is_refused(rss: RssSettings, value: Any, why: str) -> None:
    with pytest.raises(AdvisorError, match=why):
        rss.check(TABLE, value, DEFAULT)


def test_a_table_of_another_size_is_not_written(rss: RssSettings, driver: FakeDriver) -> None:
    with pytest.raises(WriteError, match="8 slots now"):
        rss.write(TABLE, (0, 1))
    assert driver.table == list(DEFAULT)


@pytest.mark.parametrize(
    ("name", "letters", "flow_type", "bits"),
    [
        ("tcp4", "sdfn", 1, 0xF0),
        ("udp4", "nfds", 2, 0xF0),
        ("udp6", "sd", 6, 0x30),
        ("esp4", "", 4, 0),
    ],
)
def test_hashed_fields_are_written_as_bits(
    rss: RssSettings, driver: FakeDriver, name: str, letters: str, flow_type: int, bits: int
) -> None:
    address = NicAddress("eth0", ("rss", "hash", name))
    rss.check(address, letters, "sd")
    rss.write(address, letters)
    assert driver.hashed[flow_type] == bits


@pytest.mark.parametrize(
    ("name", "letters"), [("tcp4", "sdr"), ("tcp4", "xyz"), ("tcp4", 5), ("tcp5", "sd")]
)
def test_fields_that_are_not_known_are_refused(rss: RssSettings, name: str, letters: Any) -> None:
    address = NicAddress("eth0", ("rss", "hash", name))
    with pytest.raises(AdvisorError):
        rss.check(address, letters, "sd")
    with pytest.raises(AdvisorError):
        rss.write(address, letters)


def test_what_the_driver_does_not_say_is_no_value(rss: RssSettings) -> None:
    assert rss.read(NicAddress("eth0", ("rss", "hash", "udp4"))) == "sd"
    assert isinstance(rss.read(NicAddress("eth0", ("rss", "hash", "sctp6"))), Unavailable)


def test_a_name_that_moved_while_it_was_used_is_an_error(
    rss: RssSettings, driver: FakeDriver
) -> None:
    # The ioctl goes by name: what it did may have met another interface.
    assert isinstance(rss.kernel, FakeKernel)
    index = rss.kernel.index
    driver.before_answer = lambda: index.write_text("3\n")
    with pytest.raises(WriteError, match="renamed or replaced") as error:
        rss.write(NicAddress("eth0", ("rss", "hash", "tcp4")), "sd")
    assert error.value.errno == errno.ENODEV
    index.write_text("2\n")
    assert isinstance(rss.read(TABLE), Unavailable)


def test_steering_rules_are_counted(driver: FakeDriver) -> None:
    driver.rules = 3
    assert steering_rules(driver, "eth0") == 3
