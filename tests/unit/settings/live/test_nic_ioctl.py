"""Changes over the ioctl: one field changes, the others are written back as they were."""

from __future__ import annotations

import errno

import pytest

from advisor.facts.nics.ethtool_ioctl_settings import COALESCE_FIELDS
from advisor.settings.live.nic_ioctl import write_feature, write_fields, write_private_flag
from tests.unit.settings.live.fake_driver import FakeDriver


@pytest.mark.parametrize(
    ("group", "get", "fields", "expected"),
    [
        ("channels", 0x3C, {"combined": 2}, [8, 8, 1, 8, 0, 0, 1, 2]),
        ("channels", 0x3C, {"combined": 0, "rx": 2, "tx": 3}, [8, 8, 1, 8, 2, 3, 1, 0]),
        ("ring", 0x10, {"rx": 1024}, [4096, 0, 8192, 4096, 1024, 0, 1024, 256]),
        ("ring", 0x10, {"rx_jumbo": 2048, "tx": 64}, [4096, 0, 8192, 4096, 512, 0, 2048, 64]),
        ("coalesce", 0x0E, {"rx_usecs": 99}, [99, *range(1, 22)]),
        ("coalesce", 0x0E, {"adaptive_tx": 0}, [*range(10), 0, *range(11, 22)]),
        ("pause", 0x12, {"rx": 1}, [1, 1, 1]),
    ],
)
def test_one_field_changes_and_the_others_stay(
    group: str, get: int, fields: dict[str, int], expected: list[int]
) -> None:
    driver = FakeDriver()
    write_fields(driver, "eth0", group, fields)
    assert driver.words[get] == expected
    assert list(COALESCE_FIELDS.values()).index("adaptive_tx") == 10


def test_what_only_netlink_carries_is_not_written_halfway() -> None:
    driver = FakeDriver()
    with pytest.raises(OSError) as error:
        write_fields(driver, "eth0", "ring", {"rx": 1024, "tx_push": 1})
    assert error.value.errno == errno.EOPNOTSUPP
    assert driver.requests == []


@pytest.mark.parametrize(
    ("name", "on", "after"),
    [("rx-lro", True, 0b1001), ("tx-scatter-gather", False, 0), ("tx-late", True, 1 << 34 | 1)],
)
def test_one_offload_is_asked_for(name: str, on: bool, after: int) -> None:
    driver = FakeDriver()
    write_feature(driver, "eth0", name, on=on)
    assert driver.features == after


@pytest.mark.parametrize(
    ("name", "on", "after"),
    [("legacy.rx flag", True, 0b11), ("rx_cqe_compress", False, 0), ("rx_cqe_compress", True, 1)],
)
def test_one_private_flag_changes(name: str, on: bool, after: int) -> None:
    driver = FakeDriver()
    write_private_flag(driver, "eth0", name, on=on)
    assert driver.flags == after


@pytest.mark.parametrize("write", [write_feature, write_private_flag])
def test_an_unknown_name_changes_nothing(write: object) -> None:
    driver = FakeDriver()
    assert callable(write)
    with pytest.raises(OSError, match="nothing of this name"):
        write(driver, "eth0", "nix", on=True)
    assert (driver.features, driver.flags) == (1, 1)
