"""Help, version, and what is said to mistyped commands."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest

from advisor import __version__
from tests.cli.conftest import DATA, HOST, Run, command, environment, refused


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["check", "explain", "rules", "profile", "schema", "doctor", "Exit codes"]),
        (["-h"], ["Usage: advisor"]),
        (
            ["check", "--help"],
            ["--from", "--netns", "--sample", "--fail-on", "--strict", "text", "json"],
        ),
        (["explain", "--help"], ["--here", "Explain a rule"]),
        (["rules", "--help"], ["lint", "list", "test"]),
        (["profile", "--help"], ["detect", "list", "show"]),
        (["rules", "lint", "--help"], ["FILE|DIR"]),
        (["schema", "--help"], ["JSON Schema"]),
        (["snapshot", "--help"], ["--redact", "never read"]),
        (["doctor", "--help"], ["--netns"]),
        (["--version"], [f"advisor {__version__}"]),
    ],
)
def test_help_and_version_are_data(run: Run, arguments: list[str], words: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    for word in words:
        assert word in done.stdout


def _mistakes() -> list[tuple[str, list[str]]]:
    mistakes: list[tuple[str, list[str]]] = []
    for line in (DATA / "mistakes.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            mistakes[-1][1].append(line.strip())
        elif line and not line.startswith("#"):
            mistakes.append((line, []))
    return mistakes


@pytest.mark.parametrize(("line", "parts"), _mistakes())
def test_a_mistake_is_refused_with_what_was_meant(run: Run, line: str, parts: list[str]) -> None:
    assert parts
    words = [str(HOST) if word == "HOST" else word for word in shlex.split(line)]
    refused(run(*words), *parts)


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("ADVISOR_PROFILE", "edge-prox", "did you mean edge-proxy?"),
        ("ADVISOR_FORMAT", "yaml", "'yaml' is not one of"),
        ("ADVISOR_FAIL_ON", "fatal", "'fatal' is not one of"),
        ("ADVISOR_PARAM_RTT_MS", "far", "ADVISOR_PARAM_RTT_MS: rtt_ms has to be of type number"),
    ],
)
def test_a_mistake_in_the_environment_is_refused_too(
    run: Run, name: str, value: str, part: str
) -> None:
    refused(run("check", "--from", HOST, env={name: value}), part)


def test_control_characters_of_a_file_name_do_not_reach_the_terminal(run: Run) -> None:
    done = run("check", "--from", "a\x1b[2Jb\nc")
    refused(done, "a\\x1b[2Jb\\x0ac: cannot read the snapshot")
    assert "\x1b" not in done.stderr


def test_without_arguments_there_is_help(run: Run) -> None:
    done = run()
    assert "Usage: advisor" in done.stdout + done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["rules", "list"],
        ["rules", "list", "--json"],
        ["schema", "snapshot"],
        ["explain", "RCV001"],
        ["check", "--from", HOST, "-f", "json", "--exit-zero"],
        ["profile", "show", "server"],
        ["profile", "list"],
    ],
)
def test_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    # The pipe is closed before anything is written, which is the worst that `| head` can do.
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        command(*arguments),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writing)
    # `rules list` tells how many there are on stderr.
    assert done.stderr == "" or done.stderr.endswith(" rules\n")
    assert done.returncode == 0


def test_findings_count_even_if_nobody_reads_them() -> None:
    script = f"{' '.join(command('check', '--from', HOST))} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", script], env=environment(), capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("1\n", "")


@pytest.mark.parametrize(
    ("redirect", "part"),
    [
        (">/dev/full", "standard output cannot be written: No space left on device"),
        (">&-", "standard output is closed"),
    ],
)
def test_output_that_cannot_be_written_is_an_error(redirect: str, part: str) -> None:
    script = f"{' '.join(command('check', '--from', HOST))} {redirect}"
    done = subprocess.run(
        ["sh", "-c", script], env=environment(), capture_output=True, text=True, check=False
    )
    refused(done, f"advisor: {part}")
    assert "Exception" not in done.stderr
