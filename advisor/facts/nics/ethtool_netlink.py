"""What the drivers answer over the ethtool netlink family (5.6): one dump for all interfaces.

A reader returns interface index → value, or the driver's error; None when this kernel does not
have the request, which then goes to `ethtool_ioctl`. No request needs a privilege.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, TypeVar

from advisor.facts.netlink import Attributes, Channel, Silence, request
from advisor.facts.netlink_classes import genlmsg
from advisor.facts.netlink_decode import decode
from advisor.facts.nics import ethtool_messages as messages
from advisor.facts.nics import hardware_messages as hardware
from advisor.facts.nics.ethtool_parse import (
    bits,
    to_channels,
    to_coalesce,
    to_fec,
    to_pause,
    to_private_flags,
    to_ring,
    words,
)
from advisor.facts.nics.feature_states import features
from advisor.facts.nics.link_speeds import LinkMode, Speeds, link_mode, mode_speeds
from advisor.model.nic_settings import Channels, Coalesce, Feature, Fec, Pause, Ring

T = TypeVar("T")

_STRINGS_MAX = 1024  # 64 features and 125 link modes in today's kernels
_STATISTICS = messages.COMPACT_BITSETS | messages.WITH_STATISTICS


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
        return self._read(messages.CHANNELS_GET, messages.Channels, to_channels, indexes)

    def rings(self, indexes: Sequence[int]) -> dict[int, Ring | OSError] | None:
        """Ring sizes (`ethtool -g`)."""
        return self._read(hardware.RINGS_GET, hardware.Rings, to_ring, indexes)

    def coalesce(self, indexes: Sequence[int]) -> dict[int, Coalesce | OSError] | None:
        """Interrupt coalescing with CQE mode and profiles (`ethtool -c`)."""
        found = self._read(hardware.COALESCE_GET, hardware.Coalesce, to_coalesce, indexes)
        if found is None:
            return None
        for index, value in found.items():
            if isinstance(value, OSError) or (value.adaptive_rx, value.adaptive_tx) == (None, None):
                continue
            # The steps between which it adapts are not in a dump: see `hardware.Coalesce`.
            alone = self._ask(hardware.COALESCE_GET, hardware.Coalesce, to_coalesce, index)
            if not isinstance(alone, OSError):
                found[index] = alone
        return found

    def pause(self, indexes: Sequence[int]) -> dict[int, Pause | OSError] | None:
        """Flow control and its counters (`ethtool -I -a`)."""
        return self._read(messages.PAUSE_GET, messages.Pause, to_pause, indexes, _STATISTICS)

    def fec(self, indexes: Sequence[int]) -> dict[int, Fec | OSError] | None:
        """Forward error correction and its counters (`ethtool -I --show-fec`)."""
        return self._read(hardware.FEC_GET, hardware.Fec, to_fec, indexes, _STATISTICS)

    def link_modes(self, indexes: Sequence[int]) -> dict[int, LinkMode | OSError] | None:
        """Speed, duplex and the fastest of the link modes (`ethtool DEV`)."""

        def parse(message: dict[str, Any]) -> LinkMode:
            return link_mode(
                speed=message.get("speed"),
                duplex=message.get("duplex"),
                autoneg=message.get("autoneg"),
                supported=bits(message, "ours", "mask"),
                advertised=bits(message, "ours"),
                partners=bits(message, "partners"),
                speeds=lambda: self._speeds,
            )

        return self._read(messages.LINKMODES_GET, messages.LinkModes, parse, indexes)

    def private_flags(self, indexes: Sequence[int]) -> dict[int, dict[str, bool] | OSError] | None:
        """The drivers' own flags (`ethtool --show-priv-flags`)."""
        # Not compact: with the names, which differ from driver to driver.
        return self._read(
            messages.PRIVFLAGS_GET, messages.PrivateFlags, to_private_flags, indexes, 0
        )

    def features(self, indexes: Sequence[int]) -> dict[int, dict[str, Feature] | OSError] | None:
        """Offloads by the kernel's names (`ethtool -k`)."""
        names = self._names(messages.ETH_SS_FEATURES)
        if names is None:
            return None

        def parse(message: dict[str, Any]) -> dict[str, Feature]:
            return features(
                names,
                changeable=bits(message, "changeable"),
                requested=bits(message, "requested"),
                active=bits(message, "active"),
                never_changed=bits(message, "never_changed"),
            )

        return self._read(messages.FEATURES_GET, messages.Features, parse, indexes)

    def rss_contexts(self, index: int) -> dict[str, tuple[int, ...]]:
        """Number of an additional RSS context of an interface → its indirection table.

        A dump that starts behind context 0, which leaves out the table that every device has. No
        hash key is decoded: see `hardware.RssContexts`. {} before 6.11.
        """
        if self._ethtool is None:
            return {}
        channel, family = self._ethtool
        attributes = [*_device(("index", index)), ("start_context", 1)]
        answers = channel.dump(request(hardware.RssContexts, hardware.RSS_GET, attributes), family)
        contexts = [decode(hardware.RssContexts, payload) for payload in answers.messages]
        return {
            str(context["context"]): words(context.get("indirection", b""))
            for context in contexts
            if context.get("context") and context.get("device", {}).get("index") == index
        }

    @cached_property
    def _speeds(self) -> Speeds:
        """The speed of each link mode."""
        return mode_speeds(self._names(messages.ETH_SS_LINK_MODES) or [])

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
        error = answers.error
        if error is not None:
            if not found and error.errno == errno.EOPNOTSUPP:
                return None  # a driver's own EOPNOTSUPP does not end a dump
            for index in set(indexes) - found.keys():
                if isinstance(error, Silence):  # waiting once is enough
                    found[index] = error
                    continue
                answer = self._ask(command, message_class, parse, index, flags)
                found[index] = answer
                error = answer if isinstance(answer, Silence) else error
        return {index: found.get(index, _NOT_SUPPORTED) for index in indexes}

    def _ask(
        self,
        command: int,
        message_class: type[genlmsg],
        parse: Callable[[dict[str, Any]], T],
        index: int,
        flags: int = messages.COMPACT_BITSETS,
    ) -> T | OSError:
        """The answer for one interface."""
        if self._ethtool is None:
            return _NOT_SUPPORTED
        channel, family = self._ethtool
        question = request(message_class, command, _device(("index", index), ("flags", flags)))
        try:
            message = decode(message_class, channel.ask(question, family))
        except OSError as error:
            return error
        if message.get("device", {}).get("index") != index:
            return OSError(errno.EBADMSG, "an answer that names another interface or none")
        return parse(message)

    def _names(self, string_set: int) -> list[str] | None:
        """Name of each bit of a set, "" for one that is not used; None when they cannot be had."""
        if self._ethtool is None:
            return None
        channel, family = self._ethtool
        wanted = ("set", {"attrs": [("id", string_set)]})
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
            for strings in answer.get("sets", [])
            for string in strings.get("strings", [])
        }
        count = min(max(names, default=-1) + 1, _STRINGS_MAX)
        return [names.get(bit, "") for bit in range(count)] or None


def _device(*attributes: tuple[str, int]) -> Attributes:
    return [("device", {"attrs": list(attributes)})]


_NOT_SUPPORTED = OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
