"""Who else sets a setting, as the configuration tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from advisor.changes.persist.names import SYSCTL
from advisor.model.address import Address, NicAddress, SysctlAddress
from advisor.model.config import Config, Owner
from advisor.model.unavailable import Unavailable

# First component of a property → how TuneD, NetworkManager and systemd.link(5) write of it.
_WORDS = {
    "feature": ("feature", "offload", "segment"),
    "coalesce": ("coalesce",),
    "ring": ("ring", "buffersize"),
    "channels": ("channels",),
    "pause": ("pause", "flowcontrol"),
    "mtu": ("mtu",),
    "txqueuelen": ("txqueuelen", "transmitqueuelength"),
}


def rivals(
    config: Config | Unavailable, addresses: Iterable[Address]
) -> dict[Address, tuple[str, ...]]:
    """Setting → the programs and files that set it, for people. Without those that nobody sets.

    Args:
        config: What is known of the host's configuration.
        addresses: The settings.
    """
    if isinstance(config, Unavailable):
        return {}
    found = {address: tuple(_of(config, address)) for address in addresses}
    return {address: names for address, names in found.items() if names}


def _of(config: Config, address: Address) -> Iterator[str]:
    # What runs comes first: a file alone changes nothing between two boots.
    owners = sorted(config.owners.values(), key=lambda each: (each.running is not True, each.name))
    if isinstance(address, SysctlAddress):
        key = address.dotted
        yield from (_named(each, each.keys[key]) for each in owners if key in each.keys)
        configured = config.keys.get(key)
        if configured is not None and configured.place.rpartition(":")[0] != SYSCTL:
            yield f"{configured.place} ({configured.value})"
    elif isinstance(address, NicAddress):
        for owner in owners:
            yield from (_named(owner, setting) for setting in _settings(owner, address))
    else:
        yield from (_named(each, "") for each in owners if each.name == "irqbalance")


def _settings(owner: Owner, address: NicAddress) -> Iterator[str]:
    words = _WORDS.get(address.attribute[0], ())
    for pattern, settings in owner.nic_settings.items():
        # "Driver=ixgbe" and such: whether it is about this interface is left to the reader.
        if "=" in pattern or fnmatchcase(address.nic, pattern):
            for setting in settings:
                if any(word in setting.lower() for word in words):
                    yield f"{setting} for {pattern}"


def _named(owner: Owner, value: str) -> str:
    details = [each for each in (owner.detail, value, owner.place) if each]
    return f"{owner.name} ({', '.join(details)})" if details else owner.name
