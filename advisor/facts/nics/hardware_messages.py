"""The messages of the ethtool family about the rings, interrupts and link of real devices.

The other messages, and the numbers' origin, are in `advisor.facts.nics.ethtool_messages`. Names are
those of the model's fields where there is one.
"""

from __future__ import annotations

from advisor.facts.netlink_classes import genlmsg, nla
from advisor.facts.nics.ethtool_messages import Device

RINGS_GET = 15
COALESCE_GET = 19
FEC_GET = 29
RSS_GET = 38


class Rings(genlmsg):
    """Ring sizes."""

    device = Device
    nla_map = (
        (1, "device", "device"),
        (2, "rx_max", "uint32"),
        (4, "rx_jumbo_max", "uint32"),
        (5, "tx_max", "uint32"),
        (6, "rx", "uint32"),
        (8, "rx_jumbo", "uint32"),
        (9, "tx", "uint32"),
        (10, "rx_buf_len", "uint32"),
        (11, "tcp_data_split", "uint8"),
        (12, "cqe_size", "uint32"),
        (13, "tx_push", "uint8"),
        (14, "rx_push", "uint8"),
        (15, "tx_push_buf_len", "uint32"),
        (16, "tx_push_buf_len_max", "uint32"),
    )


class Profile(nla):
    """The steps of adaptive coalescing."""

    repeated = True

    class _moderation(nla):
        nla_map = ((1, "usecs", "uint32"), (2, "pkts", "uint32"), (3, "comps", "uint32"))

    nla_map = ((1, "moderation", "_moderation"),)


class Coalesce(genlmsg):
    """Interrupt coalescing. The profiles only come when one interface is asked for.

    In a dump the kernel leaves them out (coalesce_fill_reply in net/ethtool/coalesce.c looks at
    the interface of the request).
    """

    device = Device
    profile = Profile
    nla_map = (
        (1, "device", "device"),
        (2, "rx_usecs", "uint32"),
        (3, "rx_frames", "uint32"),
        (4, "rx_usecs_irq", "uint32"),
        (5, "rx_frames_irq", "uint32"),
        (6, "tx_usecs", "uint32"),
        (7, "tx_frames", "uint32"),
        (8, "tx_usecs_irq", "uint32"),
        (9, "tx_frames_irq", "uint32"),
        (10, "stats_block_usecs", "uint32"),
        (11, "adaptive_rx", "uint8"),
        (12, "adaptive_tx", "uint8"),
        (13, "pkt_rate_low", "uint32"),
        (14, "rx_usecs_low", "uint32"),
        (15, "rx_frames_low", "uint32"),
        (16, "tx_usecs_low", "uint32"),
        (17, "tx_frames_low", "uint32"),
        (18, "pkt_rate_high", "uint32"),
        (19, "rx_usecs_high", "uint32"),
        (20, "rx_frames_high", "uint32"),
        (21, "tx_usecs_high", "uint32"),
        (22, "tx_frames_high", "uint32"),
        (23, "rate_sample_interval", "uint32"),
        (24, "cqe_mode_tx", "uint8"),
        (25, "cqe_mode_rx", "uint8"),
        (26, "tx_aggr_max_bytes", "uint32"),
        (27, "tx_aggr_max_frames", "uint32"),
        (28, "tx_aggr_time_usecs", "uint32"),
        (29, "rx_profile", "profile"),
        (30, "tx_profile", "profile"),
    )


class Fec(genlmsg):
    """Forward error correction (5.13); a statistic is an array: the total, then each lane."""

    device = Device

    class _statistics(nla):
        nla_map = ((2, "corrected_blocks", "cdata"), (3, "uncorrectable_blocks", "cdata"))

    nla_map = (
        (1, "device", "device"),
        (3, "auto", "uint8"),
        (4, "active", "uint32"),
        (5, "statistics", "_statistics"),
    )


class RssContexts(genlmsg):
    """Additional RSS contexts (6.11).

    Attribute 5 (ETHTOOL_A_RSS_HKEY) is not declared on purpose: the hash key is a secret, and what
    is not declared is not decoded.
    """

    device = Device
    nla_map = (
        (1, "device", "device"),
        (2, "context", "uint32"),
        (4, "indirection", "cdata"),
        (7, "start_context", "uint32"),
    )
