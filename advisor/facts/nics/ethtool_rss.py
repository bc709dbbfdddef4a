"""Receive-side scaling over SIOCETHTOOL: indirection table, hash function, hashed fields.

The ioctl is the way on every kernel, for the sake of the hash key, which is a secret: netlink's
RSS_GET always sends it along; here a key size of 0 asks the kernel to keep it (ethtool_get_rxfh in
net/ethtool/ioctl.c). Only the additional contexts, which the ioctl cannot list, come from netlink.
For errors see `advisor.facts.nics.ethtool_ioctl`.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator

from advisor.facts.nics.ethtool_ioctl import EthtoolIoctl, malformed
from advisor.model.nic_settings import Rss

FLOW_TYPES = {
    1: ("tcp4",),
    2: ("udp4",),
    3: ("sctp4",),
    4: ("ah4", "esp4"),
    5: ("tcp6",),
    6: ("udp6",),
    7: ("sctp6",),
    8: ("ah6", "esp6"),
}
"""Flow type → what `ethtool -n DEV rx-flow-hash` calls it; to the kernel, IPsec has but one."""

LETTERS = {
    1 << 1: "m",
    1 << 2: "v",
    1 << 3: "t",
    1 << 4: "s",
    1 << 5: "d",
    1 << 6: "f",
    1 << 7: "n",
    1 << 8: "e",
    1 << 9: "l",
    1 << 31: "r",
}
"""RXH_* → letter, in the order of `ethtool`: destination MAC, VLAN, protocol, addresses, both
halves of the ports, GTP tunnel, IPv6 flow label, discard."""

_ETHTOOL_GRXFH = 0x29
_ETHTOOL_GRSSH = 0x46

_RSS = struct.Struct("=IIIIBB2xI")
_FLOW_HASH = struct.Struct("=IIQ")

_FUNCTIONS = {1: "toeplitz", 2: "xor", 4: "crc32"}
_NO_CHANGE = 0xFF  # RXH_XFRM_NO_CHANGE
_SYMMETRIC = 0b11  # RXH_XFRM_SYM_XOR, RXH_XFRM_SYM_OR_XOR
_SLOTS_MAX = 1 << 16
_TCP_AND_UDP = (1, 2, 5, 6)


def read_rss(ioctl: EthtoolIoctl, interface: str) -> Rss:
    """The indirection table, hash function and hashed fields (`ethtool -x`, `-n rx-flow-hash`)."""
    # Kernels before 6.8 refuse a transformation of the hash's input in a request, and do not tell
    # the one in use; later ones ignore the first and tell the second.
    knows_symmetric = True
    try:
        sizes = _ask(ioctl, interface, slots=0, transformation=_NO_CHANGE)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        knows_symmetric = False
        sizes = _ask(ioctl, interface, slots=0)
    _, _, slots, key_size, *_rest = _RSS.unpack_from(sizes)
    if not slots:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
    if slots > _SLOTS_MAX:
        raise malformed(f"an indirection table of {slots} slots")
    answer = _ask(ioctl, interface, slots=slots)
    _, _, _, _, function, transformation, _ = _RSS.unpack_from(answer)
    return Rss(
        indirection=struct.unpack_from(f"={slots}I", answer, _RSS.size),
        function=_FUNCTIONS.get(function, "unknown"),
        key=key_size > 0,
        symmetric=bool(transformation & _SYMMETRIC) if knows_symmetric else None,
        hash_fields=_hash_fields(ioctl, interface),
    )


def _ask(ioctl: EthtoolIoctl, interface: str, *, slots: int, transformation: int = 0) -> bytes:
    request = _RSS.pack(_ETHTOOL_GRSSH, 0, slots, 0, 0, transformation, 0)
    return ioctl.call(interface, request + bytes(4 * slots))


def _hash_fields(ioctl: EthtoolIoctl, interface: str) -> dict[str, str]:
    """Flow type → letters. Where a driver's "none" may mean "do not know", it is left out.

    virtio_net answers none for flow types that it does not tell apart, and without
    VIRTIO_NET_F_RSS for all types (virtnet_get_hashflow), while the device hashes all the same.
    So "none" counts for TCP and UDP only, and only if another type is hashed.
    """
    found = dict(_answered(ioctl, interface))
    if not any(found.values()):
        return {}
    return {
        name: letters
        for flow_type, letters in found.items()
        if letters or flow_type in _TCP_AND_UDP
        for name in FLOW_TYPES[flow_type]
    }


def _answered(ioctl: EthtoolIoctl, interface: str) -> Iterator[tuple[int, str]]:
    for flow_type in FLOW_TYPES:
        try:
            answer = ioctl.call(interface, _FLOW_HASH.pack(_ETHTOOL_GRXFH, flow_type, 0))
            fields = _FLOW_HASH.unpack(answer)[2]
        except (OSError, struct.error):
            continue
        yield flow_type, "".join(letter for bit, letter in LETTERS.items() if fields & bit)
