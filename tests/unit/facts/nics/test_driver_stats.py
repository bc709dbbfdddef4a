"""The drivers' own counters become the same facts for every driver."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.nics.driver_stats import (
    by_name,
    queue_counters,
    rx_ring_full,
    with_current_names,
)
from advisor.facts.nics.napis import QueueFacts

RECORDED = Path(__file__).parent / "ethtool_stats"
_INDENT = 5

Counted = tuple[int | None, int | None, int | None]


def counters(name: str) -> dict[str, int]:
    """The counters of a file that holds what `ethtool -S` prints."""
    _heading, *lines = (RECORDED / f"{name}.txt").read_text().splitlines()
    pairs = (line[_INDENT:].rpartition(": ") for line in lines)
    return by_name((key, int(value)) for key, _colon, value in pairs)


def driver_of(name: str) -> str:
    """The driver whose counters a file holds: "virtio_net" for "virtio_net_5.10"."""
    return re.sub(r"_\d+\.\d+$", "", name)


# File, receive and transmit queues: number → packets, bytes, drops.
QUEUES: list[tuple[str, dict[int, Counted], dict[int, Counted]]] = [
    (
        "mlx5_core",
        {0: (600, 60000, None), 1: (300, 30000, None)},
        {0: (200, 20000, 4), 1: (300, 30000, None)},
    ),
    (
        "ixgbe",
        {0: (500, 50000, None), 1: (200, 20000, None)},
        {0: (150, 15000, None), 1: (250, 25000, None)},
    ),
    ("igb", {0: (700, 70000, 3), 1: (0, 0, 4)}, {0: (100, 10000, None)}),
    (
        "i40e",
        {0: (600, 60000, None), 1: (300, 30000, None)},
        {0: (200, 20000, None), 1: (300, 30000, None)},
    ),
    ("ice", {0: (600, 60000, None)}, {0: (200, 20000, None)}),
    ("bnxt_en", {0: (550, 55000, 7), 1: (250, 25000, 0)}, {0: (101, 10100, 5)}),
    (
        "ena",
        {0: (200, 20000, None), 1: (400, 40000, None)},
        {0: (100, 10000, None), 1: (300, 30000, None)},
    ),
    ("virtio_net", {0: (None, None, 2)}, {}),
    ("virtio_net_5.10", {0: (900, 90000, 0)}, {0: (500, 50000, None)}),
    ("vmxnet3", {0: (200, 20000, 7), 1: (50, 5000, 4)}, {0: (100, 10000, None), 1: (5, 500, None)}),
    ("hv_netvsc", {0: (200, 20000, None)}, {0: (100, 10000, None)}),
    ("gve", {0: (None, 30000, 4)}, {0: (None, 10000, None)}),
    ("mana", {0: (200, 20000, None)}, {0: (100, 10000, None)}),
    (
        "atlantic",
        {0: (600, None, None), 1: (300, None, None)},
        {0: (200, None, None), 1: (300, None, None)},
    ),
    ("bnx2x", {0: (650, 60000, 7)}, {0: (200, 20000, None)}),
    ("hns3", {0: (600, 60000, None)}, {0: (200, 20000, None), 1: (300, 30000, None)}),
    ("idpf", {0: (600, 60000, None)}, {0: (200, 20000, None)}),
    ("ionic", {0: (600, 60000, None)}, {0: (200, 20000, None)}),
    ("ixgbevf", {0: (600, 60000, None)}, {0: (200, 20000, None)}),
    ("mlx4_en", {0: (600, 60000, 7)}, {0: (200, 20000, None)}),
    ("nfp", {0: (600, None, None)}, {0: (200, None, None)}),
    # Neither the second traffic class nor XDP is the queue's traffic.
    ("qede", {0: (600, None, None)}, {0: (200, None, None)}),
    ("rvu-nicpf", {0: (600, 60000, None)}, {0: (200, 20000, None)}),
    ("tg3", {}, {}),
    # XDP is not the queue's traffic.
    ("veth", {0: (None, None, 5), 1: (None, None, 0)}, {}),
]


@pytest.mark.parametrize(("name", "rx", "tx"), QUEUES, ids=[case[0] for case in QUEUES])
def test_counters_of_a_queue_are_found(
    name: str, rx: dict[int, Counted], tx: dict[int, Counted]
) -> None:
    found = queue_counters(driver_of(name), counters(name))
    assert found == (
        {queue: QueueFacts(*counted) for queue, counted in rx.items()},
        {queue: QueueFacts(*counted) for queue, counted in tx.items()},
    )


STANDARD = {"rx_missed_errors": 1000, "rx_dropped": 2000, "rx_fifo_errors": 3000}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mlx5_core", 17),
        ("ixgbe", 11 + 6),
        ("igb", 2 + 3 + 4),
        # Without a descriptor, and without room in the packet buffer of the port.
        ("i40e", 4 + 23),
        ("i40e_6.1", 4 + 23),
        ("ice", 9 + 31),
        ("vmxnet3", 6 + 4),
        ("gve", 8 + 1),
        ("mana", 12),
        ("atlantic", 12),
        ("bnx2x", 7),
        ("enic", 12),
        ("ionic", 12),
        ("qede", 12),
        ("sfc", 12),
        # The standard counter says it: bnxt_en adds up the discards of its rings there.
        ("bnxt_en", 1000),
        ("tg3", 1000),
        ("r8169", 1000),
        ("mlx4_en", 3000),
        # ENA reports drops of a full ring as rx_dropped.
        ("ena", 2000),
        # The host drops, and the guest cannot see it.
        ("virtio_net", None),
        ("hv_netvsc", None),
        ("hns3", None),
        ("idpf", None),
        ("ixgbevf", None),
        # What filters and programs drop is counted along.
        ("nfp", None),
        ("rvu-nicpf", None),
    ],
)
def test_a_full_receive_ring_is_recognised(name: str, expected: int | None) -> None:
    driver = driver_of(name)
    own = with_current_names(driver, counters(name))
    assert rx_ring_full(driver, own, STANDARD) == expected


@pytest.mark.parametrize(("xdp", "expected"), [(0, 2000), (1500, 500), (2500, 0)])
def test_what_xdp_drops_is_not_a_full_ring(xdp: int, expected: int) -> None:
    assert rx_ring_full("ena", {"queue_0_rx_xdp_drop": xdp}, STANDARD) == expected


def test_a_driver_without_its_own_counters_falls_back_to_the_standard_one() -> None:
    assert rx_ring_full("mlx5_core", {}, STANDARD) == 1000
    assert rx_ring_full("new_nic", {}, STANDARD) == 1000
    assert rx_ring_full("new_nic", {}, {}) is None


def test_the_kernels_queue_statistics_speak_where_the_driver_does_not() -> None:
    assert rx_ring_full("virtio_net", counters("virtio_net"), STANDARD, overruns=5) == 5
    assert rx_ring_full("mlx5_core", counters("mlx5_core"), STANDARD, overruns=5) == 17


def test_transmit_rings_behind_the_receive_rings_are_queues_from_0_on() -> None:
    # bnxt_en with `ethtool -L eth0 rx 2 tx 2`.
    own = {f"[{ring}]: rx_ucast_packets": 10 + ring for ring in (0, 1)}
    own |= {f"[{ring}]: tx_ucast_packets": 20 + ring for ring in (2, 3)}
    assert queue_counters("bnxt_en", own) == (
        {0: QueueFacts(packets=10), 1: QueueFacts(packets=11)},
        {0: QueueFacts(packets=22), 1: QueueFacts(packets=23)},
    )


def test_unknown_drivers_are_tried_with_the_common_forms() -> None:
    rx, tx = queue_counters("new_nic", {"rx_queue_3_packets": 1, "tx7_bytes": 2, "ch0_poll": 3})
    assert (rx, tx) == ({3: QueueFacts(packets=1)}, {7: QueueFacts(bytes=2)})


def test_names_that_repeat_for_every_queue_are_told_apart() -> None:
    named = counters("vmxnet3")
    assert named["rx0 pkts rx OOB"] == 6
    assert named["rx1 pkts rx OOB"] == 4
    assert named["tx timeout count"] == 1


@given(
    driver=st.sampled_from(sorted({_case[0] for _case in QUEUES})),
    pairs=st.lists(
        st.tuples(
            st.text(max_size=32)
            | st.from_regex(r"(rx|tx)_?(queue_)?[0-9]{1,4}_(packets|bytes)", fullmatch=True),
            st.integers(0, (1 << 64) - 1),
        ),
        max_size=20,
    ),
)
def test_whatever_a_driver_calls_its_counters_is_accepted(
    driver: str, pairs: list[tuple[str, int]]
) -> None:
    named = by_name(pairs)
    for queues in queue_counters(driver, named):
        for facts in queues.values():
            assert any(value is not None for value in (facts.packets, facts.bytes, facts.drops))
    assert (
        rx_ring_full(driver, named, {"rx_missed_errors": 0, "rx_dropped": 0})
        in (
            None,
            0,
            *(value for value in [sum(named.values()), *named.values()]),
        )
        or len(named) > 1
    )
