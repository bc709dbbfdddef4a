"""The report for people: active findings first, each with cause, evidence and what to run."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.model.finding import Finding, Status
from advisor.model.report import Report
from advisor.report.failure import INDENT, failure_lines, value_text, waiver_text
from advisor.report.style import TextStyle, safe
from advisor.report.summary import alike, shown, target_list, verdict
from advisor.units import format_value

_HEADINGS = {
    Status.WAIVED: "waived",
    Status.UNKNOWN: "unknown",
    Status.NOT_APPLICABLE: "not applicable",
    Status.PASS: "passed",
}


def to_text(report: Report, style: TextStyle, proposals: Sequence[str] = ()) -> str:
    """The report as text with a newline at its end.

    Args:
        report: The report.
        style: How to write it.
        proposals: Commands worth typing next.
    """
    lines = [*_head(report, style), ""]
    for group in alike(report.of_status(Status.FAIL)):
        lines += _failures(group, style)
    if style.verbose:
        for status, heading in _HEADINGS.items():
            lines += _others(report.of_status(status), heading, style)
    lines += _summary(report, style)
    lines += [f"next: {safe(command)}" for command in proposals]
    return "\n".join(lines) + "\n"


def _head(report: Report, style: TextStyle) -> list[str]:
    collection = report.collection
    image = collection.source.startswith("image ")
    window = "configuration only" if image else f"counters {report.since}"
    if report.sample_s is not None:
        window = f"counters over {report.sample_s:g} s"
    elif report.since == "since boot" and collection.uptime_s > 0:
        window += f" ({format_value(collection.uptime_s, 's')} ago)"
    parts = [
        collection.hostname,
        f"Linux {report.kernel}",
        f"profile {report.profile}",
        f"{report.rules} rule{'' if report.rules == 1 else 's'}",
        f"read {collection.at}",
        window,
    ]
    if collection.source != "live":
        parts.insert(1, collection.source)
    return _flow(parts, style, "bold")


def _failures(group: list[Finding], style: TextStyle) -> list[str]:
    """Failures of one rule: a host with a hundred interfaces has one problem, not a hundred."""
    count = len(group) if style.verbose else shown(group)
    lines: list[str] = []
    for finding in group[:count]:
        lines += [*failure_lines(finding, style), ""]
    hidden = group[count:]
    if hidden:
        targets = target_list([finding.target for finding in hidden])
        text = f"{group[0].rule.id} also fails for {targets} (-v shows each)"
        lines += [*style.wrap(text, INDENT), ""]
    return lines


def _others(findings: list[Finding], heading: str, style: TextStyle) -> list[str]:
    """What did not fail, one line for all targets about which a rule says the same."""
    targets: dict[tuple[str, str], list[str]] = {}
    for finding in sorted(findings, key=lambda finding: finding.rule.id):
        key = (f"{finding.rule.id} {finding.rule.name}", _reason(finding))
        targets.setdefault(key, []).append(finding.target)
    lines = []
    for (rule, reason), names in targets.items():
        subject = "" if names == ["host"] else f" {target_list(names)}"
        lines += style.wrap(f"{rule}{subject}" + (f": {reason}" if reason else ""), 2, 7)
    if not lines:
        return []
    return [style.paint(f"{len(findings)} {heading}", "bold"), *lines, ""]


def _reason(finding: Finding) -> str:
    if finding.waived is not None:
        return waiver_text(finding.waived)
    if finding.status is Status.PASS and finding.setting is not None:
        return f"{finding.setting} is {value_text(finding.actual)}"
    return finding.reason


def _summary(report: Report, style: TextStyle) -> list[str]:
    counts = report.summary()
    unknown = f"{counts['unknown']} unknown"
    if counts["unknown"] and not style.verbose:
        unknown += " (-v says why)"
    words = verdict(counts)
    waived = [f"{counts['waived']} waived"] if counts["waived"] else []
    parts = [
        *waived,
        f"{counts['pass']} passed",
        f"{counts['not_applicable']} not applicable",
        unknown,
    ]
    good = words == "nothing failed"
    return _flow([words, *parts], style, "bold", "green" if good else "red")


def _flow(parts: Sequence[str], style: TextStyle, *colours: str) -> list[str]:
    """The parts in as few lines as they fit in, the first one in colours."""
    lead = len(safe(parts[0]))
    first, *more = style.flow(parts)
    return [style.paint(first[:lead], *colours) + first[lead:], *more]
