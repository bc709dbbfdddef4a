"""A rule: what to check, where it applies, what hurts when it fails, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from advisor.model.address import Address

if TYPE_CHECKING:
    from advisor.model.rule_case import RuleTest


class Severity(Enum):
    """How bad a failure is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Scope(Enum):
    """What a rule is evaluated once for; the thing is bound by that name."""

    HOST = "host"
    NIC = "nic"
    LISTENER = "listener"
    QDISC = "qdisc"
    CONFIGURED = "configured"
    RUNTIME_ONLY = "runtime_only"


@dataclass(frozen=True, slots=True)
class Condition:
    """Where a rule applies.

    Attributes:
        when: Expression; false makes the rule not applicable.
        otherwise: The reason to give then, a message template; "" to show the condition itself.
    """

    when: str
    otherwise: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What has to hold.

    Attributes:
        setting: Address of the setting that is judged and, if wrong, changed; None for a rule
            that only diagnoses.
        test: "equals", "at_least", "at_most", "one_of", or "expr".
        target: Expression of the wanted value; for "expr", one that is true when all is well.
        demanded: Expression; where it is false the rule passes and demands nothing. "" for always.
    """

    setting: Address | None
    test: str
    target: str
    demanded: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of evidence to show.

    Attributes:
        value: Expression.
        label: Its name, "" to show the expression itself.
        unit: Unit to write it in (advisor.units.FORMATS).
        better: "lower" or "higher" for a figure that tells whether a change helped, else "".
    """

    value: str
    label: str = ""
    unit: str = ""
    better: str = ""


@dataclass(frozen=True, slots=True)
class Symptom:
    """Measured signs that the failure hurts.

    Attributes:
        when: Expression; true makes the finding active. "" when there is only evidence to show.
        show: Evidence.
    """

    when: str = ""
    show: tuple[Shown, ...] = ()


@dataclass(frozen=True, slots=True)
class Fix:
    """What a change would mean.

    Attributes:
        risk: "low", "medium" or "high".
        disrupts: "none", "link" or "reboot".
        note: When it takes effect, what else to do.
    """

    risk: str
    disrupts: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a rule's knowledge comes from.

    Attributes:
        title: Kernel file and function, documentation section, commit or measurement.
        url: Link, "" where there is none.
    """

    title: str
    url: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A rule, as read from its file. Expressions are kept as text and parsed when used.

    Attributes:
        id: Area prefix and number, never reused: "RCV002".
        name: Words with dashes; the file is called ID-name.yaml.
        title: One sentence that states the problem.
        status: "stable", "preview" or "deprecated".
        severity: How bad a failure is.
        scope: What it is evaluated once for.
        each: Which of those things it is about at all; None for all of them.
        tags: Words to select by.
        conditions: Where it applies, in order.
        let: Named values, in order; usable in everything below.
        check: What has to hold.
        symptom: Signs that it hurts.
        message: Template of the finding.
        why: Explanation, Markdown.
        advice: What to do beside or instead of changing a setting.
        fix: What the change would mean; None when the rule only advises.
        at: Where a failure sits: "cpu", "irq", "rx", "tx" → expression of a number or several;
            "part" → a part of the interface (see `Place`).
        rules_out: Rule ids or prefixes whose passing is worth saying when this one fails.
        references: Sources, at least one.
        lab: Experiment that proves it, None where there is none.
        tests: Its cases.
        file: Where it was read from.
    """

    id: str
    name: str
    title: str
    status: str
    severity: Severity
    scope: Scope
    each: Condition | None
    tags: tuple[str, ...]
    conditions: tuple[Condition, ...]
    let: dict[str, str]
    check: Check
    symptom: Symptom | None
    message: str
    why: str
    advice: str
    fix: Fix | None
    at: dict[str, str]
    rules_out: tuple[str, ...]
    references: tuple[Reference, ...]
    lab: str | None
    tests: tuple[RuleTest, ...]
    file: str
