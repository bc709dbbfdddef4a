"""Findings: what a rule said about a host, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from advisor.model.address import Address
from advisor.model.rule import Fix, Rule, Severity
from advisor.model.waiver import Waived


class Status(Enum):
    """What came of a rule. "Not applicable" and "unknown" are neither good nor bad."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    WAIVED = "waived"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact that a finding rests on.

    Attributes:
        fact: Its path as expressions write it, or a label.
        value: Its value.
        text: The value for people.
        basis: "now", "since boot" or "over 10 s": what a counter's number covers.
    """

    fact: str
    value: Any
    text: str
    basis: str = "now"


@dataclass(frozen=True, slots=True)
class NextBoot:
    """What becomes of a setting when the host starts again.

    Attributes:
        value: What the configuration files set it to; None when none of them does.
        place: File and line that decide, "" when none does.
        passes: Whether the rule will pass then, None when that is not known: no file sets it, or
            the value could not be judged.
    """

    value: Any
    place: str
    passes: bool | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an interface's layout a finding sits.

    Attributes:
        part: "cpu", "irq", "rx" or "tx" for one of them; else a part of the interface: "link",
            "pcie", "ring", "completion", "interrupts", "rss", "rps", "xps", "offload", "qdisc".
        number: Which CPU, interrupt or queue; None for a part of the interface.
    """

    part: str
    number: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """The outcome of one rule for one thing.

    Attributes:
        rule: The rule.
        status: What came of it.
        severity: The rule's severity in this profile.
        target: The thing judged: "host", an interface, a listener, a qdisc.
        active: Whether measured signs say that it hurts.
        setting: Address judged, None for a rule that only diagnoses.
        actual: Its value, None when not read.
        wanted: The value it should have; None when there is none.
        choices: For a check with `one_of`, every value that passes, the preferred one first.
        message: For a failure, what is wrong.
        reason: For the other statuses, why.
        advice: For a failure, what to do beside or instead of changing the setting.
        evidence: Facts it rests on.
        fix: What the change would mean.
        commands: Shell commands that make it.
        cleared: Rules that passed and whose area is thereby cleared of suspicion.
        waived: The waiver or baseline that names it, None for none.
        next_boot: For a sysctl, what the next boot makes of it; None where that is not known.
        places: For a failure, where it sits: the CPUs, interrupts, queues or parts concerned.
    """

    rule: Rule
    status: Status
    severity: Severity
    target: str
    active: bool = False
    setting: Address | None = None
    actual: Any = None
    wanted: Any = None
    choices: tuple[Any, ...] = ()
    message: str = ""
    reason: str = ""
    advice: str = ""
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    commands: tuple[str, ...] = ()
    cleared: tuple[str, ...] = ()
    waived: Waived | None = None
    next_boot: NextBoot | None = None
    places: tuple[Place, ...] = ()
