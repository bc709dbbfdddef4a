"""`advisor explain`, `profile` and `schema`: what advisor knows, without looking at a host."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from advisor.knowledge.locations import profiles_dir
from advisor.knowledge.profiles import profile_names
from advisor.knowledge.schema import schema_names
from tests.cli.conftest import HOST, Run


@pytest.mark.parametrize(
    "name", ["RCV001", "rcv001", "rmem-initial-huge", "RCV001-rmem-initial-huge"]
)
def test_a_rule_is_explained_by_any_of_its_names(run: Run, name: str) -> None:
    done = run("explain", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("RCV001 rmem-initial-huge · ")
    for heading in ("Checks", "Why", "The change", "Sources"):
        assert f"\n{heading}\n" in done.stdout


def test_a_failure_is_explained_with_the_numbers_of_the_host(run: Run) -> None:
    done = run("explain", "RCV001", "--from", HOST, "-p", "edge-proxy", "--param", "rtt_ms=7")
    assert done.returncode == 0
    assert "On web-1, profile edge-proxy" in done.stdout
    assert "sysctl:net.ipv4.tcp_rmem[1]  5242880 → " in done.stdout
    assert "rate" in done.stdout or "(over 10 s)" in done.stdout
    assert "params.latency_sensitive = true  (profile edge-proxy)" in done.stdout


def test_a_pass_is_explained_with_the_numbers_of_the_host_too(run: Run) -> None:
    done = run("explain", "LSN013", "--from", HOST)
    assert "\n  pass\n" in done.stdout
    assert "sysctl:net.ipv4.tcp_syncookies is 1; the target is 1" in done.stdout
    assert "params.public" in done.stdout.partition("\n        evidence ")[2]


def test_where_a_rule_does_not_apply_the_reason_is_told(run: Run) -> None:
    done = run("explain", "RCV001", "--here", "--from", HOST, "-p", "wan-bulk")
    assert "not applicable" in done.stdout


def test_every_shipped_profile_is_listed_and_shown(run: Run) -> None:
    names = profile_names(profiles_dir())
    listed = run("profile", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == names
    for name in names:
        done = run("profile", "show", name)
        assert done.stdout.startswith(f"{name} · ")
        assert "rtt_ms = " in done.stdout


def test_resolved_parameters_tell_where_they_are_from(run: Run) -> None:
    done = run(
        *("profile", "show", "wan-bulk", "--resolved", "--from", HOST, "--param", "public=no"),
        env={"ADVISOR_PARAM_STALL_BUDGET_MS": "9"},
    )
    for line in (
        "link_mbps = 25000 Mbit/s  (facts (max(",
        "rtt_ms = 80 ms  (profile wan-bulk)",
        "stall_budget_ms = 9 ms  (ADVISOR_PARAM_STALL_BUDGET_MS)",
        "public = false  (--param)",
        "latency_sensitive = false  (profile server)",
    ):
        assert f"\n{line}" in done.stdout


def test_profiles_are_ranked_with_reasons(run: Run) -> None:
    done = run("profile", "detect", "--from", HOST)
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["connection-rate", "100%"]
    assert "    + listens on the ports of HTTP or HTTPS" in lines
    assert any(line.startswith("    ? ") and "no permission" in line for line in lines)
    assert lines[-1].endswith("advisor check -p connection-rate")


def test_auto_takes_the_profile_that_fits(run: Run) -> None:
    done = run("check", "--from", HOST, "-p", "auto", "-f", "json", "--exit-zero")
    assert json.loads(done.stdout)["profile"]["name"] == "connection-rate"


def test_the_schemas_are_listed(run: Run) -> None:
    listed = run("schema").stdout.split()
    assert listed == schema_names()
    assert {"map", "profile", "report", "rule", "snapshot"} <= set(listed)


@pytest.mark.parametrize("name", schema_names())
def test_a_schema_is_a_valid_json_schema(run: Run, name: str) -> None:
    schema = json.loads(run("schema", name).stdout)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_a_snapshot_is_as_its_schema_says(run: Run) -> None:
    schema = json.loads(run("schema", "snapshot").stdout)
    Draft202012Validator(schema).validate(json.loads(HOST.read_text()))
