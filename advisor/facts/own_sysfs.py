"""Whether /sys shows the network namespace of this process, or that of whoever mounted it."""

from __future__ import annotations

from advisor.facts.files import Files
from advisor.facts.nics.links import read_links
from advisor.model.unavailable import Unavailable

_CLASS_NET = "/sys/class/net"
_NOT_AN_INTERFACE = "bonding_masters"  # a file that the bonding module puts among them
_ATTEMPTS = 3


def shows_own_interfaces(files: Files) -> bool:
    """Whether sysfs and netlink agree on the interfaces.

    Names and numbers alone do not tell: most namespaces have an eth0 with index 2. Where either
    cannot be asked there is nothing that could mislead.

    Raises:
        OSError: Netlink refused.
    """
    # An interface that comes or goes between the two looks like another namespace: look again.
    return any(_agree(files) for _ in range(_ATTEMPTS))


def _agree(files: Files) -> bool:
    names = files.list_dir(_CLASS_NET)
    if isinstance(names, Unavailable):
        return True
    by_sysfs = {
        (name, files.read_int(f"{_CLASS_NET}/{name}/ifindex"), _address(files, name))
        for name in names
        if name != _NOT_AN_INTERFACE
    }
    return by_sysfs == {(link.name, link.index, link.address) for link in read_links()}


def _address(files: Files, name: str) -> str | Unavailable:
    address = files.read_text(f"{_CLASS_NET}/{name}/address")
    return address if isinstance(address, Unavailable) else address.strip()
