"""What NetworkManager sets on interfaces by itself: that is its own to keep. Pure.

Connections are files of whoever wrote them, so advisor never edits them. What a connection sets,
NetworkManager sets at every activation, and what it does not name stays as it is. The MTU it
decides always: from the connection, from DHCP, from what is below.
"""

from __future__ import annotations

from advisor.changes.persist.model import Means
from advisor.model.address import NicAddress
from advisor.model.receipt import Value
from advisor.settings.shell import quoted

# As nmcli calls them: libnm-base/nm-ethtool-base.c has the kernel's names of each.
_FEATURES = {
    "rx-checksum": "rx",
    "rx-gro": "gro",
    "rx-hashing": "rxhash",
    "rx-lro": "lro",
    "rx-ntuple-filter": "ntuple",
    "rx-vlan-hw-parse": "rxvlan",
    "tx-generic-segmentation": "gso",
    "tx-tcp-segmentation": "tso",
    "tx-vlan-hw-insert": "txvlan",
}
_GROUPS = ("channels", "coalesce", "pause", "ring")
_MTU = "ethernet.mtu"


def property_of(address: NicAddress) -> str | None:
    """The property of a connection that sets this, None if there is none."""
    group, *rest = address.attribute
    if group == "mtu":
        return _MTU
    name = ".".join(rest)
    if group == "feature":
        return f"ethtool.feature-{_FEATURES.get(name, name)}"
    return f"ethtool.{group}-{name}" if group in _GROUPS else None


def owned(address: NicAddress, value: Value, means: Means) -> tuple[str, str] | None:
    """Why NetworkManager has to bring a setting, and the command for it; None if it need not."""
    known = means.nics.get(address.nic)
    name = property_of(address)
    if known is None or not known.managed or name is None:
        return None
    found = next(
        (
            line.partition("=")[2]
            for nic in (address.nic, "*")
            for line in means.profiles.get(nic, ())
            if line.partition("=")[0] == name
        ),
        None,
    )
    text = _text(value, numeric=address.attribute[0] == "coalesce")
    if found is not None and found.lower() in _spellings(value):
        return None
    if found is not None:
        reason = f"a connection of NetworkManager sets {name}={found} whenever it is activated"
    elif name == _MTU:
        reason = "NetworkManager manages the interface, and with it the MTU"
    else:
        return None
    return reason, f"nmcli connection modify CONNECTION {quoted(name)} {quoted(text)}"


def _text(value: Value, *, numeric: bool) -> str:
    if isinstance(value, bool):
        return str(int(value)) if numeric else ("on" if value else "off")
    return str(value)


def _spellings(value: Value) -> tuple[str, ...]:
    if isinstance(value, bool):
        return ("1", "true", "yes", "on") if value else ("0", "false", "no", "off")
    return (str(value),)
