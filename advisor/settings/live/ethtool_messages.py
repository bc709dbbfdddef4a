"""The messages of the ethtool family that change something (ETHTOOL_MSG_*_SET, Linux 5.7).

Numbers are those of include/uapi/linux/ethtool_netlink.h. Counts, rings, coalescing and flow
control are changed with the messages that tell them, which `advisor.facts.nics` declares: what a
message leaves out stays as it is. Bit sets have a form of their own here, a list of bits by name.
"""

from __future__ import annotations

from advisor.facts.netlink import Attributes
from advisor.facts.netlink_classes import NLA_F_NESTED, genlmsg, nla
from advisor.facts.nics.ethtool_messages import Device

FEATURES_SET = 12
PRIVFLAGS_SET = 14
RINGS_SET = 16
CHANNELS_SET = 18
COALESCE_SET = 20
PAUSE_SET = 22

OMIT_REPLY = 2
"""Header flag: nothing but the acknowledgement."""


class BitChanges(nla):
    """Bits by name and what they become; bits that are not named stay."""

    nla_flags = NLA_F_NESTED

    class _bits(nla):
        nla_flags = NLA_F_NESTED

        class _bit(nla):
            nla_flags = NLA_F_NESTED
            nla_map = ((2, "name", "asciiz"), (3, "on", "flag"))

        nla_map = ((1, "bit", "_bit"),)

    nla_map = ((3, "bits", "_bits"),)


class FeatureChanges(genlmsg):
    """What is asked of the offloads."""

    device = Device
    changes = BitChanges
    nla_map = ((1, "device", "device"), (3, "changes", "changes"))


class PrivateFlagChanges(genlmsg):
    """What a driver's own flags become."""

    device = Device
    changes = BitChanges
    nla_map = ((1, "device", "device"), (2, "changes", "changes"))


def device(index: int, flags: int = OMIT_REPLY) -> Attributes:
    """The attribute that says which interface a message is about."""
    return [("device", {"attrs": [("index", index), ("flags", flags)]})]


def one_bit(name: str, *, on: bool) -> Attributes:
    """The attribute for one bit."""
    bit: Attributes = [("name", name)]
    if on:
        bit.append(("on", True))
    return [("changes", {"attrs": [("bits", {"attrs": [("bit", {"attrs": bit})]})]})]
