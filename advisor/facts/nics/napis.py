"""Queues as the kernel's core knows them: their NAPI, its interrupt and the queue's counters.

From the netdev netlink family: queue-get and napi-get (6.8), qstats-get (6.9). A driver takes part
only when it links its queues to its NAPI instances: most do not yet, and virtio_net links the
receive side alone. What is missing here is None.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from advisor.facts.netlink import NETLINK_GENERIC, Attributes, Channel, genlmsg, request
from advisor.facts.netlink_decode import decode
from advisor.facts.nics import ethtool_messages as messages


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
    """The queues of one interface.

    Attributes:
        rx: Receive queue number → what is known of it.
        tx: Transmit queue number → what is known of it.
        rx_overruns: Packets lost for want of receive buffers, None when the driver does not say.
    """

    rx: dict[int, QueueFacts] = field(default_factory=dict)
    tx: dict[int, QueueFacts] = field(default_factory=dict)
    rx_overruns: int | None = None


def read_device_queues(indexes: Iterable[int]) -> dict[int, DeviceQueues]:
    """Interface index → its queues, for the interfaces that are up; {} on kernels without it."""
    try:
        channel = Channel.open(NETLINK_GENERIC)
    except OSError:
        return {}
    with channel:
        family = channel.family(messages.NETDEV)
        if family is None:
            return {}
        return {index: queues_of(channel, family, index) for index in indexes}


def queues_of(channel: Channel, family: int, index: int) -> DeviceQueues:
    """The queues of one interface, as far as the netdev family tells.

    Args:
        channel: A generic netlink channel.
        family: Number of the netdev family.
        index: Interface index.
    """

    def dump(
        message_class: type[genlmsg], command: int, attributes: Attributes
    ) -> list[dict[str, Any]]:
        """What one interface has; nothing on an error, as the facts have other sources too."""
        answers = channel.dump(request(message_class, command, attributes), family)
        return [decode(message_class, message) for message in answers.messages]

    this = ("index", index)
    irqs = {
        napi.get("napi"): napi.get("irq") for napi in dump(messages.Napi, messages.NAPI_GET, [this])
    }
    found: dict[tuple[int, int], dict[str, int | None]] = defaultdict(dict)
    for queue in dump(messages.Queue, messages.QUEUE_GET, [this]):
        napi = queue.get("napi")
        found[_key(queue)] |= {"napi": napi, "irq": irqs.get(napi)}
    overruns = []
    per_queue = [this, ("scope", messages.QSTATS_PER_QUEUE)]
    for queue in dump(messages.QueueStats, messages.QSTATS_GET, per_queue):
        direction = "rx" if queue.get("type") == messages.QUEUE_TYPE_RX else "tx"
        found[_key(queue)] |= {
            "packets": queue.get(f"{direction}_packets"),
            "bytes": queue.get(f"{direction}_bytes"),
            "drops": queue.get(f"{direction}_hw_drops"),
        }
        overruns += [queue["rx_hw_drop_overruns"]] if "rx_hw_drop_overruns" in queue else []
    return DeviceQueues(
        rx=_of_type(found, messages.QUEUE_TYPE_RX),
        tx=_of_type(found, messages.QUEUE_TYPE_TX),
        rx_overruns=sum(overruns) if overruns else None,
    )


def _key(queue: dict[str, Any]) -> tuple[int, int]:
    return queue.get("type", -1), queue.get("queue", -1)


def _of_type(
    found: dict[tuple[int, int], dict[str, int | None]], wanted: int
) -> dict[int, QueueFacts]:
    return {
        number: QueueFacts(**facts) for (kind, number), facts in found.items() if kind == wanted
    }
