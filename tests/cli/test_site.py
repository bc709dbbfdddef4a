"""A site's own rules, profiles and defaults."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from advisor.knowledge.locations import rules_dir
from tests.cli.conftest import HOST, Run

PROFILE = """\
name: our-gateway
title: The gateways of our site
description: A proxy at the edge, with what we know about our peers.
extends: edge-proxy
params: {rtt_ms: {default: 80}}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    for name in ("rules.d", "profiles.d"):
        (folder / name).mkdir(parents=True)
    return folder


def report(run: Run, site: Path, *arguments: str, **more: str) -> dict[str, Any]:
    done = run(
        *("check", "--from", HOST, "-f", "json", "--exit-zero", *arguments),
        env={"ADVISOR_CONFIG_DIR": str(site), **more},
    )
    assert (done.returncode, done.stderr) == (0, "")
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def test_a_new_rule_works_as_it_is_and_is_found(run: Run, site: Path) -> None:
    made = run("rules", "new", "SITE001", "our-own", "--in", site / "rules.d")
    assert made.returncode == 0, made.stderr
    path = site / "rules.d" / "SITE001-our-own.yaml"
    assert run("rules", "lint", path).returncode == 0
    assert run("rules", "test", path).returncode == 0
    names = {finding["rule"] for finding in report(run, site)["findings"]}
    assert "SITE001" in names
    assert "RCV001" in names
    listed = run("rules", "list", env={"ADVISOR_CONFIG_DIR": str(site)})
    assert "SITE001" in listed.stdout
    assert run("explain", "our-own", env={"ADVISOR_CONFIG_DIR": str(site)}).returncode == 0


def test_a_site_s_rule_takes_the_place_of_the_shipped_one(run: Run, site: Path) -> None:
    (shipped,) = rules_dir().rglob("RCV001-*.yaml")
    text = shipped.read_text().replace("severity: warning", "severity: info")
    assert text != shipped.read_text()
    (site / "rules.d" / shipped.name).write_text(text)
    found = report(run, site, "-p", "edge-proxy", "--select", "RCV001")["findings"]
    assert [finding["severity"] for finding in found] == ["info"]


def test_a_site_s_profile_extends_a_shipped_one(run: Run, site: Path) -> None:
    (site / "profiles.d" / "our-gateway.yaml").write_text(PROFILE)
    data = report(run, site, "-p", "our-gateway")
    assert data["profile"]["params"]["rtt_ms"] == {"value": 80, "origin": "profile our-gateway"}
    assert "our-gateway" in run("profile", "list", env={"ADVISOR_CONFIG_DIR": str(site)}).stdout


def test_the_defaults_of_a_site_count_less_than_the_command_line(run: Run, site: Path) -> None:
    config = site / "config.yaml"
    config.write_text(
        "profile: edge-proxy\nparams: {rtt_ms: 70}\nfail_on: error\n"
        "rules: {ignore: [OFF], severity: {RCV001: info}}\n"
    )
    data = report(run, site)
    assert data["profile"]["name"] == "edge-proxy"
    assert data["profile"]["params"]["rtt_ms"] == {"value": 70, "origin": str(config)}
    assert not any(finding["rule"].startswith("OFF") for finding in data["findings"])
    severities = {f["severity"] for f in data["findings"] if f["rule"] == "RCV001"}
    assert severities == {"info"}
    again = report(run, site, "-p", "server", "--param", "rtt_ms=9")
    assert again["profile"]["name"] == "server"
    assert again["profile"]["params"]["rtt_ms"]["origin"] == "--param"
    from_environment = report(run, site, ADVISOR_PARAM_RTT_MS="8")["profile"]["params"]["rtt_ms"]
    assert from_environment["value"] == 8


def test_the_site_decides_what_fails(run: Run, site: Path) -> None:
    check = ("check", "--from", HOST, "-p", "edge-proxy", "--select", "RCV001")  # a warning
    assert run(*check, env={"ADVISOR_CONFIG_DIR": str(site)}).returncode == 1
    (site / "config.yaml").write_text("fail_on: error")
    assert run(*check, env={"ADVISOR_CONFIG_DIR": str(site)}).returncode == 0
    assert (
        run(*check, "--fail-on", "warning", env={"ADVISOR_CONFIG_DIR": str(site)}).returncode == 1
    )


def test_waivers_of_the_site_count_by_themselves(run: Run, site: Path) -> None:
    (site / "waivers.yaml").write_text(
        "waivers:\n- {rule: LSN001, reason: known and being worked on, permanent: true}\n"
    )
    found = report(run, site, "--select", "LSN001")["findings"]
    assert {finding["status"] for finding in found} == {"waived"}


def test_the_user_s_directory_counts_before_etc(run: Run, site: Path, tmp_path: Path) -> None:
    home = tmp_path / "home" / "advisor"
    home.mkdir(parents=True)
    (home / "config.yaml").write_text("profile: wan-bulk")
    done = run(
        *("check", "--from", HOST, "-f", "json", "--exit-zero"),
        env={"XDG_CONFIG_HOME": str(tmp_path / "home")},
        site=True,
    )
    assert json.loads(done.stdout)["profile"]["name"] == "wan-bulk"


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("config.yaml", "profil: x", "config.yaml:1:"),
        ("config.yaml", "- a", "config.yaml:1:1: a configuration is a mapping"),
        ("config.yaml", "params: {rtt_ms: fast}", "rtt_ms has to be of type number"),
        ("config.yaml", "params: {rtt_msec: 1}", "did you mean rtt_ms?"),
        ("config.yaml", "profile: edge-proxi", "did you mean edge-proxy?"),
        ("config.yaml", "rules: {ignore: [NOPE]}", "no rule matches 'NOPE'"),
        ("config.yaml", "waivers: [missing.yaml]", "missing.yaml"),
        ("rules.d/SITE001-x.yaml", "id: SITE001", "SITE001-x.yaml:1:"),
        ("waivers.yaml", "waivers: [{rule: A}]", "waivers.yaml:1:"),
    ],
)
def test_mistakes_end_with_2_and_a_place(
    run: Run, site: Path, file: str, text: str, said: str
) -> None:
    (site / file).write_text(text)
    done = run("check", "--from", HOST, env={"ADVISOR_CONFIG_DIR": str(site)})
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("file", ["config.yaml", "waivers.yaml", "rules.d/SITE001-x.yaml"])
def test_files_that_others_can_write_are_refused(run: Run, site: Path, file: str) -> None:
    path = site / file
    path.write_text("")
    path.chmod(0o666)
    done = run("check", "--from", HOST, env={"ADVISOR_CONFIG_DIR": str(site)})
    assert done.returncode == 2
    assert "others than root and you can write it" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("site1", "a"), "two to five capitals"),
        (("SITE001", "A b"), "words with dashes"),
        (("RCV001", "other"), "is there already"),
        (("SITE001", "rmem-initial-huge"), "is there already"),
    ],
)
def test_names_of_new_rules_are_checked(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run("rules", "new", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
