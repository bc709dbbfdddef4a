"""Remediation policies: what is read, which defaults there are, what is refused with a place."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from advisor.errors import AdvisorError
from advisor.knowledge.remediation import load_policy
from advisor.knowledge.schema import load_schema
from advisor.model.remediation import OnDrift, Policy, Selector, Window
from advisor.model.rule import Severity

FULL = """\
enabled: true
rules:
  select: [RCV, tcp]
  ignore: [RCV002]
  severity: error
  active_only: false
max_risk: medium
allow: [link]
windows:
  - {days: [sun, mon], from: "22:00", to: "02:30", timezone: Europe/Berlin}
  - {from: "00:00", to: "24:00", timezone: UTC}
limits: {per_run: 2, per_day: 3}
cooldown: 2d
drift: reapply
observe: 1m
rollback_if_worse: false
probes: [ping:192.0.2.1]
profile: edge-proxy
persist: true
"""


def load(folder: Path, text: str) -> Policy:
    path = folder / "remediation.yaml"
    path.write_text(text)
    return load_policy(path)


def test_every_key_is_read(tmp_path: Path) -> None:
    policy = load(tmp_path, FULL)
    file = tmp_path / "remediation.yaml"
    berlin = ZoneInfo("Europe/Berlin")
    assert policy == Policy(
        file=str(file),
        enabled=True,
        select=(Selector("RCV", f"{file}:3:12"), Selector("tcp", f"{file}:3:17")),
        ignore=(Selector("RCV002", f"{file}:4:12"),),
        severity=Severity.ERROR,
        active_only=False,
        max_risk="medium",
        allow_link=True,
        windows=(
            Window(frozenset({0, 6}), 1320, 150, berlin, "mon sun 22:00-02:30 Europe/Berlin"),
            Window(frozenset(range(7)), 0, 1440, timezone.utc, "00:00-24:00 UTC"),
        ),
        per_run=2,
        per_day=3,
        cooldown=172_800,
        drift=OnDrift.REAPPLY,
        observe=60,
        rollback_if_worse=False,
        probes=("ping:192.0.2.1",),
        profile="edge-proxy",
        persist=True,
    )
    assert set(load_schema("remediation")["properties"]) == {
        line.partition(":")[0] for line in FULL.splitlines() if line[0] not in " -"
    }


def test_only_enabled_has_to_be_said_and_the_rest_is_careful(tmp_path: Path) -> None:
    policy = load(tmp_path, "enabled: false\n")
    assert policy == Policy(str(tmp_path / "remediation.yaml"), enabled=False)
    assert (policy.max_risk, policy.allow_link, policy.active_only) == ("low", False, True)


def test_the_schema_tells_the_defaults(tmp_path: Path) -> None:
    policy = load(tmp_path, "enabled: true\n")
    properties = load_schema("remediation")["properties"]
    limits = properties["limits"]["properties"]
    assert limits["per_run"]["default"] == policy.per_run
    assert limits["per_day"]["default"] == policy.per_day
    assert properties["rules"]["properties"]["severity"]["default"] == policy.severity.value
    assert properties["rules"]["properties"]["active_only"]["default"] is policy.active_only
    assert properties["drift"]["default"] == policy.drift.value
    for name in ("max_risk", "rollback_if_worse", "persist"):
        assert properties[name]["default"] == getattr(policy, name)
    durations = {name: properties[name]["default"] for name in ("cooldown", "observe")}
    told = load(
        tmp_path, "".join(["enabled: true\n", *(f"{k}: {v}\n" for k, v in durations.items())])
    )
    assert told == policy


@pytest.mark.parametrize("month", [1, 7])
def test_local_time_is_that_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, month: int
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")  # of somebody's shell, which does not count
    policy = load(tmp_path, 'enabled: true\nwindows: [{from: "01:00", to: "02:00"}]\n')
    assert policy.windows[0].text == "01:00-02:00 local"
    moment = datetime(2026, month, 1, tzinfo=policy.windows[0].zone)
    environment = {name: value for name, value in os.environ.items() if name != "TZ"}
    told = subprocess.run(
        ["date", "-d", f"@{moment.timestamp():.0f}", "+%m-%d %H:%M"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == f"{month:02}-01 00:00"


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", ":1:1", "mapping"),
        ("- a", ":1:1", "mapping"),
        ("drift: report", ":1:", "'enabled' is a required property"),
        ("enabled: yes", ":1:10", "is not of type 'boolean'"),
        ("enabled: true\nenable: true", ":1:1", "'enable' was unexpected"),
        ("enabled: true\nlimits: {per_hour: 1}", ":2:9", "'per_hour' was unexpected"),
        ("enabled: true\nlimits: {per_run: 0}", ":2:19", "less than the minimum"),
        ("enabled: true\nlimits: {per_run: 9, per_day: 3}", ":2:9", "more than per_day"),
        ("enabled: true\nlimits: {per_run: 21}", ":2:9", "more than per_day: 20"),
        ("enabled: true\nrules: {severity: fatal}", ":2:19", "is not one of"),
        ("enabled: true\nrules: {select: []}", ":2:17", ""),
        ("enabled: true\nmax_risk: huge", ":2:11", "is not one of"),
        ("enabled: true\nallow: [reboot]", ":2:9", "'link' was expected|is not one of"),
        ("enabled: true\nallow: [link]", ":2:8", "needs probes"),
        ("enabled: true\nprobes: ['http://x']", ":2:10", "does not match"),
        ("enabled: true\ncooldown: 24", ":2:11", "is not of type 'string'"),
        ("enabled: true\ncooldown: 1w", ":2:11", "does not match"),
        ("enabled: true\ncooldown: 9999999d", ":2:11", "is more than"),
        ("enabled: true\nobserve: 2h", ":2:10", "is more than 3600 seconds"),
        ("enabled: true\nobserve: 0s", ":2:10", "nothing can be seen to get worse"),
        ('enabled: true\nwindows: [{from: "02:00"}]', ":2:11", "'to' is a required property"),
        ('enabled: true\nwindows: [{from: 02:00, to: "03:00"}]', ":2:18", "quote it"),
        ('enabled: true\nwindows: [{from: "24:00", to: "03:00"}]', ":2:18", "does not match"),
        ('enabled: true\nwindows: [{from: "03:00", to: "03:00"}]', ":2:11", "has no length"),
        (
            'enabled: true\nwindows: [{from: "01:00", to: "02:00", days: [monday]}]',
            ":2:47",
            "is not one of",
        ),
        (
            'enabled: true\nwindows: [{from: "01:00", to: "02:00", timezone: Europe/Berln}]',
            ":2:50",
            "the time zone Europe/Berln is not known here",
        ),
        (
            'enabled: true\nwindows: [{from: "01:00", to: "02:00", timezone: ../../etc/passwd}]',
            ":2:50",
            "does not match",
        ),
        (
            'enabled: true\nwindows: [{from: "01:00", to: "02:00", timezone: Europe}]',
            ":2:50",
            "is not known here",
        ),
        ("enabled: true\nprofile: Edge Proxy", ":2:10", "does not match"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    tmp_path: Path, text: str, place: str, said: str
) -> None:
    with pytest.raises(AdvisorError) as caught:
        load(tmp_path, text)
    assert f"remediation.yaml{place}" in caught.value.message
    assert any(part in str(caught.value) for part in said.split("|"))


def test_a_policy_that_others_can_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "remediation.yaml"
    path.write_text("enabled: true\n")
    path.chmod(0o666)
    with pytest.raises(AdvisorError, match="others than root and you can write it"):
        load_policy(path)
