"""What the drivers' own counters (`ethtool -S`) mean: each driver has its own names for things.

The names are those of the drivers in Linux 6.12 (drivers/net), with older forms where they differ.
To teach a driver, add its lines to the tables.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from advisor.facts.nics.napis import QueueFacts

# A counter of one queue: `way` rx or tx, `queue` its number, `what` is counted. Several counters of
# one kind (unicast, multicast) add up.
_WORDS = r"(?P<way>rx|tx)_queue_(?P<queue>\d+)_(?P<what>packets|bytes|drops)"
_NUMBERED = r"(?P<way>rx|tx)(?P<queue>\d+)_(?P<what>packets|bytes|drops|dropped)"
_DOTTED = r"(?P<way>rx|tx)-(?P<queue>\d+)\.(?:[rt]x_)?(?P<what>packets|bytes)"
_MIDDLE = r"(?P<way>rx|tx)_(?P<queue>\d+)_(?P<what>packets|pkts|bytes)"
_BRACKETS = r"\[(?P<queue>\d+)\]: (?P<way>rx|tx)_(?:[umb]cast_)?(?P<what>packets|bytes|discards)"
_QUEUE_COUNTERS: dict[str, tuple[str, ...]] = {
    "bnx2x": (_BRACKETS,),
    "bnxt_en": (_BRACKETS,),
    "ena": (r"queue_(?P<queue>\d+)_(?P<way>rx|tx)_(?P<what>cnt|bytes)",),
    "gve": (r"(?P<way>rx|tx)_(?P<what>packets|bytes|dropped_pkt)\[(?P<queue>\d+)\]",),
    "hns3": (r"(?P<way>rx|tx)q(?P<queue>\d+)_(?P<what>packets|bytes)",),
    "hv_netvsc": (_WORDS,),
    "i40e": (_DOTTED,),
    "iavf": (_DOTTED,),
    "ice": (_WORDS,),
    "idpf": (r"(?P<way>rx|tx)_q-(?P<queue>\d+)_(?P<what>pkts|bytes)",),
    "igb": (_WORDS,),
    "igc": (_WORDS,),
    "ionic": (_MIDDLE,),
    "ixgbe": (_WORDS,),
    "ixgbevf": (_WORDS,),
    "mana": (_MIDDLE,),
    "mlx4_en": (_NUMBERED,),
    "mlx5_core": (_NUMBERED,),
    "nfp": (r"rvec_(?P<queue>\d+)_(?P<way>rx|tx)_(?P<what>pkts)",),
    "veth": (_WORDS,),
    "virtio_net": (_NUMBERED, _WORDS),  # the second form before 6.8
    "vmxnet3": (
        r"(?P<way>rx|tx)(?P<queue>\d+) [umb]cast (?P<what>pkts|bytes) [rt]x",
        r"(?P<way>rx)(?P<queue>\d+) (?:drv )?(?P<what>dropped rx total)",
        r"(?P<way>rx)(?P<queue>\d+) (?P<what>pkts rx OOB)",
    ),
}
_COMMON_FORMS = (_WORDS, _NUMBERED, _DOTTED)

_PACKETS = ("packets", "pkts", "cnt")

# Packets lost because the receive ring had no free descriptor; all that match add up.
_RING_FULL: dict[str, str] = {
    "gve": r"rx_no_buffers_posted\[\d+\]",
    "i40e": r"port\.rx_discards",
    "iavf": r"rx_discards",
    "ice": r"rx_dropped\.nic",
    # Missed: no room in the packet buffer. The others: no descriptor, while dropping is enabled.
    "igb": r"rx_missed_errors|rx_queue_\d+_drops",
    "igc": r"rx_missed_errors|rx_queue_\d+_drops",
    "ixgbe": r"rx_missed_errors|rx_no_dma_resources",
    "mana": r"hc_rx_discards_no_wqe",
    "mlx5_core": r"rx_out_of_buffer",
    "vmxnet3": r"rx\d+ pkts rx OOB",
}
# The standard counter that means it, where it is not rx_missed_errors. ENA: the device drops when
# the ring is full, and the driver reports that as rx_dropped (ENA_Linux_Best_Practices.rst).
_RING_FULL_STANDARD = {"ena": "rx_dropped"}
# Their rings are emptied of buffers unseen: the host drops, and counts on its side. virtio_net
# reports it since 6.9, if the host does, as rx-hw-drop-overruns of netdev qstats.
_NEVER_TELL = ("hv_netvsc", "vif", "virtio_net")

# vmxnet3 repeats its names for every queue, indented below a line that carries the number.
_QUEUE_HEADING = {"Rx Queue#": "rx", "Tx Queue#": "tx"}


def by_name(counters: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The counters as a dictionary; indented ones get their queue in front: "rx0 pkts rx OOB"."""
    named: dict[str, int] = {}
    queue = ""
    for name, value in counters:
        if name in _QUEUE_HEADING:
            queue = f"{_QUEUE_HEADING[name]}{value} "
        elif name.startswith(" "):
            named[queue + name.strip()] = value
        elif name:
            named[name] = value
    return named


def rx_ring_full(
    driver: str,
    counters: Mapping[str, int],
    standard: Mapping[str, int],
    overruns: int | None = None,
) -> int | None:
    """Packets lost because no receive descriptor was free; None when the driver does not tell.

    Args:
        driver: Kernel driver.
        counters: Its own counters.
        standard: The standard counters. rx_missed_errors is "packets missed by the host … due to
            lack of buffer space" (include/uapi/linux/if_link.h).
        overruns: What the kernel's queue statistics say.
    """
    pattern = _RING_FULL.get(driver)
    if pattern is not None:
        found = [value for name, value in counters.items() if re.fullmatch(pattern, name)]
        if found:
            return sum(found)
    if overruns is not None:
        return overruns
    if driver in _NEVER_TELL:
        return None
    return standard.get(_RING_FULL_STANDARD.get(driver, "rx_missed_errors"))


def queue_counters(
    driver: str, counters: Mapping[str, int]
) -> tuple[dict[int, QueueFacts], dict[int, QueueFacts]]:
    """Receive and transmit queue number → its counters, for those that the driver counts."""
    sums: dict[tuple[str, int], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    patterns = _patterns(driver)
    for name, value in counters.items():
        for pattern in patterns:
            match = pattern.fullmatch(name)
            if match is not None:
                sums[match["way"], int(match["queue"])][_meaning(match["what"])] += value
                break
    queues: dict[str, dict[int, QueueFacts]] = {"rx": {}, "tx": {}}
    for (way, queue), counted in sums.items():
        queues[way][queue] = QueueFacts(
            packets=counted.get("packets"), bytes=counted.get("bytes"), drops=counted.get("drops")
        )
    return queues["rx"], queues["tx"]


@cache
def _patterns(driver: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form) for form in _QUEUE_COUNTERS.get(driver, _COMMON_FORMS))


def _meaning(what: str) -> str:
    if what in _PACKETS:
        return "packets"
    return "bytes" if what == "bytes" else "drops"
