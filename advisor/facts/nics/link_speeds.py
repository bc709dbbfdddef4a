"""What the kernel's numbers for the link of an interface mean: speed, duplex, link modes, FEC."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from advisor.model.record import Record

_SPEEDS_UNKNOWN = (0, 0xFFFF, 0xFFFFFFFF)
_DUPLEX = {0: "half", 1: "full"}

# The bits of enum ethtool_link_mode_bit_indices up to Linux 5.5, by their speed: kernels before
# 5.6 do not name them. Newer bits come with their names.
_BITS_BEFORE_NAMES = {
    10: (0, 1),
    100: (2, 3, 67),
    1000: (4, 5, 17, 41, 68),
    2500: (15, 47),
    5000: (48,),
    10000: (12, 18, 19, 20, 42, 43, 44, 45, 46),
    20000: (21, 22),
    25000: (31, 32, 33),
    40000: (23, 24, 25, 26),
    50000: (34, 35, 40, 52, 53, 54, 55, 56),
    56000: (27, 28, 29, 30),
    100000: (36, 37, 38, 39, 57, 58, 59, 60, 61),
    200000: (62, 63, 64, 65, 66),
    400000: (69, 70, 71, 72, 73),
}
_MODES_BEFORE_NAMES = 74

Speeds = Sequence[int]
"""Mbit/s of the link mode of each bit, 0 for a bit that is not a speed (Autoneg, TP, Pause, …)."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LinkMode(Record):
    """How fast a link is and could be; see the fields of `DeviceSettings`, which are the same."""

    speed_mbps: int | None = None
    duplex: str | None = None
    autoneg: bool | None = None
    speed_max_mbps: int | None = None
    speed_advertised_mbps: int | None = None
    speed_partner_mbps: int | None = None


def link_mode(
    *,
    speed: int | None,
    duplex: int | None,
    autoneg: int | None,
    supported: int,
    advertised: int,
    partners: int,
    speeds: Callable[[], Speeds],
) -> LinkMode:
    """The kernel's numbers, with its ways to say "unknown" as None.

    A device that lists no mode at all (software, virtio) has nothing to negotiate: its driver
    leaves `autoneg` at 0, which says nothing.

    Args:
        speed: Mbit/s.
        duplex: 0 half, 1 full.
        autoneg: Whether it is on, None when not told.
        supported: Bit set of the modes that device and module support.
        advertised: Bit set of those that are offered.
        partners: Bit set of those that the link partner offers.
        speeds: Called only if there is a mode.
    """
    return LinkMode(
        speed_mbps=None if speed in _SPEEDS_UNKNOWN else speed,
        duplex=None if duplex is None else _DUPLEX.get(duplex),
        autoneg=bool(autoneg) if supported and autoneg is not None else None,
        speed_max_mbps=_fastest(supported, speeds),
        speed_advertised_mbps=_fastest(advertised, speeds),
        speed_partner_mbps=_fastest(partners, speeds),
    )


def mode_speeds(names: Sequence[str]) -> Speeds:
    """The speed of each link mode, by the kernel's names: "100000baseCR4/Full" is 100000.

    Args:
        names: Name of each bit; without a single speed among them those of kernels that do not
            name them.
    """
    numbers = (name.partition("base")[0] for name in names)
    speeds = [int(number) if number.isdecimal() else 0 for number in numbers]
    return speeds if any(speeds) else _speeds_before_names()


def _speeds_before_names() -> Speeds:
    speeds = [0] * _MODES_BEFORE_NAMES
    for speed, bits in _BITS_BEFORE_NAMES.items():
        for bit in bits:
            speeds[bit] = speed
    return speeds


def _fastest(modes: int, speeds: Callable[[], Speeds]) -> int | None:
    if not modes:
        return None
    return max((speed for bit, speed in enumerate(speeds()) if modes >> bit & 1), default=0) or None
