"""Maps as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from advisor.knowledge.schema import load_schema
from advisor.report.map.json import to_data, to_json
from tests.unit.report.map.hosts import HOSTS, device, host, machine
from tests.unit.report.map.pictures import draw, picture
from tests.unit.report.test_golden import GOLDEN, compare


def test_json_is_as_it_was_agreed() -> None:
    compare(GOLDEN / "map" / "odd.json", to_json(picture("odd")))


@pytest.mark.parametrize("name", HOSTS)
def test_json_is_as_its_schema_says(name: str) -> None:
    written = to_json(picture(name))
    assert written.isascii() and written.count("\n") == 1
    Draft202012Validator(load_schema("map")).validate(json.loads(written))


def test_the_schema_refuses_what_it_does_not_describe() -> None:
    validator = Draft202012Validator(load_schema("map"))
    for path in ([], ["host"], ["interfaces", 0], ["interfaces", 0, "nodes", 0, "cpus", 0]):
        data = json.loads(to_json(picture("eight")))
        place: Any = data
        for key in path:
            place = place[key]
        place["surprise"] = 1
        assert not validator.is_valid(data)


def test_numbers_are_as_they_were_counted() -> None:
    data = to_data(picture("eight"))
    cpu = data["interfaces"][0]["nodes"][0]["cpus"][2]
    assert (cpu["cpus"], cpu["softirq"], cpu["saturated"]) == ([2], 0.97, True)
    (line,) = cpu["interrupts"]
    assert line["irq"] == 102
    assert line["rx"][0]["packets_per_s"] == 5007.4
    assert line["tx"][0]["qdisc"]["waiting_packets"] == 3120
    assert data["sample_s"] == 10


def test_what_is_not_known_is_null_with_a_reason() -> None:
    data = to_data(picture("unknown"))
    (apart,) = data["interfaces"][0]["apart"]
    assert apart["reason"] == "no permission to read /proc/interrupts"
    assert apart["interrupts"][0]["rx"][0]["packets"] is None
    cpus = {"unavailable": "no permission"}
    hidden = to_data(draw(host(machine(1), {"eth0": device(1)}, cpu=cpus)))
    seat = hidden["interfaces"][0]["nodes"][0]["cpus"][0]
    assert (seat["softirq"], seat["softirq_unknown"]) == (None, "no permission")


def test_every_mark_is_in_the_legend() -> None:
    data = to_data(picture("eight"))
    legend = [finding["mark"] for finding in data["findings"]]
    assert legend == ["A", "B", "C", "D", "E", "F", "G"]
    text = json.dumps(data["interfaces"])
    assert {mark for mark in legend if f'"{mark}"' in text} | set(data["marks"]) == set(legend)
