"""The formats of pipelines on the command line: the gate is the same in each of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.model.finding import Status
from tests.cli.conftest import HOST, ROOT, Run, environment
from tests.unit.report.formats import metrics, runner_command

IMAGE = ROOT / "docs" / "examples" / "image"
OVERFLOW = ("--select", "LSN001")  # fails with severity error
INITIAL = ("--select", "RCV001", "-p", "edge-proxy")  # fails with severity warning
BULK = ("--select", "RCV001", "-p", "wan-bulk")  # does not apply
UNREAD = ("--select", "CT001")  # conntrack could not be read

Counts = Counter[str]


def _sarif(text: str) -> Counts:
    (run,) = json.loads(text)["runs"]
    return Counter(result["properties"]["status"] for result in run["results"])


def _junit(text: str) -> Counts:
    counts: Counts = Counter()
    for case in ET.fromstring(text).iter("testcase"):
        skipped = case.find("skipped")
        if skipped is not None:
            counts[skipped.get("type", "").replace(" ", "_")] += 1
        else:
            counts["pass" if case.find("failure") is None else "fail"] += 1
    return counts


def _github(text: str) -> Counts:
    lines = [runner_command(line) for line in text.splitlines()]
    return Counter(fail=sum(line is not None for line in lines))


def _markdown(text: str) -> Counts:
    row = text.splitlines()[6]
    numbers = [int(number) for number in re.findall("[0-9]+", row)]
    return Counter(dict(zip([status.value for status in Status], numbers, strict=True)))


def _prometheus(text: str) -> Counts:
    counts: Counts = Counter()
    for (metric, labels), value in metrics(text).items():
        if metric == "advisor_findings":
            counts[dict(labels)["status"]] += int(value)
    return counts


READERS: dict[str, Callable[[str], Counts]] = {
    "sarif": _sarif,
    "junit": _junit,
    "github": _github,
    "markdown": _markdown,
    "prometheus": _prometheus,
}
LISTED = {
    "sarif": {"fail", "waived"},
    "github": {"fail"},
}

every = pytest.mark.parametrize("form", READERS)


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        (OVERFLOW, 1, {"fail": 1}),
        ((*OVERFLOW, "--exit-zero"), 0, {"fail": 1}),
        (INITIAL, 1, {"fail": 1}),
        ((*INITIAL, "--fail-on", "error"), 0, {"fail": 1}),
        (BULK, 0, {"not_applicable": 1}),
        ((*BULK, "--strict"), 0, {"not_applicable": 1}),
        (UNREAD, 0, {"unknown": 1}),
        ((*UNREAD, "--strict"), 3, {"unknown": 1}),
        (("--select", "LSN001,CT001", "--ignore", "LSN001"), 0, {"unknown": 1}),
    ],
)
@every
def test_the_gate_is_the_same_in_every_format(
    run: Run, form: str, arguments: tuple[str, ...], code: int, expected: dict[str, int]
) -> None:
    done = run("check", "--from", HOST, "-f", form, *arguments)
    assert (done.returncode, done.stderr) == (code, "")
    listed = LISTED.get(form, set(expected))
    assert +READERS[form](done.stdout) == {k: v for k, v in expected.items() if k in listed}


@every
def test_what_is_set_aside_opens_the_gate_and_is_told(run: Run, tmp_path: Path, form: str) -> None:
    waivers = tmp_path / "waivers.yaml"
    waivers.write_text(
        "waivers:\n  - {rule: LSN001, reason: the next release mends it, permanent: true}\n"
    )
    baseline = tmp_path / "baseline.json"
    run("check", "--from", HOST, *OVERFLOW, "--write-baseline", baseline)
    for options in (("--waivers", waivers), ("--baseline", baseline)):
        done = run("check", "--from", HOST, *OVERFLOW, *options, "-f", form)
        assert (done.returncode, done.stderr) == (0, "")
        told = {} if form == "github" else {"waived": 1}
        assert +READERS[form](done.stdout) == told


@every
def test_an_image_is_judged_in_every_format(run: Run, form: str) -> None:
    words = ("check", "--root", IMAGE, "-p", "edge-proxy", "-f", form)
    done = run(*words)
    assert (done.returncode, done.stderr) == (1, "")
    assert READERS[form](done.stdout)["fail"] >= 3
    # Most of an image cannot be seen, and that closes no gate.
    assert run(*words, "--fail-on", "error").returncode == 0
    assert run(*words, "--fail-on", "error", "--strict").returncode == 3


@every
def test_a_file_holds_the_same_and_is_written_at_once(run: Run, tmp_path: Path, form: str) -> None:
    words = ("check", "--from", HOST, "-f", form)
    done = run(*words, "-o", "report")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["report"]
    assert (tmp_path / "report").read_text("utf-8") == run(*words).stdout


@every
def test_hostile_names_of_a_snapshot_stay_names(run: Run, tmp_path: Path, form: str) -> None:
    data = json.loads(HOST.read_text())
    data["collection"]["hostname"] = "</testsuite>]]><script>\n::error::x|\x1b[2J%0A\udcff"
    (tmp_path / "odd.json").write_text(json.dumps(data))
    done = run("check", "--from", "odd.json", "-f", form, *OVERFLOW)
    assert (done.returncode, done.stderr) == (1, "")
    assert READERS[form](done.stdout)["fail"] == 1
    assert "\x1b" not in done.stdout
    assert not [line for line in done.stdout.splitlines() if line.startswith("::error::")]


@pytest.mark.parametrize("form", ["junit", "sarif"])
def test_a_locale_that_lacks_characters_leaves_documents_valid(run: Run, form: str) -> None:
    words = ("check", "--from", HOST, "-f", form)
    done = run(*words, env={"PYTHONIOENCODING": "ascii"})
    assert done.stdout == run(*words).stdout


def test_sarif_names_files_that_exist_and_those_of_the_site(run: Run, tmp_path: Path) -> None:
    rules = tmp_path / "site" / "rules.d"
    rules.mkdir(parents=True)
    run("rules", "new", "SITE001", "ours", "--in", rules)
    words = ("check", "--from", HOST, "-f", "sarif", "-v", "--exit-zero")
    where = {
        "ADVISOR_CONFIG_DIR": str(tmp_path / "site"),
        "ADVISOR_DOCS_URL": "https://docs.example",
    }
    (judged,) = json.loads(run(*words, env=where).stdout)["runs"]
    places = {
        result["ruleId"]: result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in judged["results"]
    }
    assert places.pop("SITE001") == "rules.d/SITE001-ours.yaml"
    assert places
    assert [place for place in places.values() if not (ROOT / place).is_file()] == []
    links = [rule["helpUri"] for rule in judged["tool"]["driver"]["rules"]]
    assert "https://docs.example/LSN001.md" in links


def test_a_check_does_not_pay_for_formats_that_it_does_not_write() -> None:
    words = [sys.executable, "-X", "importtime", "-m", "advisor", "check", "--from", str(HOST)]
    done = subprocess.run(
        words, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "advisor.report.text" in loaded
    assert not loaded & {*(f"advisor.report.{form}" for form in READERS), "xml.etree.ElementTree"}
