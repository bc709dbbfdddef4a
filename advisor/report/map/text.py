"""The map for the terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from advisor.report.map.grid import highlighted
from advisor.report.map.model import Drawn, Fact
from advisor.report.map.picture import Note, Picture
from advisor.report.map.rows import measure
from advisor.report.map.table import letters_text, table
from advisor.report.map.words import several
from advisor.report.style import TextStyle, safe

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}
_KEYS = {
    "shared-ring": "=O= one ring for rx and tx",
    "shared-napi": "O-O own rings, one NAPI",
    "separate": "O O separate rings and NAPI",
    "unknown": "? how rx and tx share rings is not known",
}


def to_text(picture: Picture, style: TextStyle, proposals: Sequence[str] = ()) -> str:
    """The map as text with a newline at its end.

    Args:
        picture: The map.
        style: How to write it.
        proposals: Commands worth typing next.
    """
    lines = _head(picture, style)
    for drawn in picture.drawn:
        lines += ["", *_interface(drawn, picture, style)]
    lines += _legend(picture, style)
    lines += [f"next: {safe(command)}" for command in proposals]
    return "\n".join(lines) + "\n"


def _head(picture: Picture, style: TextStyle) -> list[str]:
    marks = f" {letters_text(picture.marks)}" if picture.marks else ""
    host = safe(picture.title[0])
    parts = [host + marks, *picture.title[1:]]
    lines = _titled(parts, len(host), style)
    for sentence in picture.intro:
        lines += style.wrap(sentence, 0, 2)
    return lines


def _interface(drawn: Drawn, picture: Picture, style: TextStyle) -> list[str]:
    name = safe(drawn.name)
    marks = f" {letters_text(drawn.marks)}" if drawn.marks else ""
    lines = _titled([name + marks, *drawn.title], len(name), style)
    lines += _facts(drawn.facts, style)
    layout = table(drawn, picture.seconds is not None, style)
    return [*lines, "", *layout, *_key(drawn, picture, style)] if layout else lines


def _titled(parts: Sequence[str], bold: int, style: TextStyle) -> list[str]:
    first, *more = style.flow(parts)
    return [style.paint(first[:bold], "bold") + highlighted(first[bold:], style), *more]


def _facts(facts: Sequence[Fact], style: TextStyle) -> list[str]:
    """A line for each fact; what is not known is put together by its reason."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for fact in facts:
        if not fact.known and not fact.marks:
            reasons[fact.text].append(fact.label)
    alike = {text: names for text, names in reasons.items() if len(names) > 1}
    shown = [fact for fact in facts if fact.marks or fact.text not in alike]
    labels = max((len(fact.label) for fact in shown), default=0)
    marks = max((len(letters_text(fact.marks)) for fact in shown), default=0)
    indent = 2 + labels + 2 + (marks + 2 if marks else 0)
    lines = []
    for fact in shown:
        lead = f"  {fact.label:<{labels}}  {letters_text(fact.marks):<{marks}}".ljust(indent)
        wrapped = style.wrap(fact.text, indent) or [""]
        label = style.paint(lead[: labels + 2], "dim")
        first = label + highlighted(lead[labels + 2 :], style) + wrapped[0][indent:]
        lines += [first.rstrip(), *wrapped[1:]]
    for text, names in alike.items():
        lines += style.wrap(f"{', '.join(names)}: {text}", 2, 2)
    return lines


def _key(drawn: Drawn, picture: Picture, style: TextStyle) -> list[str]:
    """How to read the table."""
    parts = [picture.covered(drawn), measure(drawn)]
    if drawn.rings:
        parts.insert(0, _KEYS.get(drawn.rings, _KEYS["unknown"]))
    return [style.paint(line, "dim") for line in style.wrap(" · ".join(parts), 0, 2)]


def _legend(picture: Picture, style: TextStyle) -> list[str]:
    lines = [""]
    for note in picture.notes:
        lines += _note(note, style)
    more = picture.elsewhere
    if more:
        also = "more " if picture.notes else ""
        verb = "has" if more == 1 else "have"
        said = f"{several(more, f'{also}finding')} {verb} no place on this map: see advisor check"
        lines += style.wrap(said, 0, 2)
    if not picture.notes and not more:
        lines.append(style.paint("nothing failed", "bold", "green"))
    return lines


def _note(note: Note, style: TextStyle) -> list[str]:
    finding = note.finding
    word = finding.severity.value
    letter = f"[{note.mark}]"
    parts = [(letter, "red"), (finding.rule.id, "bold"), (word, _COLOURS[word])]
    if finding.active:
        parts.append(("ACTIVE", "red"))
    subject = finding.rule.name
    if finding.target != "host":
        subject += f"  {finding.rule.scope.value} {finding.target}"
    parts.append((subject, "bold"))
    line = "  ".join(style.paint(text, colour) for text, colour in parts)
    return [line, *style.wrap(finding.message, len(letter) + 2)]
