"""The queues of an interface, from /sys/class/net/NAME/queues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from advisor.facts.cpulist import parse_cpu_mask
from advisor.facts.files import Files
from advisor.facts.nics.napis import QueueFacts
from advisor.facts.nics.places import CLASS_NET
from advisor.model.nic_queues import Bql, RxQueue, TxQueue
from advisor.model.unavailable import Unavailable

_NOTHING = QueueFacts()
# stall_*: 6.9. The names are those of the fields of Bql.
_BQL = ("limit", "inflight", "limit_max", "limit_min", "stall_thrs", "stall_cnt", "stall_max")


@dataclass(frozen=True, slots=True)
class QueueNumbers:
    """The queues in use.

    Attributes:
        rx: Numbers of the receive queues, sorted.
        tx: Numbers of the transmit queues, sorted.
    """

    rx: tuple[int, ...]
    tx: tuple[int, ...]


def list_queues(files: Files, interface: str) -> QueueNumbers | Unavailable:
    """The queues in use, or why they are not to be seen.

    Args:
        files: The host's files; sysfs must be that of the interface's network namespace.
        interface: Interface name.
    """
    names = files.list_dir(f"{CLASS_NET}/{interface}/queues")
    if isinstance(names, Unavailable):
        return names
    return QueueNumbers(rx=_numbered(names, "rx-"), tx=_numbered(names, "tx-"))


def read_rx_queues(
    files: Files,
    interface: str,
    numbers: Sequence[int],
    facts: Mapping[int, QueueFacts],
    irqs: Sequence[int] = (),
) -> dict[str, RxQueue]:
    """Queue number → receive queue.

    Args:
        files: The host's files.
        interface: Interface name.
        numbers: The receive queues in use.
        facts: What is known of the queues from elsewhere.
        irqs: Interrupts in the order of the queues, for queues of which `facts` has none.
    """
    queues = {}
    for number in numbers:
        known = facts.get(number, _NOTHING)
        directory = f"{CLASS_NET}/{interface}/queues/rx-{number}"
        queues[str(number)] = RxQueue(
            queue=number,
            rps_cpus=_mask(files, f"{directory}/rps_cpus"),
            rps_flow_cnt=files.read_int(f"{directory}/rps_flow_cnt"),
            packets=known.packets,
            bytes=known.bytes,
            drops=known.drops,
            napi=known.napi,
            irq=known.irq if known.irq is not None else _nth(irqs, number, len(numbers)),
        )
    return queues


def read_tx_queues(
    files: Files,
    interface: str,
    numbers: Sequence[int],
    facts: Mapping[int, QueueFacts],
    irqs: Sequence[int] = (),
    *,
    hardware: bool,
) -> dict[str, TxQueue]:
    """Queue number → transmit queue.

    Args:
        files: The host's files.
        interface: Interface name.
        numbers: The transmit queues in use.
        facts: What is known of the queues from elsewhere.
        irqs: Interrupts in the order of the queues, for queues of which `facts` has none.
        hardware: Whether there is a ring that byte queue limits can limit. Before 6.9 the files
            are there for software interfaces too, and always say 0.
    """
    # With one queue there is nothing to choose (and reading xps_cpus is an error).
    several = len(numbers) > 1
    limits: Sequence[str] = _BQL if hardware else ()
    queues = {}
    for number in numbers:
        known = facts.get(number, _NOTHING)
        directory = f"{CLASS_NET}/{interface}/queues/tx-{number}"
        values = _values(files, f"{directory}/byte_queue_limits", limits)
        limits = tuple(values)  # what the first queue does not have, the others do not have either
        xps_rxqs = _mask(files, f"{directory}/xps_rxqs") if several else ()
        queues[str(number)] = TxQueue(
            queue=number,
            xps_cpus=_mask(files, f"{directory}/xps_cpus") if several else (),
            xps_rxqs=() if isinstance(xps_rxqs, Unavailable) else xps_rxqs,
            packets=known.packets,
            bytes=known.bytes,
            bql=Bql(**values) if "limit" in values and "inflight" in values else None,
            napi=known.napi,
            irq=known.irq if known.irq is not None else _nth(irqs, number, len(numbers)),
        )
    return queues


def read_tx_timeouts(files: Files, interface: str, numbers: Iterable[int]) -> int | None:
    """Times the transmit watchdog found a queue stuck, None when that cannot be read.

    The kernel counts them itself, for every driver (dev_watchdog in net/sched/sch_generic.c).

    Args:
        files: The host's files.
        interface: Interface name.
        numbers: The transmit queues in use.
    """
    found = [
        files.read_int(f"{CLASS_NET}/{interface}/queues/tx-{number}/tx_timeout")
        for number in numbers
    ]
    counts = [count for count in found if isinstance(count, int)]
    return sum(counts) if counts else None


def _numbered(names: Iterable[str], prefix: str) -> tuple[int, ...]:
    numbers = (name.removeprefix(prefix) for name in names if name.startswith(prefix))
    return tuple(sorted(int(number) for number in numbers if number.isdecimal()))


def _nth(irqs: Sequence[int], queue: int, queues: int) -> int | None:
    """The interrupt of a queue; None when it is not known which queues share which."""
    if len(irqs) == 1:
        return irqs[0]
    return irqs[queue] if queue < queues <= len(irqs) else None


def _mask(files: Files, path: str) -> tuple[int, ...] | Unavailable:
    text = files.read_text(path)
    return text if isinstance(text, Unavailable) else parse_cpu_mask(text)


def _values(files: Files, directory: str, names: Iterable[str]) -> dict[str, int]:
    """The numbers in files of a directory, of those that there are."""
    found = {name: files.read_int(f"{directory}/{name}") for name in names}
    return {name: value for name, value in found.items() if isinstance(value, int)}
