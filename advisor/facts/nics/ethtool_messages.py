"""The messages of the ethtool family that advisor reads and pyroute2 does not have.

Numbers are those of include/uapi/linux/ethtool_netlink.h (Linux 6.12). To read one more attribute,
add its line; to read one more message, add its class and a reader. The messages that only hardware
answers are in `advisor.facts.nics.hardware_messages`.
"""

from __future__ import annotations

from advisor.facts.netlink_classes import NLA_F_NESTED, genlmsg, nla

ETHTOOL = "ethtool"

COMPACT_BITSETS = 1
"""Header flag: bit sets as binary masks, without a name for each bit."""
WITH_STATISTICS = 4
"""Header flag: statistics too, where the message has them (5.10)."""

STRSET_GET = 1
LINKMODES_GET = 4
FEATURES_GET = 11
PRIVFLAGS_GET = 13
CHANNELS_GET = 17
PAUSE_GET = 21

ETH_SS_FEATURES = 4
ETH_SS_LINK_MODES = 9


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
    """Speed, duplex, negotiation; `ours` has what is supported as its mask."""

    device = Device
    bit_set = BitSet
    nla_map = (
        (1, "device", "device"),
        (2, "autoneg", "uint8"),
        (3, "ours", "bit_set"),
        (4, "partners", "bit_set"),
        (5, "speed", "uint32"),
        (6, "duplex", "uint8"),
    )


class Features(genlmsg):
    """Offloads: what can be changed, what was asked for, what is on, what never changes."""

    device = Device
    bit_set = BitSet
    nla_map = (
        (1, "device", "device"),
        (2, "changeable", "bit_set"),
        (3, "requested", "bit_set"),
        (4, "active", "bit_set"),
        (5, "never_changed", "bit_set"),
    )


class PrivateFlags(genlmsg):
    """A driver's own flags."""

    device = Device
    bit_set = BitSet
    nla_map = ((1, "device", "device"), (2, "flags", "bit_set"))


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
