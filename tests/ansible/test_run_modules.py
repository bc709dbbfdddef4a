"""advisor_confirm, advisor_rollback and advisor_info: what becomes of runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ansible.collection import fake, run_module
from tests.ansible.documents import (
    RUN,
    applied,
    change,
    history,
    receipt,
    shown,
    status,
    waiting,
)

OLDER = "000003-20251101T000000Z"


def show(state: str) -> tuple[int, dict[str, object], str]:
    return (0, shown(receipt(state)), "")


class TestConfirm:
    """Keeps the run that waits."""

    def test_the_run_that_waits_is_confirmed(self, tmp_path: Path) -> None:
        lost = {"setting": {"irq": 45}, "reason": "irqbalance moves it", "instead": None}
        done = applied(change(), run=receipt("persisted"), lost_at_boot=[lost])
        advisor = fake(
            tmp_path,
            {
                "status": (0, status(waiting()), ""),
                "confirm": (0, {**done, "boot_problems": ["/etc/sysctl.conf wins"]}, ""),
                "history show": show("applied"),
            },
        )
        answer = run_module(tmp_path, "confirm", executable=str(advisor.path))
        assert answer["changed"] is True
        assert (answer["txn_id"], answer["state"]) == (RUN, "persisted")
        assert answer["lost_at_boot"][0]["setting"] == "irq:45/affinity"
        assert answer["notes"] == ["/etc/sysctl.conf wins"]
        assert advisor.called("confirm") == ["confirm", "--format=json", "--", RUN]

    @pytest.mark.parametrize("out", ["run 7 is confirmed\n", applied(), {**applied(), "run": 7}])
    def test_an_answer_that_cannot_be_used_is_a_failure(
        self, tmp_path: Path, out: str | dict[str, object]
    ) -> None:
        answers = {"status": (0, status(waiting()), ""), "confirm": (0, out, "")}
        advisor = fake(tmp_path, answers)
        assert run_module(tmp_path, "confirm", executable=str(advisor.path))["failed"]

    def test_in_check_mode_it_keeps_waiting(self, tmp_path: Path) -> None:
        advisor = fake(tmp_path, {"status": (0, status(waiting()), "")})
        answer = run_module(tmp_path, "confirm", check=True, executable=str(advisor.path))
        assert (answer["changed"], answer["state"]) == (True, "applied")

    def test_nothing_waits_is_no_change(self, tmp_path: Path) -> None:
        advisor = fake(tmp_path, {"status": (0, status(), "")})
        answer = run_module(tmp_path, "confirm", executable=str(advisor.path))
        assert (answer["changed"], answer["txn_id"]) == (False, None)

    @pytest.mark.parametrize("state", ["confirmed", "persisting", "persisted"])
    def test_confirmed_before_is_no_change(self, tmp_path: Path, state: str) -> None:
        advisor = fake(tmp_path, {"history show": show(state)})
        answer = run_module(tmp_path, "confirm", executable=str(advisor.path), run=RUN)
        assert (answer["changed"], answer["state"]) == (False, state)

    @pytest.mark.parametrize("state", ["rolled-back", "failed", "armed"])
    def test_what_is_undone_cannot_be_confirmed(self, tmp_path: Path, state: str) -> None:
        advisor = fake(tmp_path, {"history show": show(state)})
        answer = run_module(tmp_path, "confirm", executable=str(advisor.path), run="7")
        assert answer["msg"] == f"run {RUN} is {state}, so that it cannot be confirmed"

    def test_confirmed_without_its_files_fails_as_changed(self, tmp_path: Path) -> None:
        advisor = fake(
            tmp_path,
            {
                "status": (0, status(waiting()), ""),
                "confirm": (2, "", "advisor: /etc: read-only\n"),
                "history show": show("confirmed"),
            },
        )
        answer = run_module(tmp_path, "confirm", executable=str(advisor.path))
        assert answer["failed"]
        assert (answer["changed"], answer["state"]) == (True, "confirmed")

    @pytest.mark.parametrize("run", ["--force", "1; id", "../x", "x\ny"])
    def test_what_is_no_run_is_refused(self, tmp_path: Path, run: str) -> None:
        advisor = fake(tmp_path, {})
        answer = run_module(tmp_path, "confirm", executable=str(advisor.path), run=run)
        assert "is not a run" in answer["msg"]
        assert advisor.calls == []


class TestRollback:
    """Undoes runs, once."""

    def answers(self, *runs: dict[str, object]) -> dict[str, tuple[int, object, str]]:
        return {
            "history": (0, history(*runs), ""),
            "rollback": (0, shown(receipt("rolled-back")), ""),
        }

    def test_the_youngest_run_is_undone_and_the_diff_goes_back(self, tmp_path: Path) -> None:
        run = receipt("persisted", change(), change("sysctl:net.core.somaxconn"))
        advisor = fake(tmp_path, self.answers(run, receipt("confirmed", id=OLDER)))
        answer = run_module(tmp_path, "rollback", executable=str(advisor.path))
        assert (answer["changed"], answer["txn_ids"]) == (True, [RUN])
        assert answer["diff"]["before"].startswith("sysctl:net.core.somaxconn = 1\n")
        assert answer["diff"]["after"].startswith("sysctl:net.core.somaxconn = 0\n")
        assert advisor.called("rollback") == ["rollback", "--format=json", "--", RUN]

    def test_the_youngest_being_undone_the_older_one_stands(self, tmp_path: Path) -> None:
        runs = (receipt("rolled-back"), receipt("confirmed", id=OLDER))
        advisor = fake(tmp_path, self.answers(*runs))
        answer = run_module(tmp_path, "rollback", executable=str(advisor.path))
        assert (answer["changed"], answer["txn_ids"]) == (False, [])

    def test_all_runs_are_undone_from_the_youngest(self, tmp_path: Path) -> None:
        runs = (receipt("applied"), receipt("rolled-back", id="2"), receipt("failed", id=OLDER))
        advisor = fake(tmp_path, self.answers(*runs))
        answer = run_module(
            tmp_path, "rollback", executable=str(advisor.path), run="all", force=True
        )
        assert answer["txn_ids"] == [RUN, OLDER]
        undone = [call for call in advisor.calls if call[0] == "rollback"]
        assert undone == [
            ["rollback", "--format=json", "--force", "--", run] for run in (RUN, OLDER)
        ]

    def test_in_check_mode_it_stands(self, tmp_path: Path) -> None:
        advisor = fake(tmp_path, self.answers(receipt("persisted")))
        answer = run_module(tmp_path, "rollback", check=True, executable=str(advisor.path))
        assert (answer["changed"], answer["txn_ids"]) == (True, [RUN])
        assert [call[0] for call in advisor.calls] == ["history"]

    def test_where_there_never_was_a_run_nothing_is_done(self, tmp_path: Path) -> None:
        advisor = fake(tmp_path, self.answers())
        assert run_module(tmp_path, "rollback", executable=str(advisor.path))["changed"] is False

    def test_what_is_not_as_before_is_named(self, tmp_path: Path) -> None:
        conflict = {"verdict": "conflict", "read": 7, "problem": "somebody has set it"}
        undone = {**receipt("failed"), "operations": [{**change(), "undone": conflict}]}
        runs = (receipt("applied"), receipt("confirmed", id=OLDER))
        answers = {
            **self.answers(*runs),
            f"rollback --format=json -- {OLDER}": (5, shown(undone), ""),
        }
        advisor = fake(tmp_path, answers)
        answer = run_module(tmp_path, "rollback", executable=str(advisor.path), run="all")
        assert answer["failed"]
        assert "net.ipv4.tcp_sack: somebody has set it" in answer["msg"]
        assert answer["left"][0]["setting"] == "sysctl:net.ipv4.tcp_sack"
        assert (answer["changed"], answer["txn_ids"]) == (True, [RUN])

    def test_damaged_runs_are_not_passed_over(self, tmp_path: Path) -> None:
        advisor = fake(tmp_path, {"history": (0, history(receipt(), damaged=(OLDER,)), "")})
        answer = run_module(tmp_path, "rollback", executable=str(advisor.path), run="all")
        assert f"damaged runs, look at advisor history: {OLDER}" in answer["msg"]

    def test_refused_is_told_as_nothing_changed(self, tmp_path: Path) -> None:
        advisor = fake(
            tmp_path,
            {**self.answers(receipt()), "rollback": (6, "", "advisor: it belongs elsewhere\n")},
        )
        answer = run_module(tmp_path, "rollback", executable=str(advisor.path))
        assert answer["changed"] is False
        assert "refused: nothing was changed (exit code 6): it belongs elsewhere" in answer["msg"]


class TestInfo:
    """Tells where the host stands."""

    def test_a_host_without_advisor_is_no_failure(self, tmp_path: Path) -> None:
        answer = run_module(tmp_path, "info", executable=str(tmp_path / "nothing"))
        assert (answer["installed"], answer["version"], answer["runs"]) == (False, None, [])

    def test_runs_and_drift_are_told(self, tmp_path: Path) -> None:
        drift = {
            "setting": {"nic": "eth0", "property": ["mtu"]},
            "run": RUN,
            "left": 9000,
            "now": 1,
        }
        advisor = fake(
            tmp_path,
            {
                "--version": (0, "advisor 0.1.0\n", ""),
                "status": (0, status(waiting(), runs=1, drift=[drift]), ""),
                "history": (0, history(receipt("applied")), ""),
            },
        )
        answer = run_module(tmp_path, "info", executable=str(advisor.path))
        assert answer["version"] == "0.1.0"
        assert answer["waiting"]["id"] == RUN
        assert answer["runs"][0]["state"] == "applied"
        assert answer["drift"] == [{"setting": "nic:eth0/mtu", "run": RUN, "left": 9000, "now": 1}]

    @pytest.mark.parametrize("said", ["", "advisor", "advisor 1 2", "bash 5"])
    def test_what_is_not_advisor_is_noticed(self, tmp_path: Path, said: str) -> None:
        advisor = fake(tmp_path, {"--version": (0, said, "")})
        assert run_module(tmp_path, "info", executable=str(advisor.path))["failed"]
