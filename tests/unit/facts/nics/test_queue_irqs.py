"""Interrupt names of every driver family lead to queues."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.nics.queue_irqs import QueueIrqs, queue_irqs
from advisor.model.system import Irq
from advisor.model.unavailable import NOT_READ


def irqs(*names: str) -> list[Irq]:
    """Interrupts 100, 101, … with these action names."""
    return [
        Irq(
            irq=number,
            name=name,
            nic="eth0",
            counts={},
            total=0,
            affinity=NOT_READ,
            effective=NOT_READ,
        )
        for number, name in enumerate(names, start=100)
    ]


# Driver, interrupts of one NIC in the order of their numbers (from 100), those of rx and tx queues.
# The formats are those that the drivers print, Linux 6.12.
CASES: list[tuple[str, list[str], tuple[int, ...], tuple[int, ...]]] = [
    ("bnxt_en", ["eth0-TxRx-0", "eth0-TxRx-1"], (100, 101), (100, 101)),
    # bnxt_setup_msix numbers all completion rings: transmit ones go on behind the receive ones.
    ("bnxt_en", ["eth0-rx-0", "eth0-rx-1", "eth0-tx-2", "eth0-tx-3"], (100, 101), (102, 103)),
    ("ixgbe", ["eth0-TxRx-0", "eth0-TxRx-1", "eth0"], (100, 101), (100, 101)),
    ("igb", ["eth0", "eth0-rx-0", "eth0-tx-0"], (101,), (102,)),
    ("igc", ["eth0", "eth0-TxRx-0", "eth0-TxRx-1"], (101, 102), (101, 102)),
    (
        "i40e",
        ["i40e-0000:3b:00.0:misc", "i40e-eth0-TxRx-0", "i40e-eth0-TxRx-1"],
        (101, 102),
        (101, 102),
    ),
    ("i40e", ["i40e-eth0-TxRx-0", "i40e-eth0:fdir-TxRx-0"], (100,), (100,)),
    ("ice", ["ice-eth0:ctrl-TxRx-0", "ice-eth0-TxRx-0"], (101,), (101,)),
    # ice counts on where a kind ends: one channel more for receiving.
    ("ice", ["ice-eth0-TxRx-0", "ice-eth0-TxRx-1", "ice-eth0-rx-2"], (100, 101, 102), (100, 101)),
    ("iavf", ["iavf-0000:00:06.0:mbx", "iavf-eth0-TxRx-0"], (101,), (101,)),
    ("idpf", ["idpf-eth0-TxRx-0", "idpf-eth0-TxRx-1"], (100, 101), (100, 101)),
    ("hns3", ["hns3-0000:7d:00.0-TxRx-0", "hns3-0000:7d:00.0-TxRx-1"], (100, 101), (100, 101)),
    ("ena", ["ena-mgmnt@pci:0000:00:05.0", "eth0-Tx-Rx-0", "eth0-Tx-Rx-1"], (101, 102), (101, 102)),
    ("nfp", ["eth0-rxtx-0", "eth0-rxtx-1"], (100, 101), (100, 101)),
    ("vmxnet3", ["eth0-rxtx-0", "eth0-rxtx-1", "eth0-event-2"], (100, 101), (100, 101)),
    ("vmxnet3", ["eth0-tx-0", "eth0-rx-0", "eth0-event-2"], (101,), (100,)),
    ("rvu-nicpf", ["eth0-qerr", "eth0-rxtx-0", "eth0-rxtx-1"], (101, 102), (101, 102)),
    ("tg3", ["eth0-tx-0", "eth0-rx-1", "eth0-rx-2"], (101, 102), (100,)),
    ("tg3", ["eth0-0", "eth0-txrx-1", "eth0-txrx-2"], (101, 102), (101, 102)),
    ("bnx2x", ["eth0", "eth0-fp-0", "eth0-fp-1"], (101, 102), (101, 102)),
    ("qede", ["eth0-fp-0", "eth0-fp-1"], (100, 101), (100, 101)),
    ("virtio_net", ["virtio2-config", "virtio2-input.0", "virtio2-output.0"], (101,), (102,)),
    (
        "virtio_net",
        ["virtio0-input.0", "virtio0-output.0", "virtio0-input.1", "virtio0-output.1"],
        (100, 102),
        (101, 103),
    ),
    ("vif", ["vif0-q0-tx", "vif0-q0-rx", "vif0-q1-tx", "vif0-q1-rx"], (101, 103), (100, 102)),
    ("enic", ["eth0-rx-0", "eth0-tx-0", "eth0-err", "eth0-notify"], (100,), (101,)),
    ("funeth", ["eth0-tx-0", "eth0-rx-0"], (101,), (100,)),
    ("hinic", ["eth0_rxq0", "eth0_txq0"], (100,), (101,)),
    ("st_gmac", ["eth0:mac", "eth0:rx-0", "eth0:rx-1", "eth0:tx-0"], (101, 102), (103,)),
    (
        "ionic",
        ["ionic-eth0-L0-admin0", "ionic-eth0-L0-rx0", "ionic-eth0-L0-rx1"],
        (101, 102),
        (101, 102),
    ),
    ("ionic", ["ionic-eth0-L0-rx0", "ionic-eth0-L0-tx0"], (100,), (101,)),
    (
        "mlx5_core",
        [
            "mlx5_async0@pci:0000:3b:00.0",
            "mlx5_comp0@pci:0000:3b:00.0",
            "mlx5_comp1@pci:0000:3b:00.0",
        ],
        (101, 102),
        (101, 102),
    ),
    ("mlx4_en", ["mlx4-async@pci:0000:3b:00.0", "mlx4-1@0000:3b:00.0"], (101,), (101,)),
    ("mana", ["mana_hwc@pci:7870:00:00.0", "mana_q0@pci:7870:00:00.0"], (101,), (101,)),
    # gve_tx_idx_to_ntfy, gve_rx_idx_to_ntfy: the first half of the blocks is for transmit queues.
    (
        "gve",
        [*(f"gve-ntfy-blk{n}@pci:0000:00:04.0" for n in range(4)), "gve-mgmnt@pci:0000:00:04.0"],
        (102, 103),
        (100, 101),
    ),
    ("gve", [f"eth%d-ntfy-block.{n}" for n in range(4)], (102, 103), (100, 101)),
    ("vif", ["eth0-q0-tx", "eth0-q0-rx", "eth0-q1-tx", "eth0-q1-rx"], (101, 103), (100, 102)),
    # More than nine: by number, not by text.
    (
        "ixgbe",
        [f"eth0-TxRx-{n}" for n in range(12)],
        tuple(range(100, 112)),
        tuple(range(100, 112)),
    ),
    ("ixgbe", ["eth0-TxRx-1", "eth0-TxRx-0"], (101, 100), (101, 100)),
    # One interrupt for everything, named after the interface.
    ("r8169", ["eth0"], (100,), (100,)),
    ("e1000", ["ehci_hcd:usb1, eth0"], (100,), (100,)),
    ("r8169", ["eth1"], (), ()),
    # What is left when the interface is down is not for queues.
    ("i40e", ["i40e-0000:3b:00.0:misc"], (), ()),
    ("virtio_net", ["virtio2-config", "virtio2-virtqueues"], (101,), (101,)),
    ("be2net", ["eth0-q0", "eth0-q1"], (100, 101), (100, 101)),
    ("sfc", ["eth0-0", "eth0-1"], (100, 101), (100, 101)),
    ("sfc", ["eth0-rx-0", "eth0-tx-0"], (100,), (101,)),
    ("e1000e", ["eth0-rx-0", "eth0-tx-0", "eth0"], (100,), (101,)),
    ("txgbe", ["eth0-TxRx-0", "eth0-TxRx-1"], (100, 101), (100, 101)),
    ("fsl_enetc", ["eth0-rxtx0", "eth0-rxtx1"], (100, 101), (100, 101)),
    ("hv_netvsc", [], (), ()),
]


@pytest.mark.parametrize(
    ("driver", "names", "rx", "tx"), CASES, ids=[f"{case[0]} {case[1][:2]}" for case in CASES]
)
def test_interrupts_are_in_the_order_of_the_queues(
    driver: str, names: list[str], rx: tuple[int, ...], tx: tuple[int, ...]
) -> None:
    assert queue_irqs(driver, irqs(*names)) == QueueIrqs(rx=rx, tx=tx)


def test_a_shared_line_serves_a_queue_if_one_of_its_names_says_so() -> None:
    assert queue_irqs("e1000e", irqs("i801_smbus, eth0-rx-0")).rx == (100,)


@pytest.mark.parametrize(
    ("rx", "tx", "shared"),
    [
        ((1, 2), (1, 2), True),
        ((1, 2, 3), (1, 2), True),
        ((1, 2), (3, 4), False),
        ((1,), (), None),
        ((), (), None),
    ],
)
def test_interrupts_are_shared_apart_or_unknown(
    rx: tuple[int, ...], tx: tuple[int, ...], shared: bool | None
) -> None:
    assert QueueIrqs(rx=rx, tx=tx).shared is shared


@given(st.lists(st.text(max_size=40) | st.from_regex(r"\S{0,6}-?(tx|rx)q?-?[0-9]+"), max_size=6))
def test_any_name_is_accepted_and_no_interrupt_appears_twice(names: list[str]) -> None:
    found = queue_irqs("ixgbe", irqs(*names))
    for numbers in (found.rx, found.tx):
        assert len(set(numbers)) == len(numbers) <= len(names)
