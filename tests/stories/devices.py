"""The network interfaces of a story's host, and their queues.

What the collectors derive (which interrupt serves a queue, how completions are laid out, what a
driver's counters mean) is derived by the collectors' own functions here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from advisor.facts.nics.counted import count
from advisor.facts.nics.driver_stats import queue_counters, rx_ring_full
from advisor.facts.nics.napis import DeviceQueues
from advisor.facts.nics.queue_irqs import queue_irqs
from advisor.facts.nics.topology import find_topology, software_topology
from advisor.model.nic import Nic
from advisor.model.nic_queues import Bql, RxQueue, TxQueue
from advisor.model.system import Irq
from advisor.model.unavailable import Unavailable
from tests.stories.kernels import features, version
from tests.stories.readings import Reading

_STANDARD = (
    *("rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_errors", "tx_errors", "rx_dropped"),
    *("tx_dropped", "multicast", "collisions", "rx_length_errors", "rx_over_errors"),
    *("rx_crc_errors", "rx_frame_errors", "rx_fifo_errors", "rx_missed_errors"),
    *("tx_aborted_errors", "tx_carrier_errors", "tx_fifo_errors", "tx_heartbeat_errors"),
    *("tx_window_errors", "rx_compressed", "tx_compressed"),
)
_STANDARD_SINCE = {"rx_nohandler": (4, 6), "rx_otherhost_dropped": (5, 19)}

# How the drivers name the counters of a queue (ethtool -S).
_COUNTER = {
    "igb": "{way}_queue_{queue}_{what}",
    "igc": "{way}_queue_{queue}_{what}",
    "ixgbe": "{way}_queue_{queue}_{what}",
    "ice": "{way}_queue_{queue}_{what}",
    "bnxt_en": "[{queue}]: {way}_ucast_{what}",
    "mlx5_core": "{way}{queue}_{what}",
    "virtio_net": "{way}_queue_{queue}_{what}",
}
# Their queues are counted by the kernel (netdev qstats) instead, from this version on.
_COUNTED_BY_KERNEL = {"virtio_net": (6, 9)}

# They name the CPU of the queue's interrupt in its XPS mask (mlx5e_set_default_xps_cpumasks(),
# virtnet_set_affinity()); the others go by the queue's number.
_XPS_BY_INTERRUPT = ("mlx5_core", "virtio_net")

_DQL_MAX_LIMIT = 1879048192  # include/linux/dynamic_queue_limits.h

_SEGMENTATION = ("tx-tcp-segmentation", "tx-tcp6-segmentation", "tx-generic-segmentation")
HARDWARE_FEATURES: dict[str, tuple[str, ...]] = {
    "on": (
        *("rx-checksum", "tx-checksum-ip-generic", "tx-scatter-gather", *_SEGMENTATION),
        *("tx-tcp-mangleid-segmentation", "rx-gro", "rx-hashing"),
        *("rx-vlan-hw-parse", "tx-vlan-hw-insert"),
    ),
    "fixed_on": ("highdma",),
    "off": (
        *("rx-ntuple-filter", "tx-nocache-copy", "rx-all", "rx-gro-list"),
        "rx-udp-gro-forwarding",
    ),
}
"""What an Ethernet NIC's driver of the last fifteen years offers, and how it is by default."""

VIRTIO_FEATURES: dict[str, tuple[str, ...]] = {
    "on": (
        *("tx-checksum-ip-generic", "tx-scatter-gather", *_SEGMENTATION),
        *("tx-tcp-ecn-segmentation", "rx-gro", "rx-gro-hw"),
    ),
    "fixed_on": ("rx-checksum", "tx-gso-robust", "rx-vlan-filter", "highdma"),
    "off": (
        *("tx-tcp-mangleid-segmentation", "tx-nocache-copy", "rx-gro-list"),
        "rx-udp-gro-forwarding",
    ),
}
"""What virtio_net offers above a KVM host's tap device (virtnet_probe)."""

_LOOPBACK_FEATURES: dict[str, tuple[str, ...]] = {
    "on": (
        *(*_SEGMENTATION, "tx-tcp-ecn-segmentation", "tx-tcp-mangleid-segmentation", "rx-gro"),
        *("tx-sctp-segmentation", "tx-udp-segmentation", "tx-udp-fragmentation", "tx-gso-list"),
        "tx-tcp-accecn-segmentation",
    ),
    "fixed_on": (
        *("tx-scatter-gather", "tx-scatter-gather-fraglist", "tx-checksum-ip-generic"),
        *("tx-checksum-sctp", "rx-checksum", "highdma", "vlan-challenged", "loopback"),
        *("tx-lockless", "netns-local"),
    ),
    "off": ("rx-gro-list", "rx-udp-gro-forwarding"),
}


@dataclass(frozen=True, slots=True)
class Flow:
    """What passes one queue in one direction, per second.

    Attributes:
        packets: Packets, as its driver counts them.
        bytes: Bytes.
    """

    packets: float
    bytes: float


def hardware(
    at: Reading,
    kernel: str,
    *,
    name: str,
    index: int,
    driver: str,
    bus: str,
    rx: Sequence[Flow],
    tx: Sequence[Flow],
    irqs: Mapping[str, Irq],
    kinds: Mapping[str, tuple[str, ...]] = HARDWARE_FEATURES,
    errors: Mapping[str, int] | None = None,
    driver_stats: Mapping[str, int] | None = None,
    device_id: str | None = None,
    xps: bool = True,
    bql_limit: int | None = 65536,
    **settings: Any,
) -> Nic:
    """A NIC with its queues.

    Args:
        at: The reading.
        kernel: A column of the kernels' tables.
        name: Interface name.
        index: Interface index.
        driver: Its driver.
        bus: Its bus address.
        rx: What each receive queue takes.
        tx: What each transmit queue sends.
        irqs: The host's interrupts; those with this `nic` are its own.
        kinds: Features as `features` takes them.
        errors: Standard counters beside packets and bytes.
        driver_stats: Counters of the driver beside those of the queues.
        device_id: PCI device number, where the driver's generations differ.
        xps: Whether the driver gives each queue its CPU (XPS).
        bql_limit: Byte queue limit of each transmit queue, None when the driver has none.
        settings: Other fields of Nic. What is not given, the driver does not support.
    """
    own = [irq for irq in irqs.values() if irq.nic == name]
    vectors = queue_irqs(driver, own)
    numbers = version(kernel)
    by_queue = {
        _COUNTER[driver].format(way=way, queue=queue, what=what): at.count(getattr(flow, what))
        for way, flows in (("rx", rx), ("tx", tx))
        for queue, flow in enumerate(flows)
        for what in ("packets", "bytes")
        if driver in _COUNTER
    }
    rx_counted, tx_counted = queue_counters(driver, by_queue)
    since = _COUNTED_BY_KERNEL.get(driver)
    own_counters = by_queue if since is None or numbers < since else {}
    counted = own_counters | dict(driver_stats or {})
    stats = _standard(kernel, _sums(at, rx, tx) | dict(errors or {}))
    unsupported = Unavailable(f"the driver ({driver}) does not support this", absent=True)
    several = len(tx) > 1
    no_counters = Unavailable(f"the driver ({driver}) has no counters of its own", absent=True)
    fields: dict[str, Any] = dict.fromkeys(
        ("channels", "ring", "coalesce", "pause", "rss", "private_flags"), unsupported
    )
    fields |= settings
    return Nic(
        name=name,
        index=index,
        kind="ethernet",
        physical=True,
        up=True,
        running=True,
        driver=driver,
        bus=bus,
        rx_queues_count=len(rx),
        tx_queues_count=len(tx),
        gso_max_size=65536 if numbers >= (4, 16) else None,
        features=features(kernel, **kinds),
        stats=stats,
        driver_stats=counted or no_counters,
        rx_ring_full=rx_ring_full(driver, counted, stats),
        counted=count(driver, counted, stats, fields["pause"], DeviceQueues(), tx_timeouts=0),
        rx_queues={
            str(queue): RxQueue(
                queue=queue,
                rps_cpus=(),
                rps_flow_cnt=0,
                packets=rx_counted[queue].packets if queue in rx_counted else None,
                bytes=rx_counted[queue].bytes if queue in rx_counted else None,
                irq=vectors.rx[queue] if queue < len(vectors.rx) else None,
            )
            for queue in range(len(rx))
        },
        tx_queues={
            str(queue): TxQueue(
                queue=queue,
                xps_cpus=_xps_cpus(driver, queue, vectors.tx, irqs) if several and xps else (),
                packets=tx_counted[queue].packets if queue in tx_counted else None,
                bytes=tx_counted[queue].bytes if queue in tx_counted else None,
                bql=_bql(numbers, bql_limit),
                irq=vectors.tx[queue] if queue < len(vectors.tx) else None,
            )
            for queue in range(len(tx))
        },
        irqs=tuple(irq.irq for irq in own),
        topology=find_topology(
            driver, irqs=vectors, channels=fields["channels"], device_id=device_id
        ),
        **_poll_settings(numbers),
        **fields,
    )


def loopback(
    at: Reading,
    kernel: str,
    *,
    packets: float,
    bytes: float,
    mtu: int = 65536,
    qdisc: str = "noqueue",
) -> Nic:
    """lo, with what passes it per second."""
    flow = Flow(packets, bytes)
    unsupported = Unavailable("the driver does not support this", absent=True)
    numbers = version(kernel)
    return Nic(
        name="lo",
        index=1,
        kind="loopback",
        physical=False,
        up=True,
        running=True,
        mtu=mtu,
        txqueuelen=1000 if numbers >= (4, 3) else 0,
        address="00:00:00:00:00:00",
        gso_max_size=65536 if numbers >= (4, 16) else None,
        channels=unsupported,
        ring=unsupported,
        coalesce=unsupported,
        pause=unsupported,
        rss=unsupported,
        private_flags=unsupported,
        features=features(kernel, **_LOOPBACK_FEATURES),
        stats=_standard(kernel, _sums(at, [flow], [flow])),
        driver_stats=Unavailable("the driver has no counters of its own", absent=True),
        rx_queues={"0": RxQueue(queue=0, rps_cpus=(), rps_flow_cnt=0)},
        tx_queues={"0": TxQueue(queue=0, xps_cpus=())},
        topology=software_topology(""),
        qdisc=qdisc,
        **_poll_settings(numbers),
    )


def _sums(at: Reading, rx: Sequence[Flow], tx: Sequence[Flow]) -> dict[str, int]:
    """The counters of an interface, as the sums of what its queues count."""
    return {
        f"{way}_{what}": sum(at.count(getattr(flow, what)) for flow in flows)
        for what in ("packets", "bytes")
        for way, flows in (("rx", rx), ("tx", tx))
    }


def _xps_cpus(
    driver: str, queue: int, vectors: Sequence[int], irqs: Mapping[str, Irq]
) -> tuple[int, ...]:
    """The CPUs that a driver names in the XPS mask of a transmit queue when it starts."""
    line = irqs.get(str(vectors[queue])) if queue < len(vectors) else None
    if driver not in _XPS_BY_INTERRUPT or line is None or isinstance(line.affinity, Unavailable):
        return (queue,)
    return line.affinity


def _standard(kernel: str, counted: Mapping[str, int]) -> dict[str, int]:
    later = (name for name, since in _STANDARD_SINCE.items() if version(kernel) >= since)
    return {name: counted.get(name, 0) for name in (*_STANDARD, *later)}


def _bql(kernel: tuple[int, ...], limit: int | None) -> Bql | None:
    if limit is None or kernel < (3, 3):
        return None
    stalls = {"stall_thrs": 0, "stall_cnt": 0, "stall_max": 0} if kernel >= (6, 9) else {}
    return Bql(limit=limit, inflight=0, limit_max=_DQL_MAX_LIMIT, limit_min=0, **stalls)


def _poll_settings(kernel: tuple[int, ...]) -> dict[str, Any]:
    """Files of /sys/class/net that appeared over time."""
    return {
        "gro_flush_timeout": 0 if kernel >= (3, 19) else None,
        "napi_defer_hard_irqs": 0 if kernel >= (5, 8) else None,
        "threaded": False if kernel >= (5, 12) else None,
    }
