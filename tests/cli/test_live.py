"""The host that the tests run on, as far as one may look at it: nothing here changes anything."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from advisor.knowledge.schema import load_schema
from tests.cli.conftest import Run, command, environment


def test_this_host_is_judged(run: Run) -> None:
    done = run("check", "-f", "json", "--exit-zero")
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    Draft202012Validator(load_schema("report")).validate(data)
    assert data["host"]["source"] == "live"
    assert data["summary"]["pass"] > 0


def test_the_report_about_this_host_proposes_rates(run: Run) -> None:
    done = run("check", "--exit-zero")
    assert "counters since boot" in done.stdout
    assert "-m advisor check --sample 10    # rates of now" in done.stdout


def test_a_snapshot_of_this_host_is_judged_like_the_host(run: Run, tmp_path: Path) -> None:
    assert run("snapshot", "-o", "host.json").returncode == 0
    Draft202012Validator(load_schema("snapshot")).validate(
        json.loads((tmp_path / "host.json").read_text())
    )

    def verdicts(*arguments: str) -> dict[tuple[str, str], str]:
        data = json.loads(run("check", "-f", "json", "--exit-zero", *arguments).stdout)
        return {(each["rule"], each["target"]): each["status"] for each in data["findings"]}

    live, later = verdicts(), verdicts("--from", "host.json")
    # Counters went on between the two; a rule about one may have changed its mind.
    differ = {key for key in live.keys() | later.keys() if live.get(key) != later.get(key)}
    assert len(differ) <= 0.05 * len(live), differ


def test_a_redacted_snapshot_is_one_too_and_names_no_host(run: Run, tmp_path: Path) -> None:
    host = json.loads(run("snapshot").stdout)["collection"]["hostname"]
    text = run("snapshot", "--redact").stdout
    assert json.loads(text)["collection"]["hostname"] != host
    (tmp_path / "redacted.json").write_text(text)
    assert run("check", "--from", "redacted.json", "--exit-zero").returncode == 0


def test_a_sample_gives_rates(run: Run) -> None:
    done = run("check", "--sample", "0.2", "-f", "json", "--exit-zero")
    assert json.loads(done.stdout)["sample_s"] == pytest.approx(0.2, abs=0.2)


def test_the_doctor_names_every_section(run: Run) -> None:
    done = run("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    for section in ("kernel", "sysctl", "nics", "sockets", "conntrack", "qdiscs"):
        assert re.search(rf"\b{section}\b", done.stdout)
    assert "CAP_NET_ADMIN" in done.stdout


@pytest.mark.parametrize("words", [("check",), ("snapshot", "-o", "partial.json")])
def test_an_interrupt_ends_it_at_once_and_leaves_nothing(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    process = subprocess.Popen(
        command(*words, "--sample", "60"),
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(1)
    assert process.poll() is None, process.stderr
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=10)
    assert (process.returncode, out, errors) == (130, "", "")
    assert list(tmp_path.iterdir()) == []
