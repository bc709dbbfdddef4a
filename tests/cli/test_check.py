"""`advisor check` of a snapshot: formats, exit codes, where the output goes."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.knowledge.schema import load_schema
from tests.cli.conftest import HOST, Run, command, environment, refused

OVERFLOW = ("--select", "LSN001")  # fails with severity error
INITIAL = ("--select", "RCV001")  # fails with severity warning on an edge proxy
UNREAD = ("--select", "CT001")  # conntrack could not be read
SYNCOOKIES = ("--select", "LSN013")  # passes


def report(run: Run, *arguments: str, **options: Any) -> dict[str, Any]:
    """The JSON that it prints, which is as the schema says."""
    done = run("check", "--from", HOST, "-f", "json", "--exit-zero", *arguments, **options)
    assert (done.returncode, done.stderr) == (0, "")
    data: dict[str, Any] = json.loads(done.stdout)
    Draft202012Validator(load_schema("report")).validate(data)
    return data


def status(data: dict[str, Any], rule: str) -> set[str]:
    return {finding["status"] for finding in data["findings"] if finding["rule"] == rule}


def test_json_tells_the_whole_story(run: Run) -> None:
    data = report(run, "-p", "edge-proxy")
    assert data["schema"] == "advisor.report/v1"
    assert data["host"]["name"] == "web-1"
    assert data["sample_s"] == 10
    assert data["profile"]["name"] == "edge-proxy"
    assert data["profile"]["params"]["rtt_ms"]["origin"] == "profile edge-proxy"
    assert status(data, "LSN001") == {"fail"}
    assert status(data, "CT001") == {"unknown"}
    counts = [finding["status"] for finding in data["findings"]]
    assert data["summary"]["fail"] == counts.count("fail")
    first = data["findings"][0]
    assert (first["status"], first["active"]) == ("fail", True)
    assert first["evidence"]


def test_the_same_snapshot_gives_the_same_report(run: Run) -> None:
    assert report(run) == report(run)


def test_a_snapshot_comes_from_standard_input_too(run: Run) -> None:
    done = run("check", "--from", "-", "-f", "json", "--exit-zero", stdin=HOST.read_text())
    assert json.loads(done.stdout) == report(run)


def test_text_ends_with_the_verdict_and_a_command_that_looks_at_the_same_snapshot(
    run: Run,
) -> None:
    done = run("check", "--from", HOST, "-p", "edge-proxy", "--param", "rtt_ms=7", *OVERFLOW)
    verdict, proposal = done.stdout.splitlines()[-2:]
    assert verdict.startswith("1 failed (1 error; 1 ACTIVE now)")
    words = proposal.split("advisor explain ")[1]
    assert words == f"LSN001 --here -p edge-proxy --param rtt_ms=7 --from {HOST}"
    explained = run("explain", *words.split())
    assert "On web-1, profile edge-proxy" in explained.stdout


def test_nothing_is_proposed_for_a_snapshot_that_is_gone(run: Run) -> None:
    done = run("check", "--from", "-", *OVERFLOW, stdin=HOST.read_text())
    assert done.stdout.endswith("advisor explain LSN001\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (OVERFLOW, 1),
        ((*OVERFLOW, "--fail-on", "error"), 1),
        ((*OVERFLOW, "--exit-zero"), 0),
        ((*OVERFLOW, "--strict"), 1),
        ((*INITIAL, "-p", "edge-proxy"), 1),
        ((*INITIAL, "-p", "edge-proxy", "--fail-on", "info"), 1),
        ((*INITIAL, "-p", "edge-proxy", "--fail-on", "error"), 0),
        ((*INITIAL, "-p", "wan-bulk"), 0),
        (UNREAD, 0),
        ((*UNREAD, "--strict"), 3),
        ((*UNREAD, *OVERFLOW, "--strict"), 1),
        ((*UNREAD, *OVERFLOW, "--strict", "--exit-zero"), 3),
        (SYNCOOKIES, 0),
        ((*SYNCOOKIES, "--strict"), 0),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_exit_codes(run: Run, arguments: tuple[str, ...], code: int, form: str) -> None:
    done = run("check", "--from", HOST, "-f", form, *arguments)
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize(
    ("variables", "arguments", "code"),
    [
        ({"ADVISOR_PROFILE": "edge-proxy"}, INITIAL, 1),
        ({"ADVISOR_PROFILE": "edge-proxy"}, (*INITIAL, "-p", "wan-bulk"), 0),
        ({"ADVISOR_FAIL_ON": "error", "ADVISOR_PROFILE": "edge-proxy"}, INITIAL, 0),
        ({"ADVISOR_PARAM_LATENCY_SENSITIVE": "true"}, INITIAL, 1),
        (
            {"ADVISOR_PARAM_LATENCY_SENSITIVE": "true"},
            (*INITIAL, "--param", "latency-sensitive=no"),
            0,
        ),
    ],
)
def test_the_environment_sets_what_the_command_line_does_not(
    run: Run, variables: dict[str, str], arguments: tuple[str, ...], code: int
) -> None:
    assert run("check", "--from", HOST, *arguments, env=variables).returncode == code


def test_the_format_can_come_from_the_environment(run: Run) -> None:
    done = run("check", "--from", HOST, *OVERFLOW, env={"ADVISOR_FORMAT": "json"})
    assert json.loads(done.stdout)["summary"]["error"] == 1


def test_rules_are_chosen_by_id_prefix_name_and_tag(run: Run) -> None:
    def rules(*arguments: str) -> set[str]:
        return {finding["rule"] for finding in report(run, *arguments)["findings"]}

    assert rules("--select", "LSN001,RCV001") == {"LSN001", "RCV001"}
    assert rules("--select", "accept-queue-overflow") == {"LSN001"}
    assert {rule[:3] for rule in rules("--select", "LSN")} == {"LSN"}
    assert "LSN001" not in rules("--select", "LSN", "--ignore", "LSN001")
    assert rules("--select", "LSN001", "--ignore", "LSN") == {"LSN001"}
    assert "LSN001" in rules("--select", "accept")


def test_verbose_says_why_something_is_unknown(run: Run) -> None:
    quiet = run("check", "--from", HOST, *UNREAD).stdout
    assert "1 unknown (-v says why)" in quiet
    assert "no permission to read it" not in quiet
    assert "no permission to read it" in run("check", "--from", HOST, *UNREAD, "-v").stdout


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
    ],
)
@pytest.mark.parametrize("words", [("check", "--from", HOST), ("explain", "RCV001")])
def test_what_is_piped_has_colours_only_on_demand(
    run: Run, words: tuple[str | Path, ...], variables: dict[str, str], coloured: bool
) -> None:
    done = run(*words, env=variables)
    assert ("\x1b[" in done.stdout) is coloured
    plain = run(*words).stdout
    assert re.sub(r"\x1b\[[0-9;]*m", "", done.stdout) == plain


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_has_colours_unless_they_are_unwanted(
    variables: dict[str, str], coloured: bool
) -> None:
    text = on_terminal("check", "--from", HOST, *OVERFLOW, **{"TERM": "xterm", **variables})
    assert ("\x1b[" in text) is coloured
    assert "LSN001" in text


def test_the_text_is_as_wide_as_the_terminal(run: Run) -> None:
    narrow = run("check", "--from", HOST, *OVERFLOW, env={"COLUMNS": "60"}).stdout
    wide = run("check", "--from", HOST, *OVERFLOW, env={"COLUMNS": "200"}).stdout
    assert max(map(len, narrow.splitlines()[:5])) <= 60
    assert 100 < max(map(len, wide.splitlines()[:5])) <= 120


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "POSIX"}])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_locale_that_lacks_characters_is_no_obstacle(
    run: Run, form: str, variables: dict[str, str]
) -> None:
    done = run("check", "--from", HOST, "-f", form, env=variables)
    assert (done.returncode, done.stderr) == (1, "")
    if form == "json":
        assert json.loads(done.stdout)["findings"]


def test_a_name_that_is_not_utf8_can_be_reported(run: Run, tmp_path: Path) -> None:
    data = json.loads(HOST.read_text())
    data["nics"]["not\udcffutf8"] = {**data["nics"]["eth0"], "name": "not\udcffutf8"}
    (tmp_path / "odd.json").write_text(json.dumps(data))
    done = run("check", "--from", "odd.json", "-v", "--exit-zero")
    assert (done.returncode, done.stderr) == (0, "")
    assert "not\\xffutf8" in done.stdout
    again = run("check", "--from", "odd.json", "-f", "json", "--exit-zero")
    names = {finding["target"] for finding in json.loads(again.stdout)["findings"]}
    assert "not\udcffutf8" in names


def test_a_file_is_written_completely_and_nothing_else_is(run: Run, tmp_path: Path) -> None:
    done = run("check", "--from", HOST, "-f", "json", "-o", "report.json")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    written = (tmp_path / "report.json").read_text()
    assert json.loads(written) == report(run)
    run("check", "--from", HOST, "-o", "report.json", env={"LC_ALL": "POSIX"})
    assert (tmp_path / "report.json").read_text(encoding="utf-8").startswith("web-1 · ")


def test_a_link_is_followed_and_stays(run: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere/report")
    run("check", "--from", HOST, "-o", "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "elsewhere" / "report").read_text().startswith("web-1")


def test_a_pipe_or_a_device_is_written_to_and_not_replaced(run: Run, tmp_path: Path) -> None:
    done = run("check", "--from", HOST, "-o", "/dev/stdout", *OVERFLOW)
    assert "LSN001" in done.stdout
    os.mkfifo(tmp_path / "pipe")
    script = f"cat pipe & {' '.join(command('check', '--from', HOST, '-o', 'pipe'))}; wait"
    read = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env=environment(), capture_output=True, text=True
    )
    assert read.stdout.startswith("web-1")
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(
    "output", ["absent/report", "file/report", ".", "/", "", "/dev/full", "/proc/x"]
)
def test_output_that_cannot_be_written_is_an_error_and_leaves_nothing(
    run: Run, tmp_path: Path, output: str
) -> None:
    (tmp_path / "file").write_text("precious")
    done = run("check", "--from", HOST, "-o", output)
    refused(done, "cannot be written")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text() == "precious"


def on_terminal(*arguments: str | Path, **variables: str) -> str:
    """What it prints on a terminal of its own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command(*arguments), env=environment(**variables), stdin=theirs, stdout=theirs
    )
    os.close(theirs)
    parts = []
    try:
        while part := os.read(ours, 65536):
            parts.append(part)
    except OSError:
        pass  # how Linux tells that the other end is closed
    process.wait(timeout=60)
    os.close(ours)
    return b"".join(parts).decode()
