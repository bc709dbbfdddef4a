"""Offloads out of the bit sets in which the kernel tells them."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.model.nic_settings import Feature


def features(
    names: Sequence[str], *, changeable: int, requested: int, active: int, never_changed: int
) -> dict[str, Feature]:
    """The features by name. Fixed is what `ethtool -k` marks so: not for the user to change.

    Args:
        names: Name of each bit, "" for one that is not used.
        changeable: What the device lets the user change (hw_features).
        requested: What was asked for (wanted_features); says something of changeable ones only.
        active: What is on.
        never_changed: What no user changes on any device.
    """
    fixed = ~changeable | never_changed
    wanted = requested & ~fixed | active & fixed
    return {
        name: _STATES[active >> bit & 1, fixed >> bit & 1, wanted >> bit & 1]
        for bit, name in enumerate(names)
        if name
    }


# Shared, as a host has 64 features per interface and only eight states of one.
_STATES = {
    (active, fixed, requested): Feature(
        active=bool(active), fixed=bool(fixed), requested=bool(requested)
    )
    for active in (0, 1)
    for fixed in (0, 1)
    for requested in (0, 1)
}
