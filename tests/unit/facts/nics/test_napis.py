"""Queues, NAPI instances and their interrupts from the netdev family."""

from __future__ import annotations

import errno
import struct

from advisor.facts.nics.napis import DeviceQueues, QueueFacts, queues_of, read_device_queues
from tests.unit.facts.netlink_bytes import (
    attribute,
    done,
    generic,
    message,
    refusal,
    scripted_channel,
    u32,
)

ETH0 = 4
RX, TX = 0, 1
NAPIS, QUEUES, STATISTICS = 1, 2, 3  # the order in which they are asked for


def napi(number: int, irq: int | None) -> bytes:
    attributes = [u32(1, ETH0), u32(2, number)] + ([] if irq is None else [u32(3, irq)])
    return message(generic(*attributes), sequence=NAPIS)


def queue(kind: int, number: int, napi: int | None) -> bytes:
    attributes = [u32(1, number), u32(2, ETH0), u32(3, kind)]
    attributes += [] if napi is None else [u32(4, napi)]
    return message(generic(*attributes), sequence=QUEUES)


def counted(kind: int, number: int, **counters: int) -> bytes:
    """Counters as NLA_UINT: 8 bytes for large numbers, else 4."""
    numbers = {
        "rx_packets": 8,
        "rx_bytes": 9,
        "tx_packets": 10,
        "tx_bytes": 11,
        "rx_hw_drops": 13,
        "rx_hw_drop_overruns": 14,
    }
    attributes = [u32(1, ETH0), u32(2, kind), u32(3, number)]
    for name, value in counters.items():
        size = "=I" if value < 1 << 32 else "=Q"
        attributes.append(attribute(numbers[name], struct.pack(size, value)))
    return message(generic(*attributes), sequence=STATISTICS)


def read(*datagrams: bytes) -> DeviceQueues:
    channel, kernel = scripted_channel(datagrams)
    with kernel, channel:
        return queues_of(channel, 0x20, ETH0)


def test_queues_lead_to_napi_instances_and_interrupts() -> None:
    found = read(
        napi(11, 40) + napi(12, 41) + done(NAPIS),
        queue(RX, 0, 11) + queue(RX, 1, 12) + queue(TX, 0, 11) + queue(TX, 1, 12) + done(QUEUES),
        refusal(STATISTICS, errno.EOPNOTSUPP),
    )
    assert found == DeviceQueues(
        rx={0: QueueFacts(napi=11, irq=40), 1: QueueFacts(napi=12, irq=41)},
        tx={0: QueueFacts(napi=11, irq=40), 1: QueueFacts(napi=12, irq=41)},
    )


def test_a_driver_may_link_one_direction_and_no_interrupt() -> None:
    # As virtio_net does.
    found = read(
        napi(257, None) + done(NAPIS),
        queue(RX, 0, 257) + queue(TX, 0, None) + done(QUEUES),
        counted(RX, 0, rx_packets=5, rx_bytes=1 << 40) + counted(TX, 0, tx_packets=7) + done(3),
    )
    assert found == DeviceQueues(
        rx={0: QueueFacts(packets=5, bytes=1 << 40, napi=257)}, tx={0: QueueFacts(packets=7)}
    )


def test_overruns_of_all_queues_add_up() -> None:
    found = read(
        done(NAPIS),
        done(QUEUES),
        counted(RX, 0, rx_hw_drops=9, rx_hw_drop_overruns=2)
        + counted(RX, 1, rx_hw_drop_overruns=3)
        + done(STATISTICS),
    )
    assert found.rx_overruns == 5
    assert found.rx[0].drops == 9


def test_an_interface_that_is_down_has_nothing_to_tell() -> None:
    assert read(done(NAPIS), done(QUEUES), done(STATISTICS)) == DeviceQueues()


def test_a_kernel_that_refuses_everything_leaves_it_unknown() -> None:
    refusals = [refusal(sequence, errno.EOPNOTSUPP) for sequence in (NAPIS, QUEUES, STATISTICS)]
    assert read(*refusals) == DeviceQueues()


def test_the_running_kernel_is_asked_without_error() -> None:
    assert read_device_queues([]) == {}
    assert set(read_device_queues([1])) <= {1}
