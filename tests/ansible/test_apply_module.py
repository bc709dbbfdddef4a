"""advisor_apply: what it asks advisor, and what it makes of each way that a run can end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ansible.collection import fake, run_module
from tests.ansible.documents import (
    RUN,
    applied,
    change,
    finding,
    receipt,
    report,
    status,
    waiting,
)

NOTHING = ("check", (0, report(), ""))
OMITTED = {
    "setting": {"nic": "eth0", "property": ["ring", "rx"]},
    "disrupts": "reboot",
    "reason": "only a boot does it",
    "allow": "make it by hand",
}
LOST = {"setting": {"irq": 45}, "reason": "irqbalance moves it", "instead": None}


def test_changes_are_told_with_their_run_and_shown_as_one_diff(tmp_path: Path) -> None:
    other = change("sysctl:net.ipv4.tcp_rmem", before=[4096, 1, 2], after=[4096, 131072, 6291456])
    outcome = {"seconds": 1, "effect": "better", "rules": [], "always": {}}
    run = receipt("persisted", change(), other, outcome=outcome)
    done = applied(change(), other, run=run, omitted=[OMITTED], lost_at_boot=[LOST])
    advisor = fake(
        tmp_path,
        {"apply": (0, done, "advisor: 1/2\n"), "check": (1, report(finding("X1")), "")},
    )
    answer = run_module(tmp_path, "apply", executable=str(advisor.path))
    assert answer["changed"] is True
    assert (answer["txn_id"], answer["state"], answer["outcome"]) == (RUN, "persisted", "better")
    assert answer["diff"]["before"] == (
        "sysctl:net.ipv4.tcp_sack = 0\nsysctl:net.ipv4.tcp_rmem = 4096 1 2\n"
    )
    assert answer["diff"]["after"] == (
        "sysctl:net.ipv4.tcp_sack = 1\nsysctl:net.ipv4.tcp_rmem = 4096 131072 6291456\n"
    )
    assert [each["setting"] for each in answer["omitted"]] == ["nic:eth0/ring.rx"]
    assert answer["lost_at_boot"][0]["setting"] == "irq:45/affinity"
    assert answer["reboot_required"] is True
    assert [each["rule"] for each in answer["findings"]] == ["X1"]


def test_nothing_to_change_is_no_change(tmp_path: Path) -> None:
    advisor = fake(tmp_path, {"apply": (0, applied(), ""), "check": (0, report(), "")})
    answer = run_module(tmp_path, "apply", executable=str(advisor.path))
    assert answer["changed"] is False
    assert (answer["txn_id"], answer["state"], answer["findings"]) == (None, None, [])


def test_every_option_becomes_one_word(tmp_path: Path) -> None:
    advisor = fake(tmp_path, {"apply": (0, applied(), ""), "check": (0, report(), "")})
    run_module(
        tmp_path,
        "apply",
        executable=str(advisor.path),
        profile="edge-proxy",
        params={"rtt_ms": 40},
        select=["SND"],
        ignore=["SND008"],
        sample=2,
        waivers=["/w.yaml"],
        baseline="/b.json",
        allow=["link"],
        confirm_within="120s",
        probes=["ping:192.0.2.1", "--yes"],
        observe="30s",
        rollback_if_worse=True,
        runtime_only=True,
    )
    chosen = ["--profile=edge-proxy", "--param=rtt_ms=40", "--select=SND", "--ignore=SND008"]
    chosen += ["--sample=2", "--waivers=/w.yaml", "--baseline=/b.json"]
    assert advisor.called("apply") == [
        *("apply", "--yes", "--format=json", *chosen),
        *("--confirm-within=120s", "--observe=30s", "--allow=link"),
        *("--probe=ping:192.0.2.1", "--probe=--yes", "--rollback-if-worse", "--runtime-only"),
    ]
    assert advisor.called("check") == ["check", "--format=json", *chosen]


def test_a_plan_says_itself_what_is_judged_afterwards(tmp_path: Path) -> None:
    plan = tmp_path / "-plan.json"
    left = [{"rule": "OFF007"}]
    plan.write_text(json.dumps({"profile": "server", "changes": [change()], "left": left}))
    advisor = fake(tmp_path, {"apply": (0, applied(), ""), "check": (0, report(), "")})
    run_module(tmp_path, "apply", executable=str(advisor.path), plan=str(plan))
    assert advisor.called("apply") == ["apply", "--yes", "--format=json", "--", str(plan)]
    assert advisor.called("check") == [
        *("check", "--format=json", "--profile=server", "--select=OFF007", "--select=SND012")
    ]


FAILED = applied(
    change(), run=receipt("rolled-back"), changed=False, problem="a probe did not answer"
)


@pytest.mark.parametrize(
    ("code", "rolled_back", "changed", "message"),
    [
        (4, True, False, "rolled back: everything is as before (exit code 4): a probe did not"),
        (5, False, True, "rolled back in part: something is not as before (exit code 5)"),
        (130, True, False, "interrupted (exit code 130)"),
    ],
)
def test_a_run_that_was_undone_fails_and_says_how_far(
    tmp_path: Path, code: int, rolled_back: bool, changed: bool, message: str
) -> None:
    advisor = fake(tmp_path, {"apply": (code, {**FAILED, "rolled_back": rolled_back}, "")})
    answer = run_module(tmp_path, "apply", executable=str(advisor.path))
    assert answer["failed"]
    assert message in answer["msg"]
    assert (answer["rolled_back"], answer["changed"]) == (rolled_back, changed)
    assert (answer["txn_id"], answer["exit_code"]) == (RUN, code)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (2, "advisor could not do its job (exit code 2): 'x' is not a time"),
        (6, "refused: nothing was changed (exit code 6): 'x' is not a time"),
    ],
)
def test_what_could_not_begin_says_why(tmp_path: Path, code: int, message: str) -> None:
    advisor = fake(tmp_path, {"apply": (code, "", "advisor: 'x' is not a time\n")})
    answer = run_module(tmp_path, "apply", executable=str(advisor.path))
    assert answer["msg"].endswith(message)


def test_changes_that_are_made_but_not_written_to_files_fail_as_changed(tmp_path: Path) -> None:
    done = applied(change(), run=receipt("confirmed"))
    advisor = fake(tmp_path, {"apply": (2, done, "advisor: /etc: read-only\n")})
    answer = run_module(tmp_path, "apply", executable=str(advisor.path))
    assert answer["changed"] is True
    assert answer["msg"].endswith("(exit code 2): /etc: read-only")


@pytest.mark.parametrize("out", ["", "{", {**applied(), "changes": [1]}, applied(run={"id": 3})])
def test_an_answer_that_cannot_be_used_is_a_failure_and_no_success(
    tmp_path: Path, out: Any
) -> None:
    advisor = fake(tmp_path, {"apply": (0, out, "")})
    assert run_module(tmp_path, "apply", executable=str(advisor.path))["failed"]


def test_that_the_rest_cannot_be_judged_is_a_warning(tmp_path: Path) -> None:
    done = applied(change(), run=receipt())
    advisor = fake(tmp_path, {"apply": (0, done, ""), "check": (2, "", "advisor: no\n")})
    answer = run_module(tmp_path, "apply", executable=str(advisor.path))
    assert answer["changed"] is True
    assert "what is left could not be judged: no" in json.dumps(answer["warnings"])


class TestInCheckMode:
    """Nothing is changed, and what would be is told."""

    def test_the_diff_is_that_of_the_changes_to_come(self, tmp_path: Path) -> None:
        somaxconn = {"sysctl": ["net", "core", "somaxconn"]}
        omitted = {"setting": somaxconn, "disrupts": "link", "reason": "x", "allow": "y"}
        findings = [
            finding(),  # a change is made against it
            finding("LSN001", setting="sysctl:net.core.somaxconn"),  # left out
            finding("OFF007", setting=None),  # no setting helps
        ]
        tried = applied(change(), change(rules=["LSN001"]), dry_run=True, omitted=[omitted])
        advisor = fake(
            tmp_path,
            {
                "status": (0, status(runs=1), ""),
                "apply --dry-run": (0, tried, ""),
                "check": (1, report(*findings), ""),
            },
        )
        answer = run_module(tmp_path, "apply", check=True, executable=str(advisor.path))
        assert answer["changed"] is True
        assert answer["txn_id"] is None
        assert answer["diff"]["after"].startswith("sysctl:net.ipv4.tcp_sack = 1\n")
        assert [each["rule"] for each in answer["findings"]] == ["LSN001", "OFF007"]
        assert "--yes" not in advisor.called("apply")

    def test_a_run_that_is_not_finished_is_not_touched(self, tmp_path: Path) -> None:
        advisor = fake(tmp_path, {"status": (0, status(waiting()), "")})
        answer = run_module(tmp_path, "apply", check=True, executable=str(advisor.path))
        assert f"run {RUN} waits to be confirmed" in answer["msg"]
        assert [call[0] for call in advisor.calls] == ["status"]

    def test_it_cannot_be_done_is_told(self, tmp_path: Path) -> None:
        refused = (6, "", "advisor: net.ipv4.tcp_sack: cannot be written\n")
        advisor = fake(
            tmp_path, {"status": (0, status(), ""), "apply --dry-run": refused, "check": NOTHING[1]}
        )
        answer = run_module(tmp_path, "apply", check=True, executable=str(advisor.path))
        assert answer["failed"]
        assert "cannot be written" in answer["msg"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rollback_if_worse": True}, "observe"),
        ({"plan": "/p", "profile": "server"}, "profile do not go with it"),
        ({"plan": "/p", "select": ["A"], "sample": 1}, "select, sample do not go with it"),
        ({"plan": "/p", "baseline": "/b"}, "baseline do not go with it"),
        ({"allow": ["reboot"]}, "value of allow must be one or more of: link"),
        ({"probes": {"a": 1}}, "probes"),
        ({"runtime_only": "maybe"}, "runtime_only"),
    ],
)
def test_arguments_that_cannot_be_meant_are_named(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    advisor = fake(tmp_path, {})
    answer = run_module(tmp_path, "apply", executable=str(advisor.path), **options)
    assert answer["failed"]
    assert message in answer["msg"]
    assert advisor.calls == []
