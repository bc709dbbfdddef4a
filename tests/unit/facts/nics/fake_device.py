"""A NIC that answers every request of ethtool, the same over netlink and over the ioctl.

Two interfaces are such a device, "eth0" and "eth1"; what is made to fail fails for the first.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from advisor.facts.netlink import Answers, Channel
from advisor.facts.nics import ethtool_messages as messages
from advisor.facts.nics import hardware_messages as hardware
from advisor.facts.nics.ethtool_ioctl import EthtoolIoctl
from advisor.facts.nics.links import Link
from tests.unit.facts.netlink_bytes import attribute, generic, text, u32

INDEXES = {"eth0": 2, "eth1": 3}
LINKS = [
    Link(index=index, name=name, kind="ethernet", up=True, running=True, mtu=1500, txqueuelen=1000)
    for name, index in INDEXES.items()
]

Failure = int | Callable[[bytes], bytes]
"""An errno, or what becomes of the bytes of an answer."""

FEATURES = ("tx-scatter-gather", "rx-gro", "", "rx-lro")
CHANGEABLE, REQUESTED, ACTIVE, NEVER_CHANGED = 0b1011, 0b1001, 0b0011, 0b0000

_NAMED_MODES = {
    5: "1000baseT/Full",
    6: "Autoneg",
    10: "FIBRE",
    31: "25000baseCR/Full",
    38: "100000baseCR4/Full",
    50: "RS",
}
MODES = [_NAMED_MODES.get(bit, "") for bit in range(51)]
PARTNERS = 1 << 5 | 1 << 6
ADVERTISED = PARTNERS | 1 << 31
SUPPORTED = ADVERTISED | 1 << 10 | 1 << 38 | 1 << 50

STATISTICS = [f"queue_{number}_packets" for number in range(5000)]
PRIVATE_FLAGS = {"rx_cqe_compress": True, "\ufffdodd": False}
# The fields of struct ethtool_coalesce in its order, each with a value of its own; the driver does
# not have those that are 0, and the ninth and tenth after the first say whether it adapts.
COALESCE = (10, 11, 12, 13, 14, 15, 16, 17, 0, 1, 0, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 0)
CHANNELS = 4
INDIRECTION = (0, 1, 2, 3, 0, 1, 2, 3)

_IOCTL = {
    "driver": 0x03,
    "ring": 0x10,
    "coalesce": 0x0E,
    "pause": 0x12,
    "strings": 0x1B,
    "statistics": 0x1D,
    "private_flags": 0x27,
    "hash_fields": 0x29,
    "features": 0x3A,
    "channels": 0x3C,
    "rss": 0x46,
    "queue_coalesce": 0x4B,
    "settings": 0x01,
    "link_modes": 0x4C,
    "fec": 0x50,
}
IOCTL_REQUESTS = {number: name for name, number in _IOCTL.items()}
NETLINK_REQUESTS = {
    messages.STRSET_GET: "strings",
    messages.LINKMODES_GET: "link_modes",
    messages.FEATURES_GET: "features",
    messages.PRIVFLAGS_GET: "private_flags",
    messages.CHANNELS_GET: "channels",
    messages.PAUSE_GET: "pause",
    hardware.RINGS_GET: "ring",
    hardware.COALESCE_GET: "coalesce",
    hardware.FEC_GET: "fec",
    hardware.RSS_GET: "contexts",
}


class FakeIoctl(EthtoolIoctl):
    """The ioctl of the device.

    Args:
        failing: Name of a request → how it fails for eth0.
        indexes: Name → index of the interfaces when the reading ends.
    """

    def __init__(
        self, failing: Mapping[str, Failure] | None = None, indexes: Mapping[str, int] = INDEXES
    ) -> None:
        self._failing = failing or {}
        self._indexes = indexes
        self.asked: list[tuple[str, bytes]] = []

    def call(self, interface: str, request: bytes) -> bytes:
        name = IOCTL_REQUESTS[struct.unpack_from("=I", request)[0]]
        self.asked.append((name, request))
        answer = _ANSWERS[name](request)
        whole = answer + request[len(answer) :]
        assert len(whole) == len(request), name
        return self._spoilt(interface, name, whole)

    def ring(self, interface: str) -> dict[str, int]:
        self._spoilt(interface, "ring", b"")
        sizes = {"rx": (1024, 4096), "rx_mini": (0, 0), "rx_jumbo": (2048, 8192), "tx": (512, 2048)}
        return {f"{name}_pending": now for name, (now, _most) in sizes.items()} | {
            f"{name}_max_pending": most for name, (_now, most) in sizes.items()
        }

    def coalesce(self, interface: str) -> dict[str, int]:
        self._spoilt(interface, "coalesce", b"")
        sides = [
            name
            for rate in ("", "_irq")
            for name in (f"rx_coalesce_usecs{rate}", f"rx_max_coalesced_frames{rate}")
        ]
        sides += [name.replace("rx_", "tx_", 1) for name in sides]
        sides += ["stats_block_coalesce_usecs"]
        sides += [f"use_adaptive_{side}_coalesce" for side in ("rx", "tx")]
        for rate in ("low", "high"):
            sides.append(f"pkt_rate_{rate}")
            for side in ("rx", "tx"):
                sides.append(f"{side}_coalesce_usecs_{rate}")
                sides.append(f"{side}_max_coalesced_frames_{rate}")
        return dict(zip([*sides, "rate_sample_interval"], COALESCE, strict=True))

    def index(self, interface: str) -> int | None:
        return self._indexes.get(interface)

    def _spoilt(self, interface: str, name: str, answer: bytes) -> bytes:
        failure = self._failing.get(name) if interface == "eth0" else None
        if isinstance(failure, int):
            raise OSError(failure, os.strerror(failure))
        return answer if failure is None else failure(answer)


class FakeChannel(Channel):
    """The ethtool family of the device. A driver's EOPNOTSUPP leaves it out of a dump, as in the
    kernel; another error ends the dump.

    Args:
        failing: Name of a request → how it fails for eth0.
    """

    def __init__(self, failing: Mapping[str, Failure] | None = None) -> None:
        self._failing = failing or {}

    def family(self, name: str) -> int | None:
        return 21

    def dump(self, message: Any, message_type: int) -> Answers:
        payloads: list[bytes] = []
        only = self._device(message).get("index")
        for index in INDEXES.values() if only is None else [only]:
            try:
                payloads.append(self._answer(message, index, alone=False))
            except OSError as error:
                if error.errno != errno.EOPNOTSUPP:
                    return Answers(payloads, error)
        return Answers(payloads, None)

    def ask(self, message: Any, message_type: int) -> bytes:
        index = self._device(message).get("index", INDEXES["eth0"])
        return self._answer(message, index, alone=True)

    def _device(self, message: Any) -> dict[str, int]:
        return dict(dict(message["attrs"])["device"]["attrs"])

    def _answer(self, message: Any, index: int, *, alone: bool) -> bytes:
        name = NETLINK_REQUESTS[message["cmd"]]
        failure = self._failing.get(name) if index == INDEXES["eth0"] else None
        if isinstance(failure, int):
            raise OSError(failure, os.strerror(failure))
        if name == "strings":
            wanted = dict(dict(message["attrs"])["sets"]["attrs"][0][1]["attrs"])["id"]
            answer = generic(_string_set(FEATURES if wanted == 4 else MODES))
        else:
            profile = _PROFILE if name == "coalesce" and alone else b""
            answer = generic(attribute(1, u32(1, index)), *_ATTRIBUTES[name], profile)
        return answer if failure is None else failure(answer)


def _bit_set(number: int, value: int, mask: int | None = None) -> bytes:
    words = attribute(4, struct.pack("=Q", value))
    return attribute(
        number, words if mask is None else words + attribute(5, struct.pack("=Q", mask))
    )


def _string_set(names: Sequence[str]) -> bytes:
    strings = b"".join(
        attribute(1, u32(1, bit) + text(2, name)) for bit, name in enumerate(names) if name
    )
    return attribute(2, attribute(1, u32(1, 4) + attribute(3, strings)))


def _u8(number: int, value: int) -> bytes:
    return attribute(number, bytes([value]))


def _counters(number: int, *lanes: int) -> bytes:
    return attribute(number, struct.pack(f"={1 + len(lanes)}Q", sum(lanes), *lanes))


_PROFILE = attribute(29, b"".join(attribute(1, u32(1, n) + u32(2, n * 2)) for n in (1, 8, 64)))
_PRIVATE_FLAGS = (
    attribute(1, u32(1, 0) + text(2, "rx_cqe_compress") + attribute(3, b"")),
    attribute(1, u32(1, 1) + attribute(2, b"\xffodd\0")),
)
_ATTRIBUTES: dict[str, tuple[bytes, ...]] = {
    "link_modes": (
        _u8(2, 1),
        _bit_set(3, ADVERTISED, SUPPORTED),
        _bit_set(4, PARTNERS),
        u32(5, 25000),
        _u8(6, 1),
    ),
    "features": (
        _bit_set(2, CHANGEABLE),
        _bit_set(3, REQUESTED),
        _bit_set(4, ACTIVE),
        _bit_set(5, NEVER_CHANGED),
    ),
    "private_flags": (attribute(2, u32(2, 2) + attribute(3, b"".join(_PRIVATE_FLAGS))),),
    "channels": (u32(4, 1), u32(5, 8), u32(8, 1), u32(9, CHANNELS)),
    "pause": (
        _u8(2, 1),
        _u8(3, 1),
        _u8(4, 0),
        attribute(5, attribute(2, struct.pack("=Q", 7)) + attribute(3, struct.pack("=Q", 9))),
    ),
    "ring": (
        *(u32(2, 4096), u32(6, 1024), u32(4, 8192), u32(8, 2048), u32(5, 2048), u32(9, 512)),
        *(
            u32(10, 2048),
            _u8(11, 2),
            u32(12, 64),
            _u8(13, 1),
            _u8(14, 0),
            u32(15, 96),
            u32(16, 128),
        ),
    ),
    "coalesce": (
        *(u32(number, value) for number, value in enumerate(COALESCE, 2) if value > 1),
        *(_u8(11, 1), _u8(24, 1), _u8(25, 0), u32(26, 4096), u32(27, 32), u32(28, 100)),
    ),
    "fec": (_u8(3, 1), u32(4, 50), attribute(5, _counters(2, 30, 12) + attribute(3, b""))),
    "contexts": (u32(2, 3), attribute(4, struct.pack("=2I", 6, 7)), attribute(5, b"SECRET" * 8)),
}


def _strings(request: bytes) -> bytes:
    _, string_set, asked = struct.unpack_from("=III", request)
    names: Sequence[bytes] = {
        1: [name.encode() for name in STATISTICS],
        2: [b"rx_cqe_compress", b"\xffodd"],
        4: [name.encode() for name in FEATURES],
        9: [name.encode() for name in MODES],
    }[string_set]
    assert asked in (0, len(names))
    packed = b"".join(name.ljust(32, b"\0") for name in names)
    return struct.pack("=III", 0x1B, string_set, len(names)) + packed


def _link_modes(request: bytes) -> bytes:
    words = struct.unpack_from("=b", request, 15)[0]
    header = struct.pack("=IIBBBBBBBb", 0x4C, 25000, 1, 0, 0, 1, 0, 0, 0, 2 if words == 2 else -2)
    masks = (SUPPORTED, ADVERTISED, PARTNERS) if words == 2 else ()
    return header + bytes(32) + struct.pack(f"={len(masks)}Q", *masks)


def _rss(request: bytes) -> bytes:
    slots, key_size = struct.unpack_from("=II", request, 8)
    assert key_size == 0, "nobody asks for the key"
    header = struct.pack("=IIIIBB6x", 0x46, 0, len(INDIRECTION), 40, 1, 1)
    return header + (struct.pack(f"={slots}I", *INDIRECTION) if slots else b"")


def _hash_fields(request: bytes) -> bytes:
    flow_type = struct.unpack_from("=I", request, 4)[0]
    fields = {1: 0xF0, 2: 0x30, 5: 0xF0, 6: 0}.get(flow_type, 0)
    return struct.pack("=IIQ", 0x29, flow_type, fields)


def _queue_coalesce(request: bytes) -> bytes:
    queues = sum(word.bit_count() for word in struct.unpack_from("=128I", request, 8))
    return request[:520] + struct.pack("=23I", 0x0E, *COALESCE) * queues


_ANSWERS: dict[str, Callable[[bytes], bytes]] = {
    "driver": lambda request: struct.pack(
        "=I32s32s32s32s32s12xIIIII",
        *(3, b"fake", b"1.0", b"22.1", b"0000:3b:00.0", b"", 2, len(STATISTICS), 0, 0, 0),
    ),
    "strings": _strings,
    "statistics": lambda request: struct.pack(
        f"=II{len(STATISTICS)}Q", 0x1D, len(STATISTICS), *range(len(STATISTICS))
    ),
    "private_flags": lambda request: struct.pack("=II", 0x27, 0b01),
    "features": lambda request: struct.pack(
        "=II4I", 0x3A, 1, CHANGEABLE, REQUESTED, ACTIVE, NEVER_CHANGED
    ),
    "channels": lambda request: struct.pack("=9I", 0x3C, 0, 0, 1, 8, 0, 0, 1, CHANNELS),
    "pause": lambda request: struct.pack("=4I", 0x12, 1, 1, 0),
    "fec": lambda request: struct.pack("=4I", 0x50, 1 << 3, 1 << 1 | 1 << 3, 0),
    "link_modes": _link_modes,
    "settings": lambda request: struct.pack(
        "=IIIHBBBBB", 0x01, SUPPORTED & 0xFFFFFFFF, ADVERTISED & 0xFFFFFFFF, 25000, 1, 0, 0, 0, 1
    ),
    "rss": _rss,
    "hash_fields": _hash_fields,
    "queue_coalesce": _queue_coalesce,
}
