"""Incidents from the field: advisor names the cause, shows its evidence and proposes the change.

Each snapshot goes the way that a user's goes: file, `load`, rules and profile, report.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from advisor.cli.judge import choose_profile, judge, load_profiles, shipped_rules
from advisor.facts.redact import redact
from advisor.facts.snapshot import load
from advisor.model.host import Host
from advisor.report.json_report import to_data
from tests.stories.build import STORIES, snapshot_of
from tests.stories.expectations import Judged, complaints, expectations, stories

EXPECTATIONS = list(expectations())
OWN_PROFILE = {name: expected.profile for name, expected in reversed(EXPECTATIONS)}
HEALTHY = [name for name in STORIES if name.startswith(("healthy-", "default-"))]
PROFILES = [profile.name for profile in load_profiles()]


@cache
def snapshot(name: str) -> Host:
    return load(str(snapshot_of(name)))


def report(host: Host, profile: str, params: dict[str, str] | None = None) -> dict[str, Any]:
    chosen = choose_profile(profile, host)
    return to_data(judge(host, chosen, shipped_rules(chosen), params))


def test_every_snapshot_has_expectations() -> None:
    assert stories() == sorted(STORIES)


@pytest.mark.parametrize(
    ("name", "expected"),
    EXPECTATIONS,
    ids=[f"{name} as {expected.profile}" for name, expected in EXPECTATIONS],
)
def test_the_findings_are_those_that_the_story_calls_for(name: str, expected: Judged) -> None:
    findings = report(snapshot(name), expected.profile, expected.params)["findings"]
    assert list(complaints(expected, findings)) == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_hurts_a_healthy_host_whatever_it_is_judged_by(name: str, profile: str) -> None:
    failed = [f for f in report(snapshot(name), profile)["findings"] if f["status"] == "fail"]
    assert [f["message"] for f in failed if f["active"] or f["severity"] == "error"] == []


@pytest.mark.parametrize("name", STORIES)
def test_a_snapshot_gives_the_findings_that_the_host_gave(name: str) -> None:
    profile = OWN_PROFILE[name]
    assert report(snapshot(name), profile) == report(STORIES[name](), profile)


@pytest.mark.parametrize("name", STORIES)
def test_the_command_reports_what_the_functions_found(name: str) -> None:
    profile = OWN_PROFILE[name]
    command = [sys.executable, "-m", "advisor", "check", "-p", profile, "-f", "json"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ADVISOR_")}
    result = subprocess.run(
        [*command, "--from", snapshot_of(name)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    expected = report(snapshot(name), profile)
    severe = expected["summary"]["warning"] + expected["summary"]["error"] > 0
    assert (result.returncode, result.stderr) == (1 if severe else 0, "")
    assert json.loads(result.stdout) == json.loads(json.dumps(expected))


@pytest.mark.parametrize("name", STORIES)
def test_without_its_names_and_addresses_a_host_has_the_same_findings(name: str) -> None:
    host, profile = snapshot(name), OWN_PROFILE[name]
    assert _outline(redact(host), profile) == _outline(host, profile)


@pytest.mark.parametrize("name", [name for name in STORIES if name.startswith("S")])
def test_totals_since_boot_tell_of_the_cause_too(name: str) -> None:
    """A reader who took no sample still gets what is wrong, among what fails."""
    host, profile = replace(snapshot(name), sample=None), OWN_PROFILE[name]
    failed = {f["rule"] for f in report(host, profile)["findings"] if f["status"] == "fail"}
    causes = {"S1": "RCV001", "S2": "SND004", "S3": "LSN001", "S4": "LSN010", "S5": "KRN001"}
    assert causes[name[:2]] in failed


def _outline(host: Host, profile: str) -> Counter[Any]:
    """The findings without what redaction changes: targets, and texts with addresses."""
    return Counter(
        (
            *(finding[key] for key in ("rule", "status", "severity", "active", "setting")),
            str(finding["actual"]),
            str(finding["wanted"]),
            *(item["basis"] for item in finding["evidence"]),
            *(str(item["value"]) for item in finding["evidence"] if type(item["value"]) is not str),
        )
        for finding in report(host, profile)["findings"]
    )
