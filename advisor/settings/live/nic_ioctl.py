"""Changes over SIOCETHTOOL, for kernels without ethtool netlink: read, change, write back.

Every function raises OSError: EOPNOTSUPP when the driver does not have it, ENODEV when the
interface is gone.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from advisor.facts.nics.ethtool_ioctl import (
    ETH_SS_FEATURES,
    EthtoolIoctl,
    read_driver,
    read_strings,
)
from advisor.facts.nics.ethtool_ioctl_settings import COALESCE_FIELDS

_GFEATURES = 0x3A
_SFEATURES = 0x3B
_GPFLAGS = 0x27
_SPFLAGS = 0x28
_ETH_SS_PRIV_FLAGS = 2

_VALUE = struct.Struct("=II")
_FEATURES = struct.Struct("=II")
_BLOCK_BITS = 32
_BLOCKS_MAX = 8


@dataclass(frozen=True, slots=True)
class _Request:
    """A structure of 32-bit fields: command to get and to set it, its fields after the command."""

    get: int
    set: int
    fields: tuple[str, ...]


_REQUESTS = {
    "channels": _Request(
        0x3C,
        0x3D,
        ("rx_max", "tx_max", "other_max", "combined_max", "rx", "tx", "other", "combined"),
    ),
    "ring": _Request(
        0x10,
        0x11,
        (
            *("rx_max", "rx_mini_max", "rx_jumbo_max", "tx_max"),
            *("rx", "rx_mini", "rx_jumbo", "tx"),
        ),
    ),
    "coalesce": _Request(0x0E, 0x0F, tuple(COALESCE_FIELDS.values())),
    "pause": _Request(0x12, 0x13, ("autoneg", "rx", "tx")),
}


def write_fields(
    ioctl: EthtoolIoctl, interface: str, group: str, fields: Mapping[str, int]
) -> None:
    """Changes fields of channels, ring, coalesce or pause, and leaves the others as they are."""
    request = _REQUESTS[group]
    if not set(fields) <= set(request.fields):
        raise _unsupported()
    form = struct.Struct(f"={1 + len(request.fields)}I")
    answer = ioctl.call(interface, form.pack(request.get, *(0,) * len(request.fields)))
    _, *values = form.unpack(answer)
    changed = {**dict(zip(request.fields, values, strict=True)), **fields}
    ioctl.call(interface, form.pack(request.set, *changed.values()))


def write_feature(ioctl: EthtoolIoctl, interface: str, name: str, *, on: bool) -> None:
    """Asks for an offload to be on or off."""
    names = read_strings(ioctl, interface, ETH_SS_FEATURES, _BLOCK_BITS * _BLOCKS_MAX)
    bit = _position(names, name)
    blocks = _FEATURES.unpack_from(
        ioctl.call(interface, _FEATURES.pack(_GFEATURES, _BLOCKS_MAX) + bytes(16 * _BLOCKS_MAX))
    )[1]
    words = [0] * (2 * min(blocks, _BLOCKS_MAX))  # for each block: which bits, and their values
    mask = 1 << bit % _BLOCK_BITS
    words[bit // _BLOCK_BITS * 2] = mask
    words[bit // _BLOCK_BITS * 2 + 1] = mask if on else 0
    ioctl.call(
        interface, _FEATURES.pack(_SFEATURES, blocks) + struct.pack(f"={len(words)}I", *words)
    )


def write_private_flag(ioctl: EthtoolIoctl, interface: str, name: str, *, on: bool) -> None:
    """Sets one of the driver's own flags."""
    count = read_driver(ioctl, interface).private_flags
    if not count:
        raise _unsupported()
    mask = 1 << _position(read_strings(ioctl, interface, _ETH_SS_PRIV_FLAGS, count), name)
    flags = _VALUE.unpack(ioctl.call(interface, _VALUE.pack(_GPFLAGS, 0)))[1]
    ioctl.call(interface, _VALUE.pack(_SPFLAGS, flags | mask if on else flags & ~mask))


def _position(names: list[str], name: str) -> int:
    if name not in names:
        raise OSError(errno.EINVAL, "the driver has nothing of this name")
    return names.index(name)


def _unsupported() -> OSError:
    return OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
