"""`advisor plan`: what would be changed."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from advisor.knowledge.schema import load_schema
from tests.cli.conftest import HOST, Run, refused

INITIAL = ("--from", HOST, "-p", "edge-proxy", "--select", "RCV001")


def test_a_plan_is_shown_and_saved(run: Run, tmp_path: Path) -> None:
    saved = tmp_path / "plan.json"
    done = run("plan", *INITIAL, "-o", saved)
    assert (done.returncode, done.stderr) == (0, "")
    assert "sysctl:net.ipv4.tcp_rmem" in done.stdout
    data = json.loads(saved.read_text())
    Draft202012Validator(load_schema("plan")).validate(data)
    assert [change["rules"] for change in data["changes"]] == [["RCV001"]]
    again = run("plan", *INITIAL, "-f", "json")
    assert json.loads(again.stdout) == data


def test_the_exit_code_tells_whether_there_is_something_to_change(run: Run) -> None:
    assert run("plan", *INITIAL, "--exit-code").returncode == 1
    nothing = run("plan", "--from", HOST, "--select", "LSN013", "--exit-code")
    assert nothing.returncode == 0
    assert "nothing to change" in nothing.stdout


def test_what_a_waiver_sets_aside_is_not_changed(run: Run, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "waivers.yaml").write_text(
        "waivers: [{rule: RCV001, reason: measured and left, permanent: true}]"
    )
    done = run("plan", *INITIAL, env={"ADVISOR_CONFIG_DIR": str(site)})
    assert "nothing to change" in done.stdout


def test_what_a_baseline_sets_aside_is_not_changed(run: Run, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    run("check", *INITIAL, "--write-baseline", baseline, "--exit-zero")
    assert "nothing to change" in run("plan", *INITIAL, "--baseline", baseline).stdout
    exported = run("export", "sysctl", *INITIAL, "--baseline", baseline)
    assert "tcp_rmem" not in exported.stdout
    refused(run("plan", *INITIAL, "--baseline", tmp_path / "none.json"), "none.json")


def test_a_snapshot_that_is_not_there_is_refused(run: Run) -> None:
    refused(run("plan", "--from", "/nonexistent.json"), "nonexistent.json")
