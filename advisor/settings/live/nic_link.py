"""MTU and transmit queue length of an interface, over rtnetlink."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.facts.nics.link_messages import LinkMessage
from advisor.model.address import NicAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live.kernel import Kernel
from advisor.settings.live.kind import Value, WriteError, refusal, whole_number, why_not

NAMES = ("mtu", "txqueuelen")

_RTM_SETLINK = 19
_IPV6_MTU_MIN = 1280  # below it the kernel takes IPv6 off the interface, addresses and all
_MTU_MAX = 1 << 16
_PACKETS_MAX = 1 << 20


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """What rtnetlink sets on interfaces.

    Attributes:
        kernel: The kernel.
    """

    kernel: Kernel

    def read(self, address: NicAddress) -> Value | Unavailable:
        """Bytes, or packets."""
        try:
            link = self.kernel.link(self.kernel.interface(address.nic))
        except OSError as error:
            return why_not(error)
        return link.mtu if address.attribute[0] == "mtu" else link.txqueuelen

    def check(self, address: NicAddress, value: Value, current: Value) -> None:
        """Raises AdvisorError when the value is out of bounds."""
        if address.attribute[0] == "txqueuelen":
            whole_number(address, value, 1, _PACKETS_MAX)  # 0 turns queueing off for good
            return
        try:
            link = self.kernel.link(self.kernel.interface(address.nic))
        except OSError as error:
            raise refusal(address, value, why_not(error).reason) from error
        low = min(_IPV6_MTU_MIN, current if isinstance(current, int) else _IPV6_MTU_MIN)
        whole_number(address, value, max(low, link.mtu_min or 0), link.mtu_max or _MTU_MAX)

    def write(self, address: NicAddress, value: Value) -> None:
        """Sets it on the interface that has the name now, by its index."""
        number = whole_number(address, value, 0, (1 << 32) - 1)
        try:
            interface = self.kernel.interface(address.nic)
            message = LinkMessage()
            message["index"] = interface.index
            message["attrs"] = [(address.attribute[0], number)]
            self.kernel.route.ask(message, _RTM_SETLINK)
            self.kernel.verify(interface)
        except OSError as error:
            raise WriteError(address, error) from error
