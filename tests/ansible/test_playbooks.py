"""The playbooks on hosts that are this machine with a stand-in for advisor: what goes wrong there.

What goes right, and what is changed, is tried over SSH in tests/fleet.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.release import __version__ as ansible_version

from tests.ansible.collection import NAME, Fake, Json, fake, run_tool
from tests.ansible.documents import finding, history, report, status

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

# Before 2.19 Ansible itself takes what an inventory holds for templates.
TEMPLATE = (
    "" if ansible_version.startswith(("2.16", "2.17", "2.18")) else "{{ lookup('pipe', 'id') }}"
)
HOSTILE = f"web\n{TEMPLATE}<b>../../x"
VERSION = "0.1.0"


def stand_in(
    folder: Path,
    version: str = VERSION,
    check: tuple[int, Json, str] | None = None,
    **more: Any,
) -> Fake:
    """A stand-in for advisor, whose line has more in it."""
    folder.mkdir()
    line = {
        **{"schema": "advisor.line/v1", "host": folder.name, "at": "2025-11-21T10:45:00Z"},
        **{"summary": {}, "findings": [], **more},
    }
    found = report(finding("X1"), finding("X2", severity="error"))
    return fake(
        folder,
        {
            "--version": (0, f"advisor {version}\n", ""),
            "check --format=line": (0, json.dumps(line) + "\n", ""),
            "check --format=json": check or (1, found, ""),
            "status": (0, status(), ""),
            "history": (0, history(), ""),
        },
    )


def play(
    folder: Path, playbook: str, hosts: Mapping[str, Json], **variables: Any
) -> tuple[int, str]:
    """Exit code and output."""
    everybody = {
        "ansible_connection": "local",
        "ansible_become": False,
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "advisor_install": "none",
        "advisor_local_fact": False,
        "advisor_report_dir": str(folder / "reports"),
    }
    inventory = folder / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"vars": everybody, "hosts": dict(hosts)}}))
    words = ("-i", inventory, f"{NAME}.{playbook}", "-e", json.dumps(variables))
    return run_tool(folder, "ansible-playbook", *words)


def lines(folder: Path) -> dict[str, Json]:
    """What is reported, by host: the newest line of each."""
    found = {}
    for path in (folder / "reports").iterdir():
        data = json.loads(path.read_bytes().splitlines()[-1])
        found[data["host"]] = data
    return found


def fleet_report(folder: Path) -> Json:
    """What is reported about all lines."""
    words = [sys.executable, "-m", "advisor", "fleet", "report", "-f", "json"]
    done = subprocess.run([*words, folder / "reports"], capture_output=True, check=True)
    found: Json = json.loads(done.stdout)
    return found


def test_each_host_leaves_one_line_that_says_how_it_went(tmp_path: Path) -> None:
    odd = stand_in(tmp_path / "odd")
    hosts = {
        "good": {"advisor_command": str(stand_in(tmp_path / "good").path)},
        "old": {"advisor_command": str(stand_in(tmp_path / "old", version="0.0.9").path)},
        "gone": {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1},
        "bare": {"advisor_python": "/nonexistent/python3"},
        "empty": {"advisor_command": "/nonexistent/advisor"},
        "wrong": {
            "advisor_command": str(
                stand_in(
                    tmp_path / "wrong", check=(2, "", "advisor: there is no profile 'x'\n")
                ).path
            )
        },
        HOSTILE: {"advisor_command": str(odd.path)},
    }
    code, output = play(tmp_path, "check", hosts)
    assert code == 2, output
    told = lines(tmp_path)
    assert "error" not in told["good"]
    assert told["good"]["rollout"]["state"] == "checked"
    assert "advisor 0.0.9 is too old: this role needs 0.1.0 or newer" in told["old"]["error"]
    assert told["gone"]["unreachable"] is True
    assert "it cannot be reached" in told["gone"]["error"]
    assert "there is no Python 3.10 or newer" in told["bare"]["error"]
    assert "there is no /nonexistent/advisor: install it" in told["empty"]["error"]
    assert "there is no profile 'x'" in told["wrong"]["error"]
    assert {path.parent for path in (tmp_path / "reports").rglob("*.json")} == {
        tmp_path / "reports"
    }
    (labelled,) = [call for call in odd.calls if "--format=line" in call]
    assert f"--label=host={HOSTILE}" in labelled
    assert "uid=0" not in output
    reported = fleet_report(tmp_path)
    assert reported["intake"]["used"] == len(hosts)
    # The stand-in's lines are old, and its name is that of its folder.
    assert {each["host"]: each["state"] for each in reported["missing"]} == {
        **dict.fromkeys(("good", "odd"), "silent"),
        "gone": "unreachable",
        **dict.fromkeys(("old", "bare", "empty", "wrong"), "failed"),
    }


def test_the_lines_of_two_runs_tell_what_has_changed(tmp_path: Path) -> None:
    usual = {"target": "host", "severity": "warning", "status": "fail"}
    for number, rules in enumerate((["A1"], ["A1", "B1"], ["B1", "C1"])):
        advisor = stand_in(
            tmp_path / f"run-{number}",
            host="web",
            at=f"2025-11-2{number}T10:45:00Z",
            findings=[{"rule": rule, **usual} for rule in rules],
        )
        code, output = play(tmp_path, "check", {"web": {"advisor_command": str(advisor.path)}})
        assert code == 0, output
    reported = fleet_report(tmp_path)
    assert reported["intake"] == {**reported["intake"], "lines": 2, "used": 2, "problems": {}}
    (changed,) = reported["drift"]["hosts"]
    assert (changed["before"], changed["appeared"], changed["gone"]) == (
        "2025-11-21T10:45:00Z",
        ["C1"],
        ["A1"],
    )


@pytest.mark.parametrize("before", [b"", b"\xff\xfe{", b"{{ 1 // 0 }}\n{% if %}"])
def test_what_is_no_line_in_the_file_is_no_obstacle(tmp_path: Path, before: bytes) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "web.json").write_bytes(before)
    advisor = stand_in(tmp_path / "web")
    code, output = play(tmp_path, "check", {"web": {"advisor_command": str(advisor.path)}})
    assert code == 0, output
    assert lines(tmp_path)["web"]["rollout"]["state"] == "checked"


def test_a_gate_fails_a_host_by_what_is_left_and_the_line_is_a_check(tmp_path: Path) -> None:
    hosts = {
        name: {"advisor_command": str(stand_in(tmp_path / name).path), "advisor_fail_on": level}
        for name, level in (("lax", "never"), ("firm", "error"), ("hard", "info"))
    }
    code, output = play(tmp_path, "check", hosts)
    assert code == 2
    told = {name: each["rollout"]["problem"] for name, each in lines(tmp_path).items()}
    assert told == {
        "lax": None,
        "firm": "1 findings at or above error: X2",
        "hard": "2 findings at or above info: X1, X2",
    }
    assert "error" not in lines(tmp_path)["hard"], output


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("advisor_fail_on", "fatal"),
        ("advisor_install", "apt"),
        ("advisor_select", {"a": 1}),
        ("advisor_allow", ["reboot"]),
        ("advisor_sample", "soon"),
        ("advisor_apply", "perhaps"),
    ],
)
def test_a_variable_of_the_wrong_kind_is_named_before_anything_is_done(
    tmp_path: Path, variable: str, value: object
) -> None:
    advisor = stand_in(tmp_path / "host")
    hosts = {"host": {"advisor_command": str(advisor.path)}}
    code, output = play(tmp_path, "check", hosts, **{variable: value})
    assert code == 2
    assert variable in output
    assert advisor.calls == []


def test_extra_variables_do_not_make_a_check_or_a_report_change_anything(tmp_path: Path) -> None:
    advisor = stand_in(tmp_path / "host")
    hosts = {"host": {"advisor_command": str(advisor.path)}}
    for playbook in ("check", "report"):
        code, output = play(tmp_path, playbook, hosts, advisor_apply=True)
        assert code == 0, output
    assert {call[0] for call in advisor.calls} == {"--version", "check"}
