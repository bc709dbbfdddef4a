"""Compares a setting with its target, and combines targets that meet on one setting."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import combinations
from typing import Any

from advisor.errors import AdvisorError
from advisor.expression import Unknown
from advisor.expression.values import describe, is_number
from advisor.model.address import Address
from advisor.model.finding import Finding, Status
from advisor.units import format_value


def holds(test: str, actual: Any, target: Any) -> bool | Unknown:
    """Whether `actual` passes `test` against `target`."""
    if test == "equals":
        if _kind(actual) != _kind(target):
            return Unknown("", f"{describe(actual)} cannot be compared with {describe(target)}")
        return bool(_plain(actual) == _plain(target))
    if test == "one_of":
        if not isinstance(target, tuple) or not target:
            return Unknown("", f"one_of takes a list of values, not {describe(target)}")
        return _plain(actual) in [_plain(item) for item in target]
    for value in (actual, target):
        if not is_number(value):
            return Unknown("", f"expected a number, found {describe(value)}")
    return bool(actual >= target if test == "at_least" else actual <= target)


def wanted(test: str, actual: Any, target: Any) -> Any:
    """The value to set: the target, rounded so that an integer setting passes."""
    if test == "one_of":
        return target[0]
    if isinstance(target, float) and isinstance(actual, int):
        rounding = {"at_least": math.ceil, "at_most": math.floor}.get(test, round)
        return rounding(target)
    return target


def merge(findings: list[Finding]) -> dict[Address, Any]:
    """One value for each setting that failed, such that every rule about the setting passes.

    The largest of several `at_least`, the smallest of several `at_most`, and of several `one_of`
    the first that all accept.

    Raises:
        AdvisorError: Two rules contradict each other; both are named.
    """
    by_address: dict[Address, list[Finding]] = defaultdict(list)
    for finding in findings:
        judged = finding.status in (Status.FAIL, Status.PASS)
        if finding.setting is not None and judged and finding.wanted is not None:
            by_address[finding.setting].append(finding)
    return {
        address: _agree(address, demands)
        for address, demands in by_address.items()
        if any(demand.status is Status.FAIL for demand in demands)
    }


def _agree(address: Address, demands: list[Finding]) -> Any:
    # Failures first: a value that a passing rule merely allows changes more than is needed.
    ordered = sorted(demands, key=lambda demand: demand.status is not Status.FAIL)
    for demand in ordered:
        for value in _values(demand):
            if all(_satisfied(other, value) for other in demands):
                return value
    one, other = _opponents(ordered)
    names = " or ".join(f"--ignore {name}" for name in sorted({one.rule.id, other.rule.id}))
    raise AdvisorError(
        f"rules {one.rule.id} and {other.rule.id} contradict each other on {address}: "
        f"{_demand(one)}, {_demand(other)}",
        f"choose with {names}, or with the profile",
    )


def _opponents(demands: list[Finding]) -> tuple[Finding, Finding]:
    """Two demands that no value satisfies; the first two where it takes more than two."""
    for one, other in combinations(demands, 2):
        values = (*_values(one), *_values(other))
        if not any(_satisfied(one, value) and _satisfied(other, value) for value in values):
            return one, other
    return demands[0], demands[1]


def _values(demand: Finding) -> tuple[Any, ...]:
    return demand.choices or (demand.wanted,)


def _satisfied(demand: Finding, value: Any) -> bool:
    return holds(demand.rule.check.test, value, demand.choices or demand.wanted) is not False


def _demand(demand: Finding) -> str:
    test = demand.rule.check.test.replace("_", " ")
    subject = "" if demand.target == "host" else f" for {demand.target}"
    return f"{demand.rule.id} wants {test} {format_value(demand.choices or demand.wanted)}{subject}"


def _kind(value: Any) -> str:
    if is_number(value):
        return "number"
    return "list" if isinstance(value, (tuple, list)) else type(value).__name__


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
