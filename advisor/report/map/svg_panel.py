"""One interface in a drawing: what it is, its nodes with their CPUs and queues, how to read it."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.report.map.model import Apart, Drawn, Fact, Marks, Node, Seat
from advisor.report.map.picture import Picture
from advisor.report.map.rows import Row, busiest, measure, rows_of, siblings
from advisor.report.map.svg_canvas import Canvas, text_width, wrapped
from advisor.report.map.svg_columns import Columns
from advisor.report.map.svg_flags import Findings, draw_flags, flags_width
from advisor.report.map.svg_glyphs import WORDS, draw_shape
from advisor.report.map.svg_rows import GAP, Rows
from advisor.report.map.table import heading_of, others_of

INSET = 14.0
"""Between the edge of a node and what is in it."""

_SMALL = 11.5
_LEADING = 17.0
_TITLE = 20.0


class Panel:
    """Draws one interface.

    Args:
        canvas: Where to draw.
        picture: The map.
        findings: What the letters stand for.
        left: The left edge.
        right: The right edge.
    """

    def __init__(
        self, canvas: Canvas, picture: Picture, findings: Findings, left: float, right: float
    ) -> None:
        self._canvas, self._picture, self._findings = canvas, picture, findings
        self._left, self._right = left, right

    def draw(self, y: float, drawn: Drawn, columns: Columns) -> float:
        """Draw an interface below a height; the height where it ends."""
        y = self._title(y, drawn)
        y = self._facts(y, drawn.facts)
        if not any(node.seats for node in drawn.nodes) and not drawn.apart:
            return self._idle(y, drawn.nodes)
        y = self._headings(y + 12, drawn, columns)
        rows = [row for node in drawn.nodes for seat in node.seats for row in _rows(seat)]
        rows += [row for apart in drawn.apart for row in rows_of(None, apart.lines)]
        writer = Rows(
            self._canvas,
            columns,
            self._findings,
            drawn.rings,
            self._picture.seconds is not None,
            (busiest(rows, "rx"), busiest(rows, "tx")),
        )
        for node in drawn.nodes:
            y = self._node(y, node, writer, columns)
        for apart in drawn.apart:
            y = self._apart(y, apart, drawn.physical, writer, columns)
        return self._key(y + 4, drawn)

    def _title(self, y: float, drawn: Drawn) -> float:
        canvas = self._canvas
        canvas.text(self._left, y + 18, drawn.name, size=_TITLE, style="bold")
        x = self._left + text_width(drawn.name, _TITLE) + 10
        draw_flags(canvas, x, y + 11, drawn.marks, self._findings)
        x += flags_width(drawn.marks) + 6
        first, *more = wrapped(" · ".join(drawn.title), self._right - x, 13)
        canvas.text(x, y + 17, first, size=13, style="dim")
        y += 28
        for line in more:
            canvas.text(self._left, y + 12, line, size=13, style="dim")
            y += _LEADING
        return y

    def _facts(self, y: float, facts: Sequence[Fact]) -> float:
        """The facts in two columns of about the same height."""
        label = max((text_width(fact.label, _SMALL) for fact in facts), default=0) + 8
        flags = max((flags_width(fact.marks) for fact in facts), default=0)
        indent = label + (flags + 6 if flags else 0)
        width = (self._right - self._left - 24) / 2
        texts = [wrapped(fact.text, width - indent, _SMALL) for fact in facts]
        total = sum(map(len, texts))
        x, top, done, lowest = self._left, y, 0, y
        for fact, lines in zip(facts, texts, strict=True):
            if x == self._left and done * 2 >= total:
                x, y = self._left + width + 24, top
            self._canvas.text(x, y + 12, fact.label, size=_SMALL, style="dim")
            draw_flags(self._canvas, x + label, y + 8, fact.marks, self._findings)
            for line in lines:
                style = "ink" if fact.known else "dim"
                self._canvas.text(x + indent, y + 12, line, size=_SMALL, style=style)
                y += _LEADING
            done += len(lines)
            lowest = max(lowest, y)
        return lowest

    def _headings(self, y: float, drawn: Drawn, c: Columns) -> float:
        marks = {fact.part: fact.marks for fact in drawn.facts}
        headings: list[tuple[float, str, tuple[str, ...]]] = [(c.tx_bar, "sent", ("xps", "qdisc"))]
        if drawn.physical:
            headings.append((c.box, "interrupt", ("interrupts",)))
        if any(node.seats for node in drawn.nodes):
            headings.append((c.cpu, "CPU and its share of softirq", ()))
        for x, text, parts in headings:
            self._heading(x, y, text, _all(marks, parts))
        rings = _all(marks, ("completion", "channels", "ring"))
        self._heading(c.glyph - flags_width(rings) / 2, y, "", rings)
        received = _all(marks, ("rss", "rps"))
        back = text_width("received", _SMALL) + flags_width(received) + 6
        self._heading(c.rx_bar + c.bar - back, y, "received", received)
        return y + 24

    def _heading(self, x: float, y: float, text: str, marks: Marks) -> None:
        self._canvas.text(x, y + 12, text, size=_SMALL, style="dim")
        gap = 6 if text else 0
        draw_flags(self._canvas, x + text_width(text, _SMALL) + gap, y + 8, marks, self._findings)

    def _node(self, y: float, node: Node, writer: Rows, c: Columns) -> float:
        heading, others = heading_of(node), others_of(node)
        closing = wrapped(others, self._right - self._left - 2 * INSET, _SMALL)
        seats = sum(len(_rows(seat)) for seat in node.seats) * c.row
        height = 30 + seats + (len(closing) * _LEADING if others else 0) + 6
        style = "remote" if node.near is False else "panel"
        self._canvas.box(self._left, y, self._right - self._left, height, style, radius=8)
        self._canvas.text(self._left + INSET, y + 19, heading, size=12.5, style="bold")
        at = y + 30
        places = siblings(node.seats)
        start = at
        for seat, place in zip(node.seats, places, strict=True):
            if place == "first":
                start = at
            at = writer.seat(at, seat, node.near is False)
            if place == "last":
                self._bracket(c.cpu, start + 6, at - GAP - 6)
        for line in closing if others else ():
            self._canvas.text(self._left + INSET, at + 12, line, size=_SMALL, style="dim")
            at += _LEADING
        return y + height + 8

    def _bracket(self, x: float, top: float, bottom: float) -> None:
        """What holds the threads of one core together."""
        self._canvas.line(x - 6, top, x - 6, bottom, "core")
        for y in (top, bottom):
            self._canvas.line(x - 6, y, x, y, "core")

    def _apart(self, y: float, apart: Apart, physical: bool, writer: Rows, c: Columns) -> float:
        heading = f"CPU unknown: {apart.reason}" if physical else apart.reason
        lines = wrapped(heading, self._right - self._left - 2 * INSET, 12.5)
        rows = len(rows_of(None, apart.lines))
        top = 12 + len(lines) * _LEADING
        height = top + rows * c.row + 6
        self._canvas.box(self._left, y, self._right - self._left, height, "remote", radius=8)
        for index, line in enumerate(lines):
            at = y + 19 + index * _LEADING
            self._canvas.text(self._left + INSET, at, line, size=12.5, style="bold")
        writer.apart(y + top, apart.lines)
        return y + height + 8

    def _idle(self, y: float, nodes: Sequence[Node]) -> float:
        for node in nodes:
            for line in wrapped(
                f"{heading_of(node)}: {others_of(node)}", self._right - self._left, _SMALL
            ):
                self._canvas.text(self._left, y + 12, line, size=_SMALL, style="dim")
                y += _LEADING
        return y

    def _key(self, y: float, drawn: Drawn) -> float:
        """How to read it."""
        x = self._left + 26
        if drawn.rings:
            draw_shape(self._canvas, x, y + 8, 24, drawn.rings)
            words = WORDS.get(drawn.rings, WORDS["unknown"])
            self._canvas.text(x + 34, y + 12, words, size=_SMALL, style="dim")
            y += _LEADING
        parts = [self._picture.covered(drawn), measure(drawn)]
        if any(len(seat.threads) > 1 for node in drawn.nodes for seat in node.seats):
            parts.append("bracket: threads of one core")
        if any(node.near is False for node in drawn.nodes):
            parts.append("dashed: a remote node")
        for line in wrapped(" · ".join(parts), self._right - self._left, _SMALL):
            self._canvas.text(self._left, y + 12, line, size=_SMALL, style="dim")
            y += _LEADING
        return y


def _rows(seat: Seat) -> Sequence[Row]:
    return rows_of(seat, seat.lines)


def _all(marks: dict[str, Marks], parts: Sequence[str]) -> Marks:
    return tuple(dict.fromkeys(mark for part in parts for mark in marks.get(part, ())))
