"""What can be set on an interface, over SIOCETHTOOL: for kernels without the netlink requests.

The `ethtool` package answers for rings and coalescing; it does not know the other requests. For
errors see `advisor.facts.nics.ethtool_ioctl`.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Mapping, Sequence

from advisor.facts.nics.ethtool_ioctl import (
    ETH_SS_FEATURES,
    EthtoolIoctl,
    malformed,
    read_strings,
)
from advisor.facts.nics.feature_states import features
from advisor.model.nic_settings import Channels, Coalesce, Feature, Pause, Ring

COALESCE_FIELDS = {
    "rx_coalesce_usecs": "rx_usecs",
    "rx_max_coalesced_frames": "rx_frames",
    "rx_coalesce_usecs_irq": "rx_usecs_irq",
    "rx_max_coalesced_frames_irq": "rx_frames_irq",
    "tx_coalesce_usecs": "tx_usecs",
    "tx_max_coalesced_frames": "tx_frames",
    "tx_coalesce_usecs_irq": "tx_usecs_irq",
    "tx_max_coalesced_frames_irq": "tx_frames_irq",
    "stats_block_coalesce_usecs": "stats_block_usecs",
    "use_adaptive_rx_coalesce": "adaptive_rx",
    "use_adaptive_tx_coalesce": "adaptive_tx",
    "pkt_rate_low": "pkt_rate_low",
    "rx_coalesce_usecs_low": "rx_usecs_low",
    "rx_max_coalesced_frames_low": "rx_frames_low",
    "tx_coalesce_usecs_low": "tx_usecs_low",
    "tx_max_coalesced_frames_low": "tx_frames_low",
    "pkt_rate_high": "pkt_rate_high",
    "rx_coalesce_usecs_high": "rx_usecs_high",
    "rx_max_coalesced_frames_high": "rx_frames_high",
    "tx_coalesce_usecs_high": "tx_usecs_high",
    "tx_max_coalesced_frames_high": "tx_frames_high",
    "rate_sample_interval": "rate_sample_interval",
}
"""The fields of struct ethtool_coalesce after `cmd`, in its order, and what we call them."""

_ETHTOOL_GCOALESCE = 0x0E
_ETHTOOL_GPAUSEPARAM = 0x12
_ETHTOOL_GFEATURES = 0x3A
_ETHTOOL_GCHANNELS = 0x3C
_ETHTOOL_PERQUEUE = 0x4B

_CHANNELS = struct.Struct("=9I")
_PAUSE = struct.Struct("=4I")
_COALESCE = struct.Struct("=23I")
_FEATURES = struct.Struct("=II")
_FEATURE_BLOCK = struct.Struct("=IIII")
_QUEUES_MAX = 4096  # MAX_NUM_QUEUE
_PER_QUEUE = struct.Struct(f"=II{_QUEUES_MAX // 32}I")

# More than the 64 features of today's kernels; the kernel copies at most this many.
_FEATURE_BLOCKS = 8


def read_channels(ioctl: EthtoolIoctl, interface: str) -> Channels:
    """Channel counts (`ethtool -l`)."""
    request = _CHANNELS.pack(_ETHTOOL_GCHANNELS, *(0,) * 8)
    _, rx_max, tx_max, other_max, combined_max, rx, tx, other, combined = _CHANNELS.unpack(
        ioctl.call(interface, request)
    )
    return Channels(
        rx=rx,
        tx=tx,
        other=other,
        combined=combined,
        rx_max=rx_max,
        tx_max=tx_max,
        other_max=other_max,
        combined_max=combined_max,
    )


def read_ring(ioctl: EthtoolIoctl, interface: str) -> Ring:
    """Ring sizes (`ethtool -g`); the ioctl knows the sizes only, nothing of buffers and pushing.

    A maximum of 0 says that the driver does not have that ring.
    """
    answer = ioctl.ring(interface)
    jumbo_max = answer["rx_jumbo_max_pending"]
    return Ring(
        rx=answer["rx_pending"],
        tx=answer["tx_pending"],
        rx_max=answer["rx_max_pending"],
        tx_max=answer["tx_max_pending"],
        rx_jumbo=answer["rx_jumbo_pending"] if jumbo_max else None,
        rx_jumbo_max=jumbo_max or None,
    )


def read_coalesce(ioctl: EthtoolIoctl, interface: str) -> Coalesce:
    """Interrupt coalescing (`ethtool -c`).

    The ioctl has no CQE mode, no gathering of transmissions and no profiles. It says 0 where
    netlink says that the driver lacks a field.
    """
    answer = ioctl.coalesce(interface)
    return _coalesce({ours: answer[name] for name, ours in COALESCE_FIELDS.items()})


def read_queue_coalesce(ioctl: EthtoolIoctl, interface: str, count: int) -> dict[str, Coalesce]:
    """Interrupt coalescing of each channel (`ethtool -Q`): number → coalescing, as above.

    All in one request; one by one only where the driver has fewer of its own than it has channels.

    Args:
        ioctl: The socket.
        interface: Interface name.
        count: How many channels there are.
    """
    everyone = range(min(count, _QUEUES_MAX))
    try:
        return _coalesce_of(ioctl, interface, everyone)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    found: dict[str, Coalesce] = {}
    for queue in everyone:
        try:
            found |= _coalesce_of(ioctl, interface, [queue])
        except OSError:
            if not found:
                raise
            break
    return found


def only_supported(coalesce: Coalesce, supported: Coalesce) -> Coalesce:
    """A channel's coalescing without the fields that its interface, asked over netlink, lacks."""
    return Coalesce(
        **{
            name: getattr(coalesce, name)
            for name in COALESCE_FIELDS.values()
            if getattr(supported, name) is not None
        }
    )


def read_pause(ioctl: EthtoolIoctl, interface: str) -> Pause:
    """Flow control (`ethtool -a`); the ioctl does not count frames."""
    answer = ioctl.call(interface, _PAUSE.pack(_ETHTOOL_GPAUSEPARAM, 0, 0, 0))
    _, autoneg, rx, tx = _PAUSE.unpack(answer)
    return Pause(autoneg=bool(autoneg), rx=bool(rx), tx=bool(tx))


def read_features(ioctl: EthtoolIoctl, interface: str) -> dict[str, Feature]:
    """Offloads by the kernel's names (`ethtool -k`)."""
    answer = ioctl.call(
        interface,
        _FEATURES.pack(_ETHTOOL_GFEATURES, _FEATURE_BLOCKS)
        + bytes(_FEATURE_BLOCK.size * _FEATURE_BLOCKS),
    )
    changeable = requested = active = never_changed = 0
    for block in range(min(_FEATURES.unpack_from(answer)[1], _FEATURE_BLOCKS)):
        values = _FEATURE_BLOCK.unpack_from(answer, _FEATURES.size + block * _FEATURE_BLOCK.size)
        changeable |= values[0] << 32 * block
        requested |= values[1] << 32 * block
        active |= values[2] << 32 * block
        never_changed |= values[3] << 32 * block
    return features(
        read_strings(ioctl, interface, ETH_SS_FEATURES, 32 * _FEATURE_BLOCKS),
        changeable=changeable,
        requested=requested,
        active=active,
        never_changed=never_changed,
    )


def _coalesce_of(ioctl: EthtoolIoctl, interface: str, queues: Sequence[int]) -> dict[str, Coalesce]:
    words = [0] * (_QUEUES_MAX // 32)
    for queue in queues:
        words[queue // 32] |= 1 << queue % 32
    answer = ioctl.call(
        interface,
        _PER_QUEUE.pack(_ETHTOOL_PERQUEUE, _ETHTOOL_GCOALESCE, *words)
        + bytes(_COALESCE.size * len(queues)),
    )
    found = {}
    for position, queue in enumerate(queues):
        command, *values = _COALESCE.unpack_from(
            answer, _PER_QUEUE.size + position * _COALESCE.size
        )
        if command != _ETHTOOL_GCOALESCE:
            raise malformed(f"nothing for channel {queue}")
        found[str(queue)] = _coalesce(dict(zip(COALESCE_FIELDS.values(), values, strict=True)))
    return found


def _coalesce(values: Mapping[str, int]) -> Coalesce:
    flags = {name: bool(values[name]) for name in ("adaptive_rx", "adaptive_tx")}
    return Coalesce(**{**values, **flags})  # type: ignore[arg-type]  # names and types are above
