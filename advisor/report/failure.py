"""One failure for people: claim, cause, evidence, what to do, what to run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from advisor.model.finding import Evidence, Finding, NextBoot
from advisor.model.rule import Fix
from advisor.model.waiver import Waived
from advisor.report.style import TextStyle, safe
from advisor.units import format_value

INDENT = 8
_LABEL = 10
_MOST_VALUES = 16
_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}
_DISRUPTS = {"none": "disrupts nothing", "link": "interrupts the link", "reboot": "needs a reboot"}


def failure_lines(finding: Finding, style: TextStyle) -> list[str]:
    """The failure as lines; commands stand alone on theirs and are never wrapped."""
    lines = _claim(finding, style)
    lines += style.wrap(finding.message, INDENT)
    lines += evidence_lines(finding.evidence, style)
    if finding.cleared:
        cleared = f"{', '.join(finding.cleared)} passed: not the cause"
        lines += _labelled("cleared", _text(cleared, style), style)
    if finding.next_boot is not None:
        lines += _labelled("boot", _text(boot_text(finding.next_boot), style), style)
    if finding.waived is not None:
        lines += _labelled("waiver", _text(waiver_text(finding.waived), style), style)
    lines += _labelled("do", _text(finding.advice, style), style)
    if finding.fix is not None:
        run = "; run as root:" if finding.commands else ""
        lines += _labelled("fix", _text(fix_text(finding.fix) + run, style), style)
        lines += [" " * (INDENT + _LABEL + 2) + safe(command) for command in finding.commands]
        lines += _labelled("note", _text(finding.fix.note, style), style)
    return lines


def value_text(value: Any) -> str:
    """A setting's value for people."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (tuple, list)):
        if not value:
            return "none"
        if len(value) > _MOST_VALUES:
            return f"{format_value(value[:_MOST_VALUES])} … ({len(value)} values)"
    return format_value(value)


def evidence_lines(items: Iterable[Evidence], style: TextStyle) -> list[str]:
    """Facts, values and what the values cover, in columns as far as the width allows."""
    rows = [
        (safe(item.fact), safe(item.text), "" if item.basis == "now" else f"({item.basis})")
        for item in items
    ]
    room = style.width - INDENT - _LABEL
    values = _column([row[1] for row in rows], room // 4)
    bases = _column([row[2] for row in rows], room)
    facts = _column([row[0] for row in rows], room - values - bases - 4)
    lines: list[str] = []
    for fact, value, basis in rows:
        line = f"{fact:<{facts}}  {value:<{values}}  {basis}".rstrip()
        fits = len(line) <= room or " " not in line
        lines += [line] if fits else _text(f"{fact}  {value}  {basis}", style, 2)
    return _labelled("evidence", lines, style)


def fix_text(fix: Fix) -> str:
    """What a change would mean, in a few words."""
    return f"{fix.risk} risk, {_DISRUPTS[fix.disrupts]}"


def boot_text(boot: NextBoot) -> str:
    """What the next boot makes of a setting."""
    if boot.value is None:
        return "no file sets it: what runs now is the kernel's own value, or is lost at a reboot"
    outcome = {True: "which passes", False: "which fails as well", None: "which cannot be judged"}
    return f"{boot.place} sets {value_text(boot.value)}, {outcome[boot.passes]}"


def waiver_text(waived: Waived) -> str:
    """Whether a waiver holds, until when, why, and where it stands."""
    if waived.expired:
        return f"expired on {waived.until}: {waived.reason} ({waived.place})"
    until = f" until {waived.until}" if waived.until else ""
    return f"waived{until}: {waived.reason} ({waived.place})"


def _claim(finding: Finding, style: TextStyle) -> list[str]:
    word = finding.severity.value
    parts = [(f"{finding.rule.id:<6}", "bold"), (f"{word:<7}", _COLOURS[word])]
    if finding.active:
        parts.append(("ACTIVE", "red"))
    parts.append((_subject(finding), "bold"))
    line = "  ".join(style.paint(text, colour) for text, colour in parts)
    if finding.setting is None:
        return [line]
    change = f"{value_text(finding.actual)} → {value_text(finding.wanted)}"
    used = sum(len(safe(text)) + 2 for text, _ in parts)
    if used + len(safe(change)) <= style.width:
        return [f"{line}  {style.paint(change, 'bold')}"]
    return [line, *style.wrap(change, INDENT)]


def _subject(finding: Finding) -> str:
    scope, target = finding.rule.scope.value, finding.target
    if finding.setting is None:
        return finding.rule.name if target == "host" else f"{finding.rule.name}  {scope} {target}"
    setting = str(finding.setting)
    return setting if target == "host" or target in setting else f"{setting} for {scope} {target}"


def _column(texts: list[str], most: int) -> int:
    return max((len(text) for text in texts if len(text) <= most), default=0)


def _text(text: str, style: TextStyle, hanging: int = 0) -> list[str]:
    indent = INDENT + _LABEL
    return [line[indent:] for line in style.wrap(text, indent, hanging)]


def _labelled(label: str, lines: list[str], style: TextStyle) -> list[str]:
    """The lines, indented, with a label before the first."""
    lead = style.paint(f"{label:<{_LABEL}}", "dim")
    return [
        " " * INDENT + (" " * _LABEL if index else lead) + line for index, line in enumerate(lines)
    ]
