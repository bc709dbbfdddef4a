"""`advisor check -f line` and `advisor fleet report`, from the one to the other."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from advisor.knowledge.schema import load_schema
from tests.cli.conftest import HOST, ROOT, Run, refused
from tests.unit.fleet.fleets import HOSTILE, check, lost, write

sys.path.insert(0, str(ROOT / "bench"))
import fleet as generator


def line(run: Run, *arguments: str, **more: Any) -> dict[str, Any]:
    done = run("check", "--exit-zero", "-f", "line", *arguments, **more)
    assert (done.returncode, done.stderr) == (0, "")
    data: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(data, load_schema("line"))
    return data


def test_a_check_leaves_a_line(run: Run) -> None:
    first = line(run, "--from", str(HOST), "-p", "edge-proxy", "--label", "group=edge")
    assert first["labels"] == {"group": "edge"}
    assert first["findings"]
    assert first["runs"] is None, "a snapshot does not know the runs of its host"
    assert first["run"] != line(run, "--from", str(HOST))["run"]


def test_a_line_of_this_host_knows_its_runs(run: Run, tmp_path: Path) -> None:
    state = tmp_path / "state"
    data = line(run, env={"ADVISOR_STATE_DIR": str(state)})
    assert data["runs"] == {"count": 0, "waiting": None, "drifted": 0, "damaged": 0}
    state.write_text("no directory")
    assert line(run, env={"ADVISOR_STATE_DIR": str(state)})["runs"] is None


def test_labels_of_the_site_count_until_the_command_line_says_otherwise(
    run: Run, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    (site / "config.yaml").write_text("labels: {group: web, site: fra}\n")
    env = {"ADVISOR_CONFIG_DIR": str(site)}
    data = line(run, "--from", str(HOST), "--label", "site=ams", "--label", "host=a.b", env=env)
    assert (data["host"], data["labels"]) == ("a.b", {"group": "web", "site": "ams"})


@pytest.mark.parametrize(
    ("label", "part"),
    [
        ("group", "--label group: expected NAME=VALUE"),
        ("=x", "label '': 1 to 120 characters"),
        ("group=" + "x" * 121, "label 'group': 1 to 120 characters"),
    ],
)
def test_a_label_that_is_none_is_refused(run: Run, label: str, part: str) -> None:
    refused(run("check", "--from", HOST, "-f", "line", "--label", label), part)


def test_too_many_labels_are_refused(run: Run) -> None:
    labels = [word for n in range(9) for word in ("--label", f"l{n}=x")]
    refused(run("check", "--from", HOST, "-f", "line", *labels), "at most 8")


def test_lines_of_hosts_become_a_report(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "lines"
    folder.mkdir()
    for name in ("web-1", "web-2"):
        arguments = ("--label", f"host={name}", "--label", "group=web", "-o", f"lines/{name}.json")
        run("check", "--from", HOST, "--exit-zero", "-p", "edge-proxy", "-f", "line", *arguments)
    write(folder / "lost.ndjson", lost("web-3", "No route to host", unreachable=True))
    done = run("fleet", "report", "lines")
    assert (done.returncode, done.stderr) == (0, "")
    for part in ("3 hosts · 2 checked · 1 unreachable", "web-2", "RCV001", "No route to host"):
        assert part in done.stdout


def test_lines_may_come_over_a_pipe(run: Run) -> None:
    lines = "".join(json.dumps(check(name, "AAA001")) + "\n" for name in "ab")
    done = run("fleet", "report", "-", "-f", "json", stdin=lines + '{"half')
    assert (done.returncode, done.stderr) == (0, "")
    data = json.loads(done.stdout)
    jsonschema.validate(data, load_schema("fleet"))
    assert data["intake"]["problems"] == {"half-written line": 1}
    assert data["intake"]["examples"][0]["place"] == "-:3"


@pytest.mark.parametrize("format", ["text", "html", "json", "markdown"])
def test_every_format_can_be_written_to_a_file(run: Run, tmp_path: Path, format: str) -> None:
    write(tmp_path / "a.ndjson", *(check(name, name) for name in HOSTILE))
    done = run("fleet", "report", "a.ndjson", "-f", format, "-o", "out")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = (tmp_path / "out").read_text()
    assert all(each.isprintable() for each in text.splitlines())


def test_groups_are_made_by_a_label_of_choice(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.ndjson", *(check(f"h{n}", labels={"rack": f"r{n}"}) for n in range(3)))
    data = json.loads(run("fleet", "report", "a.ndjson", "--by", "rack", "-f", "json").stdout)
    assert (data["by"], [each["name"] for each in data["groups"]]) == ("rack", ["r0", "r1", "r2"])


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_either_engine_can_be_asked_for(run: Run, tmp_path: Path, engine: str) -> None:
    write(tmp_path / "a.ndjson", check("a", "AAA001"))
    done = run("fleet", "report", "a.ndjson", "--engine", engine)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 host · 1 checked" in done.stdout


def test_only_where_nothing_could_be_read_the_report_fails(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "bad.ndjson", "nonsense\x1b[2J", "")
    refused(run("fleet", "report", "bad.ndjson"), "no line that can be used", "bad.ndjson:1")
    refused(run("fleet", "report", "missing"), "missing: there is no such file")
    refused(run("fleet", "report", "."), "1 files hold no line", "check -f line")
    (tmp_path / "empty").mkdir()
    refused(run("fleet", "report", "empty"), "*.ndjson")


def test_the_generator_makes_lines_that_say_that_they_are_synthetic(tmp_path: Path) -> None:
    wanted = Namespace(hosts=30, findings=10, checks=2, gzip=False, bad=False)
    generator.make(tmp_path, wanted)
    lines = [
        json.loads(each) for path in tmp_path.iterdir() for each in path.read_text().splitlines()
    ]
    assert len(lines) == 60
    for each in lines:
        jsonschema.validate(each, load_schema("line"))
        assert each["labels"]["synthetic"] == "yes"
        assert each["host"].startswith("synthetic-")
