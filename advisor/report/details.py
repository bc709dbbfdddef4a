"""A finding in plain lines, for the places that a pipeline shows it in."""

from __future__ import annotations

import re

from advisor.model.finding import Evidence, Finding, Status
from advisor.model.report import Report
from advisor.report.failure import boot_text, fix_text, value_text, waiver_text
from advisor.report.style import safe

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)


def when(report: Report) -> str | None:
    """When the facts were read, ISO 8601 in UTC; None for what is no time, as snapshots can say."""
    at = report.collection.at
    return at if _TIME.fullmatch(at) else None


def title(finding: Finding) -> str:
    """Which rule, and about what, in one line that is safe to print."""
    rule = f"{finding.rule.id} {finding.rule.name}"
    return safe(rule if finding.target == "host" else f"{rule} {finding.target}")


def change(finding: Finding) -> str:
    """The setting with its value and the one it should have, "" where there is none."""
    if finding.setting is None:
        return ""
    values = f"{value_text(finding.actual)}, wanted {value_text(finding.wanted)}"
    return safe(f"{finding.setting} is {values}")


def evidence(item: Evidence) -> str:
    """One piece of evidence in one line."""
    basis = "" if item.basis == "now" else f" ({item.basis})"
    return safe(f"{item.fact}: {item.text}{basis}")


def details(finding: Finding) -> list[str]:
    """A failure, also one that is set aside: cause, evidence, what to do. Each line is safe."""
    lines = [finding.message, change(finding)]
    lines += [evidence(item) for item in finding.evidence]
    if finding.next_boot is not None:
        lines.append(f"next boot: {boot_text(finding.next_boot)}")
    if finding.waived is not None:
        lines.append(waiver_text(finding.waived))
    if finding.advice:
        lines.append(f"do: {finding.advice}")
    if finding.fix is not None:
        run = "; run as root:" if finding.commands else ""
        lines += [f"fix: {fix_text(finding.fix)}{run}", *finding.commands]
        lines.append(finding.fix.note and f"note: {finding.fix.note}")
    return [safe(line) for line in lines if line]


def reason(finding: Finding) -> str:
    """Why something is no failure, in one line; "" where a pass needs no words."""
    if finding.waived is not None and finding.status is Status.WAIVED:
        return safe(waiver_text(finding.waived))
    if finding.status is Status.PASS and finding.setting is not None:
        return safe(f"{finding.setting} is {value_text(finding.actual)}")
    return safe(finding.reason)
