"""Evaluates rules against a host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from advisor import settings
from advisor.engine import evidence
from advisor.engine.frames import NOTHING, View
from advisor.engine.next_boot import next_boot
from advisor.engine.places import places
from advisor.engine.targets import holds, merge, wanted
from advisor.expression import Frame, Unknown, parse
from advisor.expression.template import parse_template
from advisor.expression.values import Path
from advisor.model.address import BOUND, Address, NicAddress
from advisor.model.finding import Finding, Status
from advisor.model.host import Host
from advisor.model.rule import Rule, Scope, Severity

_ORDER = {
    status: place
    for place, status in enumerate(
        (Status.FAIL, Status.WAIVED, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
    )
}


def evaluate(
    host: Host,
    rules: Iterable[Rule],
    params: dict[str, Any],
    severities: dict[str, Severity] | None = None,
) -> list[Finding]:
    """What the rules say about the host, most urgent first.

    Args:
        host: The facts.
        rules: Rules to evaluate.
        params: Values of the profile's parameters.
        severities: Rule id → severity that the profile gives it.

    Raises:
        AdvisorError: Two rules want values of one setting that exclude each other.
    """
    view = View(host, params)
    findings: list[Finding] = []
    for rule in rules:
        severity = (severities or {}).get(rule.id, rule.severity)
        findings.extend(_judge(rule, severity, view))
    findings = _with_commands(host, findings)
    return by_urgency([_with_cleared(finding, findings) for finding in findings])


def by_urgency(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, most urgent first: what fails, hurts, is severe and can be changed."""
    return sorted(findings, key=_urgency)


def _judge(rule: Rule, severity: Severity, view: View) -> Iterator[Finding]:
    whole = _Case(rule, severity, "host")
    if rule.scope is Scope.HOST:
        yield _one(whole, view, view.frame())
        return
    things = view.concerned(rule.scope, rule.each.when if rule.each else "true")
    if isinstance(things, Unknown):
        yield whole.outcome(Status.UNKNOWN, reason=_why_unknown(things))
        return
    for name, thing, verdict in things:
        case = _Case(rule, severity, name)
        if verdict is True:
            yield _one(case, view, view.frame(**{rule.scope.value: thing}))
        else:
            yield case.outcome(Status.UNKNOWN, reason=_why_unknown(verdict))
    if not things:
        # Nothing at all of that kind needs no reason of the rule's own.
        some = rule.each is not None and view.concerned(rule.scope, "true")
        reason = rule.each.otherwise if rule.each and some else NOTHING[rule.scope]
        yield whole.outcome(Status.NOT_APPLICABLE, reason=reason)


class _Case:
    """One rule judging one thing."""

    __slots__ = ("rule", "setting", "severity", "target")

    def __init__(self, rule: Rule, severity: Severity, target: str) -> None:
        self.rule = rule
        self.severity = severity
        self.target = target
        self.setting = _bind(rule.check.setting, target)

    def outcome(self, status: Status, **rest: Any) -> Finding:
        """The finding."""
        return Finding(self.rule, status, self.severity, self.target, setting=self.setting, **rest)


def deciding(rule: Rule) -> list[str]:
    """The expressions that decide a rule's status once it is about a thing."""
    demanded = [rule.check.demanded] if rule.check.demanded else []
    conditions = [condition.when for condition in rule.conditions]
    return [*conditions, *rule.let.values(), *demanded, rule.check.target]


def _one(case: _Case, view: View, frame: Frame) -> Finding:
    rule = case.rule
    frame.trace = None
    unclear: Any = True
    for condition in rule.conditions:
        value = parse(condition.when).evaluate(frame)
        if value is False:
            reason = parse_template(condition.otherwise).render(frame) or (
                f"applies only where {condition.when}"
            )
            return case.outcome(Status.NOT_APPLICABLE, reason=reason)
        # A later condition may still rule it out, whatever this one is.
        unclear = value if unclear is True else unclear
    if unclear is not True:
        return case.outcome(Status.UNKNOWN, reason=_why_unknown(unclear))
    # Most rules are decided by the first of their values: the others are computed when needed.
    frame.pending |= {name: partial(_value, text) for name, text in rule.let.items()}
    if case.setting is not None:
        return _check_setting(case, case.setting, view, frame)
    verdict = parse(rule.check.target).evaluate(frame)
    if type(verdict) is not bool:
        return case.outcome(Status.UNKNOWN, reason=_why_unknown(verdict))
    if verdict:
        return case.outcome(Status.PASS)
    return _failed(case, view, frame)


def _check_setting(case: _Case, setting: Address, view: View, frame: Frame) -> Finding:
    actual = settings.read(view.host, setting)
    if isinstance(actual, Unknown):
        status = Status.NOT_APPLICABLE if actual.absent else Status.UNKNOWN
        return case.outcome(status, reason=_why_unknown(actual))
    frame.names["actual"] = (actual, ())
    check = case.rule.check
    demanded = parse(check.demanded).evaluate(frame) if check.demanded else True
    if type(demanded) is not bool:
        return case.outcome(Status.UNKNOWN, actual=actual, reason=_why_unknown(demanded))
    if not demanded:
        return case.outcome(Status.PASS, actual=actual)
    target = parse(check.target).evaluate(frame)
    verdict = target if isinstance(target, Unknown) else holds(check.test, actual, target)
    if isinstance(verdict, Unknown):
        return case.outcome(Status.UNKNOWN, actual=actual, reason=_why_unknown(verdict))
    value = wanted(check.test, actual, target)
    choices = tuple(target) if check.test == "one_of" else ()
    boot = next_boot(view.host, setting, actual, check.test, target)
    values = {"actual": actual, "wanted": value, "choices": choices, "next_boot": boot}
    if verdict:
        return case.outcome(Status.PASS, **values)
    frame.names["wanted"] = (value, ())
    return _failed(case, view, frame, **values)


def _failed(case: _Case, view: View, frame: Frame, **values: Any) -> Finding:
    rule = case.rule
    # Few rules fail, so only here it pays to note what was looked at: everything is pure, and
    # evaluating again gives the same values.
    for name in rule.let:
        if name in frame.pending:
            frame.compute(name)
    used: dict[tuple[str, Path], Any] = {}
    frame.trace = used
    for expression in deciding(rule):
        parse(expression).evaluate(frame)
    frame.trace = {}
    active = False
    shown = []
    growth = evidence.counted(rule.let)
    told = evidence.said_elsewhere(rule.let, rule.symptom.show if rule.symptom else ())
    if rule.symptom is not None:
        if rule.symptom.when:
            active = parse(rule.symptom.when).evaluate(frame) is True
        parts = [evidence.from_shown(item, view, frame, growth) for item in rule.symptom.show]
        shown = [part for part in parts if part is not None]
    judged = (rule.scope.value, frame.names.get(rule.scope.value, (None, ()))[1])
    signs = evidence.from_trace(frame.trace, view, growth, told, judged) if active else []
    facts = evidence.from_trace(used, view, growth, told, judged)
    found = evidence.combine(shown, facts, signs)
    return case.outcome(
        Status.FAIL,
        active=active,
        message=parse_template(rule.message).render(frame),
        advice=parse_template(rule.advice).render(frame) if rule.advice else "",
        evidence=found,
        fix=rule.fix,
        places=places(rule, case.setting, frame),
        **values,
    )


def _value(text: str, frame: Frame) -> Any:
    return parse(text).evaluate(frame)


def _bind(address: Address | None, target: str) -> Address | None:
    """The address with the judged interface in the place of `{nic}`."""
    if isinstance(address, NicAddress) and address.nic == BOUND:
        return replace(address, nic=target)
    return address


def _why_unknown(value: Any) -> str:
    if not isinstance(value, Unknown):
        return "the rule's expression is neither true nor false"
    return f"{value.path}: {value.reason}" if value.path else value.reason


def _with_commands(host: Host, findings: list[Finding]) -> list[Finding]:
    if host.collection.source.startswith("image "):
        return findings  # nothing runs there that a command could change
    changes = merge(findings)
    shell = settings.commands(host, changes)
    return [
        replace(finding, commands=shell[finding.setting])
        if finding.status is Status.FAIL and finding.setting is not None
        else finding
        for finding in findings
    ]


def _with_cleared(finding: Finding, findings: list[Finding]) -> Finding:
    """Name the rules that passed and whose area this failure takes off the list of suspects."""
    if finding.status is not Status.FAIL or not finding.rule.rules_out:
        return finding
    areas = finding.rule.rules_out
    failed = {other.rule.id for other in findings if other.status is Status.FAIL}
    passed = {
        other.rule.id
        for other in findings
        if other.status is Status.PASS and other.rule.id.startswith(areas)
    }
    return replace(finding, cleared=tuple(sorted(passed - failed)))


def _urgency(finding: Finding) -> tuple[int, bool, int, bool, str, str]:
    """Active before idle, severe before harmless, what can be changed before mere diagnoses."""
    return (
        _ORDER[finding.status],
        not finding.active,
        -finding.severity.rank,
        finding.setting is None,
        finding.rule.id,
        finding.target,
    )
