"""Comparing settings with targets, and one value for what several rules want."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.engine.targets import holds, merge, wanted
from advisor.errors import AdvisorError
from advisor.expression import Unknown
from advisor.model.address import parse_address
from advisor.model.finding import Finding, Status
from tests.unit.engine.rules import rule

SETTING = "sysctl:net.core.somaxconn"
ADDRESS = parse_address(SETTING)


@pytest.mark.parametrize(
    ("test", "actual", "target", "verdict"),
    [
        ("equals", 5, 5, True),
        ("equals", 5, 5.0, True),
        ("equals", 5, 6, False),
        ("equals", True, True, True),
        ("equals", "bbr", "cubic", False),
        ("equals", (1, 2), (1, 2), True),
        ("equals", (1, 2), (1, 2, 3), False),
        ("one_of", 5, (5, 6), True),
        ("one_of", "fq", ("fq_codel", "fq"), True),
        ("one_of", 7, (5, 6), False),
        ("at_least", 5, 5, True),
        ("at_least", 5, 5.5, False),
        ("at_most", 5, 5, True),
        ("at_most", 5, 4.5, False),
        ("at_least", 2**63, 2.0**62, True),
    ],
)
def test_a_value_passes_or_not(test: str, actual: Any, target: Any, verdict: bool) -> None:
    assert holds(test, actual, target) is verdict


@pytest.mark.parametrize(
    ("test", "actual", "target", "reason"),
    [
        ("equals", True, 1, "true cannot be compared with the number 1"),
        ("equals", 1, True, "the number 1 cannot be compared with true"),
        ("equals", "1", 1, "text '1' cannot be compared with the number 1"),
        ("equals", (1, 2), 1, "a list cannot be compared with the number 1"),
        ("one_of", 5, 5, "one_of takes a list of values, not the number 5"),
        ("one_of", 5, (), "one_of takes a list of values, not a list"),
        ("at_least", "many", 5, "expected a number, found text 'many'"),
        ("at_least", True, 1, "expected a number, found true"),
        ("at_most", 5, (1, 2), "expected a number, found a list"),
    ],
)
def test_values_of_different_kinds_give_no_verdict(
    test: str, actual: Any, target: Any, reason: str
) -> None:
    found = holds(test, actual, target)
    assert isinstance(found, Unknown)
    assert found.reason == reason


@given(
    st.sampled_from(["at_least", "at_most"]),
    st.integers(-(2**53), 2**53),
    st.integers(-(2**40), 2**40) | st.floats(-1e12, 1e12),
)
def test_the_value_to_set_passes_its_own_test(test: str, actual: int, target: float) -> None:
    value = wanted(test, actual, target)
    assert type(value) is int
    assert holds(test, value, target) is True
    assert abs(value - target) <= 1


Demand = tuple[str, Any]


def finding(number: int, demand: Demand, actual: Any, target: str = "host") -> Finding | None:
    """What the engine makes of a demand; None when the kinds do not fit."""
    test, value = demand
    verdict = holds(test, actual, value)
    if isinstance(verdict, Unknown):
        return None
    tested = rule(SETTING, id=f"TST{number:03}", **{test: "0"})
    return Finding(
        tested,
        Status.PASS if verdict else Status.FAIL,
        tested.severity,
        target,
        setting=ADDRESS,
        actual=actual,
        wanted=wanted(test, actual, value),
        choices=value if test == "one_of" else (),
    )


def merged(actual: Any, *demands: Demand) -> Any:
    findings = [finding(number, demand, actual) for number, demand in enumerate(demands)]
    return merge([one for one in findings if one]).get(ADDRESS, "no change")


@pytest.mark.parametrize(
    ("actual", "demands", "value"),
    [
        (1, [("at_least", 8), ("at_least", 32), ("at_least", 16)], 32),
        (99, [("at_most", 8), ("at_most", 32), ("at_most", 16)], 8),
        (1, [("at_least", 8), ("at_most", 32)], 8),
        (99, [("at_least", 8), ("at_most", 32)], 32),
        (1, [("equals", 20), ("at_least", 8), ("at_most", 32)], 20),
        (1, [("one_of", (10, 20)), ("at_least", 15)], 20),
        (1, [("one_of", (10, 20)), ("one_of", (20, 30))], 20),
        (5, [("at_least", 10), ("one_of", (5, 12, 20))], 12),
        (2, [("one_of", (1, 2, 3)), ("at_least", 3)], 3),
        (16, [("at_least", 8), ("at_most", 32)], "no change"),
        ("cubic", [("one_of", ("bbr", "bbr2")), ("equals", "bbr2")], "bbr2"),
        (1, [("at_least", 2.5), ("at_most", 3)], 3),
    ],
)
def test_the_merged_value_suits_everyone(actual: Any, demands: list[Demand], value: Any) -> None:
    assert merged(actual, *demands) == value
    assert merged(actual, *reversed(demands)) == value


@pytest.mark.parametrize(
    ("actual", "demands", "message"),
    [
        (
            1,
            [("at_most", 10), ("at_least", 1000)],
            "rules TST001 and TST000 contradict each other on sysctl:net.core.somaxconn: "
            "TST001 wants at least 1000, TST000 wants at most 10",
        ),
        (
            1,
            [("equals", 5), ("equals", 6)],
            "rules TST000 and TST001 contradict each other on sysctl:net.core.somaxconn: "
            "TST000 wants equals 5, TST001 wants equals 6",
        ),
        (
            1,
            [("at_least", 2), ("at_least", 9), ("at_most", 5)],
            "rules TST001 and TST002 contradict each other on sysctl:net.core.somaxconn: "
            "TST001 wants at least 9, TST002 wants at most 5",
        ),
        (
            9,
            [("one_of", (1, 2)), ("one_of", (3, 4))],
            "rules TST000 and TST001 contradict each other on sysctl:net.core.somaxconn: "
            "TST000 wants one of 1 2, TST001 wants one of 3 4",
        ),
        (1, [("at_least", 3.3), ("at_most", 3.6)], "TST000 wants at least 4, TST001 wants at most"),
    ],
)
def test_a_contradiction_names_the_two_rules_and_what_they_want(
    actual: Any, demands: list[Demand], message: str
) -> None:
    with pytest.raises(AdvisorError) as caught:
        merged(actual, *demands)
    assert message in caught.value.message
    assert str(caught.value.hint).startswith("choose with --ignore TST00")


def test_one_rule_can_contradict_itself_on_two_interfaces() -> None:
    findings = [finding(7, ("equals", 5), 1, "eth0"), finding(7, ("equals", 6), 1, "eth1")]
    with pytest.raises(AdvisorError) as caught:
        merge([one for one in findings if one])
    assert "TST007 wants equals 5 for eth0, TST007 wants equals 6 for eth1" in caught.value.message
    assert caught.value.hint == "choose with --ignore TST007, or with the profile"


small = st.integers(0, 12)
demands = st.lists(
    st.tuples(st.sampled_from(["equals", "at_least", "at_most"]), small)
    | st.tuples(st.just("one_of"), st.lists(small, min_size=1, max_size=4).map(tuple)),
    min_size=1,
    max_size=5,
)


@given(small, demands)
def test_a_merged_value_satisfies_every_demand_and_is_found_where_there_is_one(
    actual: int, wanted_by: list[Demand]
) -> None:
    possible = [n for n in range(-1, 14) if all(holds(*_at(d, n)) is True for d in wanted_by)]
    try:
        value = merged(actual, *wanted_by)
    except AdvisorError:
        assert possible == []
        return
    if value == "no change":
        assert actual in possible
    else:
        assert value in possible
        assert actual not in possible


def _at(demand: Demand, value: int) -> tuple[str, int, Any]:
    return demand[0], value, demand[1]


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.NOT_APPLICABLE, Status.WAIVED])
def test_a_rule_without_a_verdict_has_no_say(status: Status) -> None:
    tested = rule(SETTING, at_least="0", id="TST009")
    mute = Finding(tested, status, tested.severity, "host", setting=ADDRESS, wanted=1000)
    failed = finding(0, ("at_most", 10), 99)
    assert failed is not None
    assert merge([mute, failed]) == {ADDRESS: 10}
