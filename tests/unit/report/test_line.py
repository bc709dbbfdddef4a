"""The line that a fleet keeps of a check: short, whole, and as its schema says."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from advisor.fleet.kinds import Kinds
from advisor.fleet.line import parse
from advisor.knowledge.fixtures import build_host
from advisor.knowledge.schema import load_schema
from advisor.model.finding import Status
from advisor.model.overview import Overview
from advisor.model.report import Report
from advisor.report.line import MAX_BYTES, to_line
from tests.unit.fleet.fleets import HOSTILE
from tests.unit.report.reports import REPORTS, failure, report

SETTING = "sysctl:net.core.somaxconn"


def line(
    judged: Report, labels: dict[str, str] | None = None, runs: Overview | None = None
) -> dict[str, Any]:
    host = build_host({"nics": {"eth0": {"driver": "ice", "physical": True}, "lo": {}}})
    text = to_line(judged, host, run="0f", labels=labels or {}, runs=runs)
    assert text.isascii()
    assert text.endswith("\n")
    assert text[:-1].isprintable()
    assert len(text) <= MAX_BYTES
    data: dict[str, Any] = json.loads(text)
    jsonschema.validate(data, load_schema("line"))
    assert parse(text.encode(), 1, "", "group", Kinds()).run
    return data


@pytest.mark.parametrize("judged", REPORTS.values(), ids=list(REPORTS))
def test_every_report_makes_a_line_with_what_failed_and_nothing_else(judged: Report) -> None:
    data = line(judged)
    kept = [each for each in judged.findings if each.status in (Status.FAIL, Status.WAIVED)]
    assert [each["rule"] for each in data["findings"]] == [each.rule.id for each in kept]
    assert data["summary"] == judged.summary()
    assert data["more"] == 0
    assert data["drivers"] == ["ice"]
    assert not {"evidence", "reason", "references", "fix"} & {
        key for each in data["findings"] for key in each
    }


def test_labels_name_the_host_and_its_group() -> None:
    data = line(report([]), {"host": "web-1.example", "group": "web"})
    assert (data["host"], data["labels"]) == ("web-1.example", {"group": "web"})
    assert line(report([]))["host"] == "web-1"


def test_the_runs_of_a_host_are_told_where_they_are_known() -> None:
    assert line(report([]))["runs"] is None
    expected = {"count": 3, "waiting": None, "drifted": 0, "damaged": 1}
    assert line(report([]), runs=Overview(None, 3, (), ("000001",)))["runs"] == expected


def test_a_line_leaves_out_the_least_urgent_findings_rather_than_grow() -> None:
    many = [
        failure(f"AAA{n % 1000:03}", "x", SETTING, target="é" * 200, actual=n, wanted=1)
        for n in range(2000)
    ]
    data = line(report(many), {f"label{n}": "\U0001f600" * 120 for n in range(8)})
    kept = len(data["findings"])
    assert kept > 5
    assert data["more"] == 2000 - kept
    assert [each["actual"] for each in data["findings"]] == list(range(kept))
    assert data["summary"]["fail"] == 2000


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (None, None),
        (True, True),
        (4096, 4096),
        (0.5, 0.5),
        (float("inf"), "inf"),
        ((1, 2, 3), [1, 2, 3]),
        (tuple(range(128)), "128 values"),
        ("x" * 200, "x" * 80 + "…"),
    ],
)
def test_values_are_short(value: Any, kept: Any) -> None:
    data = line(report([failure("AAA001", "x", SETTING, actual=value, wanted=1)]))
    assert data["findings"][0]["actual"] == kept


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_inside_its_line(name: str) -> None:
    found = [failure("AAA001", "x", target=name)]
    data = line(report(found, hostname=name), {"group": name})
    assert data["host"] == data["labels"]["group"] == name
