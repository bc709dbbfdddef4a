"""A saved plan: it comes back as it was, and what was tampered with does not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from advisor.changes.plan_file import read_plan
from advisor.errors import AdvisorError
from advisor.knowledge.schema import load_schema
from advisor.model.plan import Change, digest
from advisor.report.plan import to_json
from tests.unit.report.plans import ADDRESSES, change, plan


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
    again = read_plan(text.encode(errors="surrogatepass"), "plan.json")
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
        read_plan(json.dumps(data).encode(), "plan.json")


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
        read_plan(json.dumps(data).encode(), "plan.json")


@given(st.text(max_size=60) | st.recursive(st.none() | st.integers(), st.lists).map(json.dumps))
def test_anything_else_is_refused_without_a_traceback(text: str) -> None:
    with pytest.raises(AdvisorError):
        read_plan(text.encode(errors="surrogatepass"), "plan.json")


_plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_odd = st.recursive(
    _plain,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["sysctl", "nic", "property", "irq", "rule", "x"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@given(st.data())
def test_what_is_read_fits_the_schema_that_is_published(data: st.DataObject) -> None:
    document = json.loads(to_json(plan(change(ADDRESSES[0]), change(ADDRESSES[3]))))
    place: Any = document
    while isinstance(place, dict | list) and place:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            place[key] = data.draw(_odd)
            break
        place = place[key]
    if isinstance(document["changes"], list) and isinstance(document["host"], str):
        document["digest"] = digest(document["host"], document["changes"])
    try:
        read_plan(json.dumps(document).encode(), "plan.json")
    except AdvisorError:
        return
    Draft202012Validator(load_schema("plan")).validate(document)
