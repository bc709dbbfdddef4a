"""Receive-side scaling: the indirection table and the hashed fields, over SIOCETHTOOL.

The ioctl is the way on every kernel, as netlink can change them only since 6.17. The hash key, a
secret, is never read and stays as it is.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.facts.nics.ethtool_ioctl import EthtoolIoctl
from advisor.facts.nics.ethtool_rss import FLOW_TYPES, LETTERS, read_rss
from advisor.model.address import NicAddress
from advisor.model.nic_settings import Rss
from advisor.model.unavailable import Unavailable
from advisor.settings.live.kernel import Interface, Kernel
from advisor.settings.live.kind import Value, WriteError, numbers, refusal, why_not

_GRXRINGS = 0x2D
_GRXCLSRLCNT = 0x2E
_SRXFH = 0x2A
_SRSSH = 0x47

_RSS = struct.Struct("=IIIIBB2xI")
_FLOW = struct.Struct("=IIQ")
# struct ethtool_rxnfc of 64-bit machines up to rule_cnt, and room for the rest of it.
_RULES = struct.Struct("=IIQ168xI68x")
_NO_CHANGE = 0xFF  # RXH_XFRM_NO_CHANGE


@dataclass(frozen=True, slots=True)
class RssSettings:
    """The indirection tables and hashed fields of interfaces.

    Attributes:
        kernel: The kernel.
    """

    kernel: Kernel

    def read(self, address: NicAddress) -> Value | Unavailable:
        """Queue numbers of the table's slots, or the letters of a flow type's fields."""
        try:
            interface = self.kernel.interface(address.nic)
            rss = read_rss(self.kernel.ioctl, interface.name)
            self.kernel.verify(interface)
        except OSError as error:
            return why_not(error)
        if address.attribute[1] == "indirection":
            return rss.indirection
        letters = rss.hash_fields.get(address.attribute[2])
        return Unavailable("the driver does not say") if letters is None else letters

    def check(self, address: NicAddress, value: Value, current: Value) -> None:
        """Raises AdvisorError unless every slot has a queue that there is, or letters are known."""
        if address.attribute[1] != "indirection":
            _fields(address, value)
            return
        table = numbers(address, value)
        if not isinstance(current, tuple) or len(table) != len(current):
            raise refusal(address, value, "it has to have as many slots as the table has")
        try:
            queues = _receive_queues(self.kernel.ioctl, self.kernel.interface(address.nic))
        except OSError as error:
            raise refusal(address, value, why_not(error).reason) from error
        if max(table) >= queues:
            raise refusal(address, value, f"there are only {queues} receive queues")

    def write(self, address: NicAddress, value: Value) -> None:
        """Writes the table, or the fields of one flow type."""
        try:
            interface = self.kernel.interface(address.nic)
            if address.attribute[1] == "indirection":
                self._write_table(interface, numbers(address, value))
            else:
                flow_type = _flow_type(address, value)
                request = _FLOW.pack(_SRXFH, flow_type, _fields(address, value))
                self.kernel.ioctl.call(interface.name, request)
            self.kernel.verify(interface)
        except OSError as error:
            raise WriteError(address, error) from error

    def _write_table(self, interface: Interface, table: Sequence[int]) -> None:
        ioctl = self.kernel.ioctl
        rss = read_rss(ioctl, interface.name)
        if len(rss.indirection) != len(table):
            raise OSError(errno.EINVAL, f"the table has {len(rss.indirection)} slots now")
        ioctl.call(interface.name, table_request(table, rss, _receive_queues(ioctl, interface)))


def table_request(table: Sequence[int], rss: Rss, queues: int) -> bytes:
    """The request that writes an indirection table (ethtool_set_rxfh in net/ethtool/ioctl.c).

    The table that the kernel would make itself is asked for as such: one that was written keeps
    the number of channels from being lowered (netif_is_rxfh_configured).

    Args:
        table: Queue of each slot.
        rss: What is in force, which tells whether the kernel knows input transformations (6.8).
        queues: How many receive queues there are.
    """
    transformation = 0 if rss.symmetric is None else _NO_CHANGE
    default = list(table) == [slot % queues for slot in range(len(table))]
    slots = () if default else tuple(table)
    return _RSS.pack(_SRSSH, 0, len(slots), 0, 0, transformation, 0) + struct.pack(
        f"={len(slots)}I", *slots
    )


def steering_rules(ioctl: EthtoolIoctl, interface: str) -> int:
    """How many rules steer flows to queues (`ethtool -n`); 0 where the driver has none.

    Raises:
        OSError: The interface is gone.
    """
    if struct.calcsize("P") != 8:
        return 0  # the structure differs, and so small a machine has no such device
    try:
        answer = ioctl.call(interface, _RULES.pack(_GRXCLSRLCNT, 0, 0, 0))
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EINVAL):
            return 0
        raise
    count: int = _RULES.unpack(answer)[3]
    return count


def _receive_queues(ioctl: EthtoolIoctl, interface: Interface) -> int:
    count: int = _FLOW.unpack(ioctl.call(interface.name, _FLOW.pack(_GRXRINGS, 0, 0)))[2]
    if count < 1:
        raise OSError(errno.EBADMSG, "the driver says that it has no receive queues")
    return count


def _flow_type(address: NicAddress, value: Value) -> int:
    for number, names in FLOW_TYPES.items():
        if address.attribute[2] in names:
            return number
    raise refusal(address, value, "there is no such flow type")


def _fields(address: NicAddress, value: Value) -> int:
    """The bits of letters such as "sdfn"."""
    _flow_type(address, value)
    bits = {letter: bit for bit, letter in LETTERS.items()}
    if not isinstance(value, str) or not set(value) <= bits.keys() - {"r"}:
        raise refusal(address, value, "it has to be letters of: m v t s d f n e l")
    return sum(bits[letter] for letter in set(value))
