"""What one interface's driver answers over SIOCETHTOOL (include/uapi/linux/ethtool.h).

The way for what netlink does not carry (driver information, the driver's counters) or should not
(the indirection table), and for kernels without the ethtool family (before 5.6). The `ethtool`
package answers for rings and coalescing; it does not know the other requests.

Every reader raises OSError: EOPNOTSUPP when the driver does not have it, ENODEV when the interface
is gone. None of these requests needs a privilege (dev_ethtool in net/ethtool/ioctl.c).
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from advisor.model.nic_settings import Channels, Coalesce, Feature, Pause, Ring, Rss

_SIOCETHTOOL = 0x8946
_ETHTOOL_GSET = 0x01
_ETHTOOL_GDRVINFO = 0x03
_ETHTOOL_GPAUSEPARAM = 0x12
_ETHTOOL_GSTRINGS = 0x1B
_ETHTOOL_GSTATS = 0x1D
_ETHTOOL_GPFLAGS = 0x27
_ETHTOOL_GFEATURES = 0x3A
_ETHTOOL_GCHANNELS = 0x3C
_ETHTOOL_GRSSH = 0x46

_ETH_SS_STATS = 1
_ETH_SS_PRIV_FLAGS = 2
_ETH_SS_FEATURES = 4
_STRING_SIZE = 32

_INTERFACE_REQUEST = struct.Struct("=16sQ16x" if struct.calcsize("P") == 8 else "=16sI12x")
_DRIVER_INFO = struct.Struct("=I32s32s32s32s32s12xIIIII")
_SETTINGS = struct.Struct("=IIIHBBBBBBIIHBBI8x")
_CHANNELS = struct.Struct("=9I")
_PAUSE = struct.Struct("=4I")
_VALUE = struct.Struct("=II")
_STRINGS = struct.Struct("=III")
_STATISTICS = struct.Struct("=II")
_FEATURES = struct.Struct("=II")
_FEATURE_BLOCK = struct.Struct("=IIII")
_RSS = struct.Struct("=IIIIBB2xI")

# More than the 64 features of today's kernels; the kernel copies at most this many.
_FEATURE_BLOCKS = 8
# Kernels before 6.19 copy as many names and values as the driver has now, however many were asked
# for: room for a driver whose count grows between two requests.
_SPARE_STATISTICS = 1024
_HASH_FUNCTIONS = {1: "toeplitz", 2: "xor", 4: "crc32"}
_SPEEDS_UNKNOWN = (0, 0xFFFF, 0xFFFFFFFF)
_DUPLEX = {0: "half", 1: "full"}


@dataclass(frozen=True, slots=True)
class Driver:
    """Who drives an interface.

    Attributes:
        name: Kernel driver.
        version: As the driver reports it; most report the kernel's.
        firmware: Firmware version.
        bus: Bus address, "" for software devices.
        private_flags: How many private flags it has.
        statistics: How many counters it has.
    """

    name: str
    version: str = ""
    firmware: str = ""
    bus: str = ""
    private_flags: int = 0
    statistics: int = 0


class EthtoolIoctl:
    """A socket for SIOCETHTOOL, in the network namespace of the thread that opened it."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

    def __enter__(self) -> EthtoolIoctl:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()

    def call(self, interface: str, request: bytes) -> bytes:
        """The answer to a request, in a buffer as long as the request.

        Raises:
            OSError: The driver or the kernel refused, or the interface is not there.
        """
        buffer = array("B", request)
        address, _length = buffer.buffer_info()
        fcntl.ioctl(
            self._socket, _SIOCETHTOOL, _INTERFACE_REQUEST.pack(os.fsencode(interface), address)
        )
        return buffer.tobytes()


def read_driver(ioctl: EthtoolIoctl, interface: str) -> Driver:
    """The driver and how much it can tell (`ethtool -i`)."""
    request = _DRIVER_INFO.pack(_ETHTOOL_GDRVINFO, b"", b"", b"", b"", b"", 0, 0, 0, 0, 0)
    _, name, version, firmware, bus, _, private_flags, statistics, _, _, _ = _DRIVER_INFO.unpack(
        ioctl.call(interface, request)
    )
    return Driver(
        name=_text(name),
        version=_text(version),
        firmware=_text(firmware),
        bus=_text(bus),
        private_flags=private_flags,
        statistics=statistics,
    )


def read_link_mode(ioctl: EthtoolIoctl, interface: str) -> tuple[int | None, str | None]:
    """Speed in Mbit/s and duplex, each None when unknown."""
    answer = _SETTINGS.unpack(ioctl.call(interface, _SETTINGS.pack(_ETHTOOL_GSET, *(0,) * 15)))
    return link_mode(speed=answer[12] << 16 | answer[3], duplex=answer[4])


def link_mode(speed: int | None, duplex: int | None) -> tuple[int | None, str | None]:
    """The kernel's numbers for speed and duplex, with its ways to say "unknown" as None."""
    return (
        None if speed in _SPEEDS_UNKNOWN else speed,
        None if duplex is None else _DUPLEX.get(duplex),
    )


def read_channels(ioctl: EthtoolIoctl, interface: str) -> Channels:
    """Channel counts (`ethtool -l`)."""
    request = _CHANNELS.pack(_ETHTOOL_GCHANNELS, *(0,) * 8)
    _, rx_max, tx_max, other_max, combined_max, rx, tx, other, combined = _CHANNELS.unpack(
        ioctl.call(interface, request)
    )
    return Channels(
        rx=rx,
        tx=tx,
        other=other,
        combined=combined,
        rx_max=rx_max,
        tx_max=tx_max,
        other_max=other_max,
        combined_max=combined_max,
    )


def read_ring(_ioctl: EthtoolIoctl, interface: str) -> Ring:
    """Ring sizes (`ethtool -g`)."""
    import ethtool

    answer = _by_package(ethtool.get_ringparam, interface)
    return Ring(
        rx=answer["rx_pending"],
        tx=answer["tx_pending"],
        rx_max=answer["rx_max_pending"],
        tx_max=answer["tx_max_pending"],
    )


def read_coalesce(_ioctl: EthtoolIoctl, interface: str) -> Coalesce:
    """Interrupt coalescing (`ethtool -c`).

    The ioctl has no CQE mode, and says 0 where netlink says that the driver lacks a field.
    """
    import ethtool

    answer = _by_package(ethtool.get_coalesce, interface)
    return Coalesce(
        rx_usecs=answer["rx_coalesce_usecs"],
        rx_frames=answer["rx_max_coalesced_frames"],
        tx_usecs=answer["tx_coalesce_usecs"],
        tx_frames=answer["tx_max_coalesced_frames"],
        adaptive_rx=bool(answer["use_adaptive_rx_coalesce"]),
        adaptive_tx=bool(answer["use_adaptive_tx_coalesce"]),
    )


def read_pause(ioctl: EthtoolIoctl, interface: str) -> Pause:
    """Flow control (`ethtool -a`); the ioctl does not count frames."""
    answer = ioctl.call(interface, _PAUSE.pack(_ETHTOOL_GPAUSEPARAM, 0, 0, 0))
    _, autoneg, rx, tx = _PAUSE.unpack(answer)
    return Pause(autoneg=bool(autoneg), rx=bool(rx), tx=bool(tx))


def read_features(ioctl: EthtoolIoctl, interface: str) -> dict[str, Feature]:
    """Offloads by the kernel's names (`ethtool -k`)."""
    answer = ioctl.call(
        interface,
        _FEATURES.pack(_ETHTOOL_GFEATURES, _FEATURE_BLOCKS)
        + bytes(_FEATURE_BLOCK.size * _FEATURE_BLOCKS),
    )
    changeable = active = never_changed = 0
    for block in range(min(_FEATURES.unpack_from(answer)[1], _FEATURE_BLOCKS)):
        values = _FEATURE_BLOCK.unpack_from(answer, _FEATURES.size + block * _FEATURE_BLOCK.size)
        changeable |= values[0] << 32 * block
        active |= values[2] << 32 * block
        never_changed |= values[3] << 32 * block
    names = _read_strings(ioctl, interface, _ETH_SS_FEATURES, 32 * _FEATURE_BLOCKS)
    return features(names, changeable=changeable, active=active, never_changed=never_changed)


def features(
    names: list[str], *, changeable: int, active: int, never_changed: int
) -> dict[str, Feature]:
    """The features of bit sets. Fixed is what `ethtool -k` marks so: not for the user to change."""
    fixed = ~changeable | never_changed
    return {
        name: _FEATURE_STATES[active >> bit & 1, fixed >> bit & 1]
        for bit, name in enumerate(names)
        if name
    }


def read_private_flags(ioctl: EthtoolIoctl, interface: str) -> dict[str, bool]:
    """The driver's own flags (`ethtool --show-priv-flags`)."""
    count = read_driver(ioctl, interface).private_flags
    if not count:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    names = _read_strings(ioctl, interface, _ETH_SS_PRIV_FLAGS, count)
    flags = _VALUE.unpack(ioctl.call(interface, _VALUE.pack(_ETHTOOL_GPFLAGS, 0)))[1]
    return {name: bool(flags >> bit & 1) for bit, name in enumerate(names) if name}


def read_rss(ioctl: EthtoolIoctl, interface: str) -> Rss:
    """The indirection table and hash function (`ethtool -x`).

    The hash key is a secret. Netlink's RSS_GET always sends it along; here a key size of 0 asks
    the kernel to keep it (ethtool_get_rxfh in net/ethtool/ioctl.c).
    """
    sizes = _RSS.unpack(ioctl.call(interface, _RSS.pack(_ETHTOOL_GRSSH, 0, 0, 0, 0, 0, 0)))
    slots = sizes[2]
    if not slots:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    answer = ioctl.call(
        interface, _RSS.pack(_ETHTOOL_GRSSH, 0, slots, 0, 0, 0, 0) + bytes(4 * slots)
    )
    return Rss(
        indirection=struct.unpack_from(f"={slots}I", answer, _RSS.size),
        function=_HASH_FUNCTIONS.get(_RSS.unpack_from(answer)[4], "unknown"),
    )


def read_statistics(ioctl: EthtoolIoctl, interface: str, count: int) -> list[tuple[str, int]]:
    """The driver's counters in its order, names as they are (`ethtool -S`); they may repeat.

    Args:
        ioctl: The socket.
        interface: Interface name.
        count: How many the driver has, as `read_driver` said; 0 is not asked for, as that makes
            the kernel print a warning.

    Raises:
        OSError: See above; EAGAIN when the number of counters changed meanwhile.
    """
    if not count:
        return []
    names = _read_strings(ioctl, interface, _ETH_SS_STATS, count)
    answer = ioctl.call(
        interface,
        _STATISTICS.pack(_ETHTOOL_GSTATS, count) + bytes(8 * (count + _SPARE_STATISTICS)),
    )
    if _STATISTICS.unpack_from(answer)[1] != len(names):
        raise OSError(errno.EAGAIN, "the driver's counters changed while they were read")
    return list(
        zip(names, struct.unpack_from(f"={len(names)}Q", answer, _STATISTICS.size), strict=True)
    )


def _by_package(ask: Callable[[str], dict[str, int]], interface: str) -> dict[str, int]:
    """Asks through the `ethtool` package, which cannot take a name that is not UTF-8."""
    try:
        return ask(interface)
    except UnicodeEncodeError as error:
        raise OSError(errno.EINVAL, "the interface's name is not UTF-8") from error


def _read_strings(ioctl: EthtoolIoctl, interface: str, string_set: int, count: int) -> list[str]:
    """The names of a string set, spaces in front kept: they mean something in vmxnet3's."""
    asked = 0 if string_set == _ETH_SS_FEATURES else count
    answer = ioctl.call(
        interface,
        _STRINGS.pack(_ETHTOOL_GSTRINGS, string_set, asked)
        + bytes(_STRING_SIZE * (count + _SPARE_STATISTICS)),
    )
    length = min(_STRINGS.unpack_from(answer)[2], count + _SPARE_STATISTICS)
    start = _STRINGS.size
    return [
        _text(answer[offset : offset + _STRING_SIZE])
        for offset in range(start, start + length * _STRING_SIZE, _STRING_SIZE)
    ]


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode(errors="replace")


# Shared, as a host has 64 features per interface and only four states of one.
_FEATURE_STATES = {
    (active, fixed): Feature(active=bool(active), fixed=bool(fixed))
    for active in (0, 1)
    for fixed in (0, 1)
}
