"""How receive and transmit completions of a NIC reach a CPU: together or apart."""

from __future__ import annotations

from advisor.facts.nics.completions import SEPARATE, UNKNOWN, Completions, completions_of
from advisor.facts.nics.napis import DeviceQueues, QueueFacts
from advisor.facts.nics.queue_irqs import QueueIrqs
from advisor.model.nic_queues import Topology
from advisor.model.nic_settings import Channels
from advisor.model.unavailable import Unavailable

_NETLINK = "netdev netlink"
_IRQ_NAMES = "interrupt names"
_CHANNELS = "channels"
_TABLE = "driver table"


def find_topology(
    driver: str,
    *,
    queues: DeviceQueues | None = None,
    irqs: QueueIrqs | None = None,
    channels: Channels | Unavailable | None = None,
    device_id: str | None = None,
) -> Topology:
    """The layout of a hardware NIC, from the best source there is.

    First what the kernel says of queues and NAPI instances, then what the driver calls its
    interrupts, then which form the channel counts have, then what the driver always does.

    Args:
        driver: Kernel driver.
        queues: NAPI instance of each queue.
        irqs: Interrupt of each queue.
        channels: Channel counts.
        device_id: PCI device number.
    """
    known = completions_of(driver, device_id)
    shared, source = _shared(known, queues, irqs, channels)
    if shared is False:
        layout = SEPARATE
    elif known is not None and (shared or not known.varies):
        layout = known.layout
    else:
        layout = UNKNOWN  # who shares is known at most, but not whether the ring is shared too
    return Topology(
        layout=layout,
        source=source,
        can_split=known is not None and known.can_split,
        split_halves_queues=known is not None and known.split_halves_queues,
    )


def software_topology(driver: str) -> Topology:
    """For interfaces without hardware: nothing completes later there."""
    known = completions_of(driver)
    return Topology(
        layout=UNKNOWN,
        source="software interface",
        can_split=known is not None and known.can_split,
    )


def _shared(
    known: Completions | None,
    queues: DeviceQueues | None,
    irqs: QueueIrqs | None,
    channels: Channels | Unavailable | None,
) -> tuple[bool | None, str]:
    """Whether receive and transmit queues share NAPI instances, and how that was found."""
    if queues is not None:
        rx, tx = _napis(queues.rx), _napis(queues.tx)
        if rx and tx:
            return not rx.isdisjoint(tx), _NETLINK
    if irqs is not None and irqs.shared is False:
        return False, _IRQ_NAMES
    if known is not None and known.layout == SEPARATE:
        return False, _TABLE  # also where both NAPI instances hang on one interrupt
    if irqs is not None and irqs.shared:
        return True, _IRQ_NAMES
    if isinstance(channels, Channels):
        if channels.combined:
            return True, _CHANNELS
        # Drivers without combined channels say nothing by having none (octeontx2).
        if channels.combined_max and channels.rx and channels.tx:
            return False, _CHANNELS
    return None, _TABLE


def _napis(queues: dict[int, QueueFacts]) -> set[int]:
    return {queue.napi for queue in queues.values() if queue.napi is not None}
