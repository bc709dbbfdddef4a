"""The rtnetlink messages of addresses, routes and neighbours (include/uapi/linux/rtnetlink.h).

Attributes stay bytes: they are kept and sent back, never looked into, except for those that tell
whether to keep the entry. What the kernel says about its own state is not declared, so not kept.
"""

from __future__ import annotations

from advisor.facts.netlink_classes import nlmsg


class AddressEntry(nlmsg):
    """RTM_NEWADDR: struct ifaddrmsg and IFA_*."""

    fields = (("family", "B"), ("prefix", "B"), ("flags", "B"), ("scope", "B"), ("index", "I"))
    nla_map = (
        (1, "address", "cdata"),
        (2, "local", "cdata"),
        (3, "label", "cdata"),
        (4, "broadcast", "cdata"),
        (5, "anycast", "cdata"),
        (8, "flags32", "cdata"),
        (9, "priority", "cdata"),
    )


class RouteEntry(nlmsg):
    """RTM_NEWROUTE: struct rtmsg and RTA_*."""

    fields = (
        ("family", "B"),
        ("dst_len", "B"),
        ("src_len", "B"),
        ("tos", "B"),
        ("table8", "B"),
        ("protocol", "B"),
        ("scope", "B"),
        ("type", "B"),
        ("flags", "I"),
    )
    nla_map = (
        (1, "dst", "cdata"),
        (2, "src", "cdata"),
        (4, "oif", "cdata"),
        (5, "gateway", "cdata"),
        (6, "priority", "cdata"),
        (7, "prefsrc", "cdata"),
        (8, "metrics", "cdata"),
        (9, "multipath", "cdata"),
        (11, "flow", "cdata"),
        (12, "cacheinfo", "cdata"),
        (15, "table", "cdata"),
        (18, "via", "cdata"),
        (20, "preference", "cdata"),
        (21, "encap_type", "cdata"),
        (22, "encap", "cdata"),
        (23, "expires", "cdata"),
        (30, "nexthop", "cdata"),
    )


class NeighbourEntry(nlmsg):
    """RTM_NEWNEIGH: struct ndmsg and NDA_*."""

    fields = (
        ("family", "B"),
        ("pad1", "B"),
        ("pad2", "H"),
        ("index", "i"),
        ("state", "H"),
        ("flags", "B"),
        ("type", "B"),
    )
    nla_map = ((1, "dst", "cdata"), (2, "lladdr", "cdata"))
