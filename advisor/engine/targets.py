"""Compares a setting with its target, and combines targets that meet on one setting."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from advisor.errors import AdvisorError
from advisor.expression import Unknown
from advisor.expression.values import describe, is_number
from advisor.model.address import Address
from advisor.model.finding import Finding, Status


def holds(test: str, actual: Any, target: Any) -> bool | Unknown:
    """Whether `actual` passes `test` against `target`."""
    if test == "equals":
        if _kind(actual) != _kind(target):
            return Unknown("", f"{describe(actual)} cannot be compared with {describe(target)}")
        return bool(_plain(actual) == _plain(target))
    if test == "one_of":
        if not isinstance(target, tuple):
            return Unknown("", f"one_of takes a list, not {describe(target)}")
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
    """One value for each setting that failed: the largest at_least, the smallest at_most.

    Raises:
        AdvisorError: Two rules contradict each other; both are named.
    """
    by_address: dict[Address, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.setting is not None:
            by_address[finding.setting].append(finding)
    result: dict[Address, Any] = {}
    for address, group in by_address.items():
        failed = [finding for finding in group if finding.status is Status.FAIL]
        if failed:
            result[address] = _agree(address, failed, group)
    return result


def _agree(address: Address, failed: list[Finding], group: list[Finding]) -> Any:
    judged = [f for f in group if f.status in (Status.FAIL, Status.PASS)]
    value = failed[0].wanted
    for finding in failed[1:]:
        if finding.rule.check.test == "at_least" and is_number(value):
            value = max(value, finding.wanted)
        elif finding.rule.check.test == "at_most" and is_number(value):
            value = min(value, finding.wanted)
    for finding in judged:
        if not _satisfied(finding, value):
            other = next(f for f in failed if f.rule is not finding.rule)
            raise AdvisorError(
                f"rules {other.rule.id} and {finding.rule.id} contradict each other on {address}: "
                f"{_demand(other)}, {_demand(finding)}",
                f"choose with --ignore {other.rule.id} or --ignore {finding.rule.id}, "
                "or with the profile",
            )
    return value


def _satisfied(finding: Finding, value: Any) -> bool:
    if finding.wanted is None:
        return True
    test = finding.rule.check.test
    target = (finding.wanted,) if test == "one_of" else finding.wanted
    return holds(test, value, target) is not False


def _demand(finding: Finding) -> str:
    test = finding.rule.check.test.replace("_", " ")
    return f"{finding.rule.id} wants {test} {finding.wanted}"


def _kind(value: Any) -> str:
    if is_number(value):
        return "number"
    return "list" if isinstance(value, (tuple, list)) else type(value).__name__


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
