"""What speaks against one change: the policy, or what became of the setting before."""

from __future__ import annotations

from collections.abc import Callable

from advisor.changes.remediation.situation import Situation
from advisor.changes.remediation.unattended import last_changed, taken_back
from advisor.model.address import Address, SysctlAddress
from advisor.model.finding import Finding, Status
from advisor.model.plan import Change
from advisor.model.remediation import RISKS, Drift, OnDrift, Policy, Reason, Skipped
from advisor.units import format_value

CONTESTED = 2
"""So often somebody else has to change a setting after runs to be left alone with it."""

_SHOWN_MAX = 60

Objection = tuple[Reason, str]


def judge_with(policy: Policy, situation: Situation) -> Callable[[Change], Skipped | None]:
    """A function that tells why a change is not made, None if nothing speaks against it."""
    ages, undone = last_changed(situation), taken_back(situation)
    drifts = {each.address: each for each in situation.drifts if each.known}

    def judge(change: Change) -> Skipped | None:
        objection = _of_policy(policy, situation, change)
        if objection is None and change.address in undone:
            objection = (
                Reason.UNDONE,
                (
                    f"run {undone[change.address]} had made it and was undone: "
                    "that is for a person to look into"
                ),
            )
        if objection is None and change.address in drifts:
            objection = _of_drift(policy, situation, drifts[change.address])
        if objection is None and ages.get(change.address, policy.cooldown) < policy.cooldown:
            ago, rest = (_time(each) for each in (ages[change.address], policy.cooldown))
            objection = Reason.COOLDOWN, f"changed {ago} ago, and left alone for {rest}"
        return None if objection is None else Skipped(change, *objection)

    return judge


def failures_of(situation: Situation, change: Change) -> list[tuple[int, Finding]]:
    """The failures that a change is for, each with its place in the order of urgency."""
    return [
        (place, finding)
        for place, finding in enumerate(situation.findings)
        if finding.status is Status.FAIL
        and finding.rule.id in change.rules
        and finding.setting is not None
        and _whole(finding.setting) == change.address
    ]


def _of_policy(policy: Policy, situation: Situation, change: Change) -> Objection | None:
    for rule in change.rules:
        if rule not in situation.allowed:
            return Reason.RULE, f"the policy leaves {rule} to people"
    failures = [finding for _, finding in failures_of(situation, change)]
    worst = max((each.severity.rank for each in failures), default=-1)
    if worst < policy.severity.rank:
        return Reason.SEVERITY, f"below severity {policy.severity.value}"
    if policy.active_only and not any(each.active for each in failures):
        return Reason.INACTIVE, "nothing shows that it hurts (active_only)"
    if RISKS.index(change.risk) > RISKS.index(policy.max_risk):
        return Reason.RISK, f"{change.risk} risk; the policy allows {policy.max_risk}"
    if change.disrupts == "link" and not policy.allow_link:
        return Reason.DISRUPTS, "it interrupts the link, which the policy does not allow"
    if change.disrupts not in ("none", "link"):
        return Reason.DISRUPTS, f"it needs a {change.disrupts}, which is never done by itself"
    if change.address in situation.omitted:
        return Reason.DISRUPTS, situation.omitted[change.address]
    return None


def _of_drift(policy: Policy, situation: Situation, drift: Drift) -> Objection | None:
    if drift.times >= CONTESTED:
        rivals = situation.rivals.get(drift.address, ())
        who = f"known to set it: {'; '.join(rivals)}" if rivals else "who does is not known"
        return Reason.CONTESTED, (
            f"changed {drift.times} times by somebody else after runs of advisor; {who}; "
            "let one of them have it: waive the rule, or take the setting out there"
        )
    if policy.drift is OnDrift.REPORT:
        left, now = _shown(drift.left), _shown(drift.now)
        return Reason.DRIFT, f"run {drift.run} has left {left}, somebody has made it {now}"
    return None


def _shown(value: object) -> str:
    text = format_value(value)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"


def _whole(address: Address) -> Address:
    """A sysctl is changed as a whole, and judged by its fields."""
    return SysctlAddress(address.key) if isinstance(address, SysctlAddress) else address


def _time(seconds: float) -> str:
    return format_value(float(seconds), "s")
