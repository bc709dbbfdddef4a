"""A plan as a document: it comes back as it was, and what was tampered with does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from advisor.errors import AdvisorError
from advisor.knowledge.schema import load_schema
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.plan import Change, Left, Plan
from advisor.report.plan import digest, from_json, to_json, to_text
from advisor.report.style import TextStyle

ADDRESSES: list[Address] = [
    SysctlAddress(("net", "ipv4", "tcp_rmem")),
    SysctlAddress(("net", "ipv4", "conf", "eth0.100", "rp_filter")),
    NicAddress("-x", ("ring", "rx")),
    NicAddress("$(id)", ("queue", "rx-0", "rps_cpus")),
    NicAddress("é;b", ("private", "a.b")),
    IrqAddress(45),
]


def change(address: Address, before: Any = 1, after: Any = 2, disrupts: str = "none") -> Change:
    return Change(address, before, after, ("TST001",), "low", disrupts, ("at once",), ("true",))


def plan(*changes: Change) -> Plan:
    left = (Left("CT002", "host", "the table is full", "find out why"),)
    return Plan("web-1", "2026-11-21T10:00:00Z", "server", changes, ("TST001",), left)


@given(
    st.lists(
        st.builds(
            change,
            st.sampled_from(ADDRESSES),
            st.integers(-(2**63), 2**63) | st.booleans() | st.text(max_size=9),
            st.lists(st.integers(0, 9), max_size=4).map(tuple) | st.none(),
        ),
        max_size=6,
    )
)
def test_a_plan_comes_back_as_it_was(changes: list[Change]) -> None:
    text = to_json(plan(*changes))
    Draft202012Validator(load_schema("plan")).validate(json.loads(text))
    again = from_json(text, "plan.json")
    assert to_json(again) == text
    assert [each.address for each in again.changes] == [each.address for each in changes]


@pytest.mark.parametrize(
    "path",
    [
        ("host",),
        ("changes", 0, "after"),
        ("changes", 0, "before"),
        ("changes", 0, "setting", "sysctl", 2),
        ("changes", 0, "rules", 0),
    ],
)
def test_a_plan_that_was_changed_by_hand_is_refused(path: tuple[Any, ...]) -> None:
    data = json.loads(to_json(plan(change(ADDRESSES[0]))))
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = "TST002" if path[-2:] == ("rules", 0) else "other"
    with pytest.raises(AdvisorError, match="digest does not fit"):
        from_json(json.dumps(data), "plan.json")


@pytest.mark.parametrize(
    "setting",
    [
        {"sysctl": ["kernel", "core_pattern"]},
        {"sysctl": ["net", "..", "core_pattern"]},
        {"sysctl": ["net", "a/b"]},
        {"sysctl": ["net"]},
        {"nic": "../../kernel", "property": ["mtu"]},
        {"nic": "..", "property": ["mtu"]},
        {"nic": "eth0", "property": ["queue", "../../x", "rps_cpus"]},
        {"irq": -1},
        {"irq": "45"},
        {"file": "/etc/passwd"},
        {"sysctl": ["net", "x"], "irq": 1},
    ],
)
def test_a_plan_cannot_name_what_is_no_setting(setting: dict[str, Any]) -> None:
    data = json.loads(to_json(plan(change(ADDRESSES[0]))))
    data["changes"][0]["setting"] = setting
    data["digest"] = digest(data["host"], data["changes"])
    with pytest.raises(AdvisorError):
        from_json(json.dumps(data), "plan.json")


@given(st.text(max_size=60) | st.recursive(st.none() | st.integers(), st.lists).map(json.dumps))
def test_anything_else_is_refused_without_a_traceback(text: str) -> None:
    with pytest.raises(AdvisorError):
        from_json(text, "plan.json")


def test_the_text_tells_what_interrupts_traffic_and_what_is_left() -> None:
    shown = to_text(
        plan(change(ADDRESSES[0]), change(ADDRESSES[2], 256, 4096, "link")), TextStyle()
    )
    assert "nic:-x/ring.rx  256 → 4096" in shown
    assert "interrupts the link" in shown
    assert "2 changes, 1 of them more than harmless for traffic" in shown
    assert "CT002 host is left: find out why" in shown
