"""What can be set on a network interface, and what its driver says about itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from advisor.model.record import Answer, Record


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Channels(Answer):
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
class Ring(Answer):
    """Ring sizes in descriptors (`ethtool -g`). None: the driver does not have that field.

    Attributes:
        rx: Receive descriptors per queue now.
        tx: Transmit descriptors per queue now.
        rx_max: Largest receive ring the driver accepts.
        tx_max: Largest transmit ring the driver accepts.
        rx_jumbo: Descriptors of the ring for large packets (bnxt_en: aggregation ring).
        rx_jumbo_max: Largest such ring.
        rx_buf_len: Bytes of a receive buffer (5.16).
        cqe_size: Bytes of a completion queue entry (5.17).
        tcp_data_split: "on" or "off": whether headers and payload of received TCP go to buffers
            of their own (6.0).
        tx_push: Whether descriptors are pushed to the device at once (5.18).
        rx_push: The same for received packets (6.3).
        tx_push_buf_len: Bytes of a packet that can be pushed along (6.4).
        tx_push_buf_len_max: Most bytes that can be.
    """

    rx: int
    tx: int
    rx_max: int
    tx_max: int
    rx_jumbo: int | None = None
    rx_jumbo_max: int | None = None
    rx_buf_len: int | None = None
    cqe_size: int | None = None
    tcp_data_split: str | None = None
    tx_push: bool | None = None
    rx_push: bool | None = None
    tx_push_buf_len: int | None = None
    tx_push_buf_len_max: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Coalesce(Answer):
    """Interrupt coalescing (`ethtool -c`). None: the driver does not have that field.

    Attributes:
        rx_usecs: Microseconds to wait after a received packet before an interrupt.
        rx_frames: Packets to wait for.
        rx_usecs_irq: The same while an interrupt is being served, microseconds.
        rx_frames_irq: The same in packets.
        tx_usecs: Microseconds to wait after a transmitted packet.
        tx_frames: Packets to wait for.
        tx_usecs_irq: The same while an interrupt is being served, microseconds.
        tx_frames_irq: The same in packets.
        stats_block_usecs: Microseconds between updates of the device's counters in memory.
        adaptive_rx: Whether the driver adapts the receive side to the load.
        adaptive_tx: Whether the driver adapts the transmit side to the load.
        pkt_rate_low: Packets per second below which the values ending in low apply.
        rx_usecs_low: Microseconds to wait at a low rate.
        rx_frames_low: Packets to wait for at a low rate.
        tx_usecs_low: Microseconds to wait at a low rate.
        tx_frames_low: Packets to wait for at a low rate.
        pkt_rate_high: Packets per second above which the values ending in high apply.
        rx_usecs_high: Microseconds to wait at a high rate.
        rx_frames_high: Packets to wait for at a high rate.
        tx_usecs_high: Microseconds to wait at a high rate.
        tx_frames_high: Packets to wait for at a high rate.
        rate_sample_interval: Seconds between looks at the rate.
        cqe_mode_rx: Whether each completion restarts the receive timer (CQE mode, 5.15).
        cqe_mode_tx: Whether each completion restarts the transmit timer (CQE mode, 5.15).
        tx_aggr_max_bytes: Bytes to gather into one transmission (6.3).
        tx_aggr_max_frames: Packets to gather.
        tx_aggr_time_usecs: Microseconds to wait for more.
        rx_profile: Steps between which adaptive receive chooses (6.10), None before.
        tx_profile: Steps between which adaptive transmit chooses (6.10), None before.
    """

    rx_usecs: int | None = None
    rx_frames: int | None = None
    rx_usecs_irq: int | None = None
    rx_frames_irq: int | None = None
    tx_usecs: int | None = None
    tx_frames: int | None = None
    tx_usecs_irq: int | None = None
    tx_frames_irq: int | None = None
    stats_block_usecs: int | None = None
    adaptive_rx: bool | None = None
    adaptive_tx: bool | None = None
    pkt_rate_low: int | None = None
    rx_usecs_low: int | None = None
    rx_frames_low: int | None = None
    tx_usecs_low: int | None = None
    tx_frames_low: int | None = None
    pkt_rate_high: int | None = None
    rx_usecs_high: int | None = None
    rx_frames_high: int | None = None
    tx_usecs_high: int | None = None
    tx_frames_high: int | None = None
    rate_sample_interval: int | None = None
    cqe_mode_rx: bool | None = None
    cqe_mode_tx: bool | None = None
    tx_aggr_max_bytes: int | None = None
    tx_aggr_max_frames: int | None = None
    tx_aggr_time_usecs: int | None = None
    rx_profile: tuple[Moderation, ...] | None = None
    tx_profile: tuple[Moderation, ...] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Moderation(Answer):
    """One step of adaptive coalescing (ETHTOOL_A_IRQ_MODERATION). None: not part of the step.

    Attributes:
        usecs: Microseconds to wait.
        pkts: Packets to wait for.
        comps: Completions to wait for.
    """

    usecs: int | None = None
    pkts: int | None = None
    comps: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Feature(Record):
    """One offload (`ethtool -k`).

    Attributes:
        active: Whether it is on.
        fixed: Whether the device cannot change it.
        requested: Whether it was asked for. It can be off all the same: another feature, or an
            upper interface, prevents it. For a fixed one as `active`.
    """

    active: bool
    fixed: bool = False
    requested: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pause(Answer):
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
class Rss(Answer):
    """Receive-side scaling (`ethtool -x`, `-n rx-flow-hash`). The hash key itself is never read.

    Attributes:
        indirection: Queue number of each slot of the indirection table.
        function: Hash function: "toeplitz", "xor", "crc32" or "unknown".
        key: Whether there is a hash key, None when that is not known.
        symmetric: Whether both directions of a flow hash alike (symmetric-xor, 6.8; or-xor,
            6.16), None when that is not known.
        hash_fields: Flow type ("tcp4", "udp6", …) → letters of the hashed fields as
            `ethtool -N rx-flow-hash` takes them: "sd" addresses, "sdfn" addresses and ports, ""
            none. Flow types that the driver does not answer for are left out.
        contexts: Number of an additional RSS context → its indirection table; {} where there is
            none or the kernel (before 6.11) does not list them.
    """

    indirection: tuple[int, ...]
    function: str = "unknown"
    key: bool | None = None
    symmetric: bool | None = None
    hash_fields: dict[str, str] = field(default_factory=dict)
    contexts: dict[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fec(Answer):
    """Forward error correction of the link (`ethtool --show-fec`, `-I --show-fec`).

    Attributes:
        active: Code in use: "off", "rs", "baser", "llrs"; None while there is no link.
        auto: Whether it is chosen automatically.
        corrected_blocks: Blocks repaired, None when not counted.
        uncorrectable_blocks: Blocks lost in spite of it, None when not counted.
    """

    active: str | None
    auto: bool
    corrected_blocks: int | None = None
    uncorrectable_blocks: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pcie(Answer):
    """The device's PCI Express link: what it runs at, what it could (sysfs of the PCI device).

    Attributes:
        speed: Transfers now, GT/s for each lane.
        width: Lanes now.
        speed_max: What the device could, GT/s.
        width_max: Lanes the device could use.
        slot_speed_max: What the port above it could, GT/s; None when there is no such port.
        slot_width_max: Lanes the port above it could use, None when there is no such port.
        card: Bus address without the function number ("0000:3b:00"): the ports of one card share
            the link and this address. None for virtual functions, and when it is not known.
    """

    speed: float
    width: int
    speed_max: float
    width_max: int
    slot_speed_max: float | None = None
    slot_width_max: int | None = None
    card: str | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bond(Record):
    """A bond's or team's way to use its members.

    Attributes:
        mode: "balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb",
            "balance-alb"; "team" for a team.
        members: Names of the interfaces in it.
        active: The member in use (active-backup and the like), None in the other modes.
        hash_policy: What chooses the member of a flow ("layer2", "layer3+4", …), None where
            nothing is hashed.
        miimon: Milliseconds between looks at the members' links, 0 for none.
        arp_interval: Milliseconds between the ARP probes that watch the members instead, 0 for
            none; None when that is not known.
    """

    mode: str
    members: tuple[str, ...] = ()
    active: str | None = None
    hash_policy: str | None = None
    miimon: int | None = None
    arp_interval: int | None = None
