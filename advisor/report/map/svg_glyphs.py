"""Completion rings: where the completions of receive and transmit queues meet, if they do."""

from __future__ import annotations

from advisor.report.map.rows import Row
from advisor.report.map.svg_canvas import Canvas

_REACH = 24.0
"""From the middle to the ends of the arms."""
_APART = 11.0
"""From the middle to the centre of either of two rings."""

WORDS = {
    "shared-ring": "receive and transmit completions in one ring",
    "shared-napi": "two rings, polled by one NAPI instance",
    "separate": "rings and NAPI instances of their own",
    "unknown": "it is not known what they share",
}
"""What the shapes stand for."""


def draw_glyph(canvas: Canvas, x: float, y: float, row: float, of: Row, topology: str) -> None:
    """Draw the rings of a channel around a point.

    Args:
        canvas: Where to draw.
        x: Their middle.
        y: Their middle.
        row: Height of the row.
        of: The row that they belong to.
        topology: How completions are laid out; "" where there are none.
    """
    if not topology:
        return
    if of.rx and of.tx and not (topology != "unknown" and not of.shared):
        draw_shape(canvas, x, y, row, topology)
        return
    for present, side in ((of.rx, -1), (of.tx, 1)):
        if present:
            canvas.line(x + side * _APART, y, x + side * _REACH, y, "wire")
            canvas.circle(x + side * _APART, y, _radius(row), "ring")


def draw_shape(canvas: Canvas, x: float, y: float, row: float, topology: str) -> None:
    """Draw what stands for a topology, with arms to both sides."""
    radius = _radius(row)
    if topology == "shared-ring":
        canvas.line(x - _REACH, y, x + _REACH, y, "wire")
        canvas.circle(x, y, radius * 1.35, "ring")
        return
    if topology not in ("shared-napi", "separate"):
        for side in (-1, 1):
            canvas.line(x + side * 9, y, x + side * _REACH, y, "farwire")
        canvas.circle(x, y, radius * 1.35, "unknown")
        canvas.text(x, y + 4, "?", size=11, style="dim", anchor="middle")
        return
    for side in (-1, 1):
        canvas.line(x + side * _APART, y, x + side * _REACH, y, "wire")
    if topology == "shared-napi":
        canvas.line(x - _APART, y, x + _APART, y, "wire")
    for side in (-1, 1):
        canvas.circle(x + side * _APART, y, radius, "ring")
    if topology == "shared-napi":
        canvas.circle(x, y, 2.8, "napi")


def _radius(row: float) -> float:
    return min(5.0, row * 0.2)
