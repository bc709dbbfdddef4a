"""The report as workflow commands of GitHub Actions: annotations, and a line for the log.

The runner's side: `ActionCommand.cs` of actions/runner; escaping: `command.ts` of actions/toolkit.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from advisor.model.finding import Finding, Status
from advisor.model.report import Report
from advisor.model.rule import Severity
from advisor.report.details import details, title
from advisor.report.style import safe
from advisor.report.summary import alike, target_list, verdict

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def to_github(report: Report, *, files: Mapping[str, str] | None = None) -> str:
    """One command for each rule that failed, the most urgent first, then the counts.

    GitHub shows ten annotations of a kind for each step, so interfaces with the same problem share
    one.

    Args:
        report: The report.
        files: Rule id → its file, relative to a checkout of the rules.
    """
    lines = [
        _annotation(report, group, files or {}) for group in alike(report.of_status(Status.FAIL))
    ]
    counts = report.summary()
    # No name of a host or a device may be in a line that is no command: it could hold one.
    lines.append(
        f"{verdict(counts)}, {counts['waived']} waived, {counts['pass']} passed, "
        f"{counts['not_applicable']} not applicable, {counts['unknown']} unknown"
    )
    return "\n".join(lines) + "\n"


def _annotation(report: Report, group: list[Finding], files: Mapping[str, str]) -> str:
    finding, *more = group
    rule = finding.rule
    properties = {
        "file": quote(files.get(rule.id, rule.file)),
        "line": "1",
        "title": f"{title(finding)} on {safe(report.collection.hostname)}",
    }
    lines = details(finding)
    if more:
        lines.append(safe(f"also fails for {target_list([each.target for each in more])}"))
    pairs = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {pairs}::{_data(chr(10).join(lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
