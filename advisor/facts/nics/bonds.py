"""How bonds and teams use their members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from advisor.facts.netlink_decode import decode
from advisor.facts.nics.link_messages import BondInfo
from advisor.model.nic_settings import Bond

# BOND_MODE_* and BOND_XMIT_POLICY_* (include/uapi/linux/if_bonding.h), as bond_options.c has them.
_MODES = (
    *("balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb"),
    "balance-alb",
)
_HASH_POLICIES = ("layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4", "vlan+srcmac")
_HASHING = ("balance-xor", "802.3ad")
_HASHING_WHEN_STATIC = "balance-tlb"


@dataclass(frozen=True, slots=True)
class Bonding:
    """What a bond or team says of itself; see `Bond`. The active member is an interface index."""

    mode: str
    active: int | None = None
    hash_policy: str | None = None
    miimon: int | None = None
    arp_interval: int | None = None


def parse_bonding(kind: str, data: bytes) -> Bonding | None:
    """The settings of a bond or team, None for other kinds. What a team does, its daemon knows.

    The hash policy is None in modes that do not hash: see bond_mode_uses_xmit_hash() in
    include/net/bonding.h.

    Args:
        kind: IFLA_INFO_KIND.
        data: IFLA_INFO_DATA.
    """
    if kind == "team":
        return Bonding(mode="team")
    if kind != "bond":
        return None
    info = decode(BondInfo, data)
    mode = _named(_MODES, info.get("mode"))
    hashing = mode in _HASHING or (mode == _HASHING_WHEN_STATIC and info.get("dynamic") == 0)
    return Bonding(
        mode=mode or "unknown",
        active=info.get("active"),
        hash_policy=_named(_HASH_POLICIES, info.get("hash_policy")) if hashing else None,
        miimon=info.get("miimon"),
        arp_interval=info.get("arp_interval"),
    )


def bond_of(
    bonding: Bonding | None, members: Iterable[int], names: Mapping[int, str]
) -> Bond | None:
    """The bond with its members by name, None for what is not a bond.

    Args:
        bonding: What it says of itself.
        members: Indexes of the interfaces in it.
        names: Interface index → name.
    """
    if bonding is None:
        return None
    return Bond(
        mode=bonding.mode,
        members=tuple(names[member] for member in members if member in names),
        active=None if bonding.active is None else names.get(bonding.active),
        hash_policy=bonding.hash_policy,
        miimon=bonding.miimon,
        arp_interval=bonding.arp_interval,
    )


def _named(names: tuple[str, ...], number: int | None) -> str | None:
    return names[number] if number is not None and number < len(names) else None
