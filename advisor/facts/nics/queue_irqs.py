"""Which interrupt serves which queue, by what the drivers call their interrupts.

The names are those of the drivers in Linux 6.12: "eth0-TxRx-0" (bnxt_en, igb, igc, ixgbe),
"eth0-rx-0" and "eth0-tx-0" (the same drivers with separate vectors, enic, funeth),
"i40e-eth0-TxRx-0" (i40e, ice, iavf, idpf, hns3), "eth0-Tx-Rx-0" (ena), "eth0-rxtx-0" (nfp, vmxnet3,
octeontx2), "eth0-fp-0" (bnx2x, qede), "virtio2-input.0", "vif0-q0-rx" (Xen), "eth0_rxq0" (hinic),
"ionic-eth0-L0-rx0", "mlx5_comp0@pci:…", "mlx4-1@…", "mana_q0@pci:…", "gve-ntfy-blk0@pci:…",
"virtio2-virtqueues" (one vector for all queues), "eth0-q0" (be2net), "eth0-0" (sfc).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from advisor.model.system import Irq

_BOTH = "both"
_ROLES = {"rx": "rx", "input": "rx", "tx": "tx", "output": "tx"}
_END = re.compile(
    r"(?:^|[-:._ ])(?P<role>tx-?rx|rx-?tx|fp|rx|tx|input|output)q?[-._]?(?P<number>\d+)$", re.I
)
_XEN = re.compile(r"-q(?P<number>\d+)-(?P<role>rx|tx)$")  # "vif0-q0-rx"; "eth0-q0-rx" before 5.6
_NUMBERED = re.compile(r"(?:mlx5_comp|mlx4-|mana_q)(?P<number>\d+)(?:@|$)")
# "gve-ntfy-blk0@pci:…"; "eth%d-ntfy-block.0" in 6.1, named before the interface is.
_GVE = re.compile(r"(?:^gve-ntfy-blk|-ntfy-block\.)(?P<number>\d+)(?:@|$)")
_BLOCK = "block"
_ALL_QUEUES = re.compile(r"virtio\d+-virtqueues$")  # vp_find_vqs_msix, without vectors for each
# Names that mean something in one driver only: tg3 calls its vector for link events "eth0-0".
_OF_DRIVER = {
    "be2net": re.compile(r"-q(?P<number>\d+)$"),
    "sfc": re.compile(r"-(?P<number>\d+)$"),
    "sfc_falcon": re.compile(r"-(?P<number>\d+)$"),
    "sfc_siena": re.compile(r"-(?P<number>\d+)$"),
}
# Queues of i40e and ice for Flow Director and control, named like the interface's own.
_NOT_FOR_TRAFFIC = re.compile(r":(?:fdir|ctrl)\b")


@dataclass(frozen=True, slots=True)
class QueueIrqs:
    """The interrupts of an interface by what they serve, in the order of the queues.

    Attributes:
        rx: Interrupt of each receive queue; a single one serves all of them.
        tx: Interrupt of each transmit queue; a single one serves all of them.
    """

    rx: tuple[int, ...] = ()
    tx: tuple[int, ...] = ()

    @property
    def shared(self) -> bool | None:
        """Whether receive and transmit queues share interrupts, None when that is not known."""
        if not self.rx or not self.tx:
            return None
        return not set(self.rx).isdisjoint(self.tx)


def queue_irqs(driver: str, irqs: Iterable[Irq]) -> QueueIrqs:
    """The interrupts of one interface that serve queues; others (link, admin) are left out.

    Drivers number the vectors of a kind in the order of the queues, but do not always start at 0:
    bnxt_en numbers transmit vectors behind the receive ones, ice goes on counting where a kind
    ends. So it is the order that counts.
    """
    own = list(irqs)
    if len(own) == 1 and own[0].nic in own[0].name.split(", "):
        # Named after the interface, and there is no other: it serves everything (r8169, e1000).
        return QueueIrqs(rx=(own[0].irq,), tx=(own[0].irq,))
    roles = [(*_role(irq.name, driver), irq.irq) for irq in own]
    blocks = sorted((number, irq) for role, number, irq in roles if role == _BLOCK)
    if blocks:
        # gve_tx_idx_to_ntfy and gve_rx_idx_to_ntfy: the first half is for transmit queues.
        half = len(blocks) // 2
        return QueueIrqs(
            tx=tuple(irq for _number, irq in blocks[:half]),
            rx=tuple(irq for _number, irq in blocks[half:]),
        )
    rx = _ordered(roles, "rx")
    tx = _ordered(roles, "tx")
    if driver == "ionic" and rx and not tx:
        # Combined: the transmit queue uses the receive queue's vector, which keeps its name.
        tx = rx
    return QueueIrqs(rx=rx, tx=tx)


def _ordered(roles: Iterable[tuple[str, int, int]], wanted: str) -> tuple[int, ...]:
    return tuple(
        irq for number, irq in sorted((n, irq) for role, n, irq in roles if role in (wanted, _BOTH))
    )


def _role(names: str, driver: str) -> tuple[str, int]:
    """What an interrupt serves and its number there; ("", 0) when its name does not say."""
    for name in names.split(", "):
        if _NOT_FOR_TRAFFIC.search(name):
            continue
        match = _END.search(name) or _XEN.search(name)
        if match is not None:
            return _ROLES.get(match["role"].lower(), _BOTH), int(match["number"])
        match = _NUMBERED.match(name)
        if match is not None:
            return _BOTH, int(match["number"])
        match = _GVE.search(name)
        if match is not None:
            return _BLOCK, int(match["number"])
        if _ALL_QUEUES.match(name):
            return _BOTH, 0
        match = _OF_DRIVER[driver].search(name) if driver in _OF_DRIVER else None
        if match is not None:
            return _BOTH, int(match["number"])
    return "", 0
