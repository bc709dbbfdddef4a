"""`advisor remediate` on a namespace: it fixes, leaves alone, stops, and goes on when told to."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.knowledge.schema import load_schema
from tests.netns.spaces import ROOT, Space, needs_namespaces, space

pytestmark = needs_namespaces

PAGE = (ROOT / "docs" / "remediation.md").read_text("utf-8")
POLICIES = re.findall(r"^```yaml\n(# remediation.yaml\n.*?)^```", PAGE, re.M | re.S)
SHOWN = re.findall(r"^```console remediate\n(.*?)^```", PAGE, re.M | re.S)
VARYING = [
    (re.compile(r"\b[0-9]{6}-[0-9]{8}T[0-9]{6}Z"), "RUN"),
    (re.compile(r"^\S+ · profile (\S+) · policy \S+$", re.M), r"HOST · profile \1 · policy FILE"),
]
QUICK = """\
enabled: true
rules: {select: [SND012, LSN013], active_only: false}
observe: 0s
rollback_if_worse: false
"""
SACK, COOKIES = "net.ipv4.tcp_sack", "net.ipv4.tcp_syncookies"


@dataclass(frozen=True)
class Site:
    """A namespace in which two settings are wrong, with a policy and a state directory."""

    space: Space
    folder: Path

    def policy(self, text: str) -> None:
        path = self.folder / "site" / "remediation.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)

    def sh(self, script: str) -> subprocess.CompletedProcess[str]:
        """A shell script; what it says on both streams."""
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "ADVISOR_STATE_DIR": str(self.folder / "state"),
            "ADVISOR_CONFIG_DIR": str(self.folder / "site"),
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "PYTHONPATH": str(ROOT),
        }
        return subprocess.run(
            ["ip", "netns", "exec", self.space.name, "sh"],
            input=script,
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )

    def remediate(self, *options: str, code: int = 0) -> dict[str, Any]:
        """What `advisor remediate` answers."""
        words = " ".join([sys.executable, "-m advisor remediate -f json", *options, "2>/dev/null"])
        done = self.sh(words)
        assert done.returncode == code, done.stdout
        data: dict[str, Any] = json.loads(done.stdout)
        if "--resume" not in options:
            Draft202012Validator(load_schema("remediation-report")).validate(data)
        return data

    def set(self, key: str, value: int) -> None:
        self.space.run("sysctl", "-qw", f"{key}={value}")

    def values(self) -> tuple[str, ...]:
        return tuple(self.space.run("sysctl", "-n", key).strip() for key in (SACK, COOKIES))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with space() as made:
        found = Site(made, tmp_path)
        found.policy(QUICK)
        found.set(SACK, 0)
        found.set(COOKIES, 0)
        yield found


def reasons(data: dict[str, Any]) -> dict[str, str]:
    """Key → why it is not changed, of the two that are wrong."""
    given = {each["setting"].removeprefix("sysctl:"): each["reason"] for each in data["skipped"]}
    return {key: reason for key, reason in given.items() if key in (SACK, COOKIES)}


def test_it_fixes_what_is_allowed_and_leaves_a_receipt(site: Site) -> None:
    assert site.remediate("--dry-run")["run"] is None
    assert site.values() == ("0", "0")
    data = site.remediate()
    assert (data["run"]["state"], data["run"]["trigger"]) == ("confirmed", "remediate")
    assert site.values() == ("1", "1")
    assert site.remediate()["changes"] == []
    assert not list(site.folder.glob("**/*.new"))


def test_without_a_policy_or_with_one_that_is_off_nothing_is_touched(site: Site) -> None:
    site.policy(QUICK.replace("true", "false", 1))
    assert site.remediate() == {
        "schema": "advisor.remediation/v1",
        "policy": str(site.folder / "site" / "remediation.yaml"),
        "enabled": False,
    }
    assert reasons(site.remediate("--dry-run")) == {SACK: "stopped", COOKIES: "stopped"}
    (site.folder / "site" / "remediation.yaml").unlink()
    assert site.remediate()["policy"] is None
    assert site.values() == ("0", "0")
    assert not (site.folder / "state").exists()


def test_limits_hold_from_run_to_run(site: Site) -> None:
    site.policy(f"{QUICK}limits: {{per_run: 1, per_day: 1}}\n")
    assert len(site.remediate()["changes"]) == 1
    assert sorted(site.values()) == ["0", "1"]
    assert set(reasons(site.remediate()).values()) == {"per-day"}
    assert sorted(site.values()) == ["0", "1"]


def test_drift_is_taken_back_once_and_then_left_to_people(site: Site) -> None:
    site.policy(f"{QUICK}drift: reapply\ncooldown: 0s\n")
    site.remediate()
    site.set(SACK, 0)
    assert [each["setting"] for each in site.remediate()["changes"]] == [f"sysctl:{SACK}"]
    assert site.values() == ("1", "1")
    site.set(SACK, 0)
    data = site.remediate()
    assert reasons(data) == {SACK: "contested"}
    assert [each["times"] for each in data["drift"]] == [2]
    assert site.values() == ("0", "1")
    site.remediate("--resume")
    assert site.remediate()["run"]["state"] == "confirmed"
    assert site.values() == ("1", "1")


def test_it_stops_after_a_rollback_until_somebody_looks(site: Site) -> None:
    site.policy(f"{QUICK}cooldown: 0s\n")
    run = site.remediate()["run"]["id"]
    assert site.sh(f"{sys.executable} -m advisor rollback").returncode == 0
    data = site.remediate(code=6)
    assert run in data["stopped"]
    assert site.values() == ("0", "0")
    assert site.remediate("--resume")["looked_at"] == [run]
    assert site.remediate()["run"]["state"] == "confirmed"
    assert site.values() == ("1", "1")


@pytest.mark.slow
def test_a_host_that_does_not_answer_afterwards_is_put_back_and_left_alone(site: Site) -> None:
    site.policy(f"{QUICK}probes: [tcp:127.0.0.1:4711]\n")
    once = (
        "import socket; server = socket.create_server(('127.0.0.1', 4711)); print(flush=True); "
        "server.accept(); server.close(); input()"
    )
    with site.space.running(once):
        data = site.remediate(code=4)
    assert data["run"]["state"] == "rolled-back"
    assert site.values() == ("0", "0")
    assert data["run"]["id"] in site.remediate(code=6)["stopped"]


@pytest.mark.parametrize("policy", POLICIES, ids=["small", "whole"])
def test_the_policies_of_the_page_are_valid(site: Site, policy: str) -> None:
    site.policy(policy)
    done = site.sh(f"{sys.executable} -m advisor remediate --check-policy")
    assert done.returncode == 0, done.stdout
    assert "valid\n" in done.stdout


def test_what_the_page_shows_is_what_happens(site: Site) -> None:
    site.policy(POLICIES[0])
    (block,) = SHOWN
    lines = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    words = [re.sub(r"^advisor", f"{sys.executable} -m advisor", line) for line in lines]
    script = "".join(f"echo '$ {line}'\n{word}\n" for line, word in zip(lines, words, strict=True))
    said = alike(site.sh(script).stdout)
    pattern = ".*\n".join(re.escape(part) for part in alike(block).split("…\n"))
    assert re.fullmatch(pattern, said, re.S), said


def alike(text: str) -> str:
    """The text without what differs from run to run, from host to host."""
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text
