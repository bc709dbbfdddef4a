"""Network interfaces, their queues and how their completions reach a CPU."""

from __future__ import annotations

from dataclasses import dataclass, field

from advisor.model.nic_queues import (
    UNKNOWN_TOPOLOGY,
    Counted,
    Napi,
    RxQueue,
    Topology,
    TxQueue,
)
from advisor.model.nic_settings import (
    Bond,
    Channels,
    Coalesce,
    Feature,
    Fec,
    Pause,
    Pcie,
    Ring,
    Rss,
)
from advisor.model.record import Record
from advisor.model.unavailable import NOT_READ, Unavailable


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
        mtu_min: Smallest MTU that the device accepts, bytes; 0 or None when it does not say.
        mtu_max: Largest MTU that the device accepts, bytes; 0 or None when it does not say.
        address: Hardware address.
        speed_mbps: Link speed in Mbit/s, None when the device does not know (virtio), and for
            software that makes one up (veth, tun, bridges).
        duplex: "full", "half" or None.
        autoneg: Whether speed and duplex are negotiated, None when that is not known.
        speed_max_mbps: Fastest mode that device and module support, Mbit/s; None when unknown.
        speed_advertised_mbps: Fastest mode that is offered to the link partner, Mbit/s.
        speed_partner_mbps: Fastest mode that the link partner offers, Mbit/s; None when it does
            not tell (no negotiation).
        carrier_changes: Times the link went up or down, None when the kernel does not tell.
        carrier_downs: Times the link went down, None when the kernel does not tell (before 4.16).
        driver: Kernel driver name, "" when there is none.
        driver_version: As the driver reports it.
        firmware: Firmware version as the driver reports it.
        bus: Bus address ("0000:00:03.0"), "" when there is none.
        numa_node: NUMA node of the device, None when it has none.
        local_cpus: CPUs of that node; all CPUs when it has none, () when that is not known.
        master: Name of the bond, bridge or VRF it belongs to, None when there is none.
        lower: Name of the interface below (VLAN, macvlan), None when none or elsewhere.
        overhead: Bytes that a tunnel adds to each packet (VXLAN over IPv4: 50), None for others.
        bond: Mode and members of a bond or team, None for others.
        physical_function: Name of the interface whose virtual function this is (SR-IOV), None for
            others.
        virtual_functions: Virtual functions that are enabled on it, 0 for none.
        xdp: Whether an XDP program is attached.
        rx_queues_count: Receive queues in use.
        tx_queues_count: Transmit queues in use.
        gso_max_size: Largest super-frame handed to the device, bytes.
        gso_max_segs: Most segments of a super-frame handed to the device.
        gro_max_size: Largest super-frame that GRO builds, bytes.
        tso_max_size: Largest super-frame that the device could take, bytes (5.19).
        channels: Channel counts.
        ring: Ring sizes.
        coalesce: Interrupt coalescing.
        queue_coalesce: Channel number → its own coalescing, where the driver has it per queue.
        features: Feature name (`ethtool -k` netdev name) → state.
        pause: Flow control.
        rss: Indirection table.
        fec: Forward error correction.
        pcie: PCI Express link of the device.
        private_flags: Driver's private flags.
        stats: Standard counters (rtnl_link_stats64): rx_packets, tx_dropped, rx_missed_errors, …
        driver_stats: The driver's own counters (`ethtool -S`), names as they are; vmxnet3's, which
            repeat for every queue, with the queue in front ("rx0 pkts rx OOB").
        rx_ring_full: Packets lost because no receive descriptor was free, from the driver's
            counters or rx_missed_errors.
        counted: Other things that drivers count under names of their own.
        rx_queues: Queue number → receive queue.
        tx_queues: Queue number → transmit queue.
        napis: NAPI number → NAPI instance, where the kernel lists them (6.8).
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
    mtu_min: int | None = None
    mtu_max: int | None = None
    address: str = ""
    speed_mbps: int | None = None
    duplex: str | None = None
    autoneg: bool | None = None
    speed_max_mbps: int | None = None
    speed_advertised_mbps: int | None = None
    speed_partner_mbps: int | None = None
    carrier_changes: int | None = None
    carrier_downs: int | None = None
    driver: str = ""
    driver_version: str = ""
    firmware: str = ""
    bus: str = ""
    numa_node: int | None = None
    local_cpus: tuple[int, ...] = ()
    master: str | None = None
    lower: str | None = None
    overhead: int | None = None
    bond: Bond | None = None
    physical_function: str | None = None
    virtual_functions: int = 0
    xdp: bool = False
    rx_queues_count: int = 1
    tx_queues_count: int = 1
    gso_max_size: int | None = None
    gso_max_segs: int | None = None
    gro_max_size: int | None = None
    tso_max_size: int | None = None
    channels: Channels | Unavailable = NOT_READ
    ring: Ring | Unavailable = NOT_READ
    coalesce: Coalesce | Unavailable = NOT_READ
    queue_coalesce: dict[str, Coalesce] | Unavailable = NOT_READ
    features: dict[str, Feature] | Unavailable = NOT_READ
    pause: Pause | Unavailable = NOT_READ
    rss: Rss | Unavailable = NOT_READ
    fec: Fec | Unavailable = NOT_READ
    pcie: Pcie | Unavailable = NOT_READ
    private_flags: dict[str, bool] | Unavailable = NOT_READ
    stats: dict[str, int] = field(default_factory=dict)
    driver_stats: dict[str, int] | Unavailable = NOT_READ
    rx_ring_full: int | None = None
    counted: Counted = field(default_factory=Counted)
    rx_queues: dict[str, RxQueue] | Unavailable = NOT_READ
    tx_queues: dict[str, TxQueue] | Unavailable = NOT_READ
    napis: dict[str, Napi] = field(default_factory=dict)
    irqs: tuple[int, ...] = ()
    topology: Topology = UNKNOWN_TOPOLOGY
    qdisc: str | None = None
    napi_defer_hard_irqs: int | None = None
    gro_flush_timeout: int | None = None
    threaded: bool | None = None
