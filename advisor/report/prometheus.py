"""The report as metrics for the textfile collector of Prometheus' node exporter.

The number of series does not depend on the host: findings are counted, never listed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from advisor.model.finding import Status
from advisor.model.report import Report
from advisor.model.rule import Severity
from advisor.report.details import when
from advisor.report.style import safe

_Sample = tuple[Mapping[str, str], float]


def to_prometheus(report: Report, *, version: str) -> str:
    """The report in the text exposition format, version 0.0.4.

    Args:
        report: The report.
        version: Version of advisor that judged.
    """
    run = {"version": version, "profile": report.profile}
    read = _timestamp(when(report))
    families: tuple[tuple[str, str, list[_Sample]], ...] = (
        ("advisor_findings", "Findings by what came of them and their severity.", _all(report)),
        (
            "advisor_active_findings",
            "Failures with measured signs that they hurt, by severity.",
            _active(report),
        ),
        ("advisor_rules", "Rules that were evaluated.", [({}, report.rules)]),
        (
            "advisor_last_run_timestamp_seconds",
            "When the facts that were judged had been read.",
            [] if read is None else [({}, read)],
        ),
        ("advisor_run_info", "What judged, and by which workload profile.", [(run, 1)]),
    )
    # Files of one host are read together, and a series must not be in two of them.
    source = report.collection.source
    common = {} if source == "live" else {"source": source}
    lines = [line for family in families for line in _family(family, common)]
    return "\n".join(lines) + "\n"


def _all(report: Report) -> list[_Sample]:
    counts = Counter((finding.status, finding.severity) for finding in report.findings)
    return [
        ({"status": status.value, "severity": severity.value}, counts[status, severity])
        for status in Status
        for severity in Severity
    ]


def _active(report: Report) -> list[_Sample]:
    failed = report.of_status(Status.FAIL)
    counts = Counter(finding.severity for finding in failed if finding.active)
    return [({"severity": severity.value}, counts[severity]) for severity in Severity]


def _timestamp(at: str | None) -> float | None:
    """Seconds since 1970."""
    try:
        return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp() if at else None
    except ValueError:  # the 31st of a month that has none
        return None


def _family(family: tuple[str, str, list[_Sample]], common: Mapping[str, str]) -> Iterator[str]:
    name, text, samples = family
    if not samples:
        return
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} gauge"
    for labels, value in samples:
        pairs = ",".join(
            f'{label}="{_label(content)}"' for label, content in {**labels, **common}.items()
        )
        yield f"{name}{{{pairs}}} {value:.0f}" if pairs else f"{name} {value:.0f}"


def _label(text: str) -> str:
    return safe(text).replace("\\", "\\\\").replace('"', '\\"')
