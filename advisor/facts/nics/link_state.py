"""Whether interfaces carry traffic now, and what their bond or team makes of them.

Little is asked for, as this is asked again every few milliseconds while a link comes back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from advisor.facts.netlink import Channel
from advisor.facts.netlink_classes import nla, nlmsg
from advisor.facts.netlink_decode import decode
from advisor.facts.nics.link_messages import RTM_GETLINK

_IFF_UP = 0x1
_SKIP_STATISTICS = 8  # RTEXT_FILTER_SKIP_STATS
_CARRYING = (0, 6)  # IF_OPER_UNKNOWN: drivers that do not tell; IF_OPER_UP

# BOND_LINK_* and BOND_STATE_ACTIVE in include/uapi/linux/if_bonding.h.
_LINK_STATES = ("up", "going down", "down", "coming back")
_ACTIVE = 0


class LinkStateMessage(nlmsg):
    """RTM_NEWLINK, and what IFLA_LINKINFO says of a member."""

    fields = (
        ("family", "B"),
        ("pad", "B"),
        ("hardware", "H"),
        ("index", "i"),
        ("flags", "I"),
        ("change", "I"),
    )

    class _Info(nla):
        nla_map = ((1, "kind", "asciiz"), (4, "member_kind", "asciiz"), (5, "member", "cdata"))

    nla_map = (
        (3, "name", "asciiz"),
        (10, "master", "uint32"),
        (16, "operating", "uint8"),
        (18, "info", "_Info"),
        (29, "mask", "uint32"),
        (33, "carrier", "uint8"),
    )


class BondMemberInfo(nla):
    """IFLA_BOND_SLAVE_*."""

    nla_map = ((1, "state", "uint8"), (2, "link", "uint8"), (6, "aggregator", "uint16"))


@dataclass(frozen=True, slots=True)
class Membership:
    """An interface as a member of a bond or team.

    Attributes:
        kind: "bond" or "team".
        link: Whether the bond takes the link for usable: "up", "going down", "down" or "coming
            back" (its updelay runs); None for a team, of which only its daemon knows.
        active: Whether the bond sends over it; None for a team.
        negotiated: Whether it also needs the other side's agreement (802.3ad).
    """

    kind: str
    link: str | None
    active: bool | None
    negotiated: bool


@dataclass(frozen=True, slots=True)
class LinkState:
    """An interface.

    Attributes:
        index: Interface index.
        name: Interface name.
        kind: IFLA_INFO_KIND: "bond", "team", "vlan", …; "" for hardware.
        up: Whether the administrator set it up.
        running: Whether it can carry traffic now.
        master: Index of the interface that it belongs to, None when there is none.
        membership: In a bond or team, None in others.
    """

    index: int
    name: str
    kind: str
    up: bool
    running: bool
    master: int | None = None
    membership: Membership | None = None


def read_link_states(channel: Channel) -> list[LinkState]:
    """All interfaces of the channel's namespace.

    Raises:
        OSError: The kernel refused.
    """
    answers = channel.dump(_request(0), RTM_GETLINK)
    if answers.error is not None:
        raise answers.error
    return [_parsed(decode(LinkStateMessage, payload)) for payload in answers.messages]


def read_link_state(channel: Channel, index: int) -> LinkState:
    """One interface.

    Raises:
        OSError: There is none of that index (ENODEV), or the kernel refused.
    """
    return _parsed(decode(LinkStateMessage, channel.ask(_request(index), RTM_GETLINK)))


def _request(index: int) -> nlmsg:
    request = LinkStateMessage()
    request["index"] = index
    request["attrs"] = [("mask", _SKIP_STATISTICS)]
    return request


def _parsed(message: dict[str, Any]) -> LinkState:
    up = bool(message.get("flags", 0) & _IFF_UP)
    info = message.get("info", {})
    carrier = message.get("carrier", 1) != 0 and message.get("operating", 0) in _CARRYING
    return LinkState(
        index=message.get("index", 0),
        name=message.get("name", ""),
        kind=info.get("kind", ""),
        up=up,
        running=up and carrier,
        master=message.get("master") or None,
        membership=_membership(info),
    )


def _membership(info: dict[str, Any]) -> Membership | None:
    kind = info.get("member_kind")
    if kind == "team":
        return Membership(kind, None, None, False)
    if kind != "bond":
        return None
    data = decode(BondMemberInfo, info.get("member", b""))
    link = data.get("link")
    return Membership(
        kind=kind,
        link=_LINK_STATES[link] if link is not None and link < len(_LINK_STATES) else None,
        active=data["state"] == _ACTIVE if "state" in data else None,
        # bond_fill_slave_info() in drivers/net/bonding/bond_netlink.c: only in that mode.
        negotiated="aggregator" in data,
    )
