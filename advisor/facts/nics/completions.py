"""How each driver lays out completions, and which channel forms it accepts (Linux 6.12).

This is knowledge about drivers: the kernel reports who shares an interrupt or a NAPI instance, but
not whether receive and transmit completions also share a ring.
"""

from __future__ import annotations

from typing import NamedTuple

SHARED_RING = "shared-ring"
SHARED_NAPI = "shared-napi"
SEPARATE = "separate"
UNKNOWN = "unknown"


class Completions(NamedTuple):
    """A driver's ways.

    Attributes:
        layout: How a receive and a transmit queue that share a channel complete; SEPARATE when
            they never share a NAPI instance.
        can_split: Whether `ethtool -L DEV rx N tx N` is accepted.
        split_halves_queues: Whether that halves the number of queues there can be.
        varies: Whether the two may also be apart, so that the driver alone does not tell.
    """

    layout: str
    can_split: bool = False
    split_halves_queues: bool = False
    varies: bool = False


_SHARED_NAPI = Completions(SHARED_NAPI)
_SPLIT_FORM = Completions(SEPARATE, can_split=True)
_EVENT_QUEUE = Completions(SHARED_RING, varies=True)
_EITHER_FORM = Completions(SHARED_NAPI, can_split=True, split_halves_queues=True, varies=True)

COMPLETIONS: dict[str, Completions] = {
    # __bnxt_poll_work walks one ring of receive and transmit completions, and only the receive
    # ones count against the budget; for newer chips see `completions_of`.
    "bnxt_en": _EITHER_FORM._replace(layout=SHARED_RING),
    # netvsc_poll: one VMBus ring carries both.
    "hv_netvsc": Completions(SHARED_RING),
    # efx_ef10_ev_process, ef100_ev_process: one event queue carries both. Channels of their own are
    # a matter of a module parameter (separate_tx_channels).
    "sfc": _EVENT_QUEUE,
    "sfc_falcon": _EVENT_QUEUE,
    "sfc_siena": _EVENT_QUEUE,
    # ionic_set_channels: combined, or rx and tx equal, then at half the maximum.
    "ionic": _EITHER_FORM,
    # qede_set_channels: the sum of all kinds counts against the maximum.
    "qede": _EITHER_FORM,
    # Combined plus more receive or more transmit channels, but not both.
    "be2net": _SHARED_NAPI,
    "ice": _SHARED_NAPI,
    "idpf": _SHARED_NAPI,
    "nfp": _SHARED_NAPI,
    "nfp_netvf": _SHARED_NAPI,
    # mlx5e_napi_poll and the like: transmit completions first, without a budget, then receive.
    "atlantic": _SHARED_NAPI,
    "bnx2x": _SHARED_NAPI,
    "e1000": _SHARED_NAPI,
    "ena": _SHARED_NAPI,
    "fbnic": _SHARED_NAPI,
    "fec": _SHARED_NAPI,
    "fm10k": _SHARED_NAPI,
    "fsl_enetc": _SHARED_NAPI,
    "fsl_enetc_vf": _SHARED_NAPI,
    "hns3": _SHARED_NAPI,
    "i40e": _SHARED_NAPI,
    "iavf": _SHARED_NAPI,
    "igb": _SHARED_NAPI,
    "igc": _SHARED_NAPI,
    "ixgbe": _SHARED_NAPI,
    "ixgbevf": _SHARED_NAPI,
    "mlx5_core": _SHARED_NAPI,
    "ngbe": _SHARED_NAPI,
    "r8169": _SHARED_NAPI,
    "txgbe": _SHARED_NAPI,
    # e1000e_poll; with vectors of their own, transmit completions are handled in the interrupt.
    "e1000e": Completions(SHARED_NAPI, varies=True),
    # Receive and transmit counts only; one NAPI instance still serves one of each.
    "rvu-nicpf": Completions(SHARED_NAPI, can_split=True),
    "rvu-nicvf": Completions(SHARED_NAPI, can_split=True),
    # Transmit queues are on vectors of their own unless there are several (tg3_mem_tx_acquire).
    "tg3": Completions(SHARED_NAPI, can_split=True, varies=True),
    # One vector for a queue pair, or one for each, as the hypervisor grants (rxtx, rx, tx).
    "vmxnet3": Completions(SHARED_NAPI, varies=True),
    # Own NAPI instances, receive and transmit counts only. mlx4: on the same interrupt.
    "am65-cpsw-nuss": _SPLIT_FORM,
    "cpsw": _SPLIT_FORM,
    "funeth": _SPLIT_FORM,
    "gve": _SPLIT_FORM,
    "mlx4_en": _SPLIT_FORM,
    "st_gmac": _SPLIT_FORM,
    "veth": _SPLIT_FORM,
    # Own NAPI instances (igbvf: the interrupt itself) although channels are combined. macb, mana:
    # on the same interrupt.
    "bcmgenet": Completions(SEPARATE),
    "enic": Completions(SEPARATE),
    "hinic": Completions(SEPARATE),
    "igbvf": Completions(SEPARATE),
    "lan743x": Completions(SEPARATE),
    "macb": Completions(SEPARATE),
    "mana": Completions(SEPARATE),
    "vif": Completions(SEPARATE),
    "virtio_net": Completions(SEPARATE),
}

# BNXT_CHIP_P5_PLUS and their virtual functions: a completion ring for each receive and transmit
# ring, notified through one queue and polled by one NAPI instance (bnxt_pci_tbl, bnxt_poll_p5).
_BNXT_P5_PLUS = frozenset(
    {
        *range(0x1750, 0x1753),
        *range(0x1760, 0x1764),
        *range(0x1800, 0x180A),
        0x1819,
        0x181B,
    }
)


def completions_of(driver: str, device_id: str | None = None) -> Completions | None:
    """What is known of a driver, None when nothing is.

    Args:
        driver: Kernel driver.
        device_id: PCI device number ("0x16d7"), which tells the generations of bnxt_en apart.
    """
    known = COMPLETIONS.get(driver)
    if driver != "bnxt_en" or known is None:
        return known
    try:
        generation = int(device_id or "", 16)
    except ValueError:
        return known._replace(layout=UNKNOWN)
    return known._replace(layout=SHARED_NAPI) if generation in _BNXT_P5_PLUS else known
