"""inet_diag messages as the kernel would send them."""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from advisor.facts.netlink_dump import Message
from advisor.facts.sock_diag import CONGESTION, INFO, STATES

STATE_NUMBERS = {name: number for number, name in STATES.items()}

# Offsets in struct tcp_info, include/uapi/linux/tcp.h, with the format of each field.
TCP_INFO = {
    "rtt": (68, "=I"),
    "cwnd": (80, "=I"),
    "rcv_rtt": (92, "=I"),
    "total_retrans": (100, "=I"),
    "pacing_rate": (104, "=Q"),
    "segs_out": (136, "=I"),
    "min_rtt": (148, "=I"),
    "busy_time": (168, "=Q"),
    "rwnd_limited": (176, "=Q"),
    "sndbuf_limited": (184, "=Q"),
}


@dataclass(frozen=True)
class TcpSocket:
    """What a test says about a socket; `local` and `remote` are "address port"."""

    state: str
    local: str
    remote: str = "0.0.0.0 0"
    congestion: str | None = "cubic"
    info: Mapping[str, int] | None = None
    info_size: int = 232
    family: int | None = None

    def message(self) -> Message:
        """The message, somewhere within a buffer."""
        before = b"\xee" * 16
        attributes = b""
        if self.info is not None:
            attributes += attribute(INFO, tcp_info(self.info, self.info_size))
        if self.congestion is not None:
            attributes += attribute(CONGESTION, self.congestion.encode() + b"\0")
        payload = self._header() + attributes
        return before + payload + b"\xee" * 16, len(before), len(before) + len(payload)

    def _header(self) -> bytes:
        source, source_port, family = _endpoint(self.local)
        destination, destination_port, _ = _endpoint(self.remote)
        identity = struct.pack(
            "!HH16s16sI8x", source_port, destination_port, source, destination, 0
        )
        state = STATE_NUMBERS[self.state]
        start = struct.pack("=BBBB", self.family or family, state, 0, 0)
        return start + identity + struct.pack("=IIIII", 0, 0, 0, 0, 0)


def attribute(kind: int, value: bytes) -> bytes:
    """A netlink attribute, padded."""
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def tcp_info(fields: Mapping[str, int], size: int) -> bytes:
    """A struct tcp_info as a kernel sends it whose structure has `size` bytes."""
    whole = bytearray(232)
    for name, value in fields.items():
        offset, form = TCP_INFO[name]
        struct.pack_into(form, whole, offset, value)
    return bytes(whole[:size])


def _endpoint(text: str) -> tuple[bytes, int, int]:
    address, port = text.split()
    if ":" in address:
        return socket.inet_pton(socket.AF_INET6, address), int(port), socket.AF_INET6
    return socket.inet_pton(socket.AF_INET, address).ljust(16, b"\0"), int(port), socket.AF_INET
