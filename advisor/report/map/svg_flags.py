"""Flags: the letters of findings, in shapes that tell their severity."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.model.finding import Finding
from advisor.report.map.model import Marks
from advisor.report.map.svg_canvas import Canvas, text_width

HEIGHT = 16.0
"""Of a flag, where there is room."""

_LETTER = 0.69
_GAP = 2.0

Findings = Mapping[str, Finding]
"""Letter → the finding."""


def flags_width(marks: Marks, height: float = HEIGHT) -> float:
    """Units that the flags take, side by side."""
    return sum(_width(mark, height) + _GAP for mark in marks)


def draw_flags(
    canvas: Canvas,
    x: float,
    middle: float,
    marks: Marks,
    findings: Findings,
    height: float = HEIGHT,
) -> None:
    """Draw flags side by side.

    Args:
        canvas: Where to draw.
        x: Where the first begins.
        middle: The height of their middle.
        marks: The letters.
        findings: What they stand for.
        height: Height of a flag.
    """
    for mark in marks:
        finding = findings[mark]
        active = ", ACTIVE" if finding.active else ""
        claim = f"{mark}: {finding.rule.id} {finding.severity.value}{active}"
        with canvas.group(f"{claim}\n{finding.message}"):
            _flag(canvas, x, middle, mark, finding.severity.value, height)
        x += _width(mark, height) + _GAP


def _width(mark: str, height: float) -> float:
    return text_width(mark, height * _LETTER) + height * _LETTER


def _flag(canvas: Canvas, x: float, middle: float, mark: str, severity: str, height: float) -> None:
    """An octagon for an error, a trapezium for a warning, a round one for the rest."""
    width, half = _width(mark, height), height / 2
    right, top, bottom = x + width, middle - half, middle + half
    cut = height * 0.27
    if severity == "error":
        points = [
            (x + cut, top), (right - cut, top), (right, top + cut), (right, bottom - cut),
            (right - cut, bottom), (x + cut, bottom), (x, bottom - cut), (x, top + cut),
        ]  # fmt: skip
        canvas.polygon(points, severity)
    elif severity == "warning":
        points = [(x + cut, top), (right - cut, top), (right, bottom), (x, bottom)]
        canvas.polygon(points, severity)
    else:
        canvas.box(x, top, width, height, severity, half)
    size = height * _LETTER
    canvas.text(
        x + width / 2, middle + size * 0.36, mark, size=size, style="flagtext", anchor="middle"
    )
