"""The addresses of this namespace's interfaces."""

from __future__ import annotations

import socket
import struct

from advisor.facts.netlink_dump import attributes, dump

_RTM_GETADDR = 22
_IFADDRMSG = struct.Struct("=BBBBI")
_IFA_ADDRESS = 1
_IFA_LOCAL = 2


def local_addresses() -> set[bytes]:
    """Every address of the interfaces, 4 or 16 bytes each.

    Raises:
        OSError: Netlink is not available.
    """
    request = _IFADDRMSG.pack(socket.AF_UNSPEC, 0, 0, 0, 0)
    found = set()
    for buffer, start, end in dump(socket.NETLINK_ROUTE, _RTM_GETADDR, request):
        values = {
            kind: buffer[first:last]
            for kind, first, last in attributes(buffer, start + _IFADDRMSG.size, end)
        }
        # On point-to-point interfaces IFA_ADDRESS is the other end.
        own = values.get(_IFA_LOCAL) or values.get(_IFA_ADDRESS)
        if own is not None:
            found.add(own)
    return found
