"""Channels, rings, coalescing and flow control: numbers that ethtool changes, field by field.

Over ethtool netlink, where what a message leaves out stays; over the ioctl where the kernel has no
such message (before 5.7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from advisor.facts.netlink import request
from advisor.facts.netlink_classes import genlmsg
from advisor.facts.netlink_decode import decode
from advisor.facts.nics import ethtool_ioctl_settings as by_ioctl
from advisor.facts.nics import ethtool_messages as messages
from advisor.facts.nics import ethtool_parse as parse
from advisor.facts.nics import hardware_messages as hardware
from advisor.facts.nics.ethtool_ioctl import EthtoolIoctl
from advisor.model.address import NicAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live import ethtool_messages as changes
from advisor.settings.live.kernel import Interface, Kernel
from advisor.settings.live.kind import Value, WriteError, is_unknown, refusal, why_not
from advisor.settings.live.nic_bounds import Record, check_fields
from advisor.settings.live.nic_ioctl import write_fields
from advisor.settings.live.nic_undoable import check_undoable

GROUPS = ("channels", "ring", "coalesce", "pause")

_TCP_DATA_SPLIT = {"off": 1, "on": 2}
_NOT_HAD = "the driver does not have it"


@dataclass(frozen=True, slots=True)
class _Group:
    """How a group of fields is read and changed: commands and message of netlink, the ioctl."""

    get: int
    set: int
    message: type[genlmsg]
    parse: Callable[[Mapping[str, Any]], Record]
    read: Callable[[EthtoolIoctl, str], Record]


_GROUPS = {
    "channels": _Group(
        messages.CHANNELS_GET,
        changes.CHANNELS_SET,
        messages.Channels,
        parse.to_channels,
        by_ioctl.read_channels,
    ),
    "ring": _Group(
        hardware.RINGS_GET,
        changes.RINGS_SET,
        hardware.Rings,
        parse.to_ring,
        by_ioctl.read_ring,
    ),
    "coalesce": _Group(
        hardware.COALESCE_GET,
        changes.COALESCE_SET,
        hardware.Coalesce,
        parse.to_coalesce,
        by_ioctl.read_coalesce,
    ),
    "pause": _Group(
        messages.PAUSE_GET,
        changes.PAUSE_SET,
        messages.Pause,
        parse.to_pause,
        by_ioctl.read_pause,
    ),
}


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """The fields of the groups above, of every interface.

    Attributes:
        kernel: The kernel.
    """

    kernel: Kernel

    def read(self, address: NicAddress) -> Value | Unavailable:
        """The value of one field."""
        found = self.record(address.nic, address.attribute[0])
        if isinstance(found, Unavailable):
            return found
        value: Value | None = getattr(found, _field(address))
        return Unavailable(_NOT_HAD) if value is None else value

    def record(self, nic: str, group: str) -> Record | Unavailable:
        """All fields of a group at once."""
        try:
            interface = self.kernel.interface(nic)
            found = self._read(interface, group)
            self.kernel.verify(interface)
        except OSError as error:
            return why_not(error)
        return found

    def check(self, address: NicAddress, value: Value, current: Value) -> None:
        """Raises AdvisorError when the value is out of bounds, or could not be undone."""
        del current
        self.check_together({address: value})

    def check_together(self, values: Mapping[NicAddress, Value]) -> None:
        """The same for fields of one group of one interface that are changed at once."""
        first = next(iter(values))
        found = self.record(first.nic, first.attribute[0])
        if isinstance(found, Unavailable):
            raise refusal(first, values[first], found.reason)
        check_fields(
            found, {_field(address): (address, value) for address, value in values.items()}
        )
        check_undoable(self.kernel, first.attribute[0], values)

    def write(self, address: NicAddress, value: Value) -> None:
        """Writes one field."""
        self.write_together({address: value})

    def write_together(self, values: Mapping[NicAddress, Value]) -> None:
        """Writes fields of one group of one interface with one request: one reset, not several."""
        first = next(iter(values))
        fields = {_field(address): _number(address, value) for address, value in values.items()}
        try:
            interface = self.kernel.interface(first.nic)
            self._write(interface, first.attribute[0], fields)
            self.kernel.verify(interface)
        except OSError as error:
            raise WriteError(first, error) from error

    def _read(self, interface: Interface, name: str) -> Record:
        group = _GROUPS[name]
        family = self.kernel.family(messages.ETHTOOL)
        if family is not None:
            channel, number = family
            ask = request(group.message, group.get, changes.device(interface.index, 0))
            try:
                return group.parse(decode(group.message, channel.ask(ask, number)))
            except OSError as error:
                if not is_unknown(error):
                    raise
        return group.read(self.kernel.ioctl, interface.name)

    def _write(self, interface: Interface, name: str, fields: Mapping[str, int]) -> None:
        group = _GROUPS[name]
        family = self.kernel.family(messages.ETHTOOL)
        if family is not None:
            channel, number = family
            attributes = [*changes.device(interface.index), *fields.items()]
            try:
                channel.ask(request(group.message, group.set, attributes), number)
            except OSError as error:
                if not is_unknown(error):
                    raise
            else:
                return
        write_fields(self.kernel.ioctl, interface.name, name, fields)


def _field(address: NicAddress) -> str:
    return address.attribute[1].replace("-", "_")


def _number(address: NicAddress, value: Value) -> int:
    """The value as the kernel takes it."""
    if _field(address) == "tcp_data_split" and isinstance(value, str) and value in _TCP_DATA_SPLIT:
        return _TCP_DATA_SPLIT[value]
    if not isinstance(value, int) or not 0 <= value < 1 << 32:
        raise refusal(address, value, "it has to be a number of 32 bits, or a switch")
    return int(value)
