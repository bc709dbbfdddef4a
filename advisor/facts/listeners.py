"""Listening TCP sockets: how many connections wait for accept(), and how many may."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterable

from advisor.facts.files import Files
from advisor.facts.netlink_dump import Message, attributes
from advisor.facts.sock_diag import (
    LISTEN,
    MESSAGE_SIZE,
    SKMEMINFO,
    address_text,
    endpoint_text,
    is_loopback,
    plain_address,
    tcp_sockets,
)
from advisor.model.stack import Listener
from advisor.model.unavailable import Unavailable

_PORT = struct.Struct("!H")
_QUEUES_UID_INODE = struct.Struct("=IIII")
_DROPS = struct.Struct("=I")
_DROPS_OFFSET = 8 * 4  # SK_MEMINFO_DROPS is the ninth number

_LISTEN = "0A"
_COLUMNS = 10
_PROC_SIZE = 4 << 20  # of a file that lists every socket; listening ones come first
_MALFORMED = Unavailable("/proc/net/tcp is not as the kernel writes it")
_NO_BACKLOG = Unavailable("/proc/net/tcp does not show it, and inet_diag is not available")


def read_listeners(files: Files) -> dict[str, Listener] | Unavailable:
    """The listening TCP sockets of this namespace, keyed "address:port".

    Sockets that share an address and port (SO_REUSEPORT, SO_BINDTODEVICE) get "#2", "#3", … in
    the order of their inodes, so that a socket has the same key in two readings.

    Without inet_diag (or in recorded files) they come from /proc/net/tcp and tcp6, which show the
    accept queue (rx_queue; get_tcp4_sock in net/ipv4/tcp_ipv4.c) but not the backlog.
    """
    if files.live:
        try:
            return keyed([_from_message(each) for each in tcp_sockets((LISTEN,), (SKMEMINFO,))])
        except OSError:
            pass  # the answer is the same whatever the reason: the file says less, but it is there
    listeners: list[Listener] = []
    for name in ("tcp", "tcp6"):
        path = files.net(name)
        if name == "tcp6" and not files.exists(path):
            continue  # a kernel without IPv6
        text = files.read_head(path, _PROC_SIZE)
        found = text if isinstance(text, Unavailable) else parse_proc_tcp(text)
        if isinstance(found, Unavailable):
            return found
        listeners += found
    return keyed(listeners)


def parse_proc_tcp(text: str) -> list[Listener] | Unavailable:
    """The listening sockets of a /proc/net/tcp or tcp6."""
    header, *lines = text.splitlines() or [""]
    if "local_address" not in header:
        return _MALFORMED
    rows = [line.split() for line in lines]
    try:
        return [_from_proc(row) for row in rows if len(row) >= _COLUMNS and row[3] == _LISTEN]
    except (ValueError, LookupError):
        return _MALFORMED


def keyed(listeners: Iterable[Listener]) -> dict[str, Listener]:
    """Listeners by "address:port"; those that share one get "#2" and so on, by their inodes."""
    found: dict[str, Listener] = {}
    copies: dict[str, int] = {}
    for each in sorted(listeners, key=lambda one: (one.port, one.address, one.inode)):
        key = endpoint_text(each.address, each.port)
        copies[key] = copies.get(key, 0) + 1
        found[key if copies[key] == 1 else f"{key}#{copies[key]}"] = each
    return found


def _from_message(message: Message) -> Listener:
    buffer, start, end = message
    address = plain_address(buffer[start + 8 : start + 24], buffer[start])
    accept_queue, backlog, uid, inode = _QUEUES_UID_INODE.unpack_from(buffer, start + 56)
    drops = None
    for kind, first, last in attributes(buffer, start + MESSAGE_SIZE, end):
        if kind == SKMEMINFO and last - first >= _DROPS_OFFSET + _DROPS.size:
            drops = _DROPS.unpack_from(buffer, first + _DROPS_OFFSET)[0]
    return Listener(
        address=address_text(address),
        port=_PORT.unpack_from(buffer, start + 4)[0],
        accept_queue=accept_queue,
        backlog=backlog,
        drops=drops,
        loopback=is_loopback(address),
        uid=uid,
        inode=inode,
    )


def _from_proc(row: list[str]) -> Listener:
    local, queues, uid, inode = row[1], row[4], row[7], row[9]
    words, port = local.split(":")
    if len(words) not in (8, 32):
        raise ValueError(f"{words} is not an address")
    # Each group of eight digits is a 32-bit word of the address in the CPU's byte order.
    raw = b"".join(
        _number(words[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(words), 8)
    )
    address = plain_address(raw, socket.AF_INET if len(raw) == 4 else socket.AF_INET6)
    return Listener(
        address=address_text(address),
        port=_number(port, 16),
        accept_queue=_number(queues.split(":")[1], 16),
        backlog=_NO_BACKLOG,
        loopback=is_loopback(address),
        uid=_number(uid),
        inode=_number(inode),
    )


def _number(text: str, base: int = 10) -> int:
    value = int(text, base)
    if not 0 <= value < 2**32:
        raise ValueError(f"{text} does not fit 32 bits")
    return value
