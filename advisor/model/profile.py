"""A workload profile: what the host is for, as parameters that rules compute targets from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from advisor.model.rule import Severity


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter.

    Attributes:
        type: "number", "integer", "boolean" or "string".
        help: What it means and how the default was chosen.
        unit: Unit of the value, "" where there is none.
        default: Value to use; None when `source` gives it.
        source: Expression over the facts that gives the value (`from:` in the file); `default`
            is used where it cannot be computed.
        minimum: Smallest value allowed.
        maximum: Largest value allowed.
        choices: Values allowed, () for any.
    """

    type: str
    help: str
    unit: str = ""
    default: Any = None
    source: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sign:
    """Something about a host that speaks for a profile.

    Attributes:
        when: Expression over the facts.
        because: What it says, a message template.
    """

    when: str
    because: str


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A profile, as read from its file, or with its parents merged in.

    Attributes:
        name: Name, equal to the file's.
        title: One line.
        description: Who it is for and what it trades.
        extends: Parent, None for the base.
        detect: Signs that a host is of this kind.
        params: Parameter name → parameter.
        select: Rule ids or prefixes to run; () for all.
        ignore: Rule ids or prefixes not to run.
        severity: Rule id → severity in this profile.
        origin: Parameter name → profile that set its default.
        file: Where it was read from.
    """

    name: str
    title: str
    description: str
    extends: str | None
    detect: tuple[Sign, ...]
    params: dict[str, Param]
    select: tuple[str, ...]
    ignore: tuple[str, ...]
    severity: dict[str, Severity]
    origin: dict[str, str]
    file: str
