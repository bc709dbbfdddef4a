"""Bonds and teams from what the kernel says of them."""

from __future__ import annotations

import pytest

from advisor.facts.nics.bonds import Bonding, bond_of, parse_bonding
from advisor.model.nic_settings import Bond
from tests.unit.facts.netlink_bytes import attribute, u32

LAYER2, LAYER34 = 0, 1


def bond(mode: int, hash_policy: int = LAYER34, *, dynamic: int = 1) -> Bonding | None:
    """What a bond with these settings says (bond_fill_info)."""
    numbers = {1: mode, 14: hash_policy, 27: dynamic}
    data = b"".join(attribute(number, bytes([value])) for number, value in numbers.items())
    return parse_bonding("bond", data + u32(3, 100))


@pytest.mark.parametrize(
    ("mode", "name", "hash_policy"),
    [
        (0, "balance-rr", None),
        (1, "active-backup", None),
        (2, "balance-xor", "layer3+4"),
        (3, "broadcast", None),
        (4, "802.3ad", "layer3+4"),
        (5, "balance-tlb", None),
        (6, "balance-alb", None),
        (9, "unknown", None),
    ],
)
def test_a_hash_policy_counts_in_modes_that_hash(
    mode: int, name: str, hash_policy: str | None
) -> None:
    assert bond(mode) == Bonding(mode=name, hash_policy=hash_policy, miimon=100)


def test_transmit_load_balancing_hashes_when_it_does_not_follow_the_load() -> None:
    found = bond(5, LAYER2, dynamic=0)
    assert found is not None
    assert found.hash_policy == "layer2"


def test_a_policy_that_this_version_does_not_know_is_none() -> None:
    found = bond(4, hash_policy=9)
    assert found is not None
    assert found.hash_policy is None


def test_members_are_named_and_the_active_one_among_them() -> None:
    bonding = parse_bonding("bond", attribute(1, bytes([1])) + u32(2, 5) + u32(3, 0) + u32(7, 250))
    names = {3: "bond0", 4: "eth0", 5: "eth1"}
    assert bond_of(bonding, [4, 5, 6], names) == Bond(
        mode="active-backup",
        members=("eth0", "eth1"),
        active="eth1",
        miimon=0,
        arp_interval=250,
    )


def test_a_team_has_members_and_keeps_the_rest_to_itself() -> None:
    team = parse_bonding("team", b"")
    assert bond_of(team, [4], {4: "eth0"}) == Bond(mode="team", members=("eth0",))


@pytest.mark.parametrize("kind", ["bridge", "vlan", "ethernet", "vrf"])
def test_other_kinds_are_no_bonds(kind: str) -> None:
    assert parse_bonding(kind, attribute(1, bytes([1]))) is None
    assert bond_of(None, [4], {4: "eth0"}) is None
