"""The rows of a drawn layout, and the remarks beside them: the same in every format."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from advisor.model.unavailable import Unavailable
from advisor.report.map.model import Drawn, Line, Load, Marks, Queue, Seat
from advisor.report.map.words import cpus_text, ranges, several
from advisor.units import format_value

_MOST = 14
"""Characters for a list of numbers in a remark."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: a channel of one interrupt, or everything that arrives at one CPU.

    Attributes:
        seat: The CPU, None where it is not known.
        first: Whether this is the first row of that CPU.
        lines: Interrupts that this row names for the first time; one, or all of the CPU.
        rx: Its receive queues.
        tx: Its transmit queues.
        shared: Whether one interrupt serves both kinds of its queues.
    """

    seat: Seat | None
    first: bool
    lines: tuple[Line, ...]
    rx: tuple[Queue, ...]
    tx: tuple[Queue, ...]
    shared: bool = False


def rows_of(seat: Seat | None, lines: Sequence[Line], *, whole: bool = False) -> list[Row]:
    """The rows of one CPU, or of interrupts that go nobody knows where.

    Args:
        seat: The CPU, None for the latter.
        lines: The interrupts.
        whole: Whether to put everything into a single row.
    """
    if whole or not lines:
        rx = tuple(queue for line in lines for queue, _ in line.pairs if queue is not None)
        tx = tuple(queue for line in lines for _, queue in line.pairs if queue is not None)
        return [Row(seat, True, tuple(lines), rx, tx, any(map(_both, lines)))]
    rows: list[Row] = []
    for line in lines:
        for index, (rx_queue, tx_queue) in enumerate(line.pairs):
            rows.append(
                Row(
                    seat=seat,
                    first=not rows,
                    lines=() if index else (line,),
                    rx=() if rx_queue is None else (rx_queue,),
                    tx=() if tx_queue is None else (tx_queue,),
                    shared=_both(line),
                )
            )
    return rows


def height(drawn: Drawn) -> int:
    """Rows that its CPUs have when every channel has one of its own."""
    seats = [seat for node in drawn.nodes for seat in node.seats]
    return sum(len(rows_of(seat, seat.lines)) for seat in seats)


def uncounted(drawn: Drawn) -> bool:
    """Whether packets are counted at none of its queues."""
    lines = [line for node in drawn.nodes for seat in node.seats for line in seat.lines]
    lines += [line for apart in drawn.apart for line in apart.lines]
    queues = [queue for line in lines for pair in line.pairs for queue in pair if queue]
    return all(queue.load.packets is None for queue in queues)


def measure(drawn: Drawn) -> str:
    """What the bars of queues show."""
    if uncounted(drawn):
        return "packets are not counted per queue"
    return "the busiest queue has the full bar"


def total(queues: Sequence[Queue]) -> Load | None:
    """The load of queues together; None for no queue."""
    if not queues:
        return None
    packets = [each.load.packets for each in queues if each.load.packets is not None]
    rates = [each.load.per_s for each in queues if each.load.per_s is not None]
    shares = [each.load.share for each in queues if each.load.share is not None]
    return Load(
        sum(packets) if packets else None,
        sum(rates) if rates else None,
        sum(shares) if shares else None,
    )


def busiest(rows: Iterable[Row], way: str) -> float:
    """The largest share of one direction that a row has: the measure of the bars."""
    loads = (total(row.rx if way == "rx" else row.tx) for row in rows)
    return max((load.share or 0.0 for load in loads if load is not None), default=0.0)


def marks_of(parts: Iterable[Line | Queue]) -> Marks:
    """Letters of several lines or queues, each once."""
    return tuple(dict.fromkeys(mark for part in parts for mark in part.marks))


def remarks(row: Row) -> list[str]:
    """What is to be said about a row beside its numbers; [] for nothing."""
    seat = row.seat
    said = _of_seat(seat) if seat is not None and row.first else []
    for queue in (*row.rx, *row.tx):
        alone = len(row.rx if queue.way == "rx" else row.tx) == 1
        for remark in _of_queue(queue, brief=not alone):
            said.append(remark if alone else f"{queue.way} {queue.number}: {remark}")
    return said


def remark_text(row: Row) -> str:
    """The remarks about a row as one text."""
    return "; ".join(remarks(row))


def siblings(seats: Sequence[Seat]) -> list[str]:
    """For each seat where it stands among those of its core: "first", "inner", "last" or ""."""
    marks = []
    for index, seat in enumerate(seats):
        above = index > 0 and _same_core(seats[index - 1], seat)
        below = index + 1 < len(seats) and _same_core(seat, seats[index + 1])
        marks.append("inner" if above and below else "last" if above else "first" if below else "")
    return marks


def _of_seat(seat: Seat) -> list[str]:
    said = []
    if not seat.online:
        said.append("offline")
    elif isinstance(seat.softirq, Unavailable):
        said.append(f"softirq unknown: {seat.softirq.reason}")
    if seat.saturated:
        said.append("saturated")
    if len(seat.cpus) > 1:
        said.append("any of them")
    if seat.rps:
        said.append(f"RPS from rx {ranges(seat.rps, _MOST)}")
    if seat.other_nics:
        said.append(f"also {', '.join(seat.other_nics)}")
    return said


def _of_queue(queue: Queue, *, brief: bool) -> list[str]:
    said = []
    if queue.slots == 0 and queue.way == "rx":
        said.append("no RSS slot")
    if queue.dropped:
        said.append(f"{format_value(queue.dropped, 'count')} dropped")
    if queue.qdisc_dropped:
        said.append(f"{format_value(queue.qdisc_dropped, 'count')} dropped by qdisc")
    if queue.stalls:
        said.append(several(queue.stalls, "stall"))
    if queue.bql is not None and queue.bql.inflight >= queue.bql.limit > 0:
        said.append("at its BQL limit")
    if queue.way == "rx" and queue.steered and not brief:
        said.append(f"RPS to {cpus_text(queue.steered, _MOST)}")
    if queue.elsewhere:
        said.append(f"XPS from {cpus_text(queue.steered, _MOST)}")
    if queue.chosen_by and not brief:
        said.append(f"XPS by rx {ranges(queue.chosen_by, _MOST)}")
    return said


def _both(line: Line) -> bool:
    rx = any(queue is not None for queue, _ in line.pairs)
    return rx and any(queue is not None for _, queue in line.pairs)


def _same_core(one: Seat, other: Seat) -> bool:
    return one.core is not None and one.core == other.core and len(one.threads) > 1
