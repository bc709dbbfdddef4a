"""Means of made-up hosts, from plain data."""

from __future__ import annotations

from typing import Any

from advisor.changes.persist.model import Device, LinkFile, Means, NicMeans, Vector
from advisor.facts.config.assignments import parse_assignments

PLAIN: dict[str, Any] = {
    "boot": "this-boot",
    "command": ["/usr/bin/python3", "-I", "-m", "advisor"],
    "udev": 252,
    "nics": {"eth0": {"mac": "52:54:00:00:00:01", "bus": "0000:00:03.0/0"}},
}
"""A host with systemd and one interface of hardware."""


def means(given: dict[str, Any]) -> Means:
    """The means that differ from `PLAIN` in what is given.

    `later` is path → text of files that are read after advisor's; a vector is
    [interface, position, count, name].
    """
    data = {**PLAIN, **given}
    later = [
        each
        for path, text in data.pop("later", {}).items()
        for each in parse_assignments(text, path)[0]
    ]
    nics = {name: _nic(dict(nic)) for name, nic in data.pop("nics").items()}
    return Means(
        command=tuple(data.pop("command")),
        loaded=frozenset(data.pop("loaded", ())),
        later=tuple(later),
        nics=nics,
        profiles={nic: tuple(lines) for nic, lines in data.pop("profiles", {}).items()},
        vectors={irq: Vector(*vector) for irq, vector in data.pop("vectors", {}).items()},
        **data,
    )


def _nic(given: dict[str, Any]) -> NicMeans:
    link = given.get("link")
    return NicMeans(
        device=Device(given.get("mac"), given.get("bus")),
        link=None if link is None else LinkFile(link, given.get("taken", {})),
        managed=given.get("managed", False),
    )
