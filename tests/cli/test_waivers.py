"""Waivers and baselines on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import HOST, Run

OVERFLOW = ("check", "--from", HOST, "--select", "LSN001")  # fails with severity error


def waivers(folder: Path, expires: str, rule: str = "LSN001") -> Path:
    path = folder / "waivers.yaml"
    path.write_text(
        f'waivers:\n  - {{rule: {rule}, reason: the new release fixes it, expires: "{expires}"}}\n'
    )
    return path


def findings(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["findings"]
    return found


def test_a_waiver_opens_the_gate_and_is_told(run: Run, tmp_path: Path) -> None:
    done = run(*OVERFLOW, "--waivers", waivers(tmp_path, "2999-12-31"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 waived" in done.stdout
    told = run(*OVERFLOW, "--waivers", waivers(tmp_path, "2999-12-31"), "-v").stdout
    assert "waived until 2999-12-31: the new release fixes it" in told


def test_an_expired_waiver_does_not(run: Run, tmp_path: Path) -> None:
    done = run(*OVERFLOW, "--waivers", waivers(tmp_path, "2020-01-01"))
    assert done.returncode == 1
    assert "expired on 2020-01-01: the new release fixes it" in done.stdout
    data = run(*OVERFLOW, "--waivers", waivers(tmp_path, "2020-01-01"), "-f", "json")
    (finding,) = findings(data.stdout)
    assert (finding["status"], finding["waived"]["expired"]) == ("fail", True)


def test_a_waiver_that_nothing_needs_is_named_on_stderr(run: Run, tmp_path: Path) -> None:
    done = run(*OVERFLOW, "--waivers", waivers(tmp_path, "2999-12-31", "CT002"))
    assert done.returncode == 1
    assert "the waiver of CT002 for * is not needed here" in done.stderr


def test_a_baseline_lets_only_new_failures_count(run: Run, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    first = run("check", "--from", HOST, "--write-baseline", baseline, "--exit-zero", "-f", "json")
    failed = {f["rule"] for f in findings(first.stdout) if f["status"] == "fail"}
    assert {each["rule"] for each in json.loads(baseline.read_text())["findings"]} == failed
    again = run("check", "--from", HOST, "--baseline", baseline, "-f", "json")
    assert again.returncode == 0
    assert {f["rule"] for f in findings(again.stdout) if f["status"] == "waived"} == failed
    smaller = json.loads(baseline.read_text())
    smaller["findings"] = [each for each in smaller["findings"] if each["rule"] != "LSN001"]
    baseline.write_text(json.dumps(smaller))
    assert run("check", "--from", HOST, "--baseline", baseline).returncode == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--waivers", "/nonexistent/w.yaml"), "w.yaml"),
        (("--baseline", "/nonexistent/b.json"), "b.json"),
        (("--write-baseline", "/nonexistent/b.json"), "b.json"),
        (("--write-baseline", "-"), "needs the name of a file"),
    ],
)
def test_files_that_cannot_be_used_end_with_2(
    run: Run, options: tuple[str, ...], said: str
) -> None:
    done = run(*OVERFLOW, *options)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
