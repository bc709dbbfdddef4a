"""The published schema of snapshots is that of the model, and describes what advisor writes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from advisor.facts import snapshot
from advisor.facts.snapshot_schema import snapshot_schema
from advisor.model.host import Host
from tests.unit.facts.hosts import hosts

PUBLISHED = Path(__file__).resolve().parents[3] / "advisor/knowledge/schemas/snapshot.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(snapshot_schema())


def test_the_published_schema_is_that_of_the_model() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == snapshot_schema(), (
        "make it again: python -m advisor.facts.snapshot_schema > "
        "advisor/knowledge/schemas/snapshot.schema.json"
    )


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(snapshot_schema())


def test_every_field_of_the_model_has_a_description() -> None:
    silent = [
        f"{name}.{field}"
        for name, definition in snapshot_schema()["$defs"].items()
        for field, schema in definition.get("properties", {}).items()
        if not schema["description"].strip().endswith(tuple(".…"))
    ]
    assert not silent


def test_every_section_of_a_host_is_described() -> None:
    described = snapshot_schema()["$defs"]["Host"]["properties"]
    assert list(described) == [field.name for field in dataclasses.fields(Host)]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(hosts())
def test_every_snapshot_is_valid(host: Host) -> None:
    VALIDATOR.validate(json.loads(snapshot.encode(host)))


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "advisor.snapshot/v2"},
        {"collection": {}},
        {"kernel": {"release": 6}},
        {"nstat": {"TcpExt": {"ListenDrops": "1"}}},
        {"memory": {"total": 2**64, "available": 1, "free": 1}},
        {"sysctl": {"net": {"core": {"somaxconn": 1.5}}}},
        {"sample": {"seconds": 1}},
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(change: dict[str, Any]) -> None:
    good = {"schema": snapshot.SCHEMA, "collection": _COLLECTION}
    VALIDATOR.validate(good)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate({**good, **change})


_COLLECTION = {
    "hostname": "web-1",
    "at": "2025-05-04T03:02:01Z",
    "source": "live",
    "uptime_s": 1,
    "privileged": False,
    "advisor": "0.1.0",
}
