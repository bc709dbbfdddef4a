"""What an unattended run is decided by, beside its policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from advisor.model.address import Address
from advisor.model.finding import Finding
from advisor.model.plan import Plan
from advisor.model.receipt import Origin, Receipt
from advisor.model.remediation import Drift


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """A host, its past, and the time.

    Attributes:
        plan: What would be changed if a person asked for it.
        findings: What the rules say, most urgent first.
        allowed: Ids of the rules that the policy does not leave to people.
        now: The host's clock, with a time zone. It may have jumped.
        here: This boot and namespace, None where nothing was ever changed.
        uptime_s: Seconds since boot: a clock that does not jump.
        receipts: All runs, oldest first.
        seen: Id of the last run that a person has looked at, None if nobody has.
        drifts: Settings that are not as the last run has left them.
        rivals: Setting → others that set it, for people.
        omitted: Setting → why its change may not be made on this host: a link that must stay.
        trouble: Why what former runs did cannot be told, None if it can.
    """

    plan: Plan
    findings: Sequence[Finding]
    allowed: frozenset[str]
    now: datetime
    here: Origin | None = None
    uptime_s: float = 0.0
    receipts: Sequence[Receipt] = ()
    seen: str | None = None
    drifts: Sequence[Drift] = ()
    rivals: Mapping[Address, Sequence[str]] = field(default_factory=dict)
    omitted: Mapping[Address, str] = field(default_factory=dict)
    trouble: str | None = None
