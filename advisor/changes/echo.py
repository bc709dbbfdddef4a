"""An ICMP echo without an external program: does an address answer?"""

from __future__ import annotations

import errno
import os
import socket
import struct
import time

_HEADER = struct.Struct("!BBHHH")  # type, code, checksum, identifier, sequence
_TOKEN_SIZE = 16
_RECEIVE_SIZE = 2048

_ICMP: dict[int, int] = {
    socket.AF_INET: socket.IPPROTO_ICMP,
    socket.AF_INET6: socket.IPPROTO_ICMPV6,
}
_REQUEST: dict[int, int] = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY: dict[int, int] = {socket.AF_INET: 0, socket.AF_INET6: 129}


def echo(
    family: int, address: tuple[str, int] | tuple[str, int, int, int], timeout_s: float
) -> None:
    """Send one echo request, and wait for its answer.

    A datagram socket needs no privilege where net.ipv4.ping_group_range lets the group have one,
    which the kernel's own default does not; a raw one needs root (CAP_NET_RAW).

    Args:
        family: AF_INET or AF_INET6.
        address: The address as a socket has it; its port does not count.
        timeout_s: How long the answer may take.

    Raises:
        TimeoutError: Nothing answers.
        OSError: It cannot be reached, or neither socket is permitted.
    """
    deadline = time.monotonic() + timeout_s
    token = os.urandom(_TOKEN_SIZE)
    with _socket(family) as connection:
        # Connected: the kernel hands on what routers say ("no route to host"), and drops the rest.
        connection.connect(address)
        connection.settimeout(timeout_s)
        connection.send(_request(family, token))
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            packet = connection.recv(_RECEIVE_SIZE)
            if _answers(family, packet, token, raw=connection.type == socket.SOCK_RAW):
                return
    raise TimeoutError


def _socket(family: int) -> socket.socket:
    try:
        return socket.socket(family, socket.SOCK_DGRAM, _ICMP[family])
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EPROTONOSUPPORT):
            raise
    return socket.socket(family, socket.SOCK_RAW, _ICMP[family])


def _request(family: int, token: bytes) -> bytes:
    """A request whose answer is told by its token: identifiers are the kernel's in one of the two
    kinds of socket, and a raw one sees the answers to everybody's requests."""
    identifier = int.from_bytes(token[:2], "big")
    packet = _HEADER.pack(_REQUEST[family], 0, 0, identifier, 1) + token
    if family == socket.AF_INET6:
        return packet  # its checksum has the addresses in it: the kernel's
    return _HEADER.pack(_REQUEST[family], 0, _checksum(packet), identifier, 1) + token


def _answers(family: int, packet: bytes, token: bytes, *, raw: bool) -> bool:
    if raw and family == socket.AF_INET and packet:
        packet = packet[(packet[0] & 0xF) * 4 :]  # comes with its IP header
    if len(packet) < _HEADER.size:
        return False
    return packet[0] == _REPLY[family] and packet[_HEADER.size :] == token


def _checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF
