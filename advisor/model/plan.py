"""Plans: the changes that follow from findings, in the order in which they are made."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from advisor.model.address import Address

SCHEMA = "advisor.plan/v1"


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One setting and its new value.

    Attributes:
        address: The setting. A sysctl is always changed as a whole: all fields of a vector.
        before: Its value when the plan was made.
        after: The value that it gets.
        rules: Ids of the rules that want it, sorted.
        risk: "low", "medium" or "high": the highest of those rules.
        disrupts: "none", "link" or "reboot": the worst of those rules.
        notes: What the rules say about when it takes effect.
        commands: Shell commands that make the same change.
    """

    address: Address
    before: Any
    after: Any
    rules: tuple[str, ...]
    risk: str
    disrupts: str
    notes: tuple[str, ...]
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Omitted:
    """A change of a plan that is not made.

    Attributes:
        change: The change.
        disrupts: What it would disrupt: "link" or "reboot".
        reason: Why not, for people.
        hint: What would allow it.
    """

    change: Change
    disrupts: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """A failure that the changes do not remove.

    Attributes:
        rule: Id of the rule.
        target: What it judged.
        message: What is wrong.
        advice: What to do instead.
    """

    rule: str
    target: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What would be changed on a host.

    Attributes:
        hostname: The host.
        at: When its facts were read, ISO 8601 in UTC.
        profile: Profile that it was judged by.
        changes: The changes, in order.
        solved: Ids of rules whose failures are gone after them, as a simulation in memory shows.
        left: Failures that remain: nothing can be set, or a person has to decide.
    """

    hostname: str
    at: str
    profile: str
    changes: tuple[Change, ...]
    solved: tuple[str, ...]
    left: tuple[Left, ...]


def digest(host: str, changes: list[dict[str, Any]]) -> str:
    """SHA-256 of a host's changes in canonical form. It guards against slips, not against forgery:
    what a plan may set is checked when it is applied."""
    canonical = json.dumps([host, changes], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
