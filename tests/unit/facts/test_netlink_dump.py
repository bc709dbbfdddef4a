"""Netlink dumps against the running kernel, and messages that are not as they should be."""

from __future__ import annotations

import errno
import socket
import struct

import pytest

from advisor.facts.addresses import local_addresses
from advisor.facts.netlink_dump import attributes, dump
from tests.unit.facts.messages import attribute


def test_attributes_are_found_with_their_padding() -> None:
    data = attribute(1, b"abcde") + attribute(2, b"") + attribute(0x8003, b"xyz")
    found = [(kind, data[start:end]) for kind, start, end in attributes(data, 0, len(data))]
    assert found == [(1, b"abcde"), (2, b""), (3, b"xyz")]


@pytest.mark.parametrize("length", [0, 3, 9])
def test_attributes_whose_lengths_do_not_add_up_are_refused(length: int) -> None:
    data = struct.pack("=HH", length, 1) + b"abcd"
    with pytest.raises(OSError, match=r"."):
        list(attributes(data, 0, len(data)))


def test_what_the_kernel_refuses_is_an_error_with_its_number() -> None:
    with pytest.raises(OSError, match=r".") as caught:
        list(dump(socket.NETLINK_ROUTE, 9999, bytes(16)))
    assert caught.value.errno == errno.EOPNOTSUPP


def test_a_protocol_that_is_not_there_is_an_error() -> None:
    with pytest.raises(OSError, match=r"."):
        list(dump(31, 16, bytes(16)))


def test_a_dump_can_be_left_early() -> None:
    request = struct.pack("=BxHiII", socket.AF_UNSPEC, 0, 0, 0, 0)
    buffer, start, end = next(dump(socket.NETLINK_ROUTE, 18, request))
    assert 0 < start < end <= len(buffer)


def test_local_addresses_have_four_or_sixteen_bytes() -> None:
    assert {len(address) for address in local_addresses()} <= {4, 16}
