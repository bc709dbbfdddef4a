"""The completion layout of every driver, from each source."""

from __future__ import annotations

import pytest

from advisor.facts.nics.completions import COMPLETIONS
from advisor.facts.nics.napis import DeviceQueues, QueueFacts
from advisor.facts.nics.queue_irqs import queue_irqs
from advisor.facts.nics.topology import find_topology, software_topology
from advisor.model.nic_queues import Topology
from advisor.model.nic_settings import Channels
from tests.unit.facts.nics.test_queue_irqs import irqs

RING, NAPI, APART, UNKNOWN = "shared-ring", "shared-napi", "separate", "unknown"
NAMES, COUNTS, TABLE, NETLINK = "interrupt names", "channels", "driver table", "netdev netlink"

BCM57414 = "0x16d7"  # before P5: one completion ring
BCM57508 = "0x1750"  # P5
BCM57608 = "0x1760"  # P7
P5_VF = "0x1806"


def channels(rx: int = 0, tx: int = 0, combined: int = 0, combined_max: int = 8) -> Channels:
    """Counts as `ethtool -l` shows them."""
    return Channels(
        rx=rx,
        tx=tx,
        other=0,
        combined=combined,
        rx_max=rx,
        tx_max=tx,
        other_max=0,
        combined_max=combined_max,
    )


# Driver, PCI device, interrupt names, layout. Every driver that names its interrupts by role.
BY_NAMES: list[tuple[str, str | None, list[str], str, str]] = [
    ("bnxt_en", BCM57414, ["eth0-TxRx-0"], RING, NAMES),
    ("bnxt_en", BCM57508, ["eth0-TxRx-0"], NAPI, NAMES),
    ("bnxt_en", BCM57608, ["eth0-TxRx-0"], NAPI, NAMES),
    ("bnxt_en", P5_VF, ["eth0-TxRx-0"], NAPI, NAMES),
    ("bnxt_en", None, ["eth0-TxRx-0"], UNKNOWN, NAMES),
    ("bnxt_en", BCM57414, ["eth0-rx-0", "eth0-tx-1"], APART, NAMES),
    ("bnxt_en", None, ["eth0-rx-0", "eth0-tx-1"], APART, NAMES),
    ("ixgbe", None, ["eth0-TxRx-0"], NAPI, NAMES),
    ("ixgbe", None, ["eth0-rx-0", "eth0-tx-0"], APART, NAMES),
    ("igb", None, ["eth0-TxRx-0"], NAPI, NAMES),
    ("igc", None, ["eth0-TxRx-0"], NAPI, NAMES),
    ("i40e", None, ["i40e-eth0-TxRx-0"], NAPI, NAMES),
    ("ice", None, ["ice-eth0-TxRx-0", "ice-eth0-rx-1"], NAPI, NAMES),
    ("iavf", None, ["iavf-eth0-TxRx-0"], NAPI, NAMES),
    ("idpf", None, ["idpf-eth0-TxRx-0"], NAPI, NAMES),
    ("hns3", None, ["hns3-0000:7d:00.0-TxRx-0"], NAPI, NAMES),
    ("ena", None, ["eth0-Tx-Rx-0"], NAPI, NAMES),
    ("nfp", None, ["eth0-rxtx-0"], NAPI, NAMES),
    ("rvu-nicpf", None, ["eth0-rxtx-0"], NAPI, NAMES),
    ("vmxnet3", None, ["eth0-rxtx-0"], NAPI, NAMES),
    ("vmxnet3", None, ["eth0-rx-0", "eth0-tx-0"], APART, NAMES),
    ("tg3", None, ["eth0-txrx-1"], NAPI, NAMES),
    ("tg3", None, ["eth0-tx-0", "eth0-rx-1"], APART, NAMES),
    ("bnx2x", None, ["eth0-fp-0"], NAPI, NAMES),
    ("qede", None, ["eth0-fp-0"], NAPI, NAMES),
    ("ionic", None, ["ionic-eth0-L0-rx0"], NAPI, NAMES),
    ("ionic", None, ["ionic-eth0-L0-rx0", "ionic-eth0-L0-tx0"], APART, NAMES),
    ("mlx5_core", None, ["mlx5_comp0@pci:0000:3b:00.0"], NAPI, NAMES),
    ("virtio_net", None, ["virtio2-input.0", "virtio2-output.0"], APART, NAMES),
    ("vif", None, ["vif0-q0-tx", "vif0-q0-rx"], APART, NAMES),
    ("enic", None, ["eth0-rx-0", "eth0-tx-0"], APART, NAMES),
    ("funeth", None, ["eth0-rx-0", "eth0-tx-0"], APART, NAMES),
    ("hinic", None, ["eth0_rxq0", "eth0_txq0"], APART, NAMES),
    ("gve", None, ["gve-ntfy-blk0@pci:x", "gve-ntfy-blk1@pci:x"], APART, NAMES),
    ("sfc", None, ["eth0-0", "eth0-1"], RING, NAMES),
    ("sfc", None, ["eth0-rx-0", "eth0-tx-0"], APART, NAMES),
    ("be2net", None, ["eth0-q0", "eth0-q1"], NAPI, NAMES),
    ("e1000e", None, ["eth0-rx-0", "eth0-tx-0", "eth0"], APART, NAMES),
    ("e1000e", None, ["eth0"], NAPI, NAMES),
    ("r8169", None, ["eth0"], NAPI, NAMES),
    ("igbvf", None, ["eth0-tx-0", "eth0-rx-0", "eth0"], APART, NAMES),
    # One vector for all queues, but a NAPI instance for each.
    ("virtio_net", None, ["virtio2-config", "virtio2-virtqueues"], APART, TABLE),
    # One interrupt, but a NAPI instance for each completion queue.
    ("mana", None, ["mana_q0@pci:7870:00:00.0"], APART, TABLE),
    ("mlx4_en", None, ["mlx4-1@0000:3b:00.0"], APART, TABLE),
    # Together, but nobody knows how the driver lays out its rings.
    ("new_nic", None, ["eth0-TxRx-0"], UNKNOWN, NAMES),
    ("new_nic", None, ["eth0-rx-0", "eth0-tx-0"], APART, NAMES),
    ("new_nic", None, ["eth0"], UNKNOWN, NAMES),
    ("new_nic", None, ["eth0-0", "eth0-1"], UNKNOWN, TABLE),
]


@pytest.mark.parametrize(
    ("driver", "device", "names", "layout", "source"),
    BY_NAMES,
    ids=[f"{case[0]} {case[1]} {case[2][-1]}" for case in BY_NAMES],
)
def test_the_layout_follows_from_interrupt_names(
    driver: str, device: str | None, names: list[str], layout: str, source: str
) -> None:
    found = find_topology(driver, irqs=queue_irqs(driver, irqs(*names)), device_id=device)
    assert (found.layout, found.source) == (layout, source)


BY_CHANNELS = [
    ("bnxt_en", BCM57414, channels(combined=8), RING, COUNTS),
    ("bnxt_en", BCM57508, channels(combined=8), NAPI, COUNTS),
    ("bnxt_en", BCM57414, channels(rx=4, tx=4), APART, COUNTS),
    ("ionic", None, channels(rx=4, tx=4), APART, COUNTS),
    ("qede", None, channels(rx=4, tx=4), APART, COUNTS),
    ("hv_netvsc", None, channels(combined=8), RING, COUNTS),
    ("mlx5_core", None, channels(combined=8), NAPI, COUNTS),
    ("mana", None, channels(combined=8), APART, TABLE),
    ("virtio_net", None, channels(combined=4), APART, TABLE),
    # Receive and transmit counts only: having no combined channels says nothing.
    ("rvu-nicpf", None, channels(rx=8, tx=8, combined_max=0), NAPI, TABLE),
    ("gve", None, channels(rx=8, tx=8, combined_max=0), APART, TABLE),
    ("tg3", None, channels(rx=4, tx=1, combined_max=0), UNKNOWN, TABLE),
    ("new_nic", None, channels(rx=8, tx=8, combined_max=0), UNKNOWN, TABLE),
    ("new_nic", None, channels(rx=4, tx=4, combined_max=8), APART, COUNTS),
    ("new_nic", None, channels(combined=8), UNKNOWN, COUNTS),
]


@pytest.mark.parametrize(
    ("driver", "device", "counts", "layout", "source"),
    BY_CHANNELS,
    ids=[f"{case[0]} {case[1]} {case[2].combined}" for case in BY_CHANNELS],
)
def test_the_layout_follows_from_channels_where_names_are_silent(
    driver: str, device: str | None, counts: Channels, layout: str, source: str
) -> None:
    found = find_topology(driver, irqs=queue_irqs(driver, []), channels=counts, device_id=device)
    assert (found.layout, found.source) == (layout, source)


BY_DRIVER = [
    ("hv_netvsc", None, RING),
    ("mlx5_core", None, NAPI),
    ("ena", None, NAPI),
    ("virtio_net", None, APART),
    # These have both forms: the driver alone does not tell.
    ("bnxt_en", BCM57414, UNKNOWN),
    ("ionic", None, UNKNOWN),
    ("qede", None, UNKNOWN),
    ("vmxnet3", None, UNKNOWN),
    ("new_nic", None, UNKNOWN),
    ("", None, UNKNOWN),
]


@pytest.mark.parametrize(("driver", "device", "layout"), BY_DRIVER)
def test_the_driver_is_the_last_resort(driver: str, device: str | None, layout: str) -> None:
    found = find_topology(driver, device_id=device)
    assert (found.layout, found.source) == (layout, TABLE)


def napis(rx: list[int | None], tx: list[int | None]) -> DeviceQueues:
    """Queues with these NAPI instances."""
    return DeviceQueues(
        rx={queue: QueueFacts(napi=napi) for queue, napi in enumerate(rx)},
        tx={queue: QueueFacts(napi=napi) for queue, napi in enumerate(tx)},
    )


@pytest.mark.parametrize(
    ("driver", "device", "queues", "layout", "source"),
    [
        ("mlx5_core", None, napis([11, 12], [11, 12]), NAPI, NETLINK),
        ("bnxt_en", BCM57414, napis([11, 12], [11, 12]), RING, NETLINK),
        ("bnxt_en", BCM57508, napis([11, 12], [11, 12]), NAPI, NETLINK),
        ("bnxt_en", BCM57414, napis([11, 12], [13, 14]), APART, NETLINK),
        ("hv_netvsc", None, napis([11], [11]), RING, NETLINK),
        ("mlx4_en", None, napis([11], [12]), APART, NETLINK),
        # virtio_net links the receive side alone, other drivers nothing.
        ("virtio_net", None, napis([257], [None]), APART, TABLE),
        ("ena", None, napis([None], [None]), NAPI, TABLE),
    ],
)
def test_what_the_kernel_knows_of_napi_comes_first(
    driver: str, device: str | None, queues: DeviceQueues, layout: str, source: str
) -> None:
    found = find_topology(driver, queues=queues, device_id=device)
    assert (found.layout, found.source) == (layout, source)


def test_netlink_wins_over_names_and_names_over_channels() -> None:
    found = find_topology(
        "bnxt_en",
        queues=napis([11], [12]),
        irqs=queue_irqs("bnxt_en", irqs("eth0-TxRx-0")),
        channels=channels(combined=8),
        device_id=BCM57414,
    )
    assert (found.layout, found.source) == (APART, NETLINK)
    found = find_topology(
        "bnxt_en",
        irqs=queue_irqs("bnxt_en", irqs("eth0-rx-0", "eth0-tx-1")),
        channels=channels(combined=8),
        device_id=BCM57414,
    )
    assert (found.layout, found.source) == (APART, NAMES)


# What `ethtool -L` accepts, by the set_channels function of each driver.
@pytest.mark.parametrize(
    ("drivers", "can_split", "halves"),
    [
        (("bnxt_en", "ionic", "qede"), True, True),
        (
            (
                *("gve", "rvu-nicpf", "rvu-nicvf", "mlx4_en", "tg3", "funeth", "cpsw"),
                *("am65-cpsw-nuss", "st_gmac", "veth"),
            ),
            True,
            False,
        ),
        (("ice", "idpf", "nfp", "be2net"), False, False),
        (
            (
                *("mlx5_core", "ena", "ixgbe", "i40e", "iavf", "igb", "igc", "bnx2x", "hns3"),
                *("mana", "hv_netvsc", "virtio_net", "hinic", "netdevsim"),
            ),
            False,
            False,
        ),
        (("enic", "vmxnet3", "tun", "fsl_dpaa2_eth", "sfc", "r8169", "new_nic"), False, False),
    ],
)
def test_splitting_is_offered_only_where_the_driver_accepts_it(
    drivers: tuple[str, ...], can_split: bool, halves: bool
) -> None:
    for driver in drivers:
        found = find_topology(driver, device_id=BCM57414)
        assert (driver, found.can_split, found.split_halves_queues) == (driver, can_split, halves)


def test_software_interfaces_have_no_completions_to_lay_out() -> None:
    assert software_topology("veth") == Topology(UNKNOWN, "software interface", can_split=True)
    assert software_topology("bridge") == Topology(UNKNOWN, "software interface")


def test_only_a_driver_that_can_split_can_lose_queues_by_it() -> None:
    losing = {name for name, known in COMPLETIONS.items() if known.split_halves_queues}
    assert losing
    assert all(COMPLETIONS[name].can_split for name in losing)
