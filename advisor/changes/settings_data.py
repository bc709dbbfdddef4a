"""Setting addresses and their values as plain JSON data, and back.

Addresses are kept by components: a name of an interface may hold anything but "/". What is read
back is checked as if a stranger had written it. Settings that hold a secret have no form here.
"""

from __future__ import annotations

import re
from typing import Any

from advisor.facts.sysctl import SECRETS
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.address import address_data as plain_address
from advisor.model.receipt import Value

INT_MIN, INT_MAX = -(1 << 63), (1 << 64) - 1
TEXT_MAX = 65536
"""Characters of a value: ip_local_reserved_ports may be this long."""
ITEMS_MAX = 65536
"""Items of a value: an indirection table has thousands, an interface may have more routes."""

_NAME_MAX = 128
_SYSCTL_DEPTH = range(2, 13)
_PROPERTY_DEPTH = range(1, 9)
_IRQ_MAX = 999_999_999
# Words of a property that stand for a secret: the hash key of RSS, the password of Wake-on-LAN.
_SECRET_WORDS = frozenset({"key", "hkey", "sopass", "password", "secret"})
_WORDS = re.compile(r"[a-z0-9]+")


def address_data(address: Address) -> dict[str, Any]:
    """The address as plain data, the same as in a plan."""
    if isinstance(address, SysctlAddress) and address.index is not None:
        raise ValueError(f"{address}: a sysctl is recorded as a whole")
    return plain_address(address)


def address_from(data: Any) -> Address:
    """The address in the data.

    Raises:
        ValueError: It is not one, or that of a secret.
    """
    if type(data) is dict and data.keys() == {"sysctl"}:
        key = _components(data["sysctl"], _SYSCTL_DEPTH)
        if key[0] != "net":
            raise ValueError(f"a sysctl outside of net: {'.'.join(key)[:80]!r}")
        if key[-1] in SECRETS:
            raise ValueError(f"{key[-1]} holds a secret, which is never recorded")
        return SysctlAddress(key)
    if type(data) is dict and data.keys() == {"nic", "property"}:
        name = interface_name(data["nic"])
        attribute = _components(data["property"], _PROPERTY_DEPTH)
        if not _SECRET_WORDS.isdisjoint(_WORDS.findall(".".join(attribute))):
            raise ValueError(f"{'.'.join(attribute)[:80]} holds a secret, which is never recorded")
        return NicAddress(name, attribute)
    if type(data) is dict and data.keys() == {"irq"}:
        irq = data["irq"]
        if type(irq) is not int or not 0 <= irq <= _IRQ_MAX:
            raise ValueError("not the number of an interrupt")
        return IrqAddress(irq)
    raise ValueError("not the address of a setting")


def interface_name(data: Any) -> str:
    """The name of an interface in the data.

    Raises:
        ValueError: No interface has such a name.
    """
    return _components([data], range(1, 2))[0]


def value_data(value: Value) -> Any:
    """The value as plain data: an array for a tuple."""
    return list(value) if isinstance(value, tuple) else value


def value_from(data: Any) -> Value:
    """The value in the data.

    Raises:
        ValueError: No setting has such a value.
    """
    if data is None or type(data) is bool:
        return data
    if type(data) is not list:
        return _scalar(data)
    if len(data) > ITEMS_MAX:
        raise ValueError(f"a value of more than {ITEMS_MAX} items")
    return tuple(_scalar(item) for item in data)


def _scalar(data: Any) -> int | str:
    if type(data) is int and INT_MIN <= data <= INT_MAX:
        return data
    if type(data) is str and len(data) <= TEXT_MAX:
        return data
    raise ValueError("a value that no setting has")


def _components(data: Any, depth: range) -> tuple[str, ...]:
    if type(data) is not list or len(data) not in depth:
        raise ValueError("not the address of a setting: too many or too few components")
    for part in data:
        if type(part) is not str or not 0 < len(part) <= _NAME_MAX or part in (".", ".."):
            raise ValueError("not the address of a setting: a component is no name")
        if "/" in part or "\0" in part:
            raise ValueError(f"not the address of a setting: {part[:40]!r} is no name")
    return tuple(data)
