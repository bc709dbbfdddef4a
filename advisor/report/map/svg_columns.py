"""Where the columns of a drawn layout stand: as wide as what they hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from advisor.model.unavailable import Unavailable
from advisor.report.map.model import Drawn, Line, Load, Marks, Queue, Seat
from advisor.report.map.rows import remark_text, rows_of
from advisor.report.map.svg_canvas import text_width
from advisor.report.map.svg_flags import HEIGHT, flags_width
from advisor.report.map.words import percent, ranges, short

_BAR = 92.0
_THREADS = 10.0
_GLYPH = 64.0
_LINK = 34.0
_PAD = 8.0
_MOST = 12
_LONGEST_REMARK = 46


@dataclass(frozen=True, slots=True)
class Columns:
    """Sizes and places. Places count from the left edge of the drawing.

    Attributes:
        size: Size of the letters.
        row: Height of a row.
        cpu: Left edge of the CPU's box.
        cpu_name: Where its name begins.
        cpu_flags: Where its flags begin.
        softirq: Where its bar begins.
        share: Right end of the number beside it.
        cpu_end: Right edge of the CPU's box.
        box: Left edge of the interrupt's box.
        irq: Where the interrupt's name begins.
        napi: Where its NAPI instance's name begins.
        irq_flags: Where its flags begin.
        rx_number: Right end of the number of received packets.
        rx_bar: Where the bar of received packets begins.
        rx_flags: Where the receive queue's flags begin.
        rx_name: Right end of its name.
        glyph: Middle of the completion rings.
        tx_name: Where the transmit queue's name begins.
        tx_flags: Where its flags begin.
        tx_bar: Where the bar of sent packets begins.
        tx_number: Right end of their number.
        waiting: Right end of the number of packets that wait.
        box_end: Right edge of the interrupt's box.
        remarks: Where remarks begin.
        end: Right edge of the remarks, and of the whole.
        bar: Length of a bar.
    """

    size: float
    row: float
    cpu: float
    cpu_name: float
    cpu_flags: float
    softirq: float
    share: float
    cpu_end: float
    box: float
    irq: float
    napi: float
    irq_flags: float
    rx_number: float
    rx_bar: float
    rx_flags: float
    rx_name: float
    glyph: float
    tx_name: float
    tx_flags: float
    tx_bar: float
    tx_number: float
    waiting: float
    box_end: float
    remarks: float
    end: float
    bar: float = _BAR


def columns_of(drawn: Drawn, sampled: bool, left: float) -> Columns:
    """The columns for everything that is drawn of an interface.

    Args:
        drawn: The interface.
        sampled: Whether loads are shown as rates.
        left: Where the first column begins.
    """
    seats = [seat for node in drawn.nodes for seat in node.seats]
    apart = [line for each in drawn.apart for line in each.lines]
    lines = [line for seat in seats for line in seat.lines] + apart
    rows = [row for seat in seats for row in rows_of(seat, seat.lines)]
    rows += rows_of(None, apart) if apart else []
    rx = [queue for row in rows for queue in row.rx]
    tx = [queue for row in rows for queue in row.tx]
    size, height = _sizes(len(rows))

    def widest(texts: Iterable[str], gap: float = 0) -> float:
        found = max((text_width(text, size) for text in texts), default=0)
        return found + gap if found else 0

    def flagged(marks: Iterable[Marks]) -> float:
        found = max((flags_width(each, flag_height(height)) for each in marks), default=0)
        return found + 4 if found else 0

    said = min(widest(map(remark_text, rows)), text_width("x" * _LONGEST_REMARK, size))
    at = _Steps(left)
    at.step(_THREADS if any(len(seat.threads) > 1 for seat in seats) else 0)
    return Columns(
        size=size,
        row=height,
        cpu=at.step(_PAD),
        cpu_name=at.step(widest(map(seat_name, seats), 10)),
        cpu_flags=at.step(flagged(seat.marks for seat in seats)),
        softirq=at.step(_BAR + 6),
        share=at.end(widest(["99.9 %"])),
        cpu_end=at.end(_PAD),
        box=at.end(_LINK),
        irq=at.end(_PAD),
        napi=at.end(widest(map(line_name, lines), 14)),
        irq_flags=at.end(widest(map(napi_name, lines), 14)),
        rx_number=at.end(
            flagged(line.marks for line in lines)
            + widest(load_text(queue.load, sampled) for queue in rx)
        ),
        rx_bar=at.end(6),
        rx_flags=at.end(_BAR + 6),
        rx_name=at.end(
            flagged(queue.marks for queue in rx) + widest(f"rx {each.number}" for each in rx)
        ),
        glyph=at.end(_GLYPH / 2),
        tx_name=at.end(_GLYPH / 2),
        tx_flags=at.end(widest((f"tx {each.number}" for each in tx), 6)),
        tx_bar=at.end(flagged(queue.marks for queue in tx)),
        tx_number=at.end(_BAR + 6 + widest(load_text(queue.load, sampled) for queue in tx)),
        waiting=at.end(widest((waiting_text(queue) for queue in tx), 10)),
        box_end=at.end(_PAD),
        remarks=at.end(_PAD if said else 0),
        end=at.end(said),
    )


def flag_height(row: float) -> float:
    """Height of a flag in a row."""
    return min(HEIGHT, row - 5)


def seat_name(seat: Seat) -> str:
    """ "CPU 5", or "CPUs 0-3" for an interrupt that may go to any of them."""
    return f"CPU{'s' if len(seat.cpus) > 1 else ''} {ranges(seat.cpus, _MOST)}"


def line_name(line: Line) -> str:
    """ "irq 45", "NAPI 257", or nothing."""
    if line.irq is not None:
        return f"irq {line.irq}"
    return "" if line.napi is None else f"NAPI {line.napi}"


def napi_name(line: Line) -> str:
    """ "NAPI 257" behind an interrupt's name, or nothing."""
    return "" if line.irq is None or line.napi is None else f"NAPI {line.napi}"


def share_text(seat: Seat) -> str:
    """Its share of softirq."""
    return "?" if isinstance(seat.softirq, Unavailable) else percent(seat.softirq)


def waiting_text(queue: Queue) -> str:
    """How many packets wait in front of a transmit queue; "" for none."""
    return f"{queue.waiting} wait" if queue.waiting else ""


def load_text(load: Load, sampled: bool) -> str:
    """A rate where there is one, else a share."""
    if sampled:
        return "?" if load.per_s is None else f"{short(load.per_s)}/s"
    return "?" if load.packets is None else percent(load.share or 0.0)


class _Steps:
    """Goes from left to right."""

    def __init__(self, left: float) -> None:
        self._at = left

    def step(self, width: float) -> float:
        """Where a piece of that width begins."""
        self._at += width
        return self._at - width

    def end(self, width: float) -> float:
        """Where a piece of that width ends."""
        self._at += width
        return self._at


def _sizes(rows: int) -> tuple[float, float]:
    """Size of letters and height of a row: many rows stand closer together."""
    if rows <= 24:
        return 13.0, 28.0
    return (12.0, 22.0) if rows <= 72 else (11.0, 18.0)
