"""The report for people: active findings first, each with cause, evidence and what to run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.model.finding import Evidence, Finding, Status
from advisor.model.report import Report
from advisor.report.style import TextStyle, safe
from advisor.units import format_value

_INDENT = 8
_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}


def to_text(report: Report, style: TextStyle) -> str:
    """The report as text with a newline at its end."""
    lines = [_head(report, style), ""]
    for finding in report.of_status(Status.FAIL):
        lines += [*_failure(finding, style), ""]
    if style.verbose:
        for status in (Status.UNKNOWN, Status.NOT_APPLICABLE, Status.PASS):
            lines += _others(report.of_status(status), status, style)
    lines += _summary(report, style)
    return "\n".join(safe_lines(lines)) + "\n"


def safe_lines(lines: list[str]) -> Iterator[str]:
    """The lines without control characters, colours excepted."""
    for line in lines:
        yield "\x1b[".join(safe(part) for part in line.split("\x1b["))


def finding_lines(finding: Finding, style: TextStyle) -> list[str]:
    """One failure, as the report shows it."""
    return _failure(finding, style)


def _head(report: Report, style: TextStyle) -> str:
    window = (
        f"counters over {report.sample_s:g} s"
        if report.sample_s is not None
        else f"counters since boot ({format_value(report.collection.uptime_s, 's')} ago)"
    )
    source = report.collection.source
    parts = [
        style.paint(report.collection.hostname, "bold"),
        f"Linux {report.kernel}",
        f"profile {report.profile}",
        f"{report.rules} rules",
        window,
    ]
    if source != "live":
        parts.insert(1, source)
    return " · ".join(parts)


def _failure(finding: Finding, style: TextStyle) -> list[str]:
    lines = [_claim(finding, style)]
    lines += style.wrap(finding.message, _INDENT)
    lines += _labelled("evidence", [_evidence(item) for item in finding.evidence], style)
    if finding.cleared:
        lines += _labelled("cleared", [", ".join(finding.cleared)], style)
    if finding.advice:
        lines += _labelled("do", [finding.advice], style)
    lines += _labelled("run", list(finding.commands), style)
    if finding.fix is not None and finding.fix.note:
        lines += _labelled("note", [finding.fix.note], style)
    return lines


def _claim(finding: Finding, style: TextStyle) -> str:
    severity = style.paint(f"{finding.severity.value:<7}", _COLOURS[finding.severity.value])
    parts = [style.paint(finding.rule.id, "bold"), severity]
    if finding.active:
        parts.append(style.paint("ACTIVE", "red", "bold"))
    parts.append(_subject(finding))
    if finding.setting is not None:
        parts.append(style.paint(f"{_value(finding.actual)} → {_value(finding.wanted)}", "bold"))
    if finding.fix is not None:
        parts.append(f"fix: {finding.fix.risk} risk, disrupts {finding.fix.disrupts}")
    return "  ".join(parts)


def _subject(finding: Finding) -> str:
    if finding.setting is not None:
        return str(finding.setting)
    if finding.target != "host":
        return f"{finding.rule.scope.value} {finding.target}"
    return finding.rule.name


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return format_value(value)


def _evidence(item: Evidence) -> str:
    basis = "" if item.basis == "now" else f"  ({item.basis})"
    return f"{item.fact} = {item.text}{basis}"


def _labelled(label: str, texts: list[str], style: TextStyle) -> list[str]:
    lines: list[str] = []
    indent = _INDENT + 10
    for text in texts:
        for line in style.wrap(text, indent) or [""]:
            lead = label if not lines else ""
            lines.append(" " * _INDENT + style.paint(f"{lead:<10}", "dim") + line[indent:])
    return lines


def _others(findings: list[Finding], status: Status, style: TextStyle) -> list[str]:
    if not findings:
        return []
    lines = [style.paint(status.value.replace("_", " "), "bold")]
    for finding in findings:
        subject = "" if finding.target == "host" else f" {finding.target}:"
        text = f"{finding.rule.id}{subject} {finding.rule.title}"
        if finding.reason:
            text = f"{finding.rule.id}{subject} {finding.reason}"
        wrapped = style.wrap(text, 10)
        lines += [f"  {wrapped[0].lstrip()}", *wrapped[1:]]
    return [*lines, ""]


def _summary(report: Report, style: TextStyle) -> list[str]:
    counts = report.summary()
    failed = counts["fail"]
    if failed:
        severities = [
            f"{counts[name]} {name}{'s' if counts[name] > 1 and name != 'info' else ''}"
            for name in ("error", "warning", "info")
            if counts[name]
        ]
        first = style.paint(f"{failed} failed ({', '.join(severities)})", "bold", "red")
    else:
        first = style.paint("nothing failed", "bold", "green")
    parts = [
        first,
        f"{counts['pass']} passed",
        f"{counts['not_applicable']} not applicable",
        f"{counts['unknown']} unknown",
    ]
    if not style.verbose:
        parts[-1] += " (-v says why)"
    lines = [" · ".join(parts)]
    lines += [f"next: {command}" for command in _next(report)]
    return lines


def _next(report: Report) -> list[str]:
    failed = report.of_status(Status.FAIL)
    commands = []
    if failed:
        commands.append(f"advisor explain {failed[0].rule.id} --here")
    if report.sample_s is None and report.collection.source == "live":
        commands.append("advisor check --sample 10    # rates of now instead of totals since boot")
    return commands
