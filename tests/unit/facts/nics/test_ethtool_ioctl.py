"""SIOCETHTOOL: counters, link modes, coalescing of channels; nothing that arrives breaks it."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.nics.ethtool_ioctl import (
    ETH_SS_FEATURES,
    EthtoolIoctl,
    read_driver,
    read_private_flags,
    read_statistics,
    read_strings,
)
from advisor.facts.nics.ethtool_ioctl_link import read_fec, read_link_mode
from advisor.facts.nics.ethtool_ioctl_settings import (
    read_channels,
    read_features,
    read_pause,
    read_queue_coalesce,
)
from advisor.facts.nics.link_speeds import LinkMode
from advisor.model.nic_settings import Fec

GSET, GLINKSETTINGS, PERQUEUE = 0x01, 0x4C, 0x4B


class Scripted(EthtoolIoctl):
    """Answers by a function of the command and the request."""

    def __init__(self, answer: Callable[[int, bytes], bytes]) -> None:
        self._answer = answer
        self.asked: list[int] = []

    def call(self, interface: str, request: bytes) -> bytes:
        command = struct.unpack_from("=I", request)[0]
        self.asked.append(command)
        answer = self._answer(command, request)
        return answer + request[len(answer) :]


def refuse(code: int) -> OSError:
    """The error of a driver."""
    return OSError(code, os.strerror(code))


def link_settings(words: int, *masks: int) -> bytes:
    """struct ethtool_link_settings of a 100 Gbit/s link, with its sets of modes."""
    header = struct.pack("=IIBBBBBBBb32x", GLINKSETTINGS, 100000, 1, 0, 0, 1, 0, 0, 0, words)
    return header + b"".join(struct.pack("=3I", mask & 0xFFFFFFFF, mask >> 32, 0) for mask in masks)


def test_the_kernel_says_how_many_words_a_set_of_modes_has() -> None:
    def answer(command: int, request: bytes) -> bytes:
        if command != GLINKSETTINGS:
            raise refuse(errno.EOPNOTSUPP)
        words = struct.unpack_from("=b", request, 15)[0]
        if words != 3:
            return link_settings(-3)
        return link_settings(3, 1 << 38 | 1 << 5, 1 << 5, 0)

    ioctl = Scripted(answer)
    assert read_link_mode(ioctl, "eth0") == LinkMode(
        speed_mbps=100000,
        duplex="full",
        autoneg=True,
        speed_max_mbps=100000,
        speed_advertised_mbps=1000,
    )
    assert GSET not in ioctl.asked


@pytest.mark.parametrize("refusal", [errno.EOPNOTSUPP, errno.EPERM])
def test_kernels_before_4_6_are_asked_in_the_old_way(refusal: int) -> None:
    def answer(command: int, request: bytes) -> bytes:
        if command != GSET:
            raise refuse(refusal)
        fields = (GSET, 1 << 31 | 1 << 5, 1 << 5, 25000 & 0xFFFF, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
        return struct.pack("=IIIHBBBBBBIIHBBI8x", *fields, 1 << 3)

    assert read_link_mode(Scripted(answer), "eth0") == LinkMode(
        speed_mbps=25000,
        duplex="full",
        autoneg=True,
        speed_max_mbps=25000,
        speed_advertised_mbps=1000,
        speed_partner_mbps=100,
    )


def test_a_device_that_fails_is_not_asked_in_the_old_way() -> None:
    def answer(command: int, request: bytes) -> bytes:
        raise refuse(errno.EIO)

    ioctl = Scripted(answer)
    with pytest.raises(OSError, match="Input/output"):
        read_link_mode(ioctl, "eth0")
    assert ioctl.asked == [GLINKSETTINGS]


@pytest.mark.parametrize(
    ("active", "configured", "expected"),
    [
        (1 << 3, 1 << 3, Fec(active="rs", auto=False)),
        (1 << 2, 1 << 1, Fec(active="off", auto=True)),
        (1 << 4, 1 << 1 | 1 << 4, Fec(active="baser", auto=True)),
        (1 << 5, 1 << 5, Fec(active="llrs", auto=False)),
        (0, 1 << 3, Fec(active=None, auto=False)),
        (1 << 0, 1 << 0, Fec(active=None, auto=False)),
    ],
)
def test_error_correction_has_the_names_of_ethtool(
    active: int, configured: int, expected: Fec
) -> None:
    ioctl = Scripted(lambda command, request: struct.pack("=4I", command, active, configured, 0))
    assert read_fec(ioctl, "eth0") == expected


def channels_of_driver(own: int) -> Scripted:
    """A driver that refuses a request with a channel behind its own."""

    def answer(command: int, request: bytes) -> bytes:
        asked = [
            32 * position + bit
            for position, word in enumerate(struct.unpack_from("=128I", request, 8))
            for bit in range(32)
            if word >> bit & 1
        ]
        if any(queue >= own for queue in asked):
            raise refuse(errno.EINVAL)
        return request[:520] + b"".join(
            struct.pack("=23I", 0x0E, queue, *(0,) * 21) for queue in asked
        )

    return Scripted(answer)


@pytest.mark.parametrize(("own", "count", "requests"), [(70, 70, 1), (8, 4, 1), (3, 8, 5)])
def test_each_channel_has_its_own_coalescing(own: int, count: int, requests: int) -> None:
    ioctl = channels_of_driver(own)
    found = read_queue_coalesce(ioctl, "eth0", count)
    assert {queue: coalesce.rx_usecs for queue, coalesce in found.items()} == {
        str(queue): queue for queue in range(min(own, count))
    }
    assert len(ioctl.asked) == requests


def test_a_driver_that_refuses_every_channel_is_refused_at_the_second_request() -> None:
    ioctl = channels_of_driver(0)
    with pytest.raises(OSError, match="Invalid argument"):
        read_queue_coalesce(ioctl, "eth0", 64)
    assert len(ioctl.asked) == 2


def test_an_absurd_number_of_channels_is_bounded() -> None:
    assert len(read_queue_coalesce(channels_of_driver(1 << 20), "eth0", 0xFFFFFFFF)) == 4096


def strings(names: list[bytes]) -> Scripted:
    """A driver with these counters, each with the value 1."""

    def answer(command: int, request: bytes) -> bytes:
        if command == 0x1D:
            return struct.pack(f"=II{len(names)}Q", command, len(names), *(1,) * len(names))
        packed = b"".join(name.ljust(32, b"\0") for name in names)
        return struct.pack("=III", command, 1, len(names)) + packed

    return Scripted(answer)


def test_five_thousand_counters_keep_their_order_and_their_repetitions() -> None:
    names = [b"rx0_packets", b"  indented", b"\xff\xfe", b"x" * 32, b""] * 1000
    found = read_statistics(strings(names), "eth0", len(names))
    expected = ["rx0_packets", "  indented", "\ufffd\ufffd", "x" * 32, ""] * 1000
    assert found == [(name, 1) for name in expected]


def test_counters_that_grow_between_two_requests_are_no_overflow() -> None:
    found = read_statistics(strings([b"a"] * 900), "eth0", 10)
    assert len(found) == 900


@pytest.mark.parametrize("count", [1 << 17, 0xFFFFFFFF])
def test_an_absurd_number_of_counters_is_not_asked_for(count: int) -> None:
    ioctl = strings([])
    with pytest.raises(OSError, match="cannot be right"):
        read_statistics(ioctl, "eth0", count)
    assert ioctl.asked == []


READERS = [
    read_driver,
    read_private_flags,
    partial(read_statistics, count=3),
    partial(read_queue_coalesce, count=3),
    read_link_mode,
    read_fec,
    read_channels,
    read_features,
    read_pause,
]


class Nonsense(EthtoolIoctl):
    """Answers with given bytes, as many as it was asked for or fewer."""

    def __init__(self, answers: list[bytes], *, padded: bool) -> None:
        self._answers = answers
        self._padded = padded

    def call(self, interface: str, request: bytes) -> bytes:
        answer = (self._answers.pop() if self._answers else b"")[: len(request)]
        return answer + request[len(answer) :] if self._padded else answer


@pytest.mark.parametrize("read", READERS)
@given(answers=st.lists(st.binary(max_size=300), max_size=8), padded=st.booleans())
def test_nonsense_is_refused_or_becomes_a_value(
    read: Callable[[EthtoolIoctl, str], object], answers: list[bytes], padded: bool
) -> None:
    try:
        found = read(Nonsense(answers, padded=padded), "eth0")
    except (OSError, struct.error):
        return
    assert found is not None


@given(answer=st.binary(max_size=400))
def test_strings_are_bounded_by_their_room(answer: bytes) -> None:
    try:
        found = read_strings(Nonsense([answer], padded=True), "eth0", ETH_SS_FEATURES, 4)
    except struct.error:
        return
    assert len(found) <= 4 + 1024


def test_the_index_of_a_name() -> None:
    with EthtoolIoctl() as ioctl:
        assert ioctl.index("lo") == 1
        assert ioctl.index("none-such") is None
