"""Network interfaces, their queues and how their completions reach a CPU."""

from __future__ import annotations

from dataclasses import dataclass, field

from advisor.model.record import Record
from advisor.model.unavailable import NOT_READ, Unavailable


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Channels(Record):
    """Channel counts (`ethtool -l`). A channel is an interrupt that serves queues of a type.

    Attributes:
        rx: Receive-only channels now.
        tx: Transmit-only channels now.
        other: Channels for link events and the like now.
        combined: Channels that serve a receive and a transmit queue now.
        rx_max: Most receive-only channels.
        tx_max: Most transmit-only channels.
        other_max: Most other channels.
        combined_max: Most combined channels.
    """

    rx: int
    tx: int
    other: int
    combined: int
    rx_max: int
    tx_max: int
    other_max: int
    combined_max: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Ring(Record):
    """Ring sizes in descriptors (`ethtool -g`).

    Attributes:
        rx: Receive descriptors per queue now.
        tx: Transmit descriptors per queue now.
        rx_max: Largest receive ring the driver accepts.
        tx_max: Largest transmit ring the driver accepts.
    """

    rx: int
    tx: int
    rx_max: int
    tx_max: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Coalesce(Record):
    """Interrupt coalescing (`ethtool -c`). None: the driver does not have that field.

    Attributes:
        rx_usecs: Microseconds to wait after a received packet before an interrupt.
        rx_frames: Packets to wait for.
        tx_usecs: Microseconds to wait after a transmitted packet.
        tx_frames: Packets to wait for.
        adaptive_rx: Whether the driver adapts the receive side to the load.
        adaptive_tx: Whether the driver adapts the transmit side to the load.
        cqe_mode_rx: Whether each completion restarts the receive timer (CQE mode).
        cqe_mode_tx: Whether each completion restarts the transmit timer (CQE mode).
    """

    rx_usecs: int | None = None
    rx_frames: int | None = None
    tx_usecs: int | None = None
    tx_frames: int | None = None
    adaptive_rx: bool | None = None
    adaptive_tx: bool | None = None
    cqe_mode_rx: bool | None = None
    cqe_mode_tx: bool | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Feature(Record):
    """One offload (`ethtool -k`).

    Attributes:
        active: Whether it is on.
        fixed: Whether the device cannot change it.
    """

    active: bool
    fixed: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pause(Record):
    """Ethernet flow control (`ethtool -a`, `ethtool -I -a`).

    Attributes:
        autoneg: Whether it is negotiated.
        rx: Whether received pause frames stop the transmitter.
        tx: Whether a full receiver sends pause frames.
        rx_frames: Pause frames received, None when the driver does not count them.
        tx_frames: Pause frames sent, None when the driver does not count them.
    """

    autoneg: bool
    rx: bool
    tx: bool
    rx_frames: int | None = None
    tx_frames: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rss(Record):
    """Receive-side scaling (`ethtool -x`). The hash key is a secret and is never read.

    Attributes:
        indirection: Queue number of each slot of the indirection table.
        function: Hash function: "toeplitz", "xor", "crc32" or "unknown".
    """

    indirection: tuple[int, ...]
    function: str = "unknown"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RxQueue(Record):
    """One receive queue.

    Attributes:
        queue: Its number.
        rps_cpus: CPUs that RPS spreads it over; empty when off.
        rps_flow_cnt: Entries of its RFS flow table, 0 when off.
        packets: Packets received, None when the driver does not count per queue.
        bytes: Bytes received, None when the driver does not count per queue.
        drops: Packets dropped at this queue, None when not counted.
        napi: NAPI instance that polls it (netdev netlink family, 6.8), None when unknown.
        irq: Interrupt of its NAPI or vector, None when unknown.
    """

    queue: int
    rps_cpus: tuple[int, ...] | Unavailable
    rps_flow_cnt: int | Unavailable
    packets: int | None = None
    bytes: int | None = None
    drops: int | None = None
    napi: int | None = None
    irq: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bql(Record):
    """Byte queue limits of a transmit queue, in bytes (milliseconds for the stall fields).

    Attributes:
        limit: Bytes allowed in the hardware ring now.
        inflight: Bytes in the ring now.
        stall_thrs: Completion delay that counts as a stall, 0 when off (6.9), None before.
        stall_cnt: Stalls counted since stall_thrs was set, None before 6.9.
        stall_max: Longest stall, None before 6.9.
    """

    limit: int
    inflight: int
    stall_thrs: int | None = None
    stall_cnt: int | None = None
    stall_max: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TxQueue(Record):
    """One transmit queue.

    Attributes:
        queue: Its number.
        xps_cpus: CPUs that choose it (XPS); empty when none or not supported.
        packets: Packets (super-frames count once) sent, None when not counted per queue.
        bytes: Bytes sent, None when not counted per queue.
        bql: Byte queue limits, None when the driver has none.
        napi: NAPI instance that completes it, None when unknown.
        irq: Interrupt of its NAPI or vector, None when unknown.
    """

    queue: int
    xps_cpus: tuple[int, ...] | Unavailable
    packets: int | None = None
    bytes: int | None = None
    bql: Bql | None = None
    napi: int | None = None
    irq: int | None = None


@dataclass(frozen=True, slots=True)
class Topology:
    """How receive and transmit completions share rings, NAPI and interrupts.

    Attributes:
        layout: "shared-ring" (receive and transmit completions in one ring), "shared-napi"
            (own completion queues, one NAPI and interrupt), "separate" (own NAPI, mostly own
            interrupt), or "unknown".
        source: How it was found: "netdev netlink", "interrupt names", "channels", "driver table";
            "software interface" where there is nothing to find.
        can_split: Whether the driver accepts separate rx and tx channels (`-L rx N tx N`).
        split_halves_queues: Whether splitting halves the number of queues there can be.
    """

    layout: str
    source: str
    can_split: bool = False
    split_halves_queues: bool = False


UNKNOWN_TOPOLOGY = Topology("unknown", "not read")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Nic(Record):
    """One network interface of the namespace.

    Attributes:
        name: Interface name; may hold dots, dashes and other odd characters.
        index: Interface index.
        kind: "ethernet", "loopback", or the virtual kind: "veth", "bridge", "bond", "vlan",
            "vxlan", "tun", "dummy", "ifb", "macvlan", …; "infiniband" or "other" for the rest.
        physical: Whether it stands for hardware (or a hypervisor's device), not software.
        up: Whether it is set up by the administrator.
        running: Whether it can carry traffic now (operational state up or unknown, carrier on).
        mtu: Maximum transmission unit, bytes.
        txqueuelen: Default queue length for pfifo-like qdiscs, packets.
        address: Hardware address.
        speed_mbps: Link speed in Mbit/s, None when the device does not know (virtio), and for
            software that makes one up (veth, tun, bridges).
        duplex: "full", "half" or None.
        driver: Kernel driver name, "" when there is none.
        driver_version: As the driver reports it.
        firmware: Firmware version as the driver reports it.
        bus: Bus address ("0000:00:03.0"), "" when there is none.
        numa_node: NUMA node of the device, None when it has none.
        local_cpus: CPUs of that node; all CPUs when it has none, () when that is not known.
        master: Name of the bond, bridge or VRF it belongs to, None when there is none.
        lower: Name of the interface below (VLAN, macvlan), None when none or elsewhere.
        rx_queues_count: Receive queues in use.
        tx_queues_count: Transmit queues in use.
        gso_max_size: Largest super-frame handed to the device, bytes.
        channels: Channel counts.
        ring: Ring sizes.
        coalesce: Interrupt coalescing.
        features: Feature name (`ethtool -k` netdev name) → state.
        pause: Flow control.
        rss: Indirection table.
        private_flags: Driver's private flags.
        stats: Standard counters (rtnl_link_stats64): rx_packets, tx_dropped, rx_missed_errors, …
        driver_stats: The driver's own counters (`ethtool -S`), names as they are; vmxnet3's, which
            repeat for every queue, with the queue in front ("rx0 pkts rx OOB").
        rx_ring_full: Packets lost because no receive descriptor was free, from the driver's
            counters or rx_missed_errors.
        rx_queues: Queue number → receive queue.
        tx_queues: Queue number → transmit queue.
        irqs: Interrupt numbers that belong to it.
        topology: How completions are laid out.
        qdisc: Kind of the root qdisc.
        napi_defer_hard_irqs: Times to poll again before the interrupt is enabled, 0 when off.
        gro_flush_timeout: Nanoseconds until GRO and deferred interrupts are flushed, 0 when off.
        threaded: Whether NAPI runs in kernel threads.
    """

    name: str
    index: int
    kind: str
    physical: bool
    up: bool
    running: bool
    mtu: int
    txqueuelen: int
    address: str = ""
    speed_mbps: int | None = None
    duplex: str | None = None
    driver: str = ""
    driver_version: str = ""
    firmware: str = ""
    bus: str = ""
    numa_node: int | None = None
    local_cpus: tuple[int, ...] = ()
    master: str | None = None
    lower: str | None = None
    rx_queues_count: int = 1
    tx_queues_count: int = 1
    gso_max_size: int | None = None
    channels: Channels | Unavailable = NOT_READ
    ring: Ring | Unavailable = NOT_READ
    coalesce: Coalesce | Unavailable = NOT_READ
    features: dict[str, Feature] | Unavailable = NOT_READ
    pause: Pause | Unavailable = NOT_READ
    rss: Rss | Unavailable = NOT_READ
    private_flags: dict[str, bool] | Unavailable = NOT_READ
    stats: dict[str, int] = field(default_factory=dict)
    driver_stats: dict[str, int] | Unavailable = NOT_READ
    rx_ring_full: int | None = None
    rx_queues: dict[str, RxQueue] | Unavailable = NOT_READ
    tx_queues: dict[str, TxQueue] | Unavailable = NOT_READ
    irqs: tuple[int, ...] = ()
    topology: Topology = UNKNOWN_TOPOLOGY
    qdisc: str | None = None
    napi_defer_hard_irqs: int | None = None
    gro_flush_timeout: int | None = None
    threaded: bool | None = None
