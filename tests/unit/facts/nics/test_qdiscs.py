"""Queueing disciplines from their messages."""

from __future__ import annotations

import struct

import pytest

from advisor.facts.netlink_decode import decode
from advisor.facts.nics.qdiscs import QdiscMessage, parse_qdisc, read_qdiscs
from advisor.model.stack import Qdisc
from tests.unit.facts.netlink_bytes import attribute, text

ROOT = 0xFFFFFFFF
NAMES = {4: "eth0"}


def payload(
    *attributes: bytes, index: int = 4, handle: int = 0x80010000, parent: int = ROOT
) -> bytes:
    """A message with these attributes."""
    return struct.pack("=BxxxiIII", 0, index, handle, parent, 0) + b"".join(attributes)


def qdisc(*attributes: bytes, handle: int = 0x80010000, parent: int = ROOT) -> Qdisc:
    """The qdisc of such a message."""
    found = parse_qdisc(
        decode(QdiscMessage, payload(*attributes, handle=handle, parent=parent)), NAMES
    )
    assert found is not None
    return found


def test_backlog_and_drops_are_read() -> None:
    basic = attribute(1, struct.pack("=QI4x", 5000, 50))
    queue = attribute(3, struct.pack("=5I", 7, 700, 3, 2, 1))
    assert qdisc(text(1, "fq"), attribute(7, basic + queue)) == Qdisc(
        nic="eth0",
        kind="fq",
        handle="8001:",
        parent="root",
        bytes=5000,
        packets=50,
        drops=3,
        overlimits=1,
        requeues=2,
        backlog_packets=7,
        backlog_bytes=700,
    )


def test_packets_are_64_bits_wide_where_the_kernel_has_them() -> None:
    basic = attribute(1, struct.pack("=QI4x", 0, 5))
    packets = attribute(8, struct.pack("=Q", (1 << 32) + 5))
    assert qdisc(attribute(7, basic + packets)).packets == (1 << 32) + 5


def test_statistics_that_are_missing_or_cut_short_are_zero() -> None:
    assert qdisc(text(1, "noqueue")).drops == 0
    assert qdisc(attribute(7, attribute(3, b"\1\2\3"))).backlog_packets == 0


@pytest.mark.parametrize(
    ("handle", "parent", "as_text"),
    [
        (0, ROOT, ("0:", "root")),
        (0x80010000, ROOT, ("8001:", "root")),
        (0, 1, ("0:", ":1")),
        (0, 0x11, ("0:", ":11")),
        (0x00100000, 0x80010001, ("10:", "8001:1")),
        (0xFFFF0000, 0xFFFFFFF1, ("ffff:", "ffff:fff1")),
        (0, 0, ("0:", "none")),
    ],
)
def test_handles_are_written_as_tc_does(handle: int, parent: int, as_text: tuple[str, str]) -> None:
    found = qdisc(handle=handle, parent=parent)
    assert (found.handle, found.parent) == as_text


def test_a_qdisc_of_an_unknown_interface_is_left_out() -> None:
    assert parse_qdisc(decode(QdiscMessage, payload(index=5)), NAMES) is None


def test_the_running_kernel_answers() -> None:
    assert read_qdiscs({}) == {}
