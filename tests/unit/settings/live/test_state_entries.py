"""Which addresses, routes and neighbours are kept, and that a text cannot be anything else."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.settings.live.state_entries import TABLES, from_text, kept, on_interface, to_text

NIC, OTHER = 7, 8


def u32(number: int) -> bytes:
    return struct.pack("=I", number)


def hop(index: int, flags: int = 0) -> bytes:
    return struct.pack("=HBBiHH4s", 16, flags, 0, index, 8, 5, b"\x0a\0\0\x02")


ADDRESS = {
    **{"family": 2, "prefix": 24, "flags": 0x80, "scope": 0, "index": NIC},
    **{"address": b"\x0a\0\0\1", "local": b"\x0a\0\0\1", "flags32": u32(0x280)},
}
ROUTE = {
    **{"family": 2, "dst_len": 16, "src_len": 0, "tos": 0, "table8": 254, "protocol": 4},
    **{"scope": 0, "type": 1, "flags": 0, "dst": b"\x0a\x09\0\0", "gateway": b"\x0a\0\0\2"},
    **{"oif": u32(NIC), "table": u32(254), "cacheinfo": bytes(32)},
}
NEIGHBOUR = {
    **{"family": 10, "pad1": 0, "pad2": 0, "index": NIC, "state": 0x80, "flags": 0x80, "type": 1},
    **{"dst": bytes(16), "lladdr": bytes(6)},
}
MULTIPATH = {name: value for name, value in ROUTE.items() if name not in ("oif", "gateway")} | {
    "multipath": hop(NIC, 0x10) + hop(OTHER)
}

KEPT = [
    ("addresses", ADDRESS),
    ("addresses", ADDRESS | {"family": 10, "address": bytes(16), "local": bytes(16)}),
    ("routes", ROUTE),
    ("routes", ROUTE | {"family": 10, "protocol": 3, "flags": 0x4}),
    ("routes", ROUTE | {"table8": 252, "table": u32(1000)}),
    ("routes", ROUTE | {"metrics": b"\x08\0\x02\0\0\x05\0\0", "priority": u32(100)}),
    ("routes", MULTIPATH),
    ("neighbours", NEIGHBOUR),
]
LEFT = [
    ("addresses", ADDRESS | {"index": OTHER}),
    ("addresses", ADDRESS | {"flags32": u32(0)}),  # from DHCP or an advertisement
    ("addresses", {**ADDRESS, "flags": 0, "flags32": u32(0x200)}),
    ("addresses", ADDRESS | {"family": 17}),
    ("routes", ROUTE | {"oif": u32(OTHER)}),
    ("routes", ROUTE | {"protocol": 2}),  # the kernel's own
    ("routes", ROUTE | {"protocol": 9}),  # advertised
    ("routes", ROUTE | {"protocol": 186}),  # a routing daemon's
    ("routes", ROUTE | {"type": 6}),
    ("routes", ROUTE | {"table8": 255, "table": u32(255)}),
    ("routes", ROUTE | {"flags": 0x200}),
    ("routes", ROUTE | {"nexthop": u32(1)}),
    ("routes", ROUTE | {"cacheinfo": struct.pack("=IIiIIIII", 0, 0, 30, 0, 0, 0, 0, 0)}),
    ("routes", ROUTE | {"expires": u32(30)}),
    ("routes", MULTIPATH | {"multipath": hop(OTHER) + hop(OTHER)}),
    ("routes", MULTIPATH | {"multipath": b"\0" * 16}),
    ("neighbours", NEIGHBOUR | {"index": OTHER}),
    ("neighbours", NEIGHBOUR | {"state": 0x02}),  # reachable: learned
    ("neighbours", NEIGHBOUR | {"family": 7}),
]


@pytest.mark.parametrize(("name", "entry"), KEPT)
def test_what_nobody_would_add_again_is_kept_without_its_state(
    name: str, entry: dict[str, Any]
) -> None:
    table = TABLES[name]
    found = kept(table, entry, NIC)
    assert found is not None
    text = to_text(table, found)
    assert text.isascii()
    assert text.isprintable()
    again = from_text(table, text, NIC)
    assert to_text(table, again) == text
    sent = on_interface(table, again, NIC)
    assert sent.get("cacheinfo") is None
    for attribute in ("dst", "gateway", "oif", "address", "local", "lladdr", "metrics", "table"):
        assert sent.get(attribute) == entry.get(attribute)


def test_the_interface_is_the_one_that_has_the_name_later() -> None:
    for name, entry in (("addresses", ADDRESS), ("routes", ROUTE), ("neighbours", NEIGHBOUR)):
        text = to_text(TABLES[name], kept(TABLES[name], entry, NIC) or {})
        sent = on_interface(TABLES[name], from_text(TABLES[name], text, OTHER), OTHER)
        assert sent.get("index", OTHER) == OTHER
        assert sent.get("oif", u32(OTHER)) == u32(OTHER)


def test_the_kernels_notes_on_a_next_hop_are_not_kept() -> None:
    found = kept(TABLES["routes"], MULTIPATH, NIC)
    assert found is not None
    assert found["multipath"] == hop(NIC) + hop(OTHER)


@pytest.mark.parametrize(("name", "entry"), LEFT)
def test_what_comes_back_alone_or_belongs_elsewhere_is_left(
    name: str, entry: dict[str, Any]
) -> None:
    assert kept(TABLES[name], entry, NIC) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2,16,0,0,254,4,0,1",
        "2,16,0,0,254,4,0,1,0,0 dst=0a090000",
        "2,16,0,0,999,4,0,1,0 dst=0a090000",
        "2,16,0,0,254,4,0,1,99999999999 dst=0a090000",
        "2,16,0,0,254,4,0,1,-1 dst=0a090000",
        "2,16,0,0,254,4,0,1,0  dst=0a090000",
        "2,16,0,0,254,4,0,1,0 dst=0A090000",
        "2,16,0,0,254,4,0,1,0 dst=0a09000",
        "2,16,0,0,254,4,0,1,0 nix=00",
        "2,16,0,0,254,4,0,1,0 dst=0a090000 dst=0b000000",
        "2,16,0,0,254,4,0,1,0 gateway=0a000002 dst=0a090000",
        "2,16,0,0,254,4,0,1,0 dst=0a090000 oif=08000000",
        "2,16,0,0,254,4,0,1,0 dst=0a090000 cacheinfo=00",
        "2,16,0,0,254,4,0,1,512 dst=0a090000",
        "2,16,0,0,255,4,0,1,0 dst=0a090000",
        "2,16,0,0,254,4,0,6,0 dst=0a090000",
        "2,16,0,0,254,2,0,1,0 dst=0a090000",
        "17,16,0,0,254,4,0,1,0 dst=0a090000",
        "٢,16,0,0,254,4,0,1,0 dst=0a090000",
        "2,16,0,0,254,4,0,1,0 multipath=1000000008000000080005000a000002",
    ],
)
def test_a_text_that_was_not_kept_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"entry|too large"):
        from_text(TABLES["routes"], text, NIC)


@given(
    name=st.sampled_from(sorted(TABLES)),
    text=st.one_of(
        st.text(), st.text(alphabet="0123456789,= abcdefghijklmnopqrstuvwxyz", max_size=80)
    ),
)
def test_any_text_is_an_entry_or_refused(name: str, text: str) -> None:
    try:
        entry = from_text(TABLES[name], text, NIC)
    except ValueError:
        return
    assert to_text(TABLES[name], entry) == text
