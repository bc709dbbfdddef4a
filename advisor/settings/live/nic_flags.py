"""Offloads and drivers' private flags: switches that ethtool changes by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from advisor.facts.netlink import request
from advisor.facts.netlink_classes import genlmsg
from advisor.facts.nics import ethtool_messages as messages
from advisor.facts.nics.ethtool_ioctl import read_private_flags
from advisor.facts.nics.ethtool_ioctl_settings import read_features
from advisor.model.address import NicAddress
from advisor.model.nic_settings import Feature
from advisor.model.unavailable import Unavailable
from advisor.settings.live import ethtool_messages as changes
from advisor.settings.live import nic_ioctl
from advisor.settings.live.kernel import Kernel
from advisor.settings.live.kind import (
    Value,
    WriteError,
    is_unknown,
    refusal,
    switch,
    why_not,
)

# What would cut the host off, or show it what is not for it.
_NEVER = {
    "loopback": "everything that is sent would come back",
    "rx-all": "it would receive damaged frames",
    "rx-fcs": "it would receive checksums as data",
}


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """The offloads of interfaces.

    Attributes:
        kernel: The kernel.
    """

    kernel: Kernel

    def read(self, address: NicAddress) -> Value | Unavailable:
        """Whether it is on, whatever was asked for."""
        feature = self._feature(address)
        return feature if isinstance(feature, Unavailable) else feature.active

    def features(self, nic: str) -> dict[str, Feature] | Unavailable:
        """All offloads of an interface.

        Over the ioctl: three times as fast as netlink, which needs two requests, and all that
        matters here.
        """
        try:
            interface = self.kernel.interface(nic)
            found = read_features(self.kernel.ioctl, interface.name)
            self.kernel.verify(interface)
        except OSError as error:
            return why_not(error)
        return found

    def check(self, address: NicAddress, value: Value, current: Value) -> None:
        """Raises AdvisorError when the switch cannot be moved, or must not be."""
        del current
        wanted = switch(address, value)
        name = _name(address)
        if name in _NEVER:
            raise refusal(address, value, _NEVER[name])
        feature = self._feature(address)
        if isinstance(feature, Unavailable):
            raise refusal(address, value, feature.reason)
        if feature.active == wanted:
            return
        if feature.fixed:
            raise refusal(address, value, "the driver does not let it be changed")
        if feature.requested == wanted:
            # Asking again changes nothing now, and asking for the opposite would be no way back.
            why = "that was asked for already, and something else prevents it"
            raise refusal(address, value, why, "look at the features that it needs: ethtool -k")

    def write(self, address: NicAddress, value: Value) -> None:
        """Asks for it to be on or off; other features may follow."""
        _change(
            self.kernel,
            address,
            changes.FeatureChanges,
            changes.FEATURES_SET,
            nic_ioctl.write_feature,
            on=switch(address, value),
        )

    def _feature(self, address: NicAddress) -> Feature | Unavailable:
        found = self.features(address.nic)
        if isinstance(found, Unavailable):
            return found
        return found.get(_name(address), Unavailable("this kernel has no such feature"))


@dataclass(frozen=True, slots=True)
class PrivateFlagSettings:
    """The private flags of interfaces.

    Attributes:
        kernel: The kernel.
    """

    kernel: Kernel

    def read(self, address: NicAddress) -> Value | Unavailable:
        """Whether the flag is set."""
        try:
            interface = self.kernel.interface(address.nic)
            flags = read_private_flags(self.kernel.ioctl, interface.name)
            self.kernel.verify(interface)
        except OSError as error:
            return why_not(error)
        return flags.get(_name(address), Unavailable("the driver has no such flag"))

    def check(self, address: NicAddress, value: Value, current: Value) -> None:
        """Raises AdvisorError unless the driver has the flag."""
        switch(address, value)
        switch(address, current)

    def write(self, address: NicAddress, value: Value) -> None:
        """Sets or clears the flag."""
        _change(
            self.kernel,
            address,
            changes.PrivateFlagChanges,
            changes.PRIVFLAGS_SET,
            nic_ioctl.write_private_flag,
            on=switch(address, value),
        )


def _change(
    kernel: Kernel,
    address: NicAddress,
    message: type[genlmsg],
    command: int,
    by_ioctl: Callable[..., None],
    *,
    on: bool,
) -> None:
    name = _name(address)
    try:
        interface = kernel.interface(address.nic)
        attributes = [*changes.device(interface.index), *changes.one_bit(name, on=on)]
        if not _by_netlink(kernel, request(message, command, attributes)):
            by_ioctl(kernel.ioctl, interface.name, name, on=on)
        kernel.verify(interface)
    except OSError as error:
        raise WriteError(address, error) from error


def _by_netlink(kernel: Kernel, message: genlmsg) -> bool:
    """Whether netlink made the change; False on kernels that do not know such a request."""
    family = kernel.family(messages.ETHTOOL)
    if family is None:
        return False
    channel, number = family
    try:
        channel.ask(message, number)
    except OSError as error:
        if is_unknown(error):
            return False
        raise
    return True


def _name(address: NicAddress) -> str:
    return ".".join(address.attribute[1:])
