"""What drivers count under names of their own becomes the same facts for every driver."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.nics.counted import count, count_software
from advisor.facts.nics.counter_names import BEFORE, COUNTER_NAMES
from advisor.facts.nics.driver_stats import with_current_names
from advisor.facts.nics.napis import DeviceQueues
from advisor.model.nic_queues import Counted
from advisor.model.nic_settings import Pause
from advisor.model.unavailable import NOT_READ, Unavailable
from tests.unit.facts.nics.test_driver_stats import RECORDED, counters, driver_of

WIRE = {"rx_crc_errors": 77}
KERNELS_TIMEOUTS = 88


def counted(
    name: str, *, pause: Pause | Unavailable = NOT_READ, queues: DeviceQueues | None = None
) -> Counted:
    """What is counted, from a file of `ethtool -S` output; with 77 CRC errors by the standard
    counter and 88 timeouts by the kernel."""
    driver = driver_of(name)
    own = with_current_names(driver, counters(name))
    return count(driver, own, WIRE, pause, queues or DeviceQueues(), KERNELS_TIMEOUTS)


# File, what is counted; without mention: the kernel's own count, and None where it has none.
CASES: list[tuple[str, dict[str, Any]]] = [
    ("atlantic", {"rx_no_buffer": 5, "tx_stopped": 5, "xdp_drops": 9, "xdp_errors": 3}),
    ("bnx2x", {"rx_no_buffer": 2, "tx_stopped": 5, "rx_pause": 32, "tx_pause": 43, "wire": 7}),
    ("bnxt_en", {"rx_no_buffer": 3, "rx_pause": 34, "tx_pause": 56, "wire": 2}),
    (
        "ena",
        {
            "rx_no_buffer": 4,
            "tx_timeouts": 2,
            "tx_stopped": 9,
            "xdp_drops": 0,
            "xdp_errors": 3,
            "allowance": {"bw_in": 3, "bw_out": 7, "pps": 4, "conntrack": 0, "linklocal": 1},
        },
    ),
    ("enic", {"wire": 77}),
    (
        "gve",
        {"rx_no_buffer": 10, "tx_timeouts": 1, "tx_stopped": 6, "xdp_drops": 9, "xdp_errors": 15},
    ),
    ("hns3", {"rx_no_buffer": 3, "tx_stopped": 6, "rx_pause": 32, "tx_pause": 43, "wire": 7}),
    ("hv_netvsc", {"rx_no_buffer": 4, "tx_stopped": 5, "xdp_drops": 9}),
    (
        "i40e",
        {
            "rx_no_buffer": 5,
            "tx_timeouts": 1,
            "tx_stopped": 5,
            "rx_pause": 21 + 3,
            "tx_pause": 41 + 7,
            "wire": 6,
        },
    ),
    ("i40e_6.1", {"rx_no_buffer": 2, "tx_timeouts": 1, "tx_stopped": 5, "wire": 77}),
    (
        "ice",
        {
            "rx_no_buffer": 5,
            "tx_timeouts": 1,
            "tx_stopped": 5,
            "rx_pause": 21 + 3,
            "tx_pause": 41 + 4,
            "wire": 6,
        },
    ),
    ("idpf", {"tx_stopped": 5}),
    (
        "igb",
        {
            "rx_no_buffer": 2,
            "tx_timeouts": 1,
            "tx_stopped": 5,
            "rx_pause": 21,
            "tx_pause": 41,
            "wire": 7,
        },
    ),
    (
        "ionic",
        {
            "rx_no_buffer": 2,
            "xdp_drops": 9,
            "xdp_errors": 4,
            "rx_pause": 32,
            "tx_pause": 43,
            "wire": 3,
        },
    ),
    (
        "ixgbe",
        {
            "rx_no_buffer": 6,
            "tx_timeouts": 1,
            "tx_stopped": 5,
            "rx_pause": 21 + 2,
            "tx_pause": 41 + 3,
            "wire": 3,
        },
    ),
    ("ixgbevf", {"rx_no_buffer": 6, "tx_timeouts": 1, "tx_stopped": 5}),
    ("mana", {"tx_stopped": 5, "xdp_drops": 9}),
    (
        "mlx4_en",
        {
            "tx_timeouts": 1,
            "tx_stopped": 5,
            "xdp_drops": 9,
            "xdp_errors": 5,
            "rx_pause": 32,
            "tx_pause": 43,
            "wire": 3,
        },
    ),
    (
        "mlx5_core",
        {
            "rx_no_buffer": 7,
            "tx_stopped": 1,
            "xdp_drops": 10,
            "xdp_errors": 14,
            "rx_pause": 32,
            "tx_pause": 41,
            "pci_stalled": 60,
            "wire": 15,
        },
    ),
    ("nfp", {"rx_no_buffer": 2, "rx_pause": 32, "tx_pause": 43, "wire": 3}),
    ("qede", {"rx_no_buffer": 2, "tx_stopped": 5, "rx_pause": 32, "tx_pause": 43, "wire": 7}),
    ("r8169", {"wire": 77}),
    ("rvu-nicpf", {"rx_pause": 30, "tx_pause": 40, "wire": 3}),
    ("sfc", {"wire": 77}),
    ("tg3", {"rx_pause": 21, "tx_pause": 41, "wire": 7}),
    ("virtio_net", {"tx_timeouts": 1, "xdp_drops": 9, "xdp_errors": 2}),
    ("virtio_net_5.10", {"xdp_drops": 9, "xdp_errors": 2}),
    (
        "vmxnet3",
        {"rx_no_buffer": 3, "tx_timeouts": 1, "tx_stopped": 5, "xdp_drops": 9, "xdp_errors": 6},
    ),
]


@pytest.mark.parametrize(("name", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_drivers_counters_are_recognised(name: str, expected: dict[str, Any]) -> None:
    wanted = {"tx_timeouts": KERNELS_TIMEOUTS} | expected
    wanted["rx_bad_link"] = wanted.pop("wire", None)
    assert counted(name) == Counted(**wanted)


def test_every_recorded_output_is_expected_something_of() -> None:
    recorded = {file.stem for file in RECORDED.glob("*.txt")}
    assert recorded - {"veth"} == {name for name, _expected in CASES}


def test_a_software_interface_counts_what_xdp_does_and_nothing_else() -> None:
    assert count_software("veth", counters("veth")) == Counted(xdp_drops=7, xdp_errors=3)
    assert count_software("bridge", {"rx_crc_errors": 5}) == Counted()


def test_the_kernels_pause_statistics_come_before_the_drivers_names() -> None:
    pause = Pause(autoneg=False, rx=True, tx=True, rx_frames=1000, tx_frames=None)
    found = counted("mlx5_core", pause=pause)
    # Frames of single priorities (2 received, 1 sent) are not among them.
    assert (found.rx_pause, found.tx_pause) == (1002, 41)


def test_an_unknown_driver_has_the_kernels_pause_statistics_and_watchdog() -> None:
    pause = Pause(autoneg=False, rx=True, tx=True, rx_frames=5, tx_frames=0)
    found = count("new_nic", {"rx_pause": 9}, WIRE, pause, DeviceQueues(), KERNELS_TIMEOUTS)
    assert found == Counted(tx_timeouts=88, rx_pause=5, tx_pause=0, rx_bad_link=77)


def test_queue_statistics_fill_in_where_a_driver_has_no_names() -> None:
    queues = DeviceQueues(rx_no_buffer=7, tx_stopped=8, rx_limited=9, tx_limited=0)
    found = counted("virtio_net", queues=queues)
    assert (found.rx_no_buffer, found.tx_stopped) == (7, 8)
    assert found.allowance == {"bw_in": 9, "bw_out": 0}
    assert counted("mlx5_core", queues=queues).tx_stopped == 1


def test_nothing_is_counted_where_nothing_is_known() -> None:
    assert count("", {}, {}, NOT_READ, DeviceQueues(), None) == Counted()


def test_names_lead_to_fields_that_there_are_and_never_to_two() -> None:
    fields = {field.name for field in dataclasses.fields(Counted)}
    for driver, names in COUNTER_NAMES.items():
        assert set(names) <= fields | {"rx_pause_class", "tx_pause_class"}, driver
        for pattern in names.values():
            assert re.compile(pattern).groups == 0, (driver, pattern)
    for file in RECORDED.glob("*.txt"):
        names = COUNTER_NAMES.get(driver_of(file.stem), {})
        for counter in counters(file.stem):
            matching = [thing for thing, form in names.items() if re.fullmatch(form, counter)]
            assert len(matching) <= 1, (file.stem, counter)


def test_names_of_older_versions_do_not_hide_those_of_newer_ones() -> None:
    for driver, names in BEFORE.items():
        both = dict.fromkeys(names, 1) | dict.fromkeys(names.values(), 2)
        assert with_current_names(driver, both) == both
        old = dict.fromkeys(names.values(), 2)
        assert with_current_names(driver, old) == old | dict.fromkeys(names, 2)
    assert with_current_names("mlx5_core", {"rx_dropped": 2}) == {"rx_dropped": 2}


@given(
    driver=st.sampled_from(sorted(COUNTER_NAMES)),
    names=st.dictionaries(st.text(max_size=24), st.integers(0, (1 << 64) - 1), max_size=8),
)
def test_whatever_a_driver_counts_is_accepted(driver: str, names: dict[str, int]) -> None:
    found = count(driver, names, {}, NOT_READ, DeviceQueues(), None)
    for field in dataclasses.fields(found):
        value = getattr(found, field.name)
        assert value is None or isinstance(value, dict) or 0 <= value <= sum(names.values())
