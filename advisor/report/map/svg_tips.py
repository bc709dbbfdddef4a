"""What a drawing tells about a part of it that somebody points at."""

from __future__ import annotations

from advisor.model.unavailable import Unavailable
from advisor.report.map.model import Line, Queue, Seat
from advisor.report.map.words import cpus_text, percent, ranges, short
from advisor.units import format_value


def seat_tip(seat: Seat) -> str:
    """All about a CPU."""
    lines = [cpus_text(seat.cpus)]
    if isinstance(seat.softirq, Unavailable):
        lines.append(f"softirq unknown: {seat.softirq.reason}")
    else:
        lines.append(f"{percent(seat.softirq)} of its time in softirq")
    if len(seat.threads) > 1:
        lines.append(f"shares its core: {cpus_text(seat.threads)}")
    if seat.rps:
        lines.append(f"RPS hands it packets of rx {ranges(seat.rps)}")
    if seat.xps:
        lines.append(f"XPS: it chooses tx {ranges(seat.xps)}")
    if seat.other_nics:
        lines.append(f"also receives for {', '.join(seat.other_nics)}")
    return "\n".join(lines)


def line_tip(line: Line) -> str:
    """All about an interrupt."""
    lines = []
    if line.irq is not None:
        lines.append(f"interrupt {line.irq} {line.name}".rstrip())
    if line.napi is not None:
        lines.append(f"NAPI instance {line.napi}")
    if line.cpus:
        lines.append(f"goes to {cpus_text(line.cpus)}")
    if line.per_s is not None:
        lines.append(f"{short(line.per_s)} interrupts/s")
    if line.managed:
        lines.append("managed: the kernel places it")
    return "\n".join(lines)


def queue_tip(queue: Queue) -> str:
    """All about a queue."""
    lines = [f"{'receive' if queue.way == 'rx' else 'transmit'} queue {queue.number}"]
    load = queue.load
    if load.packets is not None and load.per_s is not None:
        share = "" if load.share is None else f", {percent(load.share)} of the interface's"
        lines.append(f"{load.packets} packets, {short(load.per_s)}/s{share}")
    else:
        lines.append("packets are not counted per queue")
    if queue.dropped is not None:
        lines.append(f"{queue.dropped} dropped")
    if queue.slots is not None:
        lines.append(f"{queue.slots} slots of the indirection table")
    if queue.steered:
        words = "RPS to" if queue.way == "rx" else "XPS: chosen by"
        lines.append(f"{words} {cpus_text(queue.steered)}")
    if queue.chosen_by:
        lines.append(f"XPS: chosen for flows of rx {ranges(queue.chosen_by)}")
    if queue.waiting is not None:
        size = format_value(queue.waiting_bytes or 0, "bytes")
        lines.append(f"{queue.waiting} packets ({size}) wait in its {queue.qdisc}")
    if queue.qdisc_dropped:
        lines.append(f"{queue.qdisc_dropped} dropped by its {queue.qdisc}")
    if queue.bql is not None:
        flying = format_value(queue.bql.inflight, "bytes")
        lines.append(f"BQL: {flying} of {format_value(queue.bql.limit, 'bytes')} in flight")
        if queue.stalls is not None:
            lines.append(f"BQL: {queue.stalls} stalls")
    return "\n".join(lines)
