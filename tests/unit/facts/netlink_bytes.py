"""Netlink messages as the kernel would send them, and a kernel that answers from a script."""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence

from advisor.facts.netlink import Channel

ERROR = 2
DONE = 3
MULTI = 0x2
DUMP_INTERRUPTED = 0x10
CAPPED = 0x100
ACK_TLVS = 0x200

_GENERIC_HEADER = struct.pack("=BBH", 0, 1, 0)


def attribute(number: int, value: bytes) -> bytes:
    """One attribute, padded."""
    padding = bytes(-len(value) % 4)
    return struct.pack("=HH", 4 + len(value), number) + value + padding


def u32(number: int, value: int) -> bytes:
    """One attribute that holds a 32-bit number."""
    return attribute(number, struct.pack("=I", value))


def text(number: int, value: str) -> bytes:
    """One attribute that holds text."""
    return attribute(number, value.encode() + b"\0")


def generic(*attributes: bytes) -> bytes:
    """The payload of a message of a generic netlink family."""
    return _GENERIC_HEADER + b"".join(attributes)


def message(payload: bytes, *, sequence: int, kind: int = 0x20, flags: int = MULTI) -> bytes:
    """A whole message."""
    data = struct.pack("=IHHII", 16 + len(payload), kind, flags, sequence, 0) + payload
    return data + bytes(-len(data) % 4)


def done(sequence: int, code: int = 0, *, flags: int = MULTI) -> bytes:
    """The end of a dump, with an error unless `code` is 0."""
    return message(struct.pack("=i", -code), sequence=sequence, kind=DONE, flags=flags)


def refusal(sequence: int, code: int = 0, explanation: str | None = None) -> bytes:
    """An error, or with code 0 an acknowledgement; with the kernel's explanation if it has one."""
    request_header = bytes(16)
    payload = struct.pack("=i", -code) + request_header
    flags = CAPPED
    if explanation is not None:
        payload += text(1, explanation)
        flags |= ACK_TLVS
    return message(payload, sequence=sequence, kind=ERROR, flags=flags)


def scripted_channel(
    datagrams: Sequence[bytes], timeout_s: float = 10.0
) -> tuple[Channel, socket.socket]:
    """A channel whose kernel has already sent these datagrams, and the kernel's end of it."""
    mine, kernels = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for datagram in datagrams:
        kernels.send(datagram)
    return Channel(mine, timeout_s), kernels
