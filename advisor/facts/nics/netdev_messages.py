"""The messages of the netdev family that advisor reads and pyroute2 does not have.

Numbers are those of include/uapi/linux/netdev.h (Linux 6.18). To read one more attribute, add its
line.
"""

from __future__ import annotations

from advisor.facts.netlink_classes import genlmsg

FAMILY = "netdev"

QUEUE_GET = 10
NAPI_GET = 11
QSTATS_GET = 12

RX = 0
TX = 1
PER_QUEUE = 1


class NapiMessage(genlmsg):
    """One NAPI instance of an interface that is up (6.8)."""

    nla_map = (
        (1, "index", "uint32"),
        (2, "napi", "uint32"),
        (3, "irq", "uint32"),
        (4, "pid", "uint32"),
        (5, "defer_hard_irqs", "uint32"),
        (6, "gro_flush_timeout", "uint64"),
        (7, "irq_suspend_timeout", "uint64"),
        (8, "threaded", "uint32"),
    )


class QueueMessage(genlmsg):
    """One queue of an interface that is up (6.8)."""

    nla_map = (
        (1, "queue", "uint32"),
        (2, "index", "uint32"),
        (3, "type", "uint32"),
        (4, "napi", "uint32"),
    )


class QueueStatsMessage(genlmsg):
    """Counters of one queue (6.9); only those that the driver has are there."""

    nla_map = (
        (1, "index", "uint32"),
        (2, "type", "uint32"),
        (3, "queue", "uint32"),
        (4, "scope", "uint32"),
        (8, "rx_packets", "uint64"),
        (9, "rx_bytes", "uint64"),
        (10, "tx_packets", "uint64"),
        (11, "tx_bytes", "uint64"),
        (12, "rx_alloc_fail", "uint64"),
        (13, "rx_hw_drops", "uint64"),
        (14, "rx_hw_drop_overruns", "uint64"),
        (23, "rx_hw_drop_ratelimits", "uint64"),
        (32, "tx_hw_drop_ratelimits", "uint64"),
        (33, "tx_stop", "uint64"),
    )
