"""The rtnetlink messages about interfaces, and what each kind adds (include/uapi/linux/if_link.h).

Attributes that nobody asks for are left out; the decoder skips them. Of each kind of tunnel those
are declared that tell its overhead, see `advisor.facts.nics.tunnels`.
"""

from __future__ import annotations

from advisor.facts.netlink_classes import nla, nlmsg

RTM_GETLINK = 18


class LinkMessage(nlmsg):
    """RTM_NEWLINK: struct ifinfomsg and IFLA_*."""

    fields = (
        ("family", "B"),
        ("pad", "B"),
        ("hardware", "H"),
        ("index", "i"),
        ("flags", "I"),
        ("change", "I"),
    )

    class _Info(nla):
        nla_map = ((1, "kind", "asciiz"), (2, "data", "cdata"))

    class _Xdp(nla):
        nla_map = ((2, "attached", "uint8"),)

    nla_map = (
        (1, "address", "cdata"),
        (3, "name", "asciiz"),
        (4, "mtu", "uint32"),
        (5, "link", "uint32"),
        (6, "qdisc", "asciiz"),
        (10, "master", "uint32"),
        (13, "txqueuelen", "uint32"),
        (16, "operating", "uint8"),
        (18, "info", "_Info"),
        (23, "stats", "cdata"),
        (31, "tx_queues", "uint32"),
        (32, "rx_queues", "uint32"),
        (33, "carrier", "uint8"),
        (35, "carrier_changes", "uint32"),
        (37, "link_namespace", "uint32"),
        (40, "gso_max_segs", "uint32"),
        (41, "gso_max_size", "uint32"),
        (43, "xdp", "_Xdp"),
        (48, "carrier_downs", "uint32"),
        (50, "mtu_min", "uint32"),
        (51, "mtu_max", "uint32"),
        (56, "parent", "asciiz"),
        (57, "parent_bus", "asciiz"),
        (58, "gro_max_size", "uint32"),
        (59, "tso_max_size", "uint32"),
    )


class BondInfo(nla):
    """IFLA_BOND_*."""

    nla_map = (
        (1, "mode", "uint8"),
        (2, "active", "uint32"),
        (3, "miimon", "uint32"),
        (7, "arp_interval", "uint32"),
        (14, "hash_policy", "uint8"),
        (27, "dynamic", "uint8"),
    )


class VxlanInfo(nla):
    """IFLA_VXLAN_*."""

    nla_map = (
        (3, "link", "uint32"),
        (16, "remote6", "cdata"),
        (17, "local6", "cdata"),
        (27, "without_ethernet", "flag"),
    )


class GeneveInfo(nla):
    """IFLA_GENEVE_*."""

    nla_map = ((7, "remote6", "cdata"), (14, "without_ethernet", "flag"))


class GreInfo(nla):
    """IFLA_GRE_*, of GRE and ERSPAN over IPv4 and IPv6. `o_flags` is in network byte order."""

    nla_map = (
        (3, "o_flags", "cdata"),
        (13, "flags", "uint32"),
        (14, "encapsulation", "uint16"),
        (15, "encapsulation_flags", "uint16"),
        (22, "erspan_version", "uint8"),
    )


class IpTunnelInfo(nla):
    """IFLA_IPTUN_*, of ipip, sit and ip6tnl."""

    nla_map = (
        (8, "flags", "uint32"),
        (15, "encapsulation", "uint16"),
        (16, "encapsulation_flags", "uint16"),
    )


class MacsecInfo(nla):
    """IFLA_MACSEC_*."""

    nla_map = ((3, "icv_length", "uint8"),)
