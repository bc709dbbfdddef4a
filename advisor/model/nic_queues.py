"""Queues of a network interface, what polls them, and how their completions are laid out."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.model.record import Record
from advisor.model.unavailable import Unavailable


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
        limit_max: Most bytes that the limit may grow to.
        limit_min: Fewest bytes that it may shrink to.
        stall_thrs: Completion delay that counts as a stall, 0 when off (6.9), None before.
        stall_cnt: Stalls counted since stall_thrs was set, None before 6.9.
        stall_max: Longest stall, None before 6.9.
    """

    limit: int
    inflight: int
    limit_max: int | None = None
    limit_min: int | None = None
    stall_thrs: int | None = None
    stall_cnt: int | None = None
    stall_max: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TxQueue(Record):
    """One transmit queue.

    Attributes:
        queue: Its number.
        xps_cpus: CPUs that choose it (XPS); empty when none or not supported.
        xps_rxqs: Receive queues whose flows choose it (XPS by receive queue, 4.18); empty when
            none or not supported.
        packets: Packets sent, None when not counted per queue. Whether a super-frame counts once
            or as its segments differs from driver to driver.
        bytes: Bytes sent, None when not counted per queue.
        bql: Byte queue limits, None when the driver has none.
        napi: NAPI instance that completes it, None when unknown.
        irq: Interrupt of its NAPI or vector, None when unknown.
    """

    queue: int
    xps_cpus: tuple[int, ...] | Unavailable
    xps_rxqs: tuple[int, ...] = ()
    packets: int | None = None
    bytes: int | None = None
    bql: Bql | None = None
    napi: int | None = None
    irq: int | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Napi(Record):
    """One NAPI instance (netdev netlink family, 6.8). None: this kernel does not tell.

    Attributes:
        napi: Its number.
        irq: Its interrupt.
        pid: Kernel thread that runs it, when NAPI is threaded.
        defer_hard_irqs: Times to poll again before its interrupt is enabled (6.13).
        gro_flush_timeout: Nanoseconds until GRO and deferred interrupts are flushed (6.13).
        irq_suspend_timeout: Nanoseconds that busy polling may keep its interrupt off (6.13).
        threaded: Whether it runs in a kernel thread (6.17).
    """

    napi: int
    irq: int | None = None
    pid: int | None = None
    defer_hard_irqs: int | None = None
    gro_flush_timeout: int | None = None
    irq_suspend_timeout: int | None = None
    threaded: bool | None = None


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
class Counted(Record):
    """What drivers count under names of their own, under one name. None: it is not counted.

    Attributes:
        rx_no_buffer: Receive buffers that could not be allocated (memory, not ring size).
        tx_timeouts: Times the transmit watchdog reset the device.
        tx_stopped: Times a transmit queue was stopped because its ring was full.
        xdp_drops: Packets that an XDP program dropped.
        xdp_errors: Packets that XDP aborted or could not transmit or redirect.
        rx_pause: Pause frames received, link-wide or of any priority.
        tx_pause: Pause frames sent, link-wide or of any priority.
        pci_stalled: Events of stalled PCI writes (mlx5_core outbound_pci_stalled_wr_events).
        rx_bad_link: Frames damaged on the wire (CRC and symbol errors) that the driver counts.
        allowance: Limit of the cloud instance ("bw_in", "bw_out", "pps", "conntrack",
            "linklocal") → packets queued or dropped because of it.
    """

    rx_no_buffer: int | None = None
    tx_timeouts: int | None = None
    tx_stopped: int | None = None
    xdp_drops: int | None = None
    xdp_errors: int | None = None
    rx_pause: int | None = None
    tx_pause: int | None = None
    pci_stalled: int | None = None
    rx_bad_link: int | None = None
    allowance: dict[str, int] | None = None
