"""The rows of a drawn layout: a CPU, the interrupts that arrive there, and their queues."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.model.unavailable import Unavailable
from advisor.report.map.model import Line, Marks, Queue, Seat
from advisor.report.map.rows import Row, remark_text, rows_of
from advisor.report.map.svg_canvas import Canvas, shortened
from advisor.report.map.svg_columns import (
    Columns,
    flag_height,
    line_name,
    load_text,
    napi_name,
    seat_name,
    share_text,
    waiting_text,
)
from advisor.report.map.svg_flags import Findings, draw_flags
from advisor.report.map.svg_glyphs import draw_glyph
from advisor.report.map.svg_tips import line_tip, queue_tip, seat_tip

GAP = 4.0
"""Between the boxes of two CPUs."""

_LONG_QUEUE = 100
"""Packets in a queueing discipline from which on their number stands out."""

_FEW = 4
"""Rows of a CPU beside whose middle its name stands; with more it stands beside the first."""


class Rows:
    """Draws rows, one below the other.

    Args:
        canvas: Where to draw.
        columns: The columns.
        findings: What the letters stand for.
        topology: How the interface's completions are laid out.
        sampled: Whether loads are shown as rates.
        most: The largest share of the packets that one queue has, received and sent.
    """

    def __init__(
        self,
        canvas: Canvas,
        columns: Columns,
        findings: Findings,
        topology: str,
        sampled: bool,
        most: tuple[float, float],
    ) -> None:
        self._canvas, self._columns, self._findings = canvas, columns, findings
        self._topology, self._sampled, self._most = topology, sampled, most

    def seat(self, y: float, seat: Seat, remote: bool) -> float:
        """Draw a CPU with everything that arrives there; the height where it ends."""
        c = self._columns
        rows = rows_of(seat, seat.lines)
        height = len(rows) * c.row - GAP
        self._cpu(y, height, seat)
        if seat.lines:
            self._lines(y, seat.lines, rows, "farwire" if remote else "wire")
        else:
            self._remarks(y + (c.row - GAP) / 2, rows[0], c.box)
        return y + height + GAP

    def apart(self, y: float, lines: Sequence[Line]) -> float:
        """Draw interrupts without a CPU; the height where they end."""
        rows = rows_of(None, lines)
        self._lines(y, lines, rows, "")
        return y + len(rows) * self._columns.row

    def _lines(self, y: float, lines: Sequence[Line], rows: Sequence[Row], wire: str) -> None:
        top = y
        for line in lines:
            self._line(top, line, wire)
            top += len(line.pairs) * self._columns.row
        for row in rows:
            self._row(y, row)
            y += self._columns.row

    def _cpu(self, y: float, height: float, seat: Seat) -> None:
        canvas, c = self._canvas, self._columns
        few = height <= _FEW * c.row
        middle = y + (height / 2 if few else (c.row - GAP) / 2)
        style = "hotcard" if seat.saturated else "card" if seat.online else "offcard"
        with canvas.group(seat_tip(seat)):
            canvas.box(c.cpu, y, c.cpu_end - c.cpu, height, style)
            self._text(c.cpu_name, middle, seat_name(seat), "bold")
            if not isinstance(seat.softirq, Unavailable):
                share = seat.softirq
                level = "hot" if share >= 0.9 else "busy" if share >= 0.5 else "calm"
                canvas.meter(c.softirq, middle, c.bar, c.row * 0.36, share, level)
            number = "hottext" if seat.saturated else "ink"
            self._text(c.share, middle, share_text(seat), number, "end")
        self._flags(c.cpu_flags, middle, seat.marks)

    def _line(self, y: float, line: Line, wire: str) -> None:
        canvas, c = self._canvas, self._columns
        height = len(line.pairs) * c.row - GAP
        middle = y + (c.row - GAP) / 2
        if wire:
            canvas.line(c.cpu_end + 7, middle, c.box, middle, wire)
            x = c.cpu_end + 1
            canvas.polygon([(x, middle), (x + 7, middle - 3.5), (x + 7, middle + 3.5)], "arrow")
        with canvas.group(line_tip(line)):
            canvas.box(c.box, y, c.box_end - c.box, height, "card", 8)
            self._text(c.irq, middle, line_name(line), "ink")
            self._text(c.napi, middle, napi_name(line), "dim")
        self._flags(c.irq_flags, middle, line.marks)

    def _row(self, y: float, row: Row) -> None:
        c = self._columns
        middle = y + (c.row - GAP) / 2
        for queue in row.rx:
            self._rx(middle, queue)
        for queue in row.tx:
            self._tx(middle, queue)
        draw_glyph(self._canvas, c.glyph, middle, c.row, row, self._topology)
        self._remarks(middle, row, c.remarks)

    def _rx(self, middle: float, queue: Queue) -> None:
        canvas, c = self._canvas, self._columns
        with canvas.group(queue_tip(queue)):
            self._text(c.rx_number, middle, load_text(queue.load, self._sampled), "ink", "end")
            if queue.load.share is not None:
                share = queue.load.share / (self._most[0] or 1)
                canvas.meter(c.rx_bar, middle, c.bar, c.row * 0.4, share, "rx", leftward=True)
            self._text(c.rx_name, middle, f"rx {queue.number}", "ink", "end")
        self._flags(c.rx_flags, middle, queue.marks)

    def _tx(self, middle: float, queue: Queue) -> None:
        canvas, c = self._canvas, self._columns
        with canvas.group(queue_tip(queue)):
            self._text(c.tx_name, middle, f"tx {queue.number}", "ink")
            if queue.load.share is not None:
                share = queue.load.share / (self._most[1] or 1)
                canvas.meter(c.tx_bar, middle, c.bar, c.row * 0.4, share, "tx")
            self._text(c.tx_number, middle, load_text(queue.load, self._sampled), "ink", "end")
            style = "hottext" if (queue.waiting or 0) >= _LONG_QUEUE else "dim"
            self._text(c.waiting, middle, waiting_text(queue), style, "end")
        self._flags(c.tx_flags, middle, queue.marks)

    def _remarks(self, middle: float, row: Row, x: float) -> None:
        c = self._columns
        said = remark_text(row)
        shown = shortened(said, c.end - x, c.size)
        if shown == said:
            self._text(x, middle, said, "bold")
            return
        with self._canvas.group(said):
            self._text(x, middle, shown, "bold")

    def _flags(self, x: float, middle: float, marks: Marks) -> None:
        height = flag_height(self._columns.row)
        draw_flags(self._canvas, x, middle, marks, self._findings, height)

    def _text(self, x: float, middle: float, text: str, style: str, anchor: str = "start") -> None:
        size = self._columns.size
        self._canvas.text(x, middle + size * 0.36, text, size=size, style=style, anchor=anchor)
