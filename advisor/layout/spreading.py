"""How packets are spread over queues: the indirection table and XPS."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from advisor.layout.cores import Cores
from advisor.model.nic import Nic
from advisor.model.unavailable import Unavailable

_NO_XPS = Unavailable("XPS is not set up")


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
    queues = range(nic.rx_queues_count)
    return Indirection(
        missing=tuple(queue for queue in queues if queue not in slots and queue not in elsewhere),
        beyond=tuple(sorted(queue for queue in slots if queue not in queues)),
        most=max(slots.values()),
        least=min(slots.values()),
    )


def xps_missing(nic: Nic, cores: Cores) -> tuple[int, ...] | Unavailable:
    """Online CPUs without a transmit queue of their own while others have one."""
    choices = _choices(nic)
    if isinstance(choices, Unavailable):
        return choices
    online = cores.all_online()
    if isinstance(online, Unavailable):
        return online
    return tuple(cpu for cpu in online if cpu not in choices)


def xps_several(nic: Nic) -> tuple[int, ...] | Unavailable:
    """CPUs that choose among several transmit queues."""
    choices = _choices(nic)
    if isinstance(choices, Unavailable):
        return choices
    return tuple(sorted(cpu for cpu, queues in choices.items() if len(queues) > 1))


def xps_elsewhere(
    nic: Nic, places: Mapping[int, tuple[int, ...]] | Unavailable
) -> tuple[int, ...] | Unavailable:
    """Transmit queues whose interrupt goes to a CPU that XPS does not name for them.

    Args:
        nic: The interface.
        places: Transmit queue → CPUs that take its interrupt.
    """
    choices = _choices(nic)
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


def _choices(nic: Nic) -> dict[int, list[int]] | Unavailable:
    """CPU → transmit queues that name it."""
    if isinstance(nic.tx_queues, Unavailable):
        return nic.tx_queues
    found: dict[int, list[int]] = defaultdict(list)
    for queue in nic.tx_queues.values():
        if isinstance(queue.xps_cpus, Unavailable):
            return queue.xps_cpus
        for cpu in queue.xps_cpus:
            found[cpu].append(queue.queue)
    return dict(found) or _NO_XPS
