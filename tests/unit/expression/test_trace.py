"""The trace: which facts an evaluation used, which becomes the evidence of a finding."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.expression import Frame, Unknown, parse
from advisor.expression.values import Path
from advisor.model.nic import Nic
from advisor.model.nic_settings import Ring
from advisor.model.unavailable import Unavailable
from tests.unit.expression.frames import frame_of

NIC = Nic("eth0", 2, "ethernet", True, True, True, 1500, 1000, ring=Ring(256, 256, 4096, 4096))
FACTS: dict[str, Any] = {
    "a": 1,
    "b": 2,
    "off": False,
    "hidden": Unavailable("no permission"),
    "rmem": (4096, 131072, 6291456),
    "nics": {"eth0": NIC},
    "which": "eth0",
    "drops": 30,
}
BEFORE: dict[str, Any] = {"drops": 10}


@pytest.mark.parametrize(
    ("text", "trace"),
    [
        ("a + b", {("", ("a",)): 1, ("", ("b",)): 2}),
        ("a + a", {("", ("a",)): 1}),
        ("rmem[2] > 1", {("", ("rmem", 2)): 6291456}),
        ("rmem[-1] > 1", {("", ("rmem", -1)): 6291456}),
        ("nics.eth0.ring.rx", {("", ("nics", "eth0", "ring", "rx")): 256}),
        (
            "nics[which].mtu",
            {("", ("which",)): "eth0", ("", ("nics", "eth0", "mtu")): 1500},
        ),
        ("rate(drops) > 0", {("rate", ("drops",)): 2.0}),
        ("delta(drops) > 0", {("delta", ("drops",)): 20}),
        ("rate(drops) > 0 and drops > 0", {("rate", ("drops",)): 2.0, ("", ("drops",)): 30}),
        ("exists(nics.eth1)", {("exists", ("nics", "eth1")): False}),
        ("exists(a)", {("exists", ("a",)): True}),
        ("hidden > 1", {("", ("hidden",)): Unknown("hidden", "no permission")}),
        ("off and a == 1", {("", ("off",)): False}),
        ("2 if off else b", {("", ("off",)): False, ("", ("b",)): 2}),
        ("1 > 2 > a", {}),
        ("2 * MiB", {}),
        ("known(a)", {}),
        ("'eth0' in nics", {}),
        ("any(n.mtu > a for n in nics)", {}),
        ("max(n.mtu for n in nics) > a", {("", ("a",)): 1}),
        ("any(rate(n.mtu) > 1 for n in nics) or a > 1", {("", ("a",)): 1}),
    ],
)
def test_a_trace_holds_the_facts_that_decided_and_no_others(
    text: str, trace: dict[tuple[str, Path], Any]
) -> None:
    frame = frame_of(FACTS, BEFORE, 10.0)
    parse(text).evaluate(frame)
    assert frame.trace == trace


def test_a_thing_that_is_bound_keeps_the_place_where_it_stands() -> None:
    frame = Frame({"nic": (NIC, ("nics", "eth0"))})
    parse("nic.ring.rx < nic.ring.rx_max").evaluate(frame)
    assert frame.trace is not None
    assert [path for _, path in frame.trace] == [
        ("nics", "eth0", "ring", "rx"),
        ("nics", "eth0", "ring", "rx_max"),
    ]


@pytest.mark.parametrize(
    "text", ["want > 1", "several[1] > 1", "table.x == 1", "exists(table.y)", "delta(want)"]
)
def test_values_that_are_no_facts_leave_no_trace(text: str) -> None:
    names = {"want": (5, ()), "several": ((1, 2), ()), "table": ({"x": 1}, ())}
    frame = Frame(names, {"want": 1}, 10.0)
    parse(text).evaluate(frame)
    assert frame.trace == {}


def test_a_computed_value_has_no_growth() -> None:
    value = parse("delta(want)").evaluate(Frame({"want": (5, ())}, {"want": 1}, 10.0))
    assert value == Unknown("", "a computed value is not a counter")


def test_no_trace_is_kept_when_none_is_asked_for() -> None:
    frame = frame_of(FACTS, BEFORE, 10.0)
    frame.trace = None
    assert parse("rate(drops) > a and exists(b) and delta(drops) == 20").evaluate(frame) is True
    assert frame.trace is None


def test_the_trace_goes_on_after_a_loop_that_was_left_early() -> None:
    frame = frame_of(FACTS)
    parse("any(x > 1 for x in rmem) and a == 1").evaluate(frame)
    assert frame.trace == {("", ("a",)): 1}
    assert frame.names.keys() == FACTS.keys()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nics.eth0.speed_mbps", "not reported by this system"),
        ("nics.eth0.coalesce.rx_usecs", "not read"),
        ("nics.eth0.nothing", "a group of facts has no field 'nothing'"),
    ],
)
def test_a_record_answers_for_its_declared_fields_only(text: str, reason: str) -> None:
    value = parse(text).evaluate(frame_of(FACTS))
    assert isinstance(value, Unknown)
    assert (value.reason, value.absent) == (reason, False)
