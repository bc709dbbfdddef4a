"""Attributes become names and values; nothing that arrives can break the reader."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.netlink_classes import genlmsg, nlmsg
from advisor.facts.netlink_decode import decode
from advisor.facts.nics import ethtool_messages as messages
from advisor.facts.nics import hardware_messages, netdev_messages
from advisor.facts.nics.links import LinkMessage, parse_link
from advisor.facts.nics.qdiscs import QdiscMessage, parse_qdisc
from tests.unit.facts.netlink_bytes import attribute, generic, text, u32

MESSAGES: list[type[nlmsg]] = [
    LinkMessage,
    QdiscMessage,
    messages.StringSets,
    messages.LinkModes,
    messages.Features,
    messages.PrivateFlags,
    messages.Channels,
    messages.Pause,
    hardware_messages.Rings,
    hardware_messages.Coalesce,
    hardware_messages.Fec,
    hardware_messages.RssContexts,
    netdev_messages.QueueMessage,
    netdev_messages.NapiMessage,
    netdev_messages.QueueStatsMessage,
]

_FIXED = {"cmd": 0, "version": 1, "reserved": 0}


class Number(genlmsg):
    nla_map = ((1, "number", "uint32"), (2, "text", "asciiz"))


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (u32(1, 7), {"number": 7}),
        (attribute(1, b"\7"), {"number": 7}),
        (attribute(1, struct.pack("=Q", 1 << 40)), {"number": 1 << 40}),
        (attribute(1 | 0x8000, struct.pack("=I", 7)), {"number": 7}),
        (attribute(1, b"\1\2\3"), {}),
        (attribute(1, b""), {}),
        (u32(9, 7), {}),
        (u32(9, 7) + u32(1, 8), {"number": 8}),
        (text(2, "eth0"), {"text": "eth0"}),
        (attribute(2, b"eth0"), {"text": "eth0"}),
        (attribute(2, b"\xe9"), {"text": "\udce9"}),
        (u32(1, 7)[:-1], {}),
        (u32(1, 7) + b"\0", {"number": 7}),
        (u32(1, 7) + struct.pack("=HH", 3, 2) + b"rest", {"number": 7}),
        (u32(1, 7) + struct.pack("=HH", 0, 2), {"number": 7}),
        (u32(1, 7) + struct.pack("=HH", 0xFFFF, 2) + b"rest", {"number": 7}),
    ],
)
def test_a_declared_attribute_that_fits_becomes_a_value_and_nothing_else_does(
    attributes: bytes, expected: dict[str, Any]
) -> None:
    assert decode(Number, generic(attributes)) == _FIXED | expected


def test_a_message_shorter_than_its_fixed_part_has_no_facts() -> None:
    assert decode(LinkMessage, b"\0" * 15) == {}


def test_nests_become_dictionaries_and_repeated_ones_lists() -> None:
    bits = attribute(1, u32(1, 0) + text(2, "rx_cqe_moder") + attribute(3, b""))
    bits += attribute(1, u32(1, 1) + text(2, "rx_striding_rq"))
    payload = generic(attribute(1, u32(1, 4)), attribute(2, u32(2, 2) + attribute(3, bits)))
    assert decode(messages.PrivateFlags, payload) == _FIXED | {
        "device": {"index": 4},
        "flags": {
            "size": 2,
            "bits": [
                {"index": 0, "name": "rx_cqe_moder", "on": True},
                {"index": 1, "name": "rx_striding_rq"},
            ],
        },
    }


@pytest.mark.parametrize("message_class", MESSAGES, ids=lambda each: each.__name__)
@given(payload=st.binary(max_size=300))
def test_arbitrary_bytes_never_break_the_reader(message_class: type[nlmsg], payload: bytes) -> None:
    known = {name for name, _form in message_class.fields}
    known |= {name for _number, name, _kind in message_class.nla_map}
    assert decode(message_class, payload).keys() <= known


# Mostly well-formed: lengths that fit, declared numbers, wrong sizes, one level of nesting.
_ATTRIBUTES = st.lists(
    st.builds(
        attribute,
        st.integers(0, 60) | st.integers(0, 0xFFFF),
        st.binary(max_size=12)
        | st.builds(attribute, st.integers(0, 10), st.binary(max_size=12))
        | st.binary(min_size=180, max_size=220),
    ),
    max_size=8,
).map(b"".join)


@given(fixed=st.binary(min_size=16, max_size=16), attributes=_ATTRIBUTES)
def test_no_link_message_breaks_the_collector(fixed: bytes, attributes: bytes) -> None:
    link = parse_link(decode(LinkMessage, fixed + attributes))
    assert link is None or (link.index > 0 and link.name)


@given(fixed=st.binary(min_size=20, max_size=20), attributes=_ATTRIBUTES)
def test_no_qdisc_message_breaks_the_collector(fixed: bytes, attributes: bytes) -> None:
    message = decode(QdiscMessage, fixed + attributes)
    qdisc = parse_qdisc(message, {message["index"]: "eth0"})
    assert qdisc is not None
    assert qdisc.nic == "eth0"


@pytest.mark.parametrize(
    ("message_class", "payload"),
    [
        (Number, generic(u32(1, 7), text(2, "eth0"))),
        (
            messages.Channels,
            generic(attribute(1, u32(1, 4) + text(2, "eth0")), u32(5, 8), u32(9, 4)),
        ),
        (messages.Pause, generic(attribute(2, b"\1"), attribute(3, b"\0"))),
    ],
)
def test_the_reader_agrees_with_pyroute2(message_class: type[genlmsg], payload: bytes) -> None:
    # pyroute2 wants the whole message: a netlink header in front.
    header = struct.pack("=IHHII", 16 + len(payload), 0x20, 0, 1, 0)
    decoder: Any = message_class
    theirs = decoder(header + payload)
    theirs.decode()
    ours = decode(message_class, payload)
    assert {name: _plain(value) for name, value in theirs["attrs"]} == {
        name: value for name, value in ours.items() if name not in _FIXED
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value["attrs"]}
    return value
