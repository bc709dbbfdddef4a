"""The TCP sockets as `ss -peaonmi` prints them (iproute2 3.x to 6.x)."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field

_HEADER = re.compile(r"^Netid\s+State\s.*$", re.M)  # errors may stand in front of it
_ROW = re.compile(
    r"tcp\s+(?P<state>[A-Z][A-Z0-9-]+)\s+(?P<received>\d+)\s+(?P<sent>\d+)"
    r"\s+(?P<local>\S+):(?P<port>\d+)\s+(?P<peer>\S+):(?P<peer_port>\d+|\*)(?:\s(?P<rest>.*))?$"
)
_ADDRESS = re.compile(r"\[?(?P<address>[^\[\]%]+)(?:%[^\]]*)?\]?(?:%.*)?")

_USER = re.compile(r"\buid:(\d{1,10})\b")
_INODE = re.compile(r"\bino:(\d{1,10})\b")
_DROPS = re.compile(r"\bskmem:\([^)]*,d(\d{1,10})\)")
_NUMBERS = re.compile(
    r"(?<!\S)(?P<name>rtt|minrtt|rcv_rtt|cwnd|segs_out|busy|rwnd_limited|sndbuf_limited|retrans)"
    r":(?P<value>[\d./]+)"
)
_PACING = re.compile(r"(?<!\S)pacing_rate (?P<value>[\d.]+)(?P<unit>[KMGT]?)bps")
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_MEMORY_END = re.compile(r"(?:skmem|mem):\([^)]*\)")
_FLAGS = frozenset(("ts", "sack", "ecn", "ecnseen", "fastopen", "usec_ts", "ao"))


@dataclass(slots=True)
class TcpSocket:
    """One TCP socket.

    Attributes:
        state: Its state as `ss` prints it: "ESTAB", "LISTEN", …
        received: Recv-Q; connections that wait for accept() when it is listening.
        sent: Send-Q; the limit of the former when it is listening.
        family: AF_INET or AF_INET6.
        local: Local address, 4 or 16 bytes.
        port: Local port.
        peer: Remote address, as many bytes.
        peer_port: Remote port, 0 for none.
        uid: User that owns it.
        inode: Socket inode.
        drops: Packets dropped at it, None when not printed.
        congestion: Congestion control, "" when not printed.
        info: Name → value of what `ss -i` prints, times in microseconds, rates in bytes per
            second.
    """

    state: str
    received: int
    sent: int
    family: int
    local: bytes
    port: int
    peer: bytes
    peer_port: int
    uid: int = 0
    inode: int = 0
    drops: int | None = None
    congestion: str = ""
    info: dict[str, int] = field(default_factory=dict)


def parse_ss(text: str) -> list[TcpSocket] | None:
    """The TCP sockets, listening ones first; None when it is not the output of `ss`."""
    header = _HEADER.search(text)
    if header is None:
        return None
    body = text[header.end() :]
    # Up to iproute2 4.16 "*" is the wildcard of IPv4, and IPv6's is ":::80"; then it is IPv6's.
    old = re.search(r"^tcp.*\s:::\d+\s", body, re.M) is not None
    found = [_parse(row, details, old) for row, details in _rows(body)]
    sockets = [each for each in found if each is not None]
    return sorted(sockets, key=lambda each: each.state != "LISTEN")


def _rows(text: str) -> Iterator[tuple[str, str]]:
    """The rows of TCP sockets, each with the lines of details that follow it."""
    row, details = "", ""
    for line in text.splitlines():
        if line[:1].isspace():
            details += line
            continue
        if row:
            yield row, details
        row, details = (line, "") if line.startswith("tcp ") else ("", "")
    if row:
        yield row, details


def _parse(row: str, details: str, old: bool) -> TcpSocket | None:
    match = _ROW.match(row)
    if match is None:
        return None
    local, peer = _address(match["local"], old), _address(match["peer"], old)
    if local is None or peer is None:
        return None
    if len(peer) != len(local):  # the peer of a listening socket is "*" on both
        peer = bytes(len(local))
    more = f"{match['rest'] or ''} {details}"
    user, inode, drops = (pattern.search(more) for pattern in (_USER, _INODE, _DROPS))
    return TcpSocket(
        state=match["state"],
        received=int(match["received"]),
        sent=int(match["sent"]),
        family=socket.AF_INET if len(local) == 4 else socket.AF_INET6,
        local=local,
        port=int(match["port"]),
        peer=peer,
        peer_port=0 if match["peer_port"] == "*" else int(match["peer_port"]),
        uid=int(user[1]) if user else 0,
        inode=int(inode[1]) if inode else 0,
        drops=int(drops[1]) if drops else None,
        congestion=_congestion(more),
        info=_info(more),
    )


def _address(text: str, old: bool) -> bytes | None:
    if text == "*":
        return bytes(4) if old else bytes(16)
    match = _ADDRESS.fullmatch(text)
    address = match["address"] if match else ""
    try:
        return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    except (OSError, ValueError):
        return None


def _congestion(details: str) -> str:
    """The first word behind the memory that is neither an option nor a number with a name."""
    memory = _MEMORY_END.search(details)
    if memory is None:
        return ""
    for word in details[memory.end() :].split():
        if ":" in word:
            return ""
        if word not in _FLAGS:
            return word if word.replace("_", "").replace("-", "").isalnum() else ""
    return ""


def _info(details: str) -> dict[str, int]:
    found = {}
    for match in _NUMBERS.finditer(details):
        name, value = match["name"], match["value"]
        try:
            if name == "retrans":  # now/since the beginning
                found[name] = int(value.rpartition("/")[2])
            elif name in ("cwnd", "segs_out"):
                found[name] = int(value)
            else:  # milliseconds; "rtt:0.5/0.25" has the variance too
                found[name] = round(float(value.partition("/")[0]) * 1000)
        except ValueError:
            continue
    pacing = _PACING.search(details)
    if pacing:
        found["pacing"] = round(float(pacing["value"]) * _UNITS[pacing["unit"]] / 8)
    return found
