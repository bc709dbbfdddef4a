"""Counters of drivers under one name: see `advisor.model.nic_queues.Counted`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from advisor.facts.nics.counter_names import COUNTER_NAMES
from advisor.facts.nics.napis import DeviceQueues
from advisor.model.nic_queues import Counted
from advisor.model.nic_settings import Pause
from advisor.model.unavailable import Unavailable

_ALLOWANCE = re.compile(r"(bw_in|bw_out|pps|conntrack|linklocal)_allowance_exceeded")
_WITH_ALLOWANCES = "ena"

# rx_crc_errors is 0 in any case: there is no wire, or the driver does not fill it.
_NO_WIRE = (
    *("atlantic", "ena", "gve", "hv_netvsc", "iavf", "idpf", "igbvf", "ixgbevf", "mana"),
    *("nfp_netvf", "rvu-nicvf", "vif", "virtio_net", "vmxnet3"),
)


def count(
    driver: str,
    counters: Mapping[str, int],
    standard: Mapping[str, int],
    pause: Pause | Unavailable,
    queues: DeviceQueues,
    tx_timeouts: int | None,
) -> Counted:
    """What a hardware interface counts.

    A driver's own counters come first, except for pause frames; then what the kernel has of all
    drivers: pause statistics (5.9), queue statistics (6.9), watchdog, standard counters.

    Args:
        driver: Kernel driver.
        counters: Its own counters, by the names of `with_current_names`.
        standard: The standard counters.
        pause: Flow control.
        queues: Its queues as the kernel's core knows them.
        tx_timeouts: What the kernel's watchdog counts.
    """
    own = _sums(driver, counters)
    rx_pause = None if isinstance(pause, Unavailable) else pause.rx_frames
    tx_pause = None if isinstance(pause, Unavailable) else pause.tx_frames
    return Counted(
        rx_no_buffer=own.get("rx_no_buffer", queues.rx_no_buffer),
        tx_timeouts=own.get("tx_timeouts", tx_timeouts),
        tx_stopped=own.get("tx_stopped", queues.tx_stopped),
        xdp_drops=own.get("xdp_drops"),
        xdp_errors=own.get("xdp_errors"),
        rx_pause=_pause_frames(own, "rx_pause", rx_pause),
        tx_pause=_pause_frames(own, "tx_pause", tx_pause),
        pci_stalled=own.get("pci_stalled"),
        rx_bad_link=own.get(
            "rx_bad_link", None if driver in _NO_WIRE else standard.get("rx_crc_errors")
        ),
        allowance=_allowance(driver, counters, queues),
    )


def count_software(driver: str, counters: Mapping[str, int]) -> Counted:
    """What a software interface counts: what XDP does, as far as its driver has names for it."""
    own = _sums(driver, counters)
    return Counted(xdp_drops=own.get("xdp_drops"), xdp_errors=own.get("xdp_errors"))


def _pause_frames(own: Mapping[str, int], name: str, by_kernel: int | None) -> int | None:
    """Link-wide pause frames, and those of single priorities where the driver counts them."""
    link_wide = own.get(name) if by_kernel is None else by_kernel
    of_classes = own.get(f"{name}_class")
    if of_classes is None:
        return link_wide
    return of_classes + (link_wide or 0)


def _allowance(
    driver: str, counters: Mapping[str, int], queues: DeviceQueues
) -> dict[str, int] | None:
    """What went over a limit of the cloud instance; None where nothing tells of any."""
    if driver == _WITH_ALLOWANCES:
        matches = ((_ALLOWANCE.fullmatch(name), value) for name, value in counters.items())
        found = {match[1]: value for match, value in matches if match}
        return found or None
    limited = {"bw_in": queues.rx_limited, "bw_out": queues.tx_limited}
    return {name: value for name, value in limited.items() if value is not None} or None


def _sums(driver: str, counters: Mapping[str, int]) -> dict[str, int]:
    """What the driver's counters say of each thing that it has a name for."""
    pattern = _pattern(driver)
    if pattern is None:
        return {}
    sums: dict[str, int] = defaultdict(int)
    for name, value in counters.items():
        match = pattern.fullmatch(name)
        if match is not None and match.lastgroup is not None:
            sums[match.lastgroup] += value
    return dict(sums)


@cache
def _pattern(driver: str) -> re.Pattern[str] | None:
    names = COUNTER_NAMES.get(driver)
    if names is None:
        return None
    return re.compile("|".join(f"(?P<{thing}>{pattern})" for thing, pattern in names.items()))
