"""`advisor remediate` without changing anything: policies, dry runs, mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.knowledge.schema import load_schema
from tests.cli.conftest import HOST, Run, refused

OPEN = "enabled: true\nprofile: edge-proxy\nrules: {severity: info, active_only: false}\n"


def policy(folder: Path, text: str = OPEN) -> Path:
    path = folder / "policy.yaml"
    path.write_text(text)
    path.chmod(0o600)
    return path


def dry_run(run: Run, path: Path) -> dict[str, Any]:
    done = run("remediate", "--policy", path, "--dry-run", "--from", HOST, "-f", "json")
    assert (done.returncode, done.stderr) == (0, "")
    data: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator(load_schema("remediation-report")).validate(data)
    return data


def test_a_dry_run_tells_for_every_change_of_the_plan_whether_it_is_made(
    run: Run, tmp_path: Path
) -> None:
    text = f"{OPEN}max_risk: high\nlimits: {{per_run: 2}}\n"
    data = dry_run(run, policy(tmp_path, text))
    plan = json.loads(run("plan", "--from", HOST, "-p", "edge-proxy", "-f", "json").stdout)
    assert len(plan["changes"]) == len(data["changes"]) + len(data["skipped"])
    assert len(data["changes"]) == 2
    assert {each["reason"] for each in data["skipped"]} <= {"per-run", "disrupts"}
    assert (data["stopped"], data["run"], data["left_today"]) == (None, None, 18)


def test_a_policy_that_is_off_can_be_tried(run: Run, tmp_path: Path) -> None:
    data = dry_run(run, policy(tmp_path, OPEN.replace("true", "false", 1)))
    assert data["changes"] == []
    assert "enabled: false" in data["stopped"]
    assert "stopped" in {each["reason"] for each in data["skipped"]}


def test_people_read_the_same(run: Run, tmp_path: Path) -> None:
    done = run("remediate", "--policy", policy(tmp_path), "--dry-run", "--from", HOST)
    assert (done.returncode, done.stderr) == (0, "")
    data = dry_run(run, policy(tmp_path))
    for each in data["changes"]:
        assert each["setting"] in done.stdout
    assert f"{len(data['changes'])} changes to make now" in done.stdout


def test_a_policy_is_checked_and_explained(run: Run, tmp_path: Path) -> None:
    path = policy(tmp_path, f'{OPEN}windows: [{{from: "02:00", to: "03:00", timezone: UTC}}]\n')
    done = run("remediate", "--policy", path, "--check-policy")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{path}: valid\n" in done.stdout
    assert "windows: 02:00-03:00 UTC" in done.stdout


def test_the_site_s_policy_is_found(run: Run, tmp_path: Path) -> None:
    policy(tmp_path).rename(tmp_path / "remediation.yaml")
    done = run("remediate", "--check-policy", env={"ADVISOR_CONFIG_DIR": str(tmp_path)})
    assert f"{tmp_path}/remediation.yaml: valid\n" in done.stdout


def test_it_is_off_where_there_is_no_policy(run: Run) -> None:
    done = run("remediate")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "nothing is changed without a person: there is no remediation.yaml\n"
    assert json.loads(run("remediate", "-f", "json").stdout)["enabled"] is False


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("enabled: maybe", "policy.yaml:1:10: enabled: 'maybe' is not of type 'boolean'"),
        ("enabled: true\nrules: {select: [RCV, RCX]}", "policy.yaml:2:23: no rule matches 'RCX'"),
        ("enabled: true\nrules: {ignore: [rvc001]}", "policy.yaml:2:18: no rule matches 'rvc001'"),
        ("enabled: true\nprofile: edge-proxi", "did you mean edge-proxy?"),
        ("enabled: true\nprobes: ['tcp:x']", "--probe 'tcp:x'"),
    ],
)
def test_mistakes_of_a_policy_end_with_2(run: Run, tmp_path: Path, text: str, said: str) -> None:
    refused(run("remediate", "--policy", policy(tmp_path, text), "--check-policy"), said)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--dry-run", "--resume"), "do not go together"),
        (("--check-policy", "--resume"), "do not go together"),
        (("--from", HOST), "it goes with --dry-run only"),
        (("--policy", "/nonexistent.yaml"), "/nonexistent.yaml: cannot be read"),
    ],
)
def test_options_that_make_no_sense_end_with_2(
    run: Run, arguments: tuple[str | Path, ...], said: str
) -> None:
    refused(run("remediate", *arguments), said)


def test_there_is_nothing_to_look_at_where_nothing_was_changed(run: Run, tmp_path: Path) -> None:
    env = {"ADVISOR_STATE_DIR": str(tmp_path / "state")}
    done = run("remediate", "--resume", env=env)
    assert (done.returncode, done.stdout) == (0, "nothing was ever changed here\n")
    assert not (tmp_path / "state").exists()
