"""Speed, link modes and forward error correction over SIOCETHTOOL.

For errors see `advisor.facts.nics.ethtool_ioctl`.
"""

from __future__ import annotations

import errno
import struct

from advisor.facts.nics.ethtool_ioctl import (
    ETH_SS_LINK_MODES,
    EthtoolIoctl,
    malformed,
    read_strings,
)
from advisor.facts.nics.link_speeds import LinkMode, Speeds, link_mode, mode_speeds
from advisor.model.nic_settings import Fec

_ETHTOOL_GSET = 0x01
_ETHTOOL_GLINKSETTINGS = 0x4C
_ETHTOOL_GFECPARAM = 0x50

_SETTINGS = struct.Struct("=IIIHBBBBBBIIHBBI8x")
_LINK_SETTINGS = struct.Struct("=IIBBBBBBBbBBBB28x")
_FEC = struct.Struct("=4I")

_FEC_AUTO = 1 << 1
# In the order in which netlink looks for the one in use (fec_prepare_data in net/ethtool/fec.c).
_FEC_CODES = {1 << 2: "off", 1 << 3: "rs", 1 << 4: "baser", 1 << 5: "llrs"}

_LINK_MODES_MAX = 1024


def read_link_mode(ioctl: EthtoolIoctl, interface: str) -> LinkMode:
    """Speed, duplex and link modes (`ethtool DEV`)."""
    try:
        words = _words_of_a_mask(ioctl, interface)
    except OSError as error:
        # Kernels before 4.6 do not have the request; they tell the unprivileged EPERM.
        if error.errno not in (errno.EOPNOTSUPP, errno.EPERM):
            raise
        return _read_settings(ioctl, interface)
    masks = struct.Struct(f"={words}I")
    request = _LINK_SETTINGS.pack(_ETHTOOL_GLINKSETTINGS, *(0,) * 8, words, 0, 0, 0, 0)
    answer = ioctl.call(interface, request + bytes(3 * masks.size))
    _, speed, duplex, _port, _address, autoneg, *_rest = _LINK_SETTINGS.unpack_from(answer)
    supported, advertised, partners = (
        _mask(masks.unpack_from(answer, _LINK_SETTINGS.size + position * masks.size))
        for position in range(3)
    )
    return link_mode(
        speed=speed,
        duplex=duplex,
        autoneg=autoneg,
        supported=supported,
        advertised=advertised,
        partners=partners,
        speeds=lambda: _speeds(ioctl, interface),
    )


def read_fec(ioctl: EthtoolIoctl, interface: str) -> Fec:
    """Forward error correction (`ethtool --show-fec`); the ioctl does not count blocks."""
    answer = ioctl.call(interface, _FEC.pack(_ETHTOOL_GFECPARAM, 0, 0, 0))
    _, active, configured, _ = _FEC.unpack(answer)
    return Fec(
        active=next((name for bit, name in _FEC_CODES.items() if active & bit), None),
        auto=bool(configured & _FEC_AUTO),
    )


def _words_of_a_mask(ioctl: EthtoolIoctl, interface: str) -> int:
    """The 32-bit words of a set of link modes: asked for 0, the kernel says how many, negated."""
    answer = ioctl.call(interface, _LINK_SETTINGS.pack(_ETHTOOL_GLINKSETTINGS, *(0,) * 13))
    words: int = -_LINK_SETTINGS.unpack(answer)[9]
    if words <= 0:
        raise malformed(f"{words} words of link modes")
    return words


def _read_settings(ioctl: EthtoolIoctl, interface: str) -> LinkMode:
    """The request that was there first; its sets are the first 32 link modes."""
    answer = _SETTINGS.unpack(ioctl.call(interface, _SETTINGS.pack(_ETHTOOL_GSET, *(0,) * 15)))
    return link_mode(
        speed=answer[12] << 16 | answer[3],
        duplex=answer[4],
        autoneg=answer[8],
        supported=answer[1],
        advertised=answer[2],
        partners=answer[15],
        speeds=lambda: mode_speeds([]),
    )


def _speeds(ioctl: EthtoolIoctl, interface: str) -> Speeds:
    try:
        names = read_strings(ioctl, interface, ETH_SS_LINK_MODES, _LINK_MODES_MAX)
    except (OSError, struct.error):
        names = []
    return mode_speeds(names)


def _mask(words: tuple[int, ...]) -> int:
    return sum(word << 32 * position for position, word in enumerate(words))
