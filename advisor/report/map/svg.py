"""The map as a drawing: one SVG file that needs nothing else."""

from __future__ import annotations

from advisor.report.map.picture import Note, Picture
from advisor.report.map.svg_canvas import Canvas, text_width, wrapped, written_text
from advisor.report.map.svg_columns import columns_of
from advisor.report.map.svg_flags import Findings, draw_flags, flags_width
from advisor.report.map.svg_panel import INSET, Panel
from advisor.report.map.svg_style import style_sheet
from advisor.report.map.words import several

_MARGIN = 20.0
_NARROWEST = 960.0
_SIZE = 12.0
_LEADING = 17.0


def to_svg(picture: Picture) -> str:
    """The drawing, with a newline at its end."""
    sampled = picture.seconds is not None
    columns = [columns_of(drawn, sampled, _MARGIN + INSET) for drawn in picture.drawn]
    width = max([_NARROWEST, *(each.end + INSET + _MARGIN for each in columns)])
    canvas = Canvas()
    findings = {note.mark: note.finding for note in picture.notes}
    y = _head(canvas, _MARGIN, width, picture, findings)
    panel = Panel(canvas, picture, findings, _MARGIN, width - _MARGIN)
    for drawn, each in zip(picture.drawn, columns, strict=True):
        y = panel.draw(y + 14, drawn, each)
    height = _legend(canvas, y + 14, width, picture, findings) + _MARGIN
    names = ", ".join(drawn.name for drawn in picture.drawn)
    title = written_text(f"advisor map of {names} on {picture.title[0]}")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img">\n'
        f"<title>{title}</title>\n<style>\n{style_sheet()}\n</style>\n"
        f'<rect width="{width:g}" height="{height:g}" class="page"/>\n'
        f"{canvas.written()}\n</svg>\n"
    )


def _head(canvas: Canvas, y: float, width: float, picture: Picture, findings: Findings) -> float:
    host, *more = picture.title
    canvas.text(_MARGIN, y + 12, host, size=_SIZE, style="bold")
    x = _MARGIN + text_width(host, _SIZE) + 8
    draw_flags(canvas, x, y + 8, picture.marks, findings)
    x += flags_width(picture.marks) + 4
    said = " · ".join(["", *more]).strip()
    first, *rest = wrapped(said, width - x - _MARGIN, _SIZE)
    canvas.text(x, y + 12, first, size=_SIZE, style="dim")
    y += _LEADING
    for sentence in (*rest, *picture.intro):
        for line in wrapped(sentence, width - 2 * _MARGIN, _SIZE):
            canvas.text(_MARGIN, y + 12, line, size=_SIZE, style="dim")
            y += _LEADING
    return y


def _legend(canvas: Canvas, y: float, width: float, picture: Picture, findings: Findings) -> float:
    indent = max((flags_width((note.mark,)) for note in picture.notes), default=0) + 8
    for note in picture.notes:
        draw_flags(canvas, _MARGIN, y + 8, (note.mark,), findings)
        canvas.text(_MARGIN + indent, y + 12, _claim(note), size=_SIZE, style="bold")
        y += _LEADING
        for line in wrapped(note.finding.message, width - 2 * _MARGIN - indent, _SIZE):
            canvas.text(_MARGIN + indent, y + 12, line, size=_SIZE, style="ink")
            y += _LEADING
        y += 4
    closing = closing_of(picture)
    if closing:
        canvas.text(_MARGIN, y + 12, closing, size=_SIZE, style="dim")
        y += _LEADING
    return y


def closing_of(picture: Picture) -> str:
    """What is left to say under the legend."""
    if not picture.notes and not picture.elsewhere:
        return "nothing failed"
    said = "advisor explain ID tells more about a finding"
    if not picture.elsewhere:
        return said
    more = "more " if picture.notes else ""
    verb = "has" if picture.elsewhere == 1 else "have"
    count = several(picture.elsewhere, f"{more}finding")
    return f"{count} {verb} no place on this map: see advisor check"


def _claim(note: Note) -> str:
    finding = note.finding
    target = "" if finding.target == "host" else f"{finding.rule.scope.value} {finding.target}"
    parts = (
        finding.rule.id,
        finding.severity.value,
        "ACTIVE" if finding.active else "",
        finding.rule.name,
        target,
    )
    return " · ".join(part for part in parts if part)
