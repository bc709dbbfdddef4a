"""Queues, NAPI instances and their interrupts from the netdev family."""

from __future__ import annotations

import errno
import struct

import pytest

from advisor.facts.nics.napis import (
    DeviceQueues,
    QueueFacts,
    napis_of,
    queues_of,
    read_device_queues,
)
from advisor.model.nic_queues import Napi
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
FIRST = QUEUES = 1  # the order in which they are asked for
STATISTICS = 2


def napi(number: int, *attributes: bytes, index: int = ETH0) -> bytes:
    return message(generic(u32(1, index), u32(2, number), *attributes), sequence=FIRST)


def queue(kind: int, number: int, napi: int | None) -> bytes:
    attributes = [u32(1, number), u32(2, ETH0), u32(3, kind)]
    attributes += [] if napi is None else [u32(4, napi)]
    return message(generic(*attributes), sequence=QUEUES)


COUNTERS = {
    "rx_packets": 8,
    "rx_bytes": 9,
    "tx_packets": 10,
    "tx_bytes": 11,
    "rx_alloc_fail": 12,
    "rx_hw_drops": 13,
    "rx_hw_drop_overruns": 14,
    "rx_hw_drop_ratelimits": 23,
    "tx_hw_drop_ratelimits": 32,
    "tx_stop": 33,
}


def counted(kind: int, number: int, **counters: int) -> bytes:
    """Counters as NLA_UINT: 8 bytes for large numbers, else 4."""
    attributes = [u32(1, ETH0), u32(2, kind), u32(3, number)]
    for name, value in counters.items():
        size = "=I" if value < 1 << 32 else "=Q"
        attributes.append(attribute(COUNTERS[name], struct.pack(size, value)))
    return message(generic(*attributes), sequence=STATISTICS)


def read_napis(*datagrams: bytes) -> dict[int, dict[str, Napi]]:
    channel, kernel = scripted_channel(datagrams)
    with kernel, channel:
        return napis_of(channel, 0x20)


def read(*datagrams: bytes, napis: dict[str, Napi] | None = None) -> DeviceQueues:
    channel, kernel = scripted_channel(datagrams)
    with kernel, channel:
        return queues_of(channel, 0x20, ETH0, napis or {})


def test_napi_instances_have_what_the_kernel_tells_of_them() -> None:
    defer = u32(5, 3) + u32(6, 20000) + u32(7, 0)
    found = read_napis(
        napi(264, defer, u32(8, 0))
        + napi(263, u32(3, 40), u32(4, 812), defer, u32(8, 1))
        + done(FIRST)
    )
    deferred = {"defer_hard_irqs": 3, "gro_flush_timeout": 20000, "irq_suspend_timeout": 0}
    assert found == {
        ETH0: {
            "263": Napi(napi=263, irq=40, pid=812, threaded=True, **deferred),
            "264": Napi(napi=264, threaded=False, **deferred),
        }
    }
    assert list(found[ETH0]) == ["263", "264"]


def test_what_an_older_kernel_does_not_tell_of_them_is_none() -> None:
    assert read_napis(napi(9) + done(FIRST)) == {ETH0: {"9": Napi(napi=9)}}


@pytest.mark.parametrize(("state", "threaded"), [(0, False), (1, True), (2, True)])
def test_a_thread_that_polls_without_sleep_is_a_thread(state: int, threaded: bool) -> None:
    found = read_napis(napi(9, u32(8, state)) + done(FIRST))
    assert found[ETH0]["9"].threaded is threaded


def test_instances_belong_to_their_interfaces() -> None:
    found = read_napis(napi(9) + napi(10, index=5) + napi(11, index=5) + done(FIRST))
    assert {index: list(napis) for index, napis in found.items()} == {ETH0: ["9"], 5: ["10", "11"]}


def test_a_dump_that_ends_early_leaves_what_came_before() -> None:
    assert read_napis(napi(9), refusal(FIRST, errno.ENODEV)) == {ETH0: {"9": Napi(napi=9)}}


def test_queues_lead_to_napi_instances_and_interrupts() -> None:
    napis = {"11": Napi(napi=11, irq=40), "12": Napi(napi=12, irq=41)}
    found = read(
        queue(RX, 0, 11) + queue(RX, 1, 12) + queue(TX, 0, 11) + queue(TX, 1, 12) + done(QUEUES),
        refusal(STATISTICS, errno.EOPNOTSUPP),
        napis=napis,
    )
    assert found == DeviceQueues(
        rx={0: QueueFacts(napi=11, irq=40), 1: QueueFacts(napi=12, irq=41)},
        tx={0: QueueFacts(napi=11, irq=40), 1: QueueFacts(napi=12, irq=41)},
        napis=napis,
    )


def test_a_driver_may_link_one_direction_and_no_interrupt() -> None:
    # As virtio_net does.
    found = read(
        queue(RX, 0, 257) + queue(TX, 0, None) + done(QUEUES),
        counted(RX, 0, rx_packets=5, rx_bytes=1 << 40)
        + counted(TX, 0, tx_packets=7)
        + done(STATISTICS),
        napis={"257": Napi(napi=257)},
    )
    assert found.rx == {0: QueueFacts(packets=5, bytes=1 << 40, napi=257)}
    assert found.tx == {0: QueueFacts(packets=7)}


def test_what_is_lost_at_all_queues_adds_up() -> None:
    found = read(
        done(QUEUES),
        counted(RX, 0, rx_hw_drops=9, rx_hw_drop_overruns=2, rx_alloc_fail=1)
        + counted(RX, 1, rx_hw_drop_overruns=3, rx_hw_drop_ratelimits=8)
        + counted(TX, 0, tx_stop=4, tx_hw_drop_ratelimits=0)
        + counted(TX, 1, tx_stop=5)
        + done(STATISTICS),
    )
    assert (found.rx_overruns, found.rx_no_buffer, found.tx_stopped) == (5, 1, 9)
    assert (found.rx_limited, found.tx_limited) == (8, 0)
    assert found.rx[0].drops == 9


def test_an_interface_that_is_down_has_nothing_to_tell() -> None:
    assert read(done(QUEUES), done(STATISTICS)) == DeviceQueues()


def test_a_kernel_that_refuses_everything_leaves_it_unknown() -> None:
    refusals = [refusal(sequence, errno.EOPNOTSUPP) for sequence in (QUEUES, STATISTICS)]
    assert read(*refusals) == DeviceQueues()
    assert read_napis(refusal(FIRST, errno.EOPNOTSUPP)) == {}


def test_the_running_kernel_is_asked_without_error() -> None:
    loopback = read_device_queues([1]).get(1)
    assert loopback is None or not loopback.napis
