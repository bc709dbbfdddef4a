"""What the drivers answer over the ethtool netlink family (5.6): one dump for all interfaces.

A reader returns interface index → value, or the driver's error; None when this kernel does not
have the request, which then goes to `ethtool_ioctl`. No request needs a privilege.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from advisor.facts.netlink import Attributes, Channel, genlmsg, request
from advisor.facts.netlink_decode import decode
from advisor.facts.nics import ethtool_messages as messages
from advisor.facts.nics.ethtool_ioctl import features, link_mode
from advisor.model.nic_settings import Channels, Coalesce, Feature, Pause, Ring

T = TypeVar("T")

_FEATURES_MAX = 1024  # 64 in today's kernels


class EthtoolNetlink:
    """The ethtool family on a generic netlink socket.

    Args:
        channel: The socket; None where there is no generic netlink: every reader returns None.
    """

    def __init__(self, channel: Channel | None) -> None:
        family = None if channel is None else channel.family(messages.ETHTOOL)
        self._ethtool = None if channel is None or family is None else (channel, family)

    def channels(self, indexes: Sequence[int]) -> dict[int, Channels | OSError] | None:
        """Channel counts (`ethtool -l`)."""
        return self._read(messages.CHANNELS_GET, messages.Channels, _channels, indexes)

    def rings(self, indexes: Sequence[int]) -> dict[int, Ring | OSError] | None:
        """Ring sizes (`ethtool -g`)."""
        return self._read(messages.RINGS_GET, messages.Rings, _ring, indexes)

    def coalesce(self, indexes: Sequence[int]) -> dict[int, Coalesce | OSError] | None:
        """Interrupt coalescing with CQE mode (`ethtool -c`)."""
        return self._read(messages.COALESCE_GET, messages.Coalesce, _coalesce, indexes)

    def pause(self, indexes: Sequence[int]) -> dict[int, Pause | OSError] | None:
        """Flow control and its counters (`ethtool -I -a`)."""
        return self._read(
            messages.PAUSE_GET, messages.Pause, _pause, indexes, messages.WITH_STATISTICS
        )

    def link_modes(
        self, indexes: Sequence[int]
    ) -> dict[int, tuple[int | None, str | None] | OSError] | None:
        """Speed in Mbit/s and duplex."""
        return self._read(messages.LINKMODES_GET, messages.LinkModes, _link_mode, indexes)

    def private_flags(self, indexes: Sequence[int]) -> dict[int, dict[str, bool] | OSError] | None:
        """The drivers' own flags (`ethtool --show-priv-flags`)."""
        # Not compact: with the names, which differ from driver to driver.
        return self._read(messages.PRIVFLAGS_GET, messages.PrivateFlags, _private_flags, indexes, 0)

    def features(self, indexes: Sequence[int]) -> dict[int, dict[str, Feature] | OSError] | None:
        """Offloads by the kernel's names (`ethtool -k`)."""
        names = self._feature_names()
        if names is None:
            return None

        def parse(message: dict[str, Any]) -> dict[str, Feature]:
            return features(
                names,
                changeable=_bits(message, "changeable"),
                active=_bits(message, "active"),
                never_changed=_bits(message, "never_changed"),
            )

        return self._read(messages.FEATURES_GET, messages.Features, parse, indexes)

    def _read(
        self,
        command: int,
        message_class: type[genlmsg],
        parse: Callable[[dict[str, Any]], T],
        indexes: Sequence[int],
        flags: int = messages.COMPACT_BITSETS,
    ) -> dict[int, T | OSError] | None:
        """One dump; then one by one the interfaces that an error of one before them hid."""
        if self._ethtool is None:
            return None
        channel, family = self._ethtool
        everyone = request(message_class, command, _device(("flags", flags)))
        answers = channel.dump(everyone, family)
        found: dict[int, T | OSError] = {}
        for payload in answers.messages:
            message = decode(message_class, payload)
            index = message.get("device", {}).get("index")
            if index is not None:
                found[index] = parse(message)
        if answers.error is not None:
            if not found and answers.error.errno == errno.EOPNOTSUPP:
                return None  # a driver's own EOPNOTSUPP does not end a dump
            if answers.error.errno == errno.ETIMEDOUT:
                return {index: found.get(index, answers.error) for index in indexes}
            for index in set(indexes) - found.keys():
                one = request(message_class, command, _device(("index", index), ("flags", flags)))
                try:
                    found[index] = parse(decode(message_class, channel.ask(one, family)))
                except OSError as error:
                    found[index] = error
        return {index: found.get(index, _NOT_SUPPORTED) for index in indexes}

    def _feature_names(self) -> list[str] | None:
        """Name of each bit of a feature set, "" for one that is not used."""
        if self._ethtool is None:
            return None
        channel, family = self._ethtool
        wanted = ("set", {"attrs": [("id", messages.ETH_SS_FEATURES)]})
        attributes = [
            *_device(("flags", messages.COMPACT_BITSETS)),
            ("sets", {"attrs": [wanted]}),
        ]
        question = request(messages.StringSets, messages.STRSET_GET, attributes)
        try:
            answer = decode(messages.StringSets, channel.ask(question, family))
        except OSError:
            return None
        names: dict[int, str] = {
            string.get("index", 0): string.get("text", "")
            for string_set in answer.get("sets", [])
            for string in string_set.get("strings", [])
        }
        count = min(max(names, default=-1) + 1, _FEATURES_MAX)
        return [names.get(bit, "") for bit in range(count)] or None


def _device(*attributes: tuple[str, int]) -> Attributes:
    return [("device", {"attrs": list(attributes)})]


def _channels(message: dict[str, Any]) -> Channels:
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


def _ring(message: dict[str, Any]) -> Ring:
    return Ring(
        rx=message.get("rx", 0),
        tx=message.get("tx", 0),
        rx_max=message.get("rx_max", 0),
        tx_max=message.get("tx_max", 0),
    )


def _coalesce(message: dict[str, Any]) -> Coalesce:
    return Coalesce(
        rx_usecs=message.get("rx_usecs"),
        rx_frames=message.get("rx_frames"),
        tx_usecs=message.get("tx_usecs"),
        tx_frames=message.get("tx_frames"),
        adaptive_rx=_bool(message, "adaptive_rx"),
        adaptive_tx=_bool(message, "adaptive_tx"),
        cqe_mode_rx=_bool(message, "cqe_mode_rx"),
        cqe_mode_tx=_bool(message, "cqe_mode_tx"),
    )


def _pause(message: dict[str, Any]) -> Pause:
    statistics = message.get("statistics", {})
    return Pause(
        autoneg=bool(message.get("autoneg")),
        rx=bool(message.get("rx")),
        tx=bool(message.get("tx")),
        rx_frames=statistics.get("rx_frames"),
        tx_frames=statistics.get("tx_frames"),
    )


def _link_mode(message: dict[str, Any]) -> tuple[int | None, str | None]:
    return link_mode(message.get("speed"), message.get("duplex"))


def _private_flags(message: dict[str, Any]) -> dict[str, bool]:
    return {
        bit["name"]: bit.get("on", False)
        for bit in message.get("flags", {}).get("bits", [])
        if bit.get("name")
    }


def _bool(message: dict[str, Any], name: str) -> bool | None:
    value = message.get(name)
    return None if value is None else bool(value)


def _bits(message: dict[str, Any], name: str) -> int:
    """A compact bit set as one number: 32-bit words in the machine's order, the lowest first."""
    data: bytes = message.get(name, {}).get("value", b"")
    words = struct.unpack(f"={len(data) // 4}I", data[: len(data) // 4 * 4])
    return sum(word << 32 * position for position, word in enumerate(words))


_NOT_SUPPORTED = OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
