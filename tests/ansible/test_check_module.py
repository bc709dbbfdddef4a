"""advisor_check and advisor_line: what they ask advisor, what they make of the answer."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.ansible.collection import fake, run_module
from tests.ansible.documents import finding, report

LINE = {
    "schema": "advisor.line/v1",
    "host": "web-1",
    "at": "2025-11-21T10:45:00Z",
    "summary": {},
    "findings": [],
}


def test_findings_are_returned_without_evidence_and_do_not_fail_the_module(tmp_path: Path) -> None:
    unknown = finding("CT001", status="unknown", message="", reason="no permission")
    advisor = fake(tmp_path, {"check": (1, report(finding(), unknown), "advisor: a remark\n")})
    answer = run_module(tmp_path, "check", executable=str(advisor.path))
    assert answer["changed"] is False
    assert answer["exit_code"] == 1
    assert answer["summary"] == {"pass": 1, "fail": 2}
    assert [each["rule"] for each in answer["findings"]] == ["SND012"]
    assert "evidence" not in answer["findings"][0]
    assert answer["unknown"][0]["message"] == "no permission"
    assert answer["profile"] == "server"
    assert answer["version"] == "0.1.0"
    assert answer["notes"] == ["a remark"]


@pytest.mark.parametrize("check", [False, True])
def test_every_option_becomes_one_word_and_none_is_taken_for_another(
    tmp_path: Path, check: bool
) -> None:
    advisor = fake(tmp_path, {"check": (0, report(), "")})
    run_module(
        tmp_path,
        "check",
        check=check,
        executable=str(advisor.path),
        profile="-x; rm -rf /",
        params={"rtt_ms": 40, "public": True, "dead_peer_s": "1 $(id)"},
        select=["RCV", "--write-baseline=/etc/passwd"],
        ignore=["OFF007"],
        sample=1.5,
        root="/mnt/image",
        baseline="/b.json",
        waivers=["/w 1.yaml"],
        fail_on="error",
    )
    assert advisor.called("check") == [
        "check",
        "--format=json",
        "--profile=-x; rm -rf /",
        "--param=rtt_ms=40",
        "--param=public=true",
        "--param=dead_peer_s=1 $(id)",
        "--select=RCV",
        "--select=--write-baseline=/etc/passwd",
        "--ignore=OFF007",
        "--sample=1.5",
        "--waivers=/w 1.yaml",
        "--baseline=/b.json",
        "--root=/mnt/image",
        "--fail-on=error",
    ]


def test_rates_are_part_of_the_facts_that_are_read_once(tmp_path: Path) -> None:
    answers = {"snapshot": (2, "", "advisor: no\n"), "check": (0, report(), "")}
    advisor = fake(tmp_path, answers)
    answer = run_module(
        tmp_path, "check", executable=str(advisor.path), facts="all", sample=2, select=["RCV"]
    )
    assert answer["msg"] == "advisor snapshot: advisor could not do its job (exit code 2): no"
    (words,) = advisor.calls
    assert (words[0], words[2]) == ("snapshot", "--sample=2")


def test_an_image_has_no_facts(tmp_path: Path) -> None:
    advisor = fake(tmp_path, {})
    answer = run_module(
        tmp_path, "check", executable=str(advisor.path), facts="all", root="/mnt/image"
    )
    assert answer["failed"]
    assert "`root` is an image" in answer["msg"]
    assert advisor.calls == []


def test_a_gate_fails_with_the_worst_findings_first(tmp_path: Path) -> None:
    found = [finding(f"R{number}") for number in range(7)]
    advisor = fake(tmp_path, {"check": (1, report(*found, finding("E1", severity="error")), "")})
    answer = run_module(tmp_path, "check", executable=str(advisor.path), fail_on="warning")
    assert answer["msg"].startswith("8 findings: E1 host (error), R0 host (warning)")
    assert answer["msg"].endswith("and 3 more")
    assert answer["summary"]


def test_what_is_unknown_fails_only_a_strict_gate(tmp_path: Path) -> None:
    advisor = fake(tmp_path, {"check": (3, report(finding(status="unknown")), "")})
    answer = run_module(tmp_path, "check", executable=str(advisor.path), strict=True)
    assert answer["msg"] == "1 could not be judged, and `strict` is asked for"
    assert advisor.called("check")[2:] == ["--exit-zero", "--strict"]


UNUSABLE = [
    (2, "", "advisor: there is no profile 'x'\n", "not do its job (exit code 2): there is no"),
    (130, "", "", "interrupted (exit code 130): it said nothing"),
    (-signal.SIGKILL, "", "", "ended by signal 9"),
    (77, "", "boom\n", "unexpected end (exit code 77): boom"),
    (0, "", "", "no JSON where advisor.report/v1 was expected: there is nothing"),
    (0, "<html>", "", "no JSON where advisor.report/v1 was expected: it begins with '<html>'"),
    (0, "[" * 100_000, "", "no JSON where advisor.report/v1 was expected"),
    (0, "[]", "", "this is a list"),
    (0, {"schema": "advisor.report/v2"}, "", "do not fit together"),
    (0, {**report(), "findings": None}, "", "'findings' is missing"),
    (0, {**report(), "findings": ["x"]}, "", "'findings' holds something that is no mapping"),
]


@pytest.mark.parametrize(("code", "out", "err", "message"), UNUSABLE)
def test_an_answer_that_cannot_be_used_is_a_clear_failure(
    tmp_path: Path, code: int, out: Any, err: str, message: str
) -> None:
    advisor = fake(tmp_path, {"check": (code, out, err)})
    answer = run_module(tmp_path, "check", executable=str(advisor.path))
    assert answer["failed"]
    assert message in answer["msg"]
    assert answer["exit_code"] == code


def test_names_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    odd = "web\x1b]0;x\x07\u202e\udcff"
    advisor = fake(tmp_path, {"check": (2, "", "advisor: \x1b[31mred\u202e\n")})
    answer = run_module(tmp_path, "check", executable=str(advisor.path))
    assert r"\x1b[31mred\u202e" in answer["msg"]
    advisor = fake(tmp_path, {"check": (1, report(finding(target=odd)), "")})
    answer = run_module(tmp_path, "check", executable=str(advisor.path), fail_on="info")
    assert "\x1b" not in answer["msg"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"params": {"rtt_ms": [1]}}, "params: rtt_ms: a number, a text or a truth value"),
        ({"params": {"rtt_ms": None}}, "params: rtt_ms"),
        ({"params": {"a=b": 1}}, "params: 'a=b' is not the name of a parameter"),
        ({"params": 7}, "params"),
        ({"select": {"a": 1}}, "select"),
        ({"sample": "soon"}, "sample"),
        ({"sample": -1}, "sample: seconds, 0 or more"),
        ({"fail_on": "never ever"}, "value of fail_on must be one of"),
        ({"strict": "perhaps"}, "strict"),
        ({"profile": "a\0b"}, "NUL"),
        ({"profil": "server"}, "Unsupported parameters"),
        ({"executable": "/nonexistent/advisor"}, "there is no program advisor"),
    ],
)
def test_arguments_that_cannot_be_meant_are_named(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    advisor = fake(tmp_path, {})
    answer = run_module(tmp_path, "check", **{"executable": str(advisor.path), **options})
    assert answer["failed"]
    assert message in answer["msg"]
    assert advisor.calls == []


def test_a_line_is_passed_on_as_it_is(tmp_path: Path) -> None:
    advisor = fake(tmp_path, {"check": (0, json.dumps(LINE) + "\n", "")})
    answer = run_module(
        tmp_path, "line", executable=str(advisor.path), labels={"host": "a\nb", "group": "edge"}
    )
    assert json.loads(answer["line"]) == LINE
    assert advisor.called("check") == [
        *("check", "--format=line", "--exit-zero"),
        *("--label=host=a\nb", "--label=group=edge"),
    ]


@pytest.mark.parametrize("out", ["", "{}", json.dumps(LINE, indent=1), json.dumps(LINE) + "\nmore"])
def test_what_is_not_one_line_is_refused(tmp_path: Path, out: str) -> None:
    advisor = fake(tmp_path, {"check": (0, out, "")})
    assert run_module(tmp_path, "line", executable=str(advisor.path))["failed"]
