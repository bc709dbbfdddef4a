"""RSS over the ioctl: never the key, and no fields that a driver only seems to tell."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.nics.ethtool_ioctl import EthtoolIoctl
from advisor.facts.nics.ethtool_rss import read_rss
from advisor.model.nic_settings import Rss

SRC, DST, PORTS = 1 << 4, 1 << 5, 1 << 6 | 1 << 7
SDFN = SRC | DST | PORTS
NO_CHANGE = 0xFF
TCP4, UDP4, SCTP4, IPSEC4, TCP6, UDP6, SCTP6, IPSEC6 = range(1, 9)


class Device(EthtoolIoctl):
    """A device with an indirection table.

    Args:
        table: The table.
        key_size: Bytes of its key.
        function: ETH_RSS_HASH_*.
        transformation: RXH_XFRM_* in use.
        old: Whether the kernel is one before 6.8.
        fields: Flow type → RXH_*; others are refused.
    """

    def __init__(
        self,
        *,
        table: tuple[int, ...] = (0, 1),
        key_size: int = 40,
        function: int = 1,
        transformation: int = 0,
        old: bool = False,
        fields: Mapping[int, int] | None = None,
    ) -> None:
        self._table = table
        self._numbers = (key_size, function, 0 if old else transformation)
        self._old = old
        self._fields = fields or {}

    def call(self, interface: str, request: bytes) -> bytes:
        command, flow_type = struct.unpack_from("=II", request)
        if command == 0x29:
            if flow_type not in self._fields:
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            return struct.pack("=IIQ", command, flow_type, self._fields[flow_type])
        slots, key_size, _function, transformation, reserved = struct.unpack_from(
            "=IIBBH", request, 8
        )
        assert key_size == reserved == 0
        if self._old and transformation:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        if slots not in (0, len(self._table)):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        header = struct.pack("=IIIIBB6x", command, 0, len(self._table), *self._numbers)
        return header + (struct.pack(f"={slots}I", *self._table) if slots else b"")


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (Device(), Rss((0, 1), "toeplitz", key=True, symmetric=False)),
        (Device(function=2, key_size=0), Rss((0, 1), "xor", key=False, symmetric=False)),
        (Device(function=4), Rss((0, 1), "crc32", key=True, symmetric=False)),
        (Device(function=0), Rss((0, 1), "unknown", key=True, symmetric=False)),
        (Device(transformation=1), Rss((0, 1), "toeplitz", key=True, symmetric=True)),
        (Device(transformation=2), Rss((0, 1), "toeplitz", key=True, symmetric=True)),
        (Device(transformation=1, old=True), Rss((0, 1), "toeplitz", key=True, symmetric=None)),
    ],
)
def test_what_the_kernel_tells_of_the_hash(device: Device, expected: Rss) -> None:
    assert read_rss(device, "eth0") == expected


def test_a_device_without_a_table_has_no_rss() -> None:
    with pytest.raises(OSError) as refused:
        read_rss(Device(table=()), "eth0")
    assert refused.value.errno == errno.EOPNOTSUPP


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({TCP4: SDFN}, {"tcp4": "sdfn"}),
        ({TCP6: SRC | DST, UDP6: SDFN}, {"tcp6": "sd", "udp6": "sdfn"}),
        ({IPSEC4: SRC | DST}, {"ah4": "sd", "esp4": "sd"}),
        ({IPSEC6: SDFN, SCTP6: SDFN}, {"ah6": "sdfn", "esp6": "sdfn", "sctp6": "sdfn"}),
        ({TCP4: 0b1110}, {"tcp4": "mvt"}),
        ({TCP6: SRC | DST | 1 << 8 | 1 << 9}, {"tcp6": "sdel"}),
        ({UDP4: 1 << 31}, {"udp4": "r"}),
        ({UDP4: SDFN | 1 << 20}, {"udp4": "sdfn"}),
        # "None" of TCP and UDP is a setting; of the others it may only mean "do not know".
        ({TCP4: SDFN, UDP4: 0, SCTP4: 0, IPSEC4: 0}, {"tcp4": "sdfn", "udp4": ""}),
        # virtio_net without VIRTIO_NET_F_RSS
        (dict.fromkeys(range(1, 9), 0), {}),
        ({}, {}),
    ],
)
def test_hashed_fields_are_letters_of_ethtool(
    fields: dict[int, int], expected: dict[str, str]
) -> None:
    assert read_rss(Device(fields=fields), "eth0").hash_fields == expected


class Nonsense(EthtoolIoctl):
    """Answers with given bytes, as many as it was asked for or fewer."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers

    def call(self, interface: str, request: bytes) -> bytes:
        answer = self._answers.pop() if self._answers else b""
        return answer[: len(request)]


@given(st.lists(st.binary(max_size=64), max_size=12))
def test_nonsense_is_refused_or_becomes_a_bounded_value(answers: list[bytes]) -> None:
    try:
        found = read_rss(Nonsense(answers), "eth0")
    except (OSError, struct.error):
        return
    assert len(found.indirection) <= 16


def test_a_table_of_absurd_length_is_not_asked_for() -> None:
    sizes = struct.pack("=IIIIBB6x", 0x46, 0, 0xFFFFFFFF, 40, 1, 0)
    with pytest.raises(OSError, match="4294967295 slots"):
        read_rss(Nonsense([sizes]), "eth0")
