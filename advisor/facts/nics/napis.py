"""Queues as the kernel's core knows them: their NAPI, its interrupt and the queue's counters.

From the netdev netlink family: queue-get and napi-get (6.8), qstats-get (6.9). A driver takes part
only when it links its queues to its NAPI instances: most do not yet, and virtio_net links the
receive side alone. veth has instances, when GRO is on, that it links to nothing. What is missing
here is None.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from advisor.facts.netlink import NETLINK_GENERIC, Attributes, Channel, request
from advisor.facts.netlink_classes import genlmsg
from advisor.facts.netlink_decode import decode
from advisor.facts.nics import netdev_messages as messages
from advisor.model.nic_queues import Napi


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """What is known of a queue beside its files in sysfs; None for what is not.

    Attributes:
        packets: Packets through it.
        bytes: Bytes through it.
        drops: Packets dropped at it.
        napi: NAPI instance that polls it.
        irq: Interrupt of that NAPI.
    """

    packets: int | None = None
    bytes: int | None = None
    drops: int | None = None
    napi: int | None = None
    irq: int | None = None


@dataclass(frozen=True, slots=True)
class DeviceQueues:
    """The queues of one interface, and sums over them; None for what the driver does not say.

    Attributes:
        rx: Receive queue number → what is known of it.
        tx: Transmit queue number → what is known of it.
        napis: NAPI number → NAPI instance.
        rx_overruns: Packets lost for want of receive buffers.
        rx_no_buffer: Receive buffers that could not be allocated.
        rx_limited: Received packets dropped because the device limits the rate.
        tx_limited: Sent packets dropped because the device limits the rate.
        tx_stopped: Times a transmit queue was stopped because it was full.
    """

    rx: dict[int, QueueFacts] = field(default_factory=dict)
    tx: dict[int, QueueFacts] = field(default_factory=dict)
    napis: dict[str, Napi] = field(default_factory=dict)
    rx_overruns: int | None = None
    rx_no_buffer: int | None = None
    rx_limited: int | None = None
    tx_limited: int | None = None
    tx_stopped: int | None = None


_SUMS = {
    "rx_overruns": "rx_hw_drop_overruns",
    "rx_no_buffer": "rx_alloc_fail",
    "rx_limited": "rx_hw_drop_ratelimits",
    "tx_limited": "tx_hw_drop_ratelimits",
    "tx_stopped": "tx_stop",
}


def read_device_queues(hardware: Iterable[int]) -> dict[int, DeviceQueues]:
    """Interface index → its queues and NAPI instances; {} on kernels without the family.

    Args:
        hardware: Indexes of the interfaces whose queues are wanted. NAPI instances are read of
            every interface that is up: that is one request.
    """
    try:
        channel = Channel.open(NETLINK_GENERIC)
    except OSError:
        return {}
    with channel:
        family = channel.family(messages.FAMILY)
        if family is None:
            return {}
        napis = napis_of(channel, family)
        found = {index: DeviceQueues(napis=own) for index, own in napis.items()}
        for index in hardware:
            found[index] = queues_of(channel, family, index, napis.get(index, {}))
        return found


def napis_of(channel: Channel, family: int) -> dict[int, dict[str, Napi]]:
    """Interface index → its NAPI instances, by their number; sorted.

    Args:
        channel: A generic netlink channel.
        family: Number of the netdev family.
    """
    answers = channel.dump(request(messages.NapiMessage, messages.NAPI_GET, []), family)
    found = [decode(messages.NapiMessage, message) for message in answers.messages]
    napis: dict[int, dict[str, Napi]] = defaultdict(dict)
    for each in sorted(found, key=lambda each: each.get("napi", 0)):
        if "index" in each and "napi" in each:
            threaded = each.get("threaded")
            napis[each["index"]][str(each["napi"])] = Napi(
                napi=each["napi"],
                irq=each.get("irq"),
                pid=each.get("pid"),
                defer_hard_irqs=each.get("defer_hard_irqs"),
                gro_flush_timeout=each.get("gro_flush_timeout"),
                irq_suspend_timeout=each.get("irq_suspend_timeout"),
                # 1: in a thread; 2, since 6.19: in a thread that never sleeps.
                threaded=None if threaded is None else threaded > 0,
            )
    return dict(napis)


def queues_of(channel: Channel, family: int, index: int, napis: Mapping[str, Napi]) -> DeviceQueues:
    """The queues of one interface, as far as the netdev family tells.

    Args:
        channel: A generic netlink channel.
        family: Number of the netdev family.
        index: Interface index.
        napis: Its NAPI instances.
    """

    def dump(
        message_class: type[genlmsg], command: int, attributes: Attributes
    ) -> list[dict[str, Any]]:
        """What one interface has; nothing on an error, as the facts have other sources too."""
        answers = channel.dump(request(message_class, command, attributes), family)
        return [decode(message_class, message) for message in answers.messages]

    this = ("index", index)
    found: dict[tuple[int, int], dict[str, int | None]] = defaultdict(dict)
    for queue in dump(messages.QueueMessage, messages.QUEUE_GET, [this]):
        napi = napis.get(str(queue.get("napi")))
        found[_key(queue)] |= {
            "napi": queue.get("napi"),
            "irq": None if napi is None else napi.irq,
        }
    per_queue = [this, ("scope", messages.PER_QUEUE)]
    counted = dump(messages.QueueStatsMessage, messages.QSTATS_GET, per_queue)
    for queue in counted:
        direction = "rx" if queue.get("type") == messages.RX else "tx"
        found[_key(queue)] |= {
            "packets": queue.get(f"{direction}_packets"),
            "bytes": queue.get(f"{direction}_bytes"),
            "drops": queue.get(f"{direction}_hw_drops"),
        }
    return DeviceQueues(
        rx=_of_type(found, messages.RX),
        tx=_of_type(found, messages.TX),
        napis=dict(napis),
        **{name: _sum(counted, counter) for name, counter in _SUMS.items()},
    )


def _key(queue: dict[str, Any]) -> tuple[int, int]:
    return queue.get("type", -1), queue.get("queue", -1)


def _of_type(
    found: dict[tuple[int, int], dict[str, int | None]], wanted: int
) -> dict[int, QueueFacts]:
    return {
        number: QueueFacts(**facts) for (kind, number), facts in found.items() if kind == wanted
    }


def _sum(queues: Iterable[dict[str, Any]], counter: str) -> int | None:
    counts = [queue[counter] for queue in queues if counter in queue]
    return sum(counts) if counts else None
