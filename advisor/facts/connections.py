"""Established TCP connections, each with its ends and the socket's inode number."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from advisor.facts.sock_diag import ESTABLISHED, plain_address, tcp_sockets

# struct inet_diag_msg: family, ports, addresses, interface, inode.
_MESSAGE = struct.Struct("=B3x2s2s16s16sI24xI")


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection of this namespace.

    Attributes:
        local: Own address, 4 or 16 bytes.
        local_port: Own port.
        remote: The other end's address, 4 or 16 bytes.
        remote_port: Its port.
        bound: Index of the interface or VRF that the socket is bound to, 0 for none.
        inode: Inode number of the socket, as in the links of /proc/PID/fd.
    """

    local: bytes
    local_port: int
    remote: bytes
    remote_port: int
    bound: int
    inode: int


def read_connections() -> Iterator[Connection]:
    """The connections of the calling thread's network namespace.

    Raises:
        OSError: The kernel has no inet_diag, or does not permit it.
    """
    for buffer, start, _end in tcp_sockets((ESTABLISHED,), ()):
        family, own_port, port, own, address, bound, inode = _MESSAGE.unpack_from(buffer, start)
        yield Connection(
            local=plain_address(own, family),
            local_port=int.from_bytes(own_port, "big"),
            remote=plain_address(address, family),
            remote_port=int.from_bytes(port, "big"),
            bound=bound,
            inode=inode,
        )
