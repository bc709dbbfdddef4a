"""The messages of the ethtool and netdev families that advisor reads and pyroute2 does not have.

Numbers are those of include/uapi/linux/ethtool_netlink.h and netdev.h (Linux 6.12). To read one
more attribute, add its line; to read one more message, add its class and a reader.
`ETHTOOL_A_RSS_HKEY` is missing on purpose: see `advisor.facts.nics.ethtool_ioctl.read_rss`.
"""

from __future__ import annotations

from advisor.facts.netlink import NLA_F_NESTED, genlmsg, nla

ETHTOOL = "ethtool"
NETDEV = "netdev"

COMPACT_BITSETS = 1
"""Header flag: bit sets as binary masks, without a name for each bit."""
WITH_STATISTICS = 4
"""Header flag: statistics too, where the message has them (5.10)."""

STRSET_GET = 1
LINKMODES_GET = 4
FEATURES_GET = 11
PRIVFLAGS_GET = 13
RINGS_GET = 15
CHANNELS_GET = 17
COALESCE_GET = 19
PAUSE_GET = 21

QUEUE_GET = 10
NAPI_GET = 11
QSTATS_GET = 12

ETH_SS_FEATURES = 4

QUEUE_TYPE_RX = 0
QUEUE_TYPE_TX = 1
QSTATS_PER_QUEUE = 1


class Device(nla):
    """The interface that a message is about."""

    nla_flags = NLA_F_NESTED
    nla_map = ((1, "index", "uint32"), (2, "name", "asciiz"), (3, "flags", "uint32"))


class BitSet(nla):
    """A bit set: `value` and `mask` when compact, else `bits`."""

    class _bits(nla):
        repeated = True

        class _bit(nla):
            nla_map = ((1, "index", "uint32"), (2, "name", "asciiz"), (3, "on", "flag"))

        nla_map = ((1, "bit", "_bit"),)

    nla_map = (
        (2, "size", "uint32"),
        (3, "bits", "_bits"),
        (4, "value", "cdata"),
        (5, "mask", "cdata"),
    )


class StringSets(genlmsg):
    """Names: of features and the like."""

    device = Device

    class _sets(nla):
        nla_flags = NLA_F_NESTED
        repeated = True

        class _set(nla):
            nla_flags = NLA_F_NESTED

            class _strings(nla):
                repeated = True

                class _string(nla):
                    nla_map = ((1, "index", "uint32"), (2, "text", "asciiz"))

                nla_map = ((1, "string", "_string"),)

            nla_map = ((1, "id", "uint32"), (3, "strings", "_strings"))

        nla_map = ((1, "set", "_set"),)

    nla_map = ((1, "device", "device"), (2, "sets", "_sets"))


class LinkModes(genlmsg):
    """Speed and duplex."""

    device = Device
    nla_map = ((1, "device", "device"), (5, "speed", "uint32"), (6, "duplex", "uint8"))


class Features(genlmsg):
    """Offloads: what the hardware offers for changing, what is on, what never changes."""

    device = Device
    bit_set = BitSet
    nla_map = (
        (1, "device", "device"),
        (2, "changeable", "bit_set"),
        (4, "active", "bit_set"),
        (5, "never_changed", "bit_set"),
    )


class PrivateFlags(genlmsg):
    """A driver's own flags."""

    device = Device
    bit_set = BitSet
    nla_map = ((1, "device", "device"), (2, "flags", "bit_set"))


class Rings(genlmsg):
    """Ring sizes."""

    device = Device
    nla_map = (
        (1, "device", "device"),
        (2, "rx_max", "uint32"),
        (5, "tx_max", "uint32"),
        (6, "rx", "uint32"),
        (9, "tx", "uint32"),
    )


class Channels(genlmsg):
    """Channel counts."""

    device = Device
    nla_map = (
        (1, "device", "device"),
        (2, "rx_max", "uint32"),
        (3, "tx_max", "uint32"),
        (4, "other_max", "uint32"),
        (5, "combined_max", "uint32"),
        (6, "rx", "uint32"),
        (7, "tx", "uint32"),
        (8, "other", "uint32"),
        (9, "combined", "uint32"),
    )


class Coalesce(genlmsg):
    """Interrupt coalescing; CQE mode since 5.15."""

    device = Device
    nla_map = (
        (1, "device", "device"),
        (2, "rx_usecs", "uint32"),
        (3, "rx_frames", "uint32"),
        (6, "tx_usecs", "uint32"),
        (7, "tx_frames", "uint32"),
        (11, "adaptive_rx", "uint8"),
        (12, "adaptive_tx", "uint8"),
        (24, "cqe_mode_tx", "uint8"),
        (25, "cqe_mode_rx", "uint8"),
    )


class Pause(genlmsg):
    """Flow control, with its counters when asked WITH_STATISTICS."""

    device = Device

    class _statistics(nla):
        nla_map = ((2, "tx_frames", "uint64"), (3, "rx_frames", "uint64"))

    nla_map = (
        (1, "device", "device"),
        (2, "autoneg", "uint8"),
        (3, "rx", "uint8"),
        (4, "tx", "uint8"),
        (5, "statistics", "_statistics"),
    )


class Queue(genlmsg):
    """One queue of an interface that is up (netdev family, 6.8)."""

    nla_map = (
        (1, "queue", "uint32"),
        (2, "index", "uint32"),
        (3, "type", "uint32"),
        (4, "napi", "uint32"),
    )


class Napi(genlmsg):
    """One NAPI instance of an interface that is up (netdev family, 6.8)."""

    nla_map = (
        (1, "index", "uint32"),
        (2, "napi", "uint32"),
        (3, "irq", "uint32"),
        (4, "pid", "uint32"),
    )


class QueueStats(genlmsg):
    """Counters of one queue (netdev family, 6.9); only those that the driver has are there."""

    nla_map = (
        (1, "index", "uint32"),
        (2, "type", "uint32"),
        (3, "queue", "uint32"),
        (4, "scope", "uint32"),
        (8, "rx_packets", "uint64"),
        (9, "rx_bytes", "uint64"),
        (10, "tx_packets", "uint64"),
        (11, "tx_bytes", "uint64"),
        (13, "rx_hw_drops", "uint64"),
        (14, "rx_hw_drop_overruns", "uint64"),
    )
