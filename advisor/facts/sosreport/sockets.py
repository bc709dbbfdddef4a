"""Listening and other TCP sockets of a sosreport: from `ss`, else from /proc/net/tcp.

sos runs `ss` only where the modules it needs are loaded, or with --allow-system-changes.
"""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import replace

from advisor.facts.listeners import keyed
from advisor.facts.netlink_dump import Message
from advisor.facts.sock_diag import (
    CONGESTION,
    INFO,
    STATES,
    address_text,
    is_loopback,
    plain_address,
)
from advisor.facts.sockets import EXAMINED_AT_MOST, TCP_INFO, summarise
from advisor.facts.sosreport.commands import output
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.facts.sosreport.ss import TcpSocket, parse_ss
from advisor.model.stack import Listener, Sockets
from advisor.model.unavailable import Unavailable

_COMMAND = "ss -peaonmi"
_NUMBERS = {name: number for number, name in STATES.items()}
_LISTEN = "LISTEN"

_MESSAGE = struct.Struct("=BBxx2s2s16s16s32x")  # struct inet_diag_msg
_ATTRIBUTE = struct.Struct("=HH")
_UINT_MAX, _ULONG_MAX = 2**32 - 1, 2**64 - 1
_INFO = (  # the fields of TCP_INFO in their order, and what they can hold
    *((name, _UINT_MAX) for name in ("rtt", "cwnd", "rcv_rtt", "retrans")),
    ("pacing", _ULONG_MAX),
    *((name, _UINT_MAX) for name in ("segs_out", "minrtt")),
    *((name, _ULONG_MAX) for name in ("busy", "rwnd_limited", "sndbuf_limited")),
)

_COLUMNS = 10
_BIG_ENDIAN = ("s390", "s390x", "ppc", "ppc64", "sparc64", "mips64")
_OWN_ADDRESS = re.compile(r"\binet6? ([0-9a-f.:]+)")
_NO_BACKLOG = Unavailable("/proc/net/tcp does not show it, and `ss` is not in this sosreport")
_NO_CONGESTION = Unavailable("/proc/net/tcp does not show it, and `ss` is not in this sosreport")


def read_report_sockets(
    files: ReportFiles, machine: str
) -> tuple[dict[str, Listener] | Unavailable, Sockets | Unavailable]:
    """The listening sockets, keyed as on a live host, and the summary of all.

    Args:
        files: The report.
        machine: The host's architecture, for the byte order of /proc/net/tcp.
    """
    text = output(files, _COMMAND)
    printed = None if isinstance(text, Unavailable) else parse_ss(text)
    found = _from_proc(files, machine) if printed is None else printed
    if isinstance(found, Unavailable):
        return found, found
    listeners = keyed(
        _listener(each, from_ss=printed is not None) for each in found if each.state == _LISTEN
    )
    local = _own_addresses(files)
    if isinstance(local, Unavailable):
        return listeners, local
    examine = 0 if printed is None else EXAMINED_AT_MOST
    summary = summarise(map(to_message, found), local, examine)
    if printed is None:
        summary = replace(summary, congestion=_NO_CONGESTION)
    return listeners, summary


def to_message(each: TcpSocket) -> Message:
    """The socket as the kernel described it to `ss`, for the summary of live sockets."""
    message = _MESSAGE.pack(
        each.family,
        _NUMBERS.get(each.state, 0),
        (each.port & 0xFFFF).to_bytes(2, "big"),
        (each.peer_port & 0xFFFF).to_bytes(2, "big"),
        each.local,
        each.peer,
    )
    if each.info:
        values = (min(each.info.get(name, 0), most) for name, most in _INFO)
        message += _attribute(INFO, TCP_INFO.pack(*values))
    if each.congestion:
        message += _attribute(CONGESTION, each.congestion.encode("ascii", "replace")[:15] + b"\0")
    return message, 0, len(message)


def parse_proc_tcp(text: str, byte_order: str) -> list[TcpSocket] | None:
    """The sockets of a /proc/net/tcp or tcp6 (get_tcp4_sock and the like).

    Args:
        text: The file.
        byte_order: Of the host that wrote it: addresses are 32-bit words in its order.
    """
    header, *lines = text.splitlines() or [""]
    if "local_address" not in header:
        return None
    found = []
    for row in (line.split() for line in lines):
        if len(row) < _COLUMNS:
            continue
        try:
            local, port = _endpoint(row[1], byte_order)
            peer, peer_port = _endpoint(row[2], byte_order)
            sent, received = (int(word, 16) for word in row[4].split(":"))
            state = STATES[int(row[3], 16)]
            uid, inode = int(row[7]), int(row[9])
        except (ValueError, KeyError):
            return None
        family = socket.AF_INET if len(local) == 4 else socket.AF_INET6
        each = TcpSocket(state, received, sent, family, local, port, peer, peer_port, uid, inode)
        found.append(each)
    return found


def _from_proc(files: ReportFiles, machine: str) -> list[TcpSocket] | Unavailable:
    byte_order = "big" if machine in _BIG_ENDIAN else "little"
    found: list[TcpSocket] = []
    for name in ("tcp", "tcp6"):
        text = files.read_text(files.net(name))
        if isinstance(text, Unavailable):
            if name == "tcp6" and not files.exists(files.net(name)):
                continue  # a kernel without IPv6
            return text
        sockets = parse_proc_tcp(text, byte_order)
        if sockets is None:
            return Unavailable(f"{files.net(name)} is not as the kernel writes it")
        found += sockets
    return sorted(found, key=lambda each: each.state != _LISTEN)


def _endpoint(text: str, byte_order: str) -> tuple[bytes, int]:
    words, port = text.split(":")
    if len(words) not in (8, 32):
        raise ValueError(f"{words} is not an address")
    raw = bytes.fromhex(words)
    if byte_order == "little":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    return raw, int(port, 16)


def _listener(each: TcpSocket, *, from_ss: bool) -> Listener:
    address = plain_address(each.local, each.family)
    return Listener(
        address=address_text(address),
        port=each.port,
        accept_queue=each.received,
        backlog=each.sent if from_ss else _NO_BACKLOG,
        drops=each.drops,
        loopback=is_loopback(address),
        uid=each.uid,
        inode=each.inode,
    )


def _own_addresses(files: ReportFiles) -> set[bytes] | Unavailable:
    """The addresses of the interfaces: sockets between them never leave the host."""
    text = output(files, "ip -d address", "ip -o addr", "ip address")
    if isinstance(text, Unavailable):
        return text
    found = set()
    for word in _OWN_ADDRESS.findall(text):
        try:
            found.add(socket.inet_pton(socket.AF_INET6 if ":" in word else socket.AF_INET, word))
        except (OSError, ValueError):
            continue
    return found


def _attribute(kind: int, payload: bytes) -> bytes:
    size = _ATTRIBUTE.size + len(payload)
    return _ATTRIBUTE.pack(size, kind) + payload + bytes(-size % 4)
