"""How packets are spread over queues: the indirection table and XPS."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import NamedTuple

from advisor.layout.cores import Cores
from advisor.layout.vectors import Places
from advisor.model.nic import Nic
from advisor.model.unavailable import Unavailable

_NO_XPS = Unavailable("XPS is not set up")
_QUEUES_MAX = 1 << 16
"""More than a device has (skb->queue_mapping has 16 bits): guards against nonsense."""


class Indirection(NamedTuple):
    """What an indirection table does with the queues.

    Attributes:
        missing: Receive queues that no slot names.
        beyond: Queues that slots name and that are not there.
        most: Slots of the queue that has most of them.
        least: Slots of the queue that has fewest, of those that have any.
    """

    missing: tuple[int, ...]
    beyond: tuple[int, ...]
    most: int
    least: int


def indirection(nic: Nic) -> Indirection | Unavailable:
    """The indirection table against the receive queues in use. Queues of other contexts are not
    missing from it."""
    if isinstance(nic.rss, Unavailable):
        return nic.rss
    slots = Counter(nic.rss.indirection)
    if not slots:
        return Unavailable("the indirection table is empty")
    elsewhere = {queue for table in nic.rss.contexts.values() for queue in table}
    queues = range(min(nic.rx_queues_count, _QUEUES_MAX))
    return Indirection(
        missing=tuple(queue for queue in queues if queue not in slots and queue not in elsewhere),
        beyond=tuple(sorted(queue for queue in slots if queue not in queues)),
        most=max(slots.values()),
        least=min(slots.values()),
    )


def xps_missing(nic: Nic, cores: Cores) -> tuple[int, ...] | Unavailable:
    """Online CPUs that choose no transmit queue while others do."""
    choices = _choices(nic, cores)
    if isinstance(choices, Unavailable):
        return choices
    online = cores.online()
    if isinstance(online, Unavailable):
        return online
    return tuple(cpu for cpu in online if cpu not in choices)


def xps_several(nic: Nic, cores: Cores) -> tuple[int, ...] | Unavailable:
    """Online CPUs that choose among several transmit queues."""
    choices = _choices(nic, cores)
    if isinstance(choices, Unavailable):
        return choices
    return tuple(sorted(cpu for cpu, queues in choices.items() if len(queues) > 1))


def xps_elsewhere(
    nic: Nic, cores: Cores, places: Places | Unavailable
) -> tuple[int, ...] | Unavailable:
    """Transmit queues whose interrupt goes to none of the online CPUs that choose them.

    Args:
        nic: The interface.
        cores: The CPUs.
        places: Transmit queue → CPUs that take its interrupt.
    """
    choices = _choices(nic, cores)
    if isinstance(choices, Unavailable):
        return choices
    if isinstance(places, Unavailable):
        return places
    chosen_by: dict[int, set[int]] = defaultdict(set)
    for cpu, queues in choices.items():
        for queue in queues:
            chosen_by[queue].add(cpu)
    return tuple(
        sorted(
            queue
            for queue, cpus in places.items()
            if chosen_by[queue] and chosen_by[queue].isdisjoint(cpus)
        )
    )


def _choices(nic: Nic, cores: Cores) -> dict[int, list[int]] | Unavailable:
    """Online CPU → transmit queues that name it. A mask may still name CPUs that went offline."""
    if isinstance(nic.tx_queues, Unavailable):
        return nic.tx_queues
    found: dict[int, list[int]] = defaultdict(list)
    for queue in nic.tx_queues.values():
        if isinstance(queue.xps_cpus, Unavailable):
            return queue.xps_cpus
        for cpu in queue.xps_cpus:
            if cores.is_online(cpu):
                found[cpu].append(queue.queue)
    return dict(found) or _NO_XPS
