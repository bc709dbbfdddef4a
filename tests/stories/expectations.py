"""What the findings about a story's host have to be: the `*.expect.yaml` beside each snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from advisor.knowledge.yaml_reader import read_file
from tests.stories.build import DIRECTORY

FIRST = 3
"""The cause has to be among so many findings: that is what a reader looks at."""


@dataclass(frozen=True)
class Judged:
    """A snapshot, judged by one profile.

    Attributes:
        profile: The profile.
        params: Parameters on its command line.
        first: Rule of the first finding, None to leave it open.
        cause: Rules that have to be among the first findings.
        fails: What has to fail, each with what it has to say: see `complaints_about`.
        passes: Rules that have to pass, for everything that they judge.
        not_applicable: Rules that do not apply → a part of the reason.
        must_not_fail: Ids or prefixes of rules that must not fail.
        worst: Highest severity that may fail: "none", "info", "warning" or "error".
    """

    profile: str
    params: dict[str, str] = field(default_factory=dict)
    first: str | None = None
    cause: list[str] = field(default_factory=list)
    fails: list[dict[str, Any]] = field(default_factory=list)
    passes: list[str] = field(default_factory=list)
    not_applicable: dict[str, str] = field(default_factory=dict)
    must_not_fail: list[str] = field(default_factory=list)
    worst: str = "error"


def expectations() -> Iterator[tuple[str, Judged]]:
    """Snapshot's name and what is expected of it, for every profile that it is judged by."""
    for file in sorted(DIRECTORY.glob("*.expect.yaml")):
        for each in read_file(file).data["judged"]:
            yield file.name.removesuffix(".expect.yaml"), Judged(**each)


def stories() -> list[str]:
    """Names of the snapshots that have expectations."""
    return [file.name.removesuffix(".expect.yaml") for file in _files()]


def complaints(expected: Judged, findings: list[dict[str, Any]]) -> Iterator[str]:
    """What is not as expected.

    Args:
        expected: The expectation.
        findings: Findings as they stand in a JSON report.
    """
    failed = [finding for finding in findings if finding["status"] == "fail"]
    first = [finding["rule"] for finding in failed[:FIRST]]
    for rule in expected.cause:
        if rule not in first:
            yield f"{rule} is not among the first {FIRST} findings: {first}"
    if expected.first is not None and first[:1] != [expected.first]:
        yield f"the first finding is {first[:1]}, not {expected.first}"
    for wanted in expected.fails:
        yield from _complaints_about(wanted, failed)
    for rule in expected.passes:
        statuses = {finding["status"] for finding in findings if finding["rule"] == rule}
        if "pass" not in statuses or statuses - {"pass", "not_applicable"}:
            yield f"{rule} does not pass: {sorted(statuses)}"
    for rule, reason in expected.not_applicable.items():
        reasons = {f["reason"] for f in findings if f["rule"] == rule}
        statuses = {f["status"] for f in findings if f["rule"] == rule}
        if statuses != {"not_applicable"} or not any(reason in each for each in reasons):
            yield f"{rule}: {sorted(statuses)}: {sorted(reasons)}"
    for finding in failed:
        if finding["rule"].startswith(tuple(expected.must_not_fail)):
            yield f"{finding['rule']} must not fail: {finding['message']}"
        allowed = ("none", "info", "warning", "error").index(expected.worst)
        if ("none", "info", "warning", "error").index(finding["severity"]) > allowed:
            yield f"{finding['rule']} fails ({finding['severity']}): {finding['message']}"


def _complaints_about(wanted: dict[str, Any], failed: list[dict[str, Any]]) -> Iterator[str]:
    """About one finding that is expected.

    `rule` and `target` say which; `active`, `setting`, `actual`, `wanted`, `cleared` and `commands`
    have to be as given (`cleared` and `commands`: at least those); `says` are parts of its message
    or advice; `evidence` is a part of a label or fact → its value.
    """
    rule, target = wanted["rule"], wanted.get("target", "host")
    found = [each for each in failed if each["rule"] == rule and each["target"] == target]
    if not found:
        targets = [finding["target"] for finding in failed if finding["rule"] == rule]
        yield f"{rule} does not fail for {target} (it does for {targets})"
        return
    finding = found[0]
    for key in ("active", "setting", "actual", "wanted"):
        if key in wanted and finding[key] != wanted[key]:
            yield f"{rule} {key}: {finding[key]!r}, not {wanted[key]!r}"
    for text in wanted.get("says", ()):
        if text not in f"{finding['message']} {finding['advice']}":
            yield f"{rule} does not say {text!r}: {finding['message']} {finding['advice']}"
    commands = (finding["fix"] or {"commands": []})["commands"]
    for there, key in ((finding["cleared"], "cleared"), (commands, "commands")):
        missing = [item for item in wanted.get(key, ()) if item not in there]
        if missing:
            yield f"{rule} {key}: {missing} are not among {there}"
    for label, value in wanted.get("evidence", {}).items():
        values = [item["value"] for item in finding["evidence"] if label in item["fact"]]
        if not any(_same(actual, value) for actual in values):
            yield f"{rule} evidence {label!r}: {values}, not {value!r}"


def _same(actual: Any, expected: Any) -> bool:
    numbers = (int, float)
    if isinstance(expected, numbers) and isinstance(actual, numbers):
        return actual == pytest.approx(expected, rel=0.01)
    return bool(actual == expected)


def _files() -> list[Path]:
    return sorted(DIRECTORY.glob("*.expect.yaml"))
