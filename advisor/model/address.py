"""Setting addresses: one name for everything that can be checked or changed.

    sysctl:net.ipv4.tcp_rmem[2]      one field of a vector
    nic:eth0/ring.rx                 one property of an interface
    nic:eth0/queue.rx-0.rps_cpus     one property of a queue
    irq:45/affinity

Keys and names are kept as components, never glued into a path or a command line: `eth0.100`, `-x`
and `a..b` are legal interface names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_SYSCTL = re.compile(r"sysctl:(?P<key>\S+?)(?:\[(?P<index>[0-9])\])?")
_NIC = re.compile(r"nic:(?P<nic>[^/\s]+)/(?P<attribute>[^/\s]+)")
_IRQ = re.compile(r"irq:(?P<irq>[0-9]{1,9})/affinity")
BOUND = "{nic}"
"""Stands, in a rule, for the interface that the rule is judging."""


@dataclass(frozen=True, slots=True, order=True)
class SysctlAddress:
    """A sysctl, or one field of it.

    Attributes:
        key: Its components: ("net", "ipv4", "tcp_rmem").
        index: Field of a vector, None for the whole value.
    """

    key: tuple[str, ...]
    index: int | None = None

    @property
    def dotted(self) -> str:
        """The key as sysctl(8) takes it: a dot inside a component is written as a slash."""
        return ".".join(part.replace(".", "/") for part in self.key)

    def __str__(self) -> str:
        return f"sysctl:{self.dotted}" + ("" if self.index is None else f"[{self.index}]")


@dataclass(frozen=True, slots=True, order=True)
class NicAddress:
    """A property of an interface.

    Attributes:
        nic: Interface name.
        attribute: Components: ("ring", "rx"), ("queue", "rx-0", "rps_cpus"), ("mtu",).
    """

    nic: str
    attribute: tuple[str, ...]

    def __str__(self) -> str:
        return f"nic:{self.nic}/{'.'.join(self.attribute)}"


@dataclass(frozen=True, slots=True, order=True)
class IrqAddress:
    """The CPUs that an interrupt may go to.

    Attributes:
        irq: Interrupt number.
    """

    irq: int

    def __str__(self) -> str:
        return f"irq:{self.irq}/affinity"


Address = SysctlAddress | NicAddress | IrqAddress


def parse_address(text: str) -> Address:
    """Parse an address.

    Raises:
        ValueError: It is not one; the message says what is wrong.
    """
    if match := _SYSCTL.fullmatch(text):
        key = tuple(part.replace("/", ".") for part in match["key"].split("."))
        if any(part in ("", ".", "..") for part in key) or set("[]") & set(key[-1]):
            raise ValueError(f"{text!r} is not a sysctl key")
        return SysctlAddress(key, None if match["index"] is None else int(match["index"]))
    if match := _IRQ.fullmatch(text):
        return IrqAddress(int(match["irq"]))
    if match := _NIC.fullmatch(text):
        attribute = tuple(match["attribute"].split("."))
        if match["nic"] in (".", "..") or "" in attribute:
            raise ValueError(f"{text!r} is not a property of an interface")
        return NicAddress(match["nic"], attribute)
    raise ValueError(
        f"{text!r} is not a setting address (sysctl:KEY, sysctl:KEY[N], nic:NAME/PROPERTY, "
        "irq:NUMBER/affinity)"
    )


def address_data(address: Address) -> dict[str, Any]:
    """The address as plain data, by its components: names of interfaces may hold anything."""
    if isinstance(address, SysctlAddress):
        return {"sysctl": list(address.key)}
    if isinstance(address, NicAddress):
        return {"nic": address.nic, "property": list(address.attribute)}
    return {"irq": address.irq}
