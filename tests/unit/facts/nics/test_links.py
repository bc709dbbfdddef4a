"""Interfaces from link messages."""

from __future__ import annotations

import struct

import pytest

from advisor.facts.netlink_decode import decode
from advisor.facts.nics.link_messages import LinkMessage
from advisor.facts.nics.links import Link, parse_link, read_links, with_real_speed
from tests.unit.facts.netlink_bytes import attribute, text, u32

UP = 0x1
ETHER, LOOPBACK, TUNNEL = 1, 772, 768


def link(
    *attributes: bytes, hardware: int = ETHER, flags: int = UP, index: int = 4, name: str = "eth0"
) -> Link:
    """The link of a message with these attributes."""
    fixed = struct.pack("=BBHiII", 0, 0, hardware, index, flags, 0)
    parsed = parse_link(decode(LinkMessage, fixed + text(3, name) + b"".join(attributes)))
    assert parsed is not None
    return parsed


def kind(name: str) -> bytes:
    """IFLA_LINKINFO with a kind."""
    return attribute(18, text(1, name))


@pytest.mark.parametrize(
    ("attributes", "hardware", "expected"),
    [
        (b"", ETHER, "ethernet"),
        (b"", LOOPBACK, "loopback"),
        (b"", TUNNEL, "other"),
        (kind("veth"), ETHER, "veth"),
        (kind("ipip"), TUNNEL, "ipip"),
    ],
)
def test_the_kind_is_what_the_kernel_calls_it(
    attributes: bytes, hardware: int, expected: str
) -> None:
    assert link(attributes, hardware=hardware).kind == expected


OPERATING, CARRIER = 16, 33


@pytest.mark.parametrize(
    ("flags", "operating", "carrier", "running"),
    [
        (UP, 6, 1, True),
        (UP, 0, 1, True),  # a driver that does not say
        (UP, 2, 0, False),
        (UP, 6, 0, False),
        (UP, 5, 1, False),  # dormant
        (0, 2, 1, False),
        (0, 6, 1, False),
    ],
)
def test_an_interface_runs_when_it_is_up_and_can_carry_traffic(
    flags: int, operating: int, carrier: int, running: bool
) -> None:
    found = link(
        attribute(OPERATING, bytes([operating])), attribute(CARRIER, bytes([carrier])), flags=flags
    )
    assert (found.up, found.running) == (flags == UP, running)


@pytest.mark.parametrize(
    ("attributes", "lower"),
    [
        ((kind("vlan"), u32(5, 2)), 2),
        ((kind("macvlan"), u32(5, 2), u32(37, 0)), None),  # the one below is elsewhere
        ((kind("veth"), u32(5, 3)), None),  # the other end of the pair
        ((u32(5, 4),), None),  # itself
        ((kind("ipip"), u32(5, 0)), None),
        ((), None),
    ],
)
def test_the_interface_below_is_one_of_this_namespace(
    attributes: tuple[bytes, ...], lower: int | None
) -> None:
    assert link(*attributes).lower == lower


@pytest.mark.parametrize(
    ("bus", "hardware"),
    [("pci", True), ("virtio", True), ("vmbus", True), ("netdevsim", False), (None, False)],
)
def test_a_device_on_a_bus_of_hardware_makes_it_hardware(bus: str | None, hardware: bool) -> None:
    attributes = [] if bus is None else [text(56, "0000:00:03.0"), text(57, bus)]
    assert link(*attributes).hardware_parent is hardware


def test_a_speed_is_real_where_hardware_is_below() -> None:
    links = [
        link(index=1, name="eth0"),
        link(kind("bond"), index=2, name="bond0"),
        link(u32(10, 2), index=3, name="eth1"),
        link(u32(10, 2), index=4, name="eth2"),
        link(kind("vlan"), u32(5, 2), index=5, name="bond0.7"),
        link(kind("bridge"), index=6, name="br0"),
        link(kind("veth"), u32(10, 6), index=7, name="veth0"),
        link(kind("macvlan"), u32(5, 7), index=8, name="mv0"),
        link(kind("team"), index=9, name="empty"),
        link(kind("bond"), index=10, name="bond1"),
        link(kind("veth"), u32(10, 10), index=11, name="veth1"),
    ]
    assert with_real_speed(links, {1, 3, 4}) == {1, 2, 3, 4, 5}


def test_statistics_of_older_and_newer_kernels_are_named_as_far_as_they_go() -> None:
    old = link(attribute(23, struct.pack("=23Q", *range(23)))).stats
    assert old is not None
    assert old["rx_packets"] == 0
    assert old["rx_missed_errors"] == 15
    assert "rx_nohandler" not in old
    new = link(attribute(23, struct.pack("=40Q", *range(40)))).stats
    assert new is not None
    assert new["rx_otherhost_dropped"] == 24
    assert len(new) == 25


def test_limits_and_link_changes_are_named() -> None:
    numbers = {35: 7, 40: 64, 41: 65536, 48: 3, 50: 68, 51: 9216, 58: 65536, 59: 524280}
    found = link(*(u32(number, value) for number, value in numbers.items()))
    assert (found.mtu_min, found.mtu_max) == (68, 9216)
    assert (found.carrier_changes, found.carrier_downs) == (7, 3)
    assert (found.gso_max_segs, found.gso_max_size) == (64, 65536)
    assert (found.gro_max_size, found.tso_max_size) == (65536, 524280)


def test_what_an_old_kernel_does_not_tell_is_none() -> None:
    old = link()
    assert (old.mtu_min, old.mtu_max, old.carrier_changes, old.carrier_downs) == (None,) * 4
    assert (old.gso_max_segs, old.gro_max_size, old.tso_max_size) == (None,) * 3


@pytest.mark.parametrize(
    ("attached", "xdp"),
    [(0, False), (1, True), (2, True), (3, True), (4, True)],  # none, driver, generic, device, many
)
def test_a_program_is_attached_in_whatever_mode(attached: int, xdp: bool) -> None:
    assert link(attribute(43, attribute(2, bytes([attached])))).xdp is xdp


def test_without_a_word_of_xdp_there_is_none() -> None:
    assert not link().xdp


def test_addresses_are_written_as_ip_does() -> None:
    assert link(attribute(1, bytes([2, 0xFC, 0, 0, 0, 1]))).address == "02:fc:00:00:00:01"
    assert link().address == ""


@pytest.mark.parametrize("name", ["eth0.100", "-x", "a..b", "$(id)", "é", "fifteen-bytes.."])
def test_odd_names_are_kept_as_they_are(name: str) -> None:
    assert link(name=name).name == name


def test_the_running_kernel_lists_lo() -> None:
    loopback = read_links()[0]
    assert (loopback.name, loopback.kind, loopback.index) == ("lo", "loopback", 1)
