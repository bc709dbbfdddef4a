"""`advisor export`: a plan for other tools, made now or saved before."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import HOST, Run, refused

INITIAL = ("--from", HOST, "-p", "edge-proxy", "--select", "RCV001")
TOOLS = ("sysctl", "link", "ansible", "tuned", "shell")


@pytest.mark.parametrize("tool", TOOLS)
def test_a_plan_that_is_made_now_and_a_saved_one_are_exported_alike(
    run: Run, tmp_path: Path, tool: str
) -> None:
    saved = tmp_path / "plan.json"
    assert run("plan", *INITIAL, "-o", saved).returncode == 0
    now, later = run("export", tool, *INITIAL), run("export", tool, saved)
    assert (now.returncode, now.stderr) == (0, "")
    assert later.stdout == now.stdout
    assert "net.ipv4.tcp_rmem" in now.stdout or "net/ipv4/tcp_rmem" in now.stdout


def test_one_file_is_written_where_it_was_asked_for(run: Run, tmp_path: Path) -> None:
    script = tmp_path / "tune.sh"
    assert run("export", "shell", *INITIAL, "-o", script).returncode == 0
    assert script.read_text() == run("export", "shell", *INITIAL).stdout
    assert os.access(script, os.X_OK)
    assert run("export", "sysctl", *INITIAL, "-o", tmp_path).returncode == 0
    assert "tcp_rmem" in (tmp_path / "99-z-advisor-export.conf").read_text()


def test_several_files_are_written_into_a_directory(run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    save(plan, {"nic": "eth0.5", "property": ["mtu"]}, {"nic": "eth1", "property": ["mtu"]})
    done = run("export", "link", plan, "-o", tmp_path / "links")
    assert done.returncode == 0
    names = sorted(path.name for path in (tmp_path / "links").iterdir())
    assert names == ["50-advisor-1.conf", "50-advisor-2.conf"]
    assert all(name in done.stderr for name in names)
    shown = run("export", "link", plan).stdout
    assert [line for line in shown.splitlines() if line.startswith("# ====")] == [
        f"# ==== {name} ====" for name in names
    ]


def test_a_plan_that_smuggles_is_refused(run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    save(plan, {"nic": "a\nb", "property": ["mtu"]})
    for tool in TOOLS:
        refused(run("export", tool, plan), "cannot be exported")


def test_what_does_not_go_together_is_refused(run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    save(plan, {"nic": "eth0", "property": ["mtu"]})
    refused(run("export", "shell", plan, "--select", "RCV001"), "--select cannot go with it")
    refused(run("export", "shell", plan, "-p", "server"), "--profile cannot go with it")
    refused(run("export", "shell", plan, "--from", HOST), "--from cannot go with it")
    assert run("export", "shell", plan, env={"ADVISOR_PROFILE": "server"}).returncode == 0
    refused(run("export", "shell", tmp_path / "nothing.json"), "nothing.json")
    plan.write_bytes(b"\xff")
    refused(run("export", "shell", plan), "not UTF-8")
    assert run("export", "puppet").returncode == 2


def save(path: Path, *settings: dict[str, object]) -> None:
    """A plan of these settings, with the digest that it has to have."""
    from advisor.report.plan import digest

    changes = [
        {
            "setting": setting,
            "before": 1500,
            "after": 1400,
            "rules": ["TST001"],
            "risk": "low",
            "disrupts": "none",
            "notes": [],
            "commands": [],
        }
        for setting in settings
    ]
    head = {"schema": "advisor.plan/v1", "advisor": "1", "host": "web-1", "profile": "server"}
    rest = {"at": "2026-11-21T10:00:00Z", "solved": [], "left": []}
    document = {**head, **rest, "changes": changes, "digest": digest("web-1", changes)}
    path.write_text(json.dumps(document))
