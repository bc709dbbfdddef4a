"""The fleet as JSON, `advisor.fleet/v1`: see advisor/knowledge/schemas/fleet.schema.json."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from advisor.model.fleet import SEVERITIES, Fleet

SCHEMA = "advisor.fleet/v1"


def to_json(fleet: Fleet) -> str:
    """The report as one line of JSON, in ASCII."""
    return json.dumps(to_data(fleet), allow_nan=False) + "\n"


def to_data(fleet: Fleet) -> dict[str, Any]:
    """The report as plain data; severities by name."""
    data: dict[str, Any] = {"schema": SCHEMA, **asdict(fleet)}
    data["totals"]["worst"] = {
        name or "none": count for name, count in zip(SEVERITIES, fleet.totals.worst, strict=True)
    }
    for host in data["hosts"]:
        host["worst"] = SEVERITIES[host["worst"]]
    for rule in data["rules"]:
        rule["severity"] = SEVERITIES[rule["severity"]]
    heat = data["heat"]
    heat["groups"] = [{"name": name, "hosts": hosts} for name, hosts in heat["groups"]]
    return data
