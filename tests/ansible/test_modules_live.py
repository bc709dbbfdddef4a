"""The modules with the real advisor, on the running kernel, in a namespace."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ansible.collection import Json, run_module
from tests.netns.spaces import ROOT, Space, needs_namespaces, space

pytestmark = needs_namespaces

SACK, COOKIES = "net.ipv4.tcp_sack", "net.ipv4.tcp_syncookies"
WANTED: Json = {"select": ["SND012", "LSN013"]}


class Host:
    """A namespace with two settings that rules find wrong."""

    def __init__(self, made: Space, folder: Path) -> None:
        self._made = made
        self.folder = folder
        self.program = folder / "advisor"
        self.program.write_text(
            f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m advisor "$@"\n', "utf-8"
        )
        self.program.chmod(0o755)
        self.set(0, 0)

    def set(self, sack: int, cookies: int) -> None:
        self._made.run("sysctl", "-qw", f"{SACK}={sack}", f"{COOKIES}={cookies}")

    @property
    def values(self) -> list[str]:
        return self._made.run("sysctl", "-n", SACK, COOKIES).split()

    def run(self, module: str, **options: Any) -> Json:
        prefix = ("ip", "netns", "exec", self._made.name)
        return run_module(self.folder, module, *prefix, executable=str(self.program), **options)


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with space() as made:
        yield Host(made, tmp_path)


def test_check_says_what_is_wrong_and_changes_nothing(host: Host) -> None:
    answer = host.run("check", **WANTED)
    assert {each["rule"] for each in answer["findings"]} == {"SND012", "LSN013"}
    assert (answer["exit_code"], host.values) == (1, ["0", "0"])
    assert not (host.folder / "state").exists()


def test_facts_are_returned_as_they_were_judged(host: Host) -> None:
    plain = host.run("check", select=["SND"])
    told = host.run("check", select=["SND"], facts="all", sample=1)
    assert told["findings"] == plain["findings"]
    assert told["changed"] is False
    facts = told["facts"]
    assert facts["schema"] == "advisor.snapshot/v1"
    assert facts["sample"]["seconds"] >= 1
    redacted = host.run("check", select=["SND"], facts="redacted")["facts"]
    assert redacted["collection"]["hostname"] != facts["collection"]["hostname"]
    assert redacted["sysctl"]["net"]["ipv4"] == facts["sysctl"]["net"]["ipv4"]


def test_check_mode_tells_what_apply_then_does_and_the_second_run_nothing(host: Host) -> None:
    tried = host.run("apply", check=True, **WANTED)
    assert (tried["changed"], tried["findings"], host.values) == (True, [], ["0", "0"])
    assert not (host.folder / "state").exists()

    done = host.run("apply", **WANTED)
    assert (done["changed"], done["findings"], host.values) == (True, [], ["1", "1"])
    assert done["diff"] == tried["diff"]
    assert (done["state"], done["rolled_back"]) == ("confirmed", False)

    for check in (True, False):
        again = host.run("apply", check=check, **WANTED)
        assert (again["changed"], again["txn_id"]) == (False, None)
        assert again["diff"]["before"] == again["diff"]["after"] == ""

    undone = host.run("rollback")
    assert (undone["changed"], undone["txn_ids"]) == (True, [done["txn_id"]])
    assert host.values == ["0", "0"]
    assert host.run("rollback")["changed"] is False


def test_a_run_waits_is_confirmed_once_and_stays(host: Host) -> None:
    done = host.run("apply", confirm_within="60s", **WANTED)
    assert done["state"] == "applied"
    info = host.run("info")
    assert info["waiting"]["id"] == done["txn_id"]

    refused = host.run("apply", **WANTED)
    assert refused["exit_code"] == 6
    assert "waits to be confirmed" in refused["msg"]
    assert host.run("apply", check=True, **WANTED)["failed"]

    confirmed = host.run("confirm", run=done["txn_id"])
    assert (confirmed["changed"], confirmed["state"]) == (True, "confirmed")
    assert host.run("confirm", run=done["txn_id"])["changed"] is False
    assert host.run("confirm")["changed"] is False
    assert host.run("info")["waiting"] is None


def test_what_is_rolled_back_cannot_be_confirmed(host: Host) -> None:
    run = host.run("apply", confirm_within="60s", **WANTED)["txn_id"]
    assert host.run("rollback", run=run)["changed"] is True
    answer = host.run("confirm", run=run)
    assert answer["msg"] == f"run {run} is rolled-back, so that it cannot be confirmed"
    assert host.values == ["0", "0"]


def test_a_probe_that_does_not_answer_undoes_the_run(host: Host) -> None:
    answer = host.run("apply", probes=["tcp:127.0.0.1:1"], **WANTED)
    assert answer["failed"]
    assert host.values == ["0", "0"]


def test_values_of_somebody_else_are_left_and_named(host: Host) -> None:
    host.run("apply", **WANTED)
    host.set(sack=1, cookies=2)
    assert host.run("info")["drift"][0]["setting"] == f"sysctl:{COOKIES}"
    answer = host.run("rollback")
    assert answer["exit_code"] == 5
    assert [each["setting"] for each in answer["left"]] == [f"sysctl:{COOKIES}"]
    assert host.values == ["0", "2"]
    forced = host.run("rollback", force=True)
    assert (forced["changed"], host.values) == (True, ["0", "0"])


def test_all_runs_are_undone(host: Host) -> None:
    for rule in ("SND012", "LSN013"):
        host.run("apply", select=[rule])
    assert host.values == ["1", "1"]
    assert len(host.run("rollback", check=True, run="all")["txn_ids"]) == 2
    assert len(host.run("rollback", run="all")["txn_ids"]) == 2
    assert host.values == ["0", "0"]


def test_an_unknown_profile_is_named_with_those_that_there_are(host: Host) -> None:
    for module in ("check", "apply", "line"):
        answer = host.run(module, profile="nonsense")
        assert answer["exit_code"] == 2
        assert "there is no profile 'nonsense'" in answer["msg"]


def test_a_line_bears_the_name_of_the_inventory(host: Host) -> None:
    name = "a\nb{{ 1 }}<script>"
    answer = host.run("line", labels={"host": name, "group": "edge"}, **WANTED)
    assert "\n" not in answer["line"]
    assert '"host":"a\\nb{{ 1 }}<script>"' in answer["line"]


def test_the_program_is_needed_only_where_something_is_asked_of_it(host: Host) -> None:
    shutil.move(host.program, host.folder / "elsewhere")
    assert host.run("info")["installed"] is False
    assert "there is no program advisor" in host.run("rollback")["msg"]
