"""One dump request over a plain netlink socket, for what pyroute2 decodes too slowly or not at all.

pyroute2 turns every message into nested objects. That is right for links and qdiscs, of which a
host has tens. Of TCP sockets it can have a hundred thousand; see `advisor.facts.sock_diag` for the
measured difference. Here a message stays where the kernel put it: a buffer and two offsets.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterator

Message = tuple[bytes, int, int]
"""Buffer, where the payload starts in it, and where it ends."""

HEADER = struct.Struct("=IHHII")
_ATTRIBUTE = struct.Struct("=HH")
ERROR_CODE = struct.Struct("=i")

NLMSG_ERROR = 2
NLMSG_DONE = 3
_REQUEST_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH

# The kernel fills at most 32 KiB per read of a dump (netlink_dump in net/netlink/af_netlink.c);
# larger buffers were measured to gain nothing.
_BUFFER_SIZE = 65536
_TIMEOUT_S = 10.0
_TYPE_MASK = 0x3FFF  # without NLA_F_NESTED and NLA_F_NET_BYTEORDER


def dump(protocol: int, message_type: int, request: bytes) -> Iterator[Message]:
    """Every answer to one dump request, in the kernel's order.

    Stopping early is fine: closing the socket ends the dump.

    Args:
        protocol: Netlink protocol, as NETLINK_SOCK_DIAG.
        message_type: nlmsg_type of the request.
        request: What follows the netlink header.

    Raises:
        OSError: The kernel refused (its errno), or the protocol is not there.
    """
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as channel:
        channel.settimeout(_TIMEOUT_S)
        length = HEADER.size + len(request)
        channel.send(HEADER.pack(length, message_type, _REQUEST_DUMP, 1, 0) + request)
        reply = bytearray(_BUFFER_SIZE)
        while True:
            size = channel.recv_into(reply, 0, socket.MSG_TRUNC)
            if size > len(reply):
                raise OSError(errno.EMSGSIZE, os.strerror(errno.EMSGSIZE))
            buffer = bytes(memoryview(reply)[:size])
            for kind, _flags, _sequence, start, end in messages(buffer):
                if kind in (NLMSG_ERROR, NLMSG_DONE):
                    _raise_error(buffer, start, end)
                    return
                yield buffer, start, end


def messages(buffer: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """The messages of one datagram: type, flags, sequence number, start and end of the payload.

    Raises:
        OSError: The lengths do not add up (EBADMSG).
    """
    start = 0
    while start + HEADER.size <= len(buffer):
        length, kind, flags, sequence, _port = HEADER.unpack_from(buffer, start)
        if length < HEADER.size or start + length > len(buffer):
            raise OSError(errno.EBADMSG, os.strerror(errno.EBADMSG))
        yield kind, flags, sequence, start + HEADER.size, start + length
        start += _aligned(length)


def attributes(buffer: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The attributes between two offsets, each as (type, start of its value, end of its value).

    Raises:
        OSError: The lengths do not add up (EBADMSG).
    """
    while start + _ATTRIBUTE.size <= end:
        length, kind = _ATTRIBUTE.unpack_from(buffer, start)
        if length < _ATTRIBUTE.size or start + length > end:
            raise OSError(errno.EBADMSG, os.strerror(errno.EBADMSG))
        yield kind & _TYPE_MASK, start + _ATTRIBUTE.size, start + length
        start += _aligned(length)


def _raise_error(buffer: bytes, start: int, end: int) -> None:
    """Raises the error of a closing message, if it holds one: both kinds can."""
    if end - start >= ERROR_CODE.size:
        code = -ERROR_CODE.unpack_from(buffer, start)[0]
        if code > 0:
            raise OSError(code, os.strerror(code))


def _aligned(length: int) -> int:
    return (length + 3) & ~3
