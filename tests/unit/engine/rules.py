"""Small rules for the engine's tests."""

from __future__ import annotations

from typing import Any

from advisor.model.address import parse_address
from advisor.model.rule import (
    Check,
    Condition,
    Fix,
    Reference,
    Rule,
    Scope,
    Severity,
    Shown,
    Symptom,
)


def rule(setting: str | None = None, /, **keys: Any) -> Rule:
    """A rule with one check: `at_least="4096"`, or `expr="…"`; other keys as in Rule."""
    tests = ("equals", "at_least", "at_most", "one_of", "expr")
    test = next(name for name in tests if name in keys)
    target = keys.pop(test)
    defaults: dict[str, Any] = {
        "id": "TST001",
        "name": "a-test",
        "title": "A test",
        "status": "stable",
        "severity": Severity.WARNING,
        "scope": Scope.HOST,
        "each": None,
        "tags": ("tcp",),
        "conditions": (),
        "let": {},
        "symptom": None,
        "message": "it is {actual}" if setting else "it is so",
        "why": "",
        "advice": "",
        "fix": Fix("low", "none") if setting else None,
        "at": {},
        "rules_out": (),
        "references": (Reference("a test"),),
        "lab": None,
        "tests": (),
        "file": "TST001-a-test.yaml",
    }
    address = parse_address(setting) if setting else None
    return Rule(check=Check(address, test, target), **{**defaults, **keys})


def when(condition: str, otherwise: str = "") -> tuple[Condition, ...]:
    """One condition."""
    return (Condition(condition, otherwise),)


def symptom(condition: str = "", *shown: str) -> Symptom:
    """A symptom."""
    return Symptom(condition, tuple(Shown(text) for text in shown))
