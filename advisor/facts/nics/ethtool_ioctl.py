"""What a driver says about itself over SIOCETHTOOL (include/uapi/linux/ethtool.h).

The way for what netlink does not carry (driver information, the driver's counters), and for kernels
without the ethtool family (before 5.6): see `ethtool_ioctl_settings` and `ethtool_rss`.

Every reader raises OSError: EOPNOTSUPP when the driver does not have it, ENODEV when the interface
is gone, EBADMSG when the answer makes no sense. One that gets a shorter answer than it asked for
raises struct.error. No request needs a privilege (dev_ethtool in net/ethtool/ioctl.c).
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

ETH_SS_FEATURES = 4
ETH_SS_LINK_MODES = 9

_SIOCGIFINDEX = 0x8933
_SIOCETHTOOL = 0x8946
_ETHTOOL_GDRVINFO = 0x03
_ETHTOOL_GSTRINGS = 0x1B
_ETHTOOL_GSTATS = 0x1D
_ETHTOOL_GPFLAGS = 0x27

_ETH_SS_STATS = 1
_ETH_SS_PRIV_FLAGS = 2
_STRING_SIZE = 32

_INTERFACE_REQUEST = struct.Struct("=16sQ16x" if struct.calcsize("P") == 8 else "=16sI12x")
_INTERFACE_INDEX = struct.Struct("=16si")
_DRIVER_INFO = struct.Struct("=I32s32s32s32s32s12xIIIII")
_VALUE = struct.Struct("=II")
_STRINGS = struct.Struct("=III")
_STATISTICS = struct.Struct("=II")

# Kernels before 6.19 copy as many names and values as the driver has now, however many were asked
# for: room for a driver whose count grows between two requests.
_SPARE = 1024
# More than any driver has, which is some thousands with a hundred queues.
_STRINGS_MAX = 1 << 16


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

    def ring(self, interface: str) -> dict[str, int]:
        """The fields of struct ethtool_ringparam, by the `ethtool` package.

        Raises:
            OSError: As `call`.
        """
        import ethtool

        return _by_package(ethtool.get_ringparam, interface)

    def coalesce(self, interface: str) -> dict[str, int]:
        """The fields of struct ethtool_coalesce, by the `ethtool` package.

        Raises:
            OSError: As `call`.
        """
        import ethtool

        return _by_package(ethtool.get_coalesce, interface)

    def index(self, interface: str) -> int | None:
        """The index of the interface that has this name now, None when there is none."""
        request = _INTERFACE_REQUEST.pack(os.fsencode(interface), 0)
        try:
            answer = fcntl.ioctl(self._socket, _SIOCGIFINDEX, request)
        except OSError:
            return None
        index: int = _INTERFACE_INDEX.unpack_from(answer)[1]
        return index


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


def read_private_flags(ioctl: EthtoolIoctl, interface: str) -> dict[str, bool]:
    """The driver's own flags (`ethtool --show-priv-flags`)."""
    count = read_driver(ioctl, interface).private_flags
    if not count:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    names = read_strings(ioctl, interface, _ETH_SS_PRIV_FLAGS, count)
    flags = _VALUE.unpack(ioctl.call(interface, _VALUE.pack(_ETHTOOL_GPFLAGS, 0)))[1]
    return {name: bool(flags >> bit & 1) for bit, name in enumerate(names) if name}


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
    names = read_strings(ioctl, interface, _ETH_SS_STATS, count)
    answer = ioctl.call(
        interface, _STATISTICS.pack(_ETHTOOL_GSTATS, count) + bytes(8 * (count + _SPARE))
    )
    if _STATISTICS.unpack_from(answer)[1] != len(names):
        raise OSError(errno.EAGAIN, "the driver's counters changed while they were read")
    values = struct.unpack_from(f"={len(names)}Q", answer, _STATISTICS.size)
    return list(zip(names, values, strict=True))


def read_strings(ioctl: EthtoolIoctl, interface: str, string_set: int, count: int) -> list[str]:
    """The names of a string set, spaces in front kept: they mean something in vmxnet3's.

    Args:
        ioctl: The socket.
        interface: Interface name.
        string_set: Which.
        count: How many the driver has; for a set of the kernel's own, the most that there may be.
    """
    if count > _STRINGS_MAX:
        raise malformed(f"{count} names")
    asked = 0 if string_set in (ETH_SS_FEATURES, ETH_SS_LINK_MODES) else count
    answer = ioctl.call(
        interface,
        _STRINGS.pack(_ETHTOOL_GSTRINGS, string_set, asked)
        + bytes(_STRING_SIZE * (count + _SPARE)),
    )
    length = min(_STRINGS.unpack_from(answer)[2], count + _SPARE)
    names: bytes
    (names,) = struct.unpack_from(f"={_STRING_SIZE * length}s", answer, _STRINGS.size)
    return [_text(names[at : at + _STRING_SIZE]) for at in range(0, len(names), _STRING_SIZE)]


def malformed(what: str) -> OSError:
    """The error for an answer that cannot be right."""
    return OSError(errno.EBADMSG, f"{what}, which cannot be right")


def _by_package(ask: Callable[[str], dict[str, int]], interface: str) -> dict[str, int]:
    """Asks through the `ethtool` package, which cannot take a name that is not UTF-8."""
    try:
        return ask(interface)
    except UnicodeEncodeError as error:
        raise OSError(errno.EINVAL, "the interface's name is not UTF-8") from error


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode(errors="replace")
