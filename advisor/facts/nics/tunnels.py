"""What a tunnel adds to each packet, and the interface that its packets leave by.

Every figure is what the kernel itself subtracts from the MTU below, Linux 6.12. What a tunnel of a
given kind adds beyond that (GENEVE options, the segment routing of a route) is not known here.
"""

from __future__ import annotations

from typing import Any

from advisor.facts.netlink_classes import nla
from advisor.facts.netlink_decode import decode
from advisor.facts.nics.link_messages import (
    GeneveInfo,
    GreInfo,
    IpTunnelInfo,
    MacsecInfo,
    VxlanInfo,
)

_ETHERNET = 14  # ETH_HLEN
_IPV4 = 20
_IPV6 = 40
_UDP = 8

_GRE = 4
_GRE_OPTIONS = (0x8000, 0x2000, 0x1000)  # GRE_CSUM, GRE_KEY, GRE_SEQ: four bytes each
_ERSPAN_GRE = {0: 4}
_ERSPAN_GRE_DEFAULT = 8
_ERSPAN = {0: 0, 1: 8}
_ERSPAN_DEFAULT = 12

_FOU, _GUE = 1, 2  # TUNNEL_ENCAP_*
_GUE_HEADER = 4
_GUE_CHECKSUM = 8  # GUE_PLEN_REMCSUM and GUE_LEN_PRIV
_REMOTE_CHECKSUM = 0x4  # TUNNEL_ENCAP_FLAG_REMCSUM

_NO_ENCAP_LIMIT = 0x1  # IP6_TNL_F_IGN_ENCAP_LIMIT
_ENCAP_LIMIT = 8

_WIREGUARD = 32  # MESSAGE_MINIMUM_LENGTH
_MACSEC = 16  # macsec_extra_len(true)
_MACSEC_ICV = 16  # MACSEC_STD_ICV_LEN

_INFO: dict[str, type[nla]] = {
    "erspan": GreInfo,
    "geneve": GeneveInfo,
    "gre": GreInfo,
    "gretap": GreInfo,
    "ip6erspan": GreInfo,
    "ip6gre": GreInfo,
    "ip6gretap": GreInfo,
    "ip6tnl": IpTunnelInfo,
    "ipip": IpTunnelInfo,
    "macsec": MacsecInfo,
    "sit": IpTunnelInfo,
    "vxlan": VxlanInfo,
}


def tunnel_overhead(kind: str, data: bytes) -> int | None:
    """Bytes by which its MTU has to be smaller than that of the interface below.

    None for kinds that add nothing or nothing that is known (VLAN tags do not count against the
    MTU; what IPsec adds depends on the algorithm of each policy).

    Sources: vxlan_headroom() in include/net/vxlan.h (VXLAN_HEADROOM, VXLAN6_HEADROOM before 6.6),
    GENEVE_IPV4_HLEN and GENEVE_IPV6_HLEN in drivers/net/geneve.c, ip_tunnel_bind_dev() in
    net/ipv4/ip_tunnel.c, gre_calc_hlen() in include/net/gre.h, erspan_tunnel_init() in
    net/ipv4/ip_gre.c, ip6gre_tnl_link_config_route() in net/ipv6/ip6_gre.c, ip6_tnl_link_config()
    in net/ipv6/ip6_tunnel.c, fou_encap_hlen() and gue_encap_hlen() in net/ipv4/fou_core.c,
    macsec_newlink() in drivers/net/macsec.c.

    VXLAN and GENEVE with an address for each packet ("external") count as over IPv4, the less.
    WireGuard counts as over IPv6, as in wg_setup(): its peers' addresses take a privilege to see.

    Args:
        kind: IFLA_INFO_KIND.
        data: IFLA_INFO_DATA.
    """
    if kind == "wireguard":
        return _IPV6 + _UDP + _WIREGUARD
    info_class = _INFO.get(kind)
    if info_class is None:
        return None
    info = decode(info_class, data)
    if kind == "macsec":
        return _MACSEC + int(info.get("icv_length", _MACSEC_ICV))
    if kind in ("vxlan", "geneve"):
        over_ipv6 = "remote6" in info or "local6" in info
        inner = 0 if info.get("without_ethernet") else _ETHERNET
        return (_IPV6 if over_ipv6 else _IPV4) + _UDP + 8 + inner
    inner = _ETHERNET if kind.endswith(("tap", "erspan")) else 0
    if kind.startswith("ip6"):
        limit = 0 if info.get("flags", 0) & _NO_ENCAP_LIMIT else _ENCAP_LIMIT
        outer = _IPV6 + limit
    else:
        outer = _IPV4
    return outer + _gre(kind, info) + _encapsulation(info) + inner


def tunnel_lower(kind: str, data: bytes) -> int | None:
    """Index of the interface that packets of a VXLAN leave by, None when it is not bound to one.

    Other kinds that are bound say so in IFLA_LINK; GENEVE and WireGuard never are.
    """
    if kind != "vxlan":
        return None
    link: int | None = decode(VxlanInfo, data).get("link")
    return link or None


def _gre(kind: str, info: dict[str, Any]) -> int:
    if kind.endswith("erspan"):
        version = info.get("erspan_version", 1)
        header = _ERSPAN_GRE.get(version, _ERSPAN_GRE_DEFAULT)
        return header + _ERSPAN.get(version, _ERSPAN_DEFAULT)
    if "gre" not in kind:
        return 0
    flags = int.from_bytes(info.get("o_flags", b""), "big")
    return _GRE + 4 * sum(bool(flags & option) for option in _GRE_OPTIONS)


def _encapsulation(info: dict[str, Any]) -> int:
    """What foo-over-UDP puts around the tunnel."""
    way = info.get("encapsulation", 0)
    if way == _FOU:
        return _UDP
    if way == _GUE:
        checksum = info.get("encapsulation_flags", 0) & _REMOTE_CHECKSUM
        return _UDP + _GUE_HEADER + (_GUE_CHECKSUM if checksum else 0)
    return 0
