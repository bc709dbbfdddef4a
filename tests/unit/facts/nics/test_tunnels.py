"""What tunnels of each kind add to a packet, and what is below them."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.nics.tunnels import tunnel_lower, tunnel_overhead
from tests.unit.facts.netlink_bytes import attribute, u32

IPV4 = bytes([192, 0, 2, 1])
IPV6 = bytes(16)
CHECKSUM, KEY, SEQUENCE = 0x8000, 0x2000, 0x1000
FOU, GUE = 1, 2


def u8(number: int, value: int) -> bytes:
    return attribute(number, bytes([value]))


def u16(number: int, value: int) -> bytes:
    return attribute(number, struct.pack("=H", value))


def gre_flags(flags: int) -> bytes:
    """IFLA_GRE_OFLAGS, in network byte order."""
    return attribute(3, struct.pack("!H", flags))


# Kind, IFLA_INFO_DATA, bytes. The numbers are those that the kernel takes off the MTU of what is
# below: see the sources in `tunnel_overhead`.
OVERHEADS: list[tuple[str, bytes, int | None]] = [
    ("vxlan", attribute(2, IPV4) + attribute(4, IPV4), 50),
    ("vxlan", attribute(16, IPV6), 70),
    ("vxlan", attribute(17, IPV6), 70),
    ("vxlan", u8(25, 1), 50),  # an address for each packet
    ("vxlan", attribute(4, IPV4) + attribute(27, b""), 36),  # VXLAN-GPE: no Ethernet header inside
    ("geneve", attribute(2, IPV4), 50),
    ("geneve", attribute(7, IPV6), 70),
    ("geneve", attribute(6, b""), 50),
    ("geneve", attribute(2, IPV4) + attribute(14, b""), 36),
    ("gre", gre_flags(0), 24),
    ("gre", b"", 24),
    ("gre", gre_flags(KEY), 28),
    ("gre", gre_flags(CHECKSUM | KEY | SEQUENCE), 36),
    ("gre", u16(14, FOU), 32),
    ("gretap", gre_flags(0), 38),
    ("erspan", u8(22, 0), 38),
    ("erspan", u8(22, 1), 50),
    ("erspan", u8(22, 2), 54),
    ("ip6gre", gre_flags(0), 52),
    ("ip6gre", gre_flags(0) + u32(13, 0x1), 44),
    ("ip6gretap", gre_flags(0) + u32(13, 0x1), 58),
    ("ip6erspan", u8(22, 1) + u32(13, 0x1), 70),
    ("ipip", b"", 20),
    ("ipip", u16(15, GUE), 32),
    ("ipip", u16(15, GUE) + u16(16, 0x4), 40),
    ("sit", b"", 20),
    ("ip6tnl", u32(8, 0), 48),  # with the encapsulation limit option, the default
    ("ip6tnl", u32(8, 0x1), 40),
    ("wireguard", b"", 80),
    ("macsec", u8(3, 16), 32),
    ("macsec", u8(3, 8), 24),
    ("vlan", b"", None),
    ("macvlan", b"", None),
    ("ipvlan", b"", None),
    ("bridge", b"", None),
    ("veth", b"", None),
    ("xfrm", b"", None),
    ("ethernet", b"", None),
]


@pytest.mark.parametrize(("kind", "data", "expected"), OVERHEADS)
def test_a_tunnel_takes_its_headers_off_the_mtu(
    kind: str, data: bytes, expected: int | None
) -> None:
    assert tunnel_overhead(kind, data) == expected


@pytest.mark.parametrize(
    ("kind", "data", "lower"),
    [
        ("vxlan", u32(3, 7), 7),
        ("vxlan", u32(3, 0), None),
        ("vxlan", b"", None),
        ("geneve", u32(3, 7), None),  # another attribute there
    ],
)
def test_only_a_vxlan_names_what_is_below_it_among_its_own_attributes(
    kind: str, data: bytes, lower: int | None
) -> None:
    assert tunnel_lower(kind, data) == lower


@given(kind=st.sampled_from(sorted({kind for kind, _data, _bytes in OVERHEADS})), data=st.binary())
def test_whatever_a_kernel_sends_the_overhead_stays_plausible(kind: str, data: bytes) -> None:
    overhead = tunnel_overhead(kind, data)
    assert overhead is None or 0 < overhead <= 300
