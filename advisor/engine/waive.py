"""Sets aside the failures that waivers and baselines name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from advisor.engine.evaluate import by_urgency
from advisor.model.finding import Finding, Status
from advisor.model.waiver import Waived, Waiver


@dataclass(frozen=True, slots=True)
class Decisions:
    """What has been decided about failures.

    Attributes:
        waivers: The waivers, in the order of their files: the first that matches counts.
        baseline: Host, rule and target of failures that were there before.
        baseline_file: Where those are from.
        today: The day that expiry is judged by.
    """

    today: date
    waivers: Sequence[Waiver] = ()
    baseline: frozenset[tuple[str, str, str]] = frozenset()
    baseline_file: str = ""


def waive(findings: Iterable[Finding], hostname: str, decisions: Decisions) -> list[Finding]:
    """The findings, with those that are set aside as `waived`, most urgent first.

    A waiver that has expired leaves the failure a failure, with a note. A waiver that still holds
    counts before one that has expired.

    Args:
        findings: The findings of one host.
        hostname: Its name.
        decisions: What has been decided.
    """
    return by_urgency([_waived(finding, hostname, decisions) for finding in findings])


def unused(findings: Iterable[Finding], hostname: str, decisions: Decisions) -> list[Waiver]:
    """Waivers for this host that no failure needs any more: they can be removed."""
    failures = [each for each in findings if each.status in (Status.FAIL, Status.WAIVED)]
    return [
        waiver
        for waiver in decisions.waivers
        if fnmatchcase(hostname, waiver.hosts)
        and not any(_covers(waiver, each, hostname) for each in failures)
    ]


def _waived(finding: Finding, hostname: str, decisions: Decisions) -> Finding:
    if finding.status is not Status.FAIL:
        return finding
    matching = [each for each in decisions.waivers if _covers(each, finding, hostname)]
    valid = [each for each in matching if not _is_over(each, decisions.today)]
    if valid:
        return replace(finding, status=Status.WAIVED, waived=_note(valid[0], expired=False))
    if (hostname, finding.rule.id, finding.target) in decisions.baseline:
        known = Waived("known since the baseline was written", None, decisions.baseline_file)
        return replace(finding, status=Status.WAIVED, waived=known)
    if matching:
        return replace(finding, waived=_note(matching[0], expired=True))
    return finding


def _covers(waiver: Waiver, finding: Finding, hostname: str) -> bool:
    return (
        fnmatchcase(finding.rule.id, waiver.rule)
        # "[::]:80" is a listener before it is a pattern.
        and (finding.target == waiver.target or fnmatchcase(finding.target, waiver.target))
        and fnmatchcase(hostname, waiver.hosts)
    )


def _is_over(waiver: Waiver, today: date) -> bool:
    return waiver.expires is not None and waiver.expires < today


def _note(waiver: Waiver, *, expired: bool) -> Waived:
    until = None if waiver.expires is None else waiver.expires.isoformat()
    return Waived(waiver.reason, until, waiver.place, expired)
