"""Waivers and baselines on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from advisor.cli import options
from advisor.errors import AdvisorError
from advisor.model.finding import Status
from advisor.model.report import Report


def decide(report: Report, waivers: Sequence[Path], baseline: Path | None) -> Report:
    """The report with the failures set aside that the files name.

    Waivers for this host that nothing needs any more are named on standard error.

    Raises:
        AdvisorError: A file cannot be read or is not valid.
    """
    if not waivers and baseline is None:
        return report
    from advisor.engine.waive import Decisions, unused, waive
    from advisor.knowledge.waivers import load_baseline, load_waivers

    decisions = Decisions(
        today=datetime.now(timezone.utc).date(),
        waivers=[waiver for path in waivers for waiver in load_waivers(path)],
        baseline=frozenset() if baseline is None else load_baseline(baseline),
        baseline_file="" if baseline is None else str(baseline),
    )
    hostname = report.collection.hostname
    for waiver in unused(report.findings, hostname, decisions):
        options.note(
            f"{waiver.place}: the waiver of {waiver.rule} for {waiver.target} is not needed here"
        )
    return replace(report, findings=tuple(waive(report.findings, hostname, decisions)))


def save_baseline(report: Report, path: Path) -> None:
    """Write the failures, those that are set aside too, to a baseline.

    Raises:
        AdvisorError: It cannot be written, or would go to standard output.
    """
    if str(path) == "-":
        raise AdvisorError("--write-baseline needs the name of a file", "such as baseline.json")
    from advisor.knowledge.waivers import baseline_text

    failures = [*report.of_status(Status.FAIL), *report.of_status(Status.WAIVED)]
    hostname = report.collection.hostname
    names = [(hostname, finding.rule.id, finding.target) for finding in failures]
    options.write(baseline_text(report.collection.at, names), path)
