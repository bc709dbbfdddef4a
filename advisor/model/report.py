"""A report: the findings about one host, and what they were judged by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from advisor.model.finding import Finding, Status
from advisor.model.rule import Severity
from advisor.model.system import Collection


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What `advisor check` found.

    Attributes:
        collection: How and when the facts were read.
        kernel: Kernel release, "unknown" when it could not be read.
        profile: Profile that the host was judged against.
        params: Parameter name → (value, who set it).
        rules: How many rules were evaluated.
        sample_s: Length of the sample in seconds, None when counters are totals since boot.
        findings: Every outcome, most urgent first.
        since: What totals cover: "since boot", or "since the namespace began".
    """

    collection: Collection
    kernel: str
    profile: str
    params: dict[str, tuple[Any, str]]
    rules: int
    sample_s: float | None
    findings: tuple[Finding, ...]
    since: str = "since boot"

    def of_status(self, status: Status) -> list[Finding]:
        """The findings with one status."""
        return [finding for finding in self.findings if finding.status is status]

    def summary(self) -> dict[str, int]:
        """How many findings there are of each status, and how many failures of each severity."""
        statuses = Counter(finding.status.value for finding in self.findings)
        failed = self.of_status(Status.FAIL)
        severities = Counter(finding.severity.value for finding in failed)
        return {
            **{status.value: statuses[status.value] for status in Status},
            **{severity.value: severities[severity.value] for severity in Severity},
            "active": sum(finding.active for finding in failed),
        }

    def worst(self) -> Severity | None:
        """The highest severity among the failures, None without any."""
        failed = self.of_status(Status.FAIL)
        return max((finding.severity for finding in failed), key=lambda s: s.rank, default=None)
