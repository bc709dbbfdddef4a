"""Values out of decoded messages of the ethtool family.

What the kernel leaves out because the driver does not have it becomes None, or 0 where the model
says so.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from advisor.model.nic_settings import Channels, Coalesce, Fec, Moderation, Pause, Ring

_FLAGS_OF_COALESCE = ("adaptive_rx", "adaptive_tx", "cqe_mode_rx", "cqe_mode_tx")
_PROFILES = ("rx_profile", "tx_profile")
_TCP_DATA_SPLIT = {1: "off", 2: "on"}  # 0: the driver does not know

# ETHTOOL_LINK_MODE_FEC_*_BIT: the codes are link modes too.
_FEC_CODES = {49: "off", 50: "rs", 51: "baser", 74: "llrs"}


def to_channels(message: Mapping[str, Any]) -> Channels:
    """Counts of a kind that the driver does not have are left out by the kernel: none of it."""
    return Channels(
        rx=message.get("rx", 0),
        tx=message.get("tx", 0),
        other=message.get("other", 0),
        combined=message.get("combined", 0),
        rx_max=message.get("rx_max", 0),
        tx_max=message.get("tx_max", 0),
        other_max=message.get("other_max", 0),
        combined_max=message.get("combined_max", 0),
    )


def to_ring(message: Mapping[str, Any]) -> Ring:
    """Ring sizes. Of pushing, kernels since 5.18 say False also where the driver lacks it."""
    return Ring(
        rx=message.get("rx", 0),
        tx=message.get("tx", 0),
        rx_max=message.get("rx_max", 0),
        tx_max=message.get("tx_max", 0),
        rx_jumbo=message.get("rx_jumbo"),
        rx_jumbo_max=message.get("rx_jumbo_max"),
        rx_buf_len=message.get("rx_buf_len"),
        cqe_size=message.get("cqe_size"),
        tcp_data_split=_TCP_DATA_SPLIT.get(message.get("tcp_data_split", 0)),
        tx_push=_flag(message.get("tx_push")),
        rx_push=_flag(message.get("rx_push")),
        tx_push_buf_len=message.get("tx_push_buf_len"),
        tx_push_buf_len_max=message.get("tx_push_buf_len_max"),
    )


def to_coalesce(message: Mapping[str, Any]) -> Coalesce:
    """Coalescing; the attributes have the names of the fields."""
    values = {name: message.get(name) for name in Coalesce.__dataclass_fields__}
    values |= {name: _flag(message.get(name)) for name in _FLAGS_OF_COALESCE}
    values |= {name: _profile(message.get(name)) for name in _PROFILES}
    return Coalesce(**values)


def to_pause(message: Mapping[str, Any]) -> Pause:
    """Flow control; the kernel sends only the counters that the driver has."""
    statistics = message.get("statistics", {})
    return Pause(
        autoneg=bool(message.get("autoneg")),
        rx=bool(message.get("rx")),
        tx=bool(message.get("tx")),
        rx_frames=statistics.get("rx_frames"),
        tx_frames=statistics.get("tx_frames"),
    )


def to_fec(message: Mapping[str, Any]) -> Fec:
    """Forward error correction; the kernel sends no code while none is in use."""
    statistics = message.get("statistics", {})
    return Fec(
        active=_FEC_CODES.get(message.get("active", 0)),
        auto=bool(message.get("auto")),
        corrected_blocks=_total(statistics.get("corrected_blocks", b"")),
        uncorrectable_blocks=_total(statistics.get("uncorrectable_blocks", b"")),
    )


def to_private_flags(message: Mapping[str, Any]) -> dict[str, bool]:
    """A driver's own flags by their names, replaced where they are not text."""
    return {
        bit["name"].encode(errors="surrogateescape").decode(errors="replace"): bit.get("on", False)
        for bit in message.get("flags", {}).get("bits", [])
        if bit.get("name")
    }


def bits(message: Mapping[str, Any], name: str, part: str = "value") -> int:
    """A compact bit set as one number: 32-bit words in the machine's order, the lowest first."""
    data: bytes = message.get(name, {}).get(part, b"")
    return sum(word << 32 * position for position, word in enumerate(words(data)))


def words(data: bytes) -> tuple[int, ...]:
    """The 32-bit numbers of an array; what is left over at its end is ignored."""
    count = len(data) // 4
    return struct.unpack_from(f"={count}I", data)


def _profile(steps: list[dict[str, int]] | None) -> tuple[Moderation, ...] | None:
    return None if steps is None else tuple(Moderation(**step) for step in steps)


def _total(counter: bytes) -> int | None:
    """The total is the first number of the array, which is empty when nothing is counted."""
    total: int | None = struct.unpack_from("=Q", counter)[0] if len(counter) >= 8 else None
    return total


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
