"""What the drivers' own counters (`ethtool -S`) mean: each driver has its own names for things.

The names are those of the drivers in Linux 6.12 (drivers/net), with older forms where they differ.
To teach a driver, add its lines to the tables.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from advisor.facts.nics.counter_names import BEFORE
from advisor.facts.nics.napis import QueueFacts

# A counter of one queue: `way` rx or tx, `queue` its number, `what` is counted. Several counters of
# one kind (unicast, multicast) add up.
_WORDS = r"(?P<way>rx|tx)_queue_(?P<queue>\d+)_(?P<what>packets|bytes|drops)"
_NUMBERED = r"(?P<way>rx|tx)(?P<queue>\d+)_(?P<what>packets|bytes|drops|dropped)"
_DOTTED = r"(?P<way>rx|tx)-(?P<queue>\d+)\.(?:[rt]x_)?(?P<what>packets|bytes)"
_MIDDLE = r"(?P<way>rx|tx)_(?P<queue>\d+)_(?P<what>packets|pkts|bytes)"
_COLON = r"(?P<way>rx|tx)q(?P<queue>\d+): (?P<what>frames|bytes)"
_BRACKETS = r"\[(?P<queue>\d+)\]: (?P<way>rx|tx)_(?:[umb]cast_)?(?P<what>packets|bytes|discards)"
_QUEUE_COUNTERS: dict[str, tuple[str, ...]] = {
    "atlantic": (
        r"(?:TC\d )?Queue\[(?P<queue>\d+)\] (?P<way>In)(?P<what>Packets)",
        r"(?:TC\d )?Queue\[(?P<queue>\d+)\] (?P<way>Out)(?P<what>Packets)",
    ),
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
    # The number behind the underscore is that of a traffic class.
    "qede": (
        r"(?P<queue>\d+): (?P<way>rcv)_(?P<what>pkts)",
        r"(?P<queue>\d+)_0: (?P<way>xmit)_(?P<what>pkts)",
    ),
    "rvu-nicpf": (_COLON,),
    "rvu-nicvf": (_COLON,),
    "veth": (_WORDS,),
    "virtio_net": (_NUMBERED, _WORDS),  # the second form before 6.8
    "vmxnet3": (
        r"(?P<way>rx|tx)(?P<queue>\d+) [umb]cast (?P<what>pkts|bytes) [rt]x",
        r"(?P<way>rx)(?P<queue>\d+) (?:drv )?(?P<what>dropped rx total)",
        r"(?P<way>rx)(?P<queue>\d+) (?P<what>pkts rx OOB)",
    ),
}
# They number completion rings: with channels of their own, those of transmit queues come behind
# those of the receive queues. So it is the order that counts (bnxt_get_strings).
_BY_RING = ("bnxt_en",)
_COMMON_FORMS = (_WORDS, _NUMBERED, _DOTTED)

_PACKETS = ("packets", "pkts", "cnt", "frames")
_RECEIVE = ("rx", "in", "rcv")

# Packets lost because the receive ring had no free descriptor; all that match add up. Where a
# driver counts packets that found no room in the port's packet buffer apart, they belong here too:
# it fills up when there are no descriptors to empty it into.
_RING_FULL: dict[str, str] = {
    "atlantic": r"InDroppedDma",
    "bnx2x": r"rx_discards",
    "enic": r"rx_no_bufs",
    "gve": r"rx_no_buffers_posted\[\d+\]",
    "i40e": r"rx_missed_errors|port\.rx_discards",  # GLV_RDPC and GLPRT_RDPC
    "iavf": r"rx_discards",
    "ice": r"rx_dropped|rx_dropped\.nic",  # GLV_RDPC and PRTRPB_RDPC
    "igb": r"rx_missed_errors|rx_queue_\d+_drops",
    "igc": r"rx_missed_errors|rx_queue_\d+_drops",
    "ionic": r"hw_rx_over_errors",  # rx_queue_empty
    "ixgbe": r"rx_missed_errors|rx_no_dma_resources",
    "mana": r"hc_rx_discards_no_wqe",
    "mlx5_core": r"rx_out_of_buffer",
    "qede": r"no_buff_discards",
    "sfc": r"port_rx_nodesc_drops",
    "vmxnet3": r"rx\d+ pkts rx OOB",
}
# The standard counter that means it, where it is not rx_missed_errors ("missed … due to lack of
# buffer space", include/uapi/linux/if_link.h). bnxt_en and tg3 put their discards there. ENA: the
# device drops when the ring is full, and the driver reports that as rx_dropped, to which it adds
# what XDP drops (ENA_Linux_Best_Practices.rst, ena_get_stats64).
_RING_FULL_STANDARD = {"ena": "rx_dropped", "mlx4_en": "rx_fifo_errors"}
_RING_FULL_NOT = {"ena": r"queue_\d+_rx_xdp_drop"}
# Drivers that leave rx_missed_errors 0 whatever happens. The host drops, and counts on its side
# (virtio_net reports it since 6.9, if the host does, as rx-hw-drop-overruns of netdev qstats); or
# the counter also counts what filters and programs drop (nfp: dev_rx_discards, octeontx2, idpf).
_NEVER_TELL = (
    *("hns3", "hv_netvsc", "idpf", "igbvf", "ixgbevf", "nfp", "nfp_netvf", "rvu-nicpf"),
    *("rvu-nicvf", "vif", "virtio_net"),
)

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


def with_current_names(driver: str, counters: Mapping[str, int]) -> Mapping[str, int]:
    """The counters with the names of Linux 6.12 for those that older versions call otherwise."""
    before = BEFORE.get(driver, {}).items()
    older = {new: counters[old] for new, old in before if new not in counters and old in counters}
    return {**counters, **older} if older else counters


def rx_ring_full(
    driver: str,
    counters: Mapping[str, int],
    standard: Mapping[str, int],
    overruns: int | None = None,
) -> int | None:
    """Packets lost because no receive descriptor was free; None when the driver does not tell.

    Args:
        driver: Kernel driver.
        counters: Its own counters, by the names of `with_current_names`.
        standard: The standard counters.
        overruns: What the kernel's queue statistics say.
    """
    own = _sum(_RING_FULL.get(driver), counters)
    if own is not None:
        return own
    if overruns is not None:
        return overruns
    if driver in _NEVER_TELL:
        return None
    counted = standard.get(_RING_FULL_STANDARD.get(driver, "rx_missed_errors"))
    other = _sum(_RING_FULL_NOT.get(driver), counters)
    return counted if counted is None or other is None else max(0, counted - other)


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
                way = "rx" if match["way"].lower() in _RECEIVE else "tx"
                sums[way, int(match["queue"])][_meaning(match["what"].lower())] += value
                break
    queues: dict[str, dict[int, QueueFacts]] = {"rx": {}, "tx": {}}
    for (way, queue), counted in sorted(sums.items(), key=lambda item: item[0]):
        number = len(queues[way]) if driver in _BY_RING else queue
        queues[way][number] = QueueFacts(
            packets=counted.get("packets"), bytes=counted.get("bytes"), drops=counted.get("drops")
        )
    return queues["rx"], queues["tx"]


def _sum(pattern: str | None, counters: Mapping[str, int]) -> int | None:
    """The counters that match, added up; None when none does."""
    if pattern is None:
        return None
    wanted = re.compile(pattern)
    found = [value for name, value in counters.items() if wanted.fullmatch(name)]
    return sum(found) if found else None


@cache
def _patterns(driver: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form) for form in _QUEUE_COUNTERS.get(driver, _COMMON_FORMS))


def _meaning(what: str) -> str:
    if what in _PACKETS:
        return "packets"
    return "bytes" if what == "bytes" else "drops"
