"""`advisor map`, as a process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.cli.proposals import proposals
from advisor.facts.snapshot import encode
from advisor.knowledge.fixtures import build_host
from advisor.knowledge.schema import load_schema
from advisor.model.report import Report
from tests.cli.conftest import HOST, ROOT, Run, environment, refused
from tests.unit.report.map.hosts import HOSTILE_NAMES, HOSTS

STORY = ROOT / "tests" / "stories" / "S2-tiny-tso-frames.json"
S2 = ("map", "--from", STORY, "-p", "datacenter-storage")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def snapshot(tmp_path: Path) -> Any:
    """Writes a synthetic host to a file that `--from` takes."""

    def write(name: str) -> Path:
        path = tmp_path / f"{name}.json"
        path.write_text(encode(HOSTS[name]), encoding="utf-8")
        return path

    return write


def test_the_story_of_the_shared_ring_and_the_saturated_core_can_be_seen(run: Run) -> None:
    done = run(*S2, env={"COLUMNS": "80"})
    assert (done.returncode, done.stderr) == (0, "")
    completion = re.search(r"^  completion +\[A] +one ring: receive and", done.stdout, re.M)
    assert completion, done.stdout
    rows = [line for line in done.stdout.splitlines() if "=O=" in line and "%" in line]
    assert len(rows) == 8
    (bad,) = (line for line in rows if "99.8 %" in line)
    assert bad.startswith(" 5 [A,")
    assert bad.endswith("3120")
    assert "saturated; 12720 dropped by qdisc" in done.stdout
    assert re.search(r"^\[A]  CQ001  error  ACTIVE", done.stdout, re.M)
    assert re.search(r"^\[[A-Z]]  SND001  warning  ACTIVE", done.stdout, re.M)


def test_the_same_story_as_json(run: Run) -> None:
    data = json.loads(run(*S2, "-f", "json").stdout)
    Draft202012Validator(load_schema("map")).validate(data)
    marks = {finding["rule"]: finding["mark"] for finding in data["findings"]}
    (nic,) = data["interfaces"]
    assert nic["completions"]["layout"] == "shared-ring"
    cpus = [cpu for node in nic["nodes"] for cpu in node["cpus"]]
    assert [cpu["cpus"] for cpu in cpus if cpu["saturated"]] == [[5]]
    assert {marks["CQ001"], marks["SIQ001"]} <= set(cpus[5]["marks"])
    completion = next(fact for fact in nic["facts"] if fact["part"] == "completion")
    assert completion["marks"] == [marks["CQ001"]]
    assert marks["SND001"] in data["marks"]


def test_the_same_story_as_a_drawing(run: Run, tmp_path: Path) -> None:
    done = run(*S2, "-f", "svg", "-o", "map.svg")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    root = ElementTree.parse(tmp_path / "map.svg").getroot()
    written = [element.text for element in root.iter(f"{SVG}text")]
    assert {"CPU 5", "99.8 %", "irq 77", "3120 wait"} <= set(written)
    classes = [element.attrib.get("class") for element in root.iter()]
    assert classes.count("hotcard") == 1


def test_findings_are_those_of_the_profile(run: Run) -> None:
    for options in (("-p", "server"), ("-p", "server", "--param", "transmit_heavy=true")):
        data = json.loads(run("map", "--from", STORY, *options, "-f", "json").stdout)
        rules = {finding["rule"] for finding in data["findings"]}
        assert ("CQ001" in rules) == ("--param" in options)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_an_interface_may_have_any_name(run: Run, snapshot: Any, name: str) -> None:
    done = run("map", "--from", snapshot("hostile"), "-f", "json", "--", name)
    assert done.returncode == 0, done.stderr
    assert [nic["name"] for nic in json.loads(done.stdout)["interfaces"]] == [name]


def test_what_is_set_aside_is_not_marked(run: Run, tmp_path: Path) -> None:
    baseline = tmp_path / "baseline.json"
    run("check", *S2[1:], "--write-baseline", baseline, "--exit-zero")
    assert "CQ001" in run(*S2).stdout
    assert "CQ001" not in run(*S2, "--baseline", baseline).stdout


def test_it_proposes_to_look_at_the_same_interface_again(run: Run) -> None:
    done = run("map", "lo", "-p", "wan-bulk")
    assert re.search(r"^next: .* map --sample 10 -p wan-bulk lo  ", done.stdout, re.M), done


def test_a_proposed_command_can_be_typed_whatever_the_name_is() -> None:
    report = Report(build_host({}).collection, "6.12", "server", {}, 0, None, ())
    (again,) = proposals(report, None, None, {}, "map", ["--", "-x $(id)"])
    assert "map --sample 10 -- '-x $(id)'" in again


def test_an_unknown_interface_is_an_error_that_names_the_one_that_is_meant(run: Run) -> None:
    refused(run(*S2, "eht0"), "there is no interface 'eht0' here", "did you mean eth0?")


@pytest.mark.parametrize(
    "arguments",
    [
        ("map", "-f", "pdf"),
        ("map", "--sample", "0"),
        ("map", "--from", "nowhere.json"),
        ("map", "-p", "nonsense"),
        ("map", "eth0", "eth1"),
        ("map", "-x"),
        (*S2, "-o", "absent/map.svg"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_an_error(run: Run, arguments: tuple[str, ...]) -> None:
    refused(run(*arguments))


def test_a_bond_is_drawn_by_what_carries_it(run: Run, snapshot: Any) -> None:
    done = run("map", "bond0", "--from", snapshot("bond"))
    assert "bond0 is carried by eth0, eth1" in done.stdout
    assert [f"\n{name} · " in done.stdout for name in ("bond0", "eth0", "eth1")] == [True] * 3


def test_a_host_of_software_alone_has_a_map_that_says_so(run: Run, snapshot: Any) -> None:
    done = run("map", "--from", snapshot("software"))
    assert done.returncode == 0
    assert "no hardware interface is up here" in done.stdout


def test_the_table_is_as_wide_as_the_terminal(run: Run) -> None:
    widths = {}
    for columns in ("80", "120", "160", "400"):
        lines = run(*S2, env={"COLUMNS": columns}).stdout.splitlines()
        widths[columns] = max(len(line) for line in lines if "=O=" in line)
    assert widths["80"] <= 80 < widths["120"] <= 120 < widths["160"] <= 160
    assert widths["400"] == widths["160"]


@pytest.mark.parametrize(
    ("env", "coloured"),
    [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_are_used_only_where_they_are_wanted(
    run: Run, env: dict[str, str], coloured: bool
) -> None:
    assert ("\x1b[" in run(*S2, env=env).stdout) == coloured


def test_this_host_has_a_map(run: Run) -> None:
    done = run("map", "-f", "json")
    assert (done.returncode, done.stderr) == (0, "")
    Draft202012Validator(load_schema("map")).validate(json.loads(done.stdout))


def test_a_snapshot_without_interfaces_to_read_is_an_error(run: Run, tmp_path: Path) -> None:
    facts = json.loads(HOST.read_text())
    facts["nics"] = {"unavailable": "no permission"}
    (tmp_path / "host.json").write_text(json.dumps(facts))
    refused(run("map", "--from", "host.json"), "the interfaces are not known: no permission")


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["map", "--help"]])
def test_help_loads_nothing_of_it(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom advisor.cli.app import app\n"
        f"try:\n    app({arguments!r}, prog_name='advisor')\nexcept SystemExit:\n    pass\n"
        "print([name for name in sys.modules if 'advisor.report' in name or 'layout' in name])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
