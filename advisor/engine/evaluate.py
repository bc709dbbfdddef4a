"""Evaluates rules against a host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from advisor import settings
from advisor.engine import evidence
from advisor.engine.frames import View
from advisor.engine.targets import holds, merge, wanted
from advisor.expression import Frame, Unknown, parse
from advisor.expression.template import parse_template
from advisor.expression.values import Path
from advisor.model import Host
from advisor.model.address import BOUND, Address, NicAddress
from advisor.model.finding import Finding, Status
from advisor.model.rule import Rule, Scope, Severity

_COLLECTIONS = {Scope.NIC: "nics", Scope.LISTENER: "listeners", Scope.QDISC: "qdiscs"}


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
    findings = [_with_cleared(finding, findings) for finding in findings]
    return sorted(findings, key=_urgency)


def _judge(rule: Rule, severity: Severity, view: View) -> Iterator[Finding]:
    if rule.scope is Scope.HOST:
        yield _one(rule, severity, view, "host", {})
        return
    section = _COLLECTIONS[rule.scope]
    things, path = view.frame().names[section]
    if isinstance(things, Unknown):
        reason = f"{section}: {things.reason}"
        yield Finding(rule, Status.UNKNOWN, severity, "host", reason=reason)
        return
    judged = False
    for name, thing in things.items():
        bound = {rule.scope.value: (thing, (*path, name))}
        concerned = _concerned(rule, view, bound)
        if isinstance(concerned, Unknown):
            reason = _why_unknown(concerned)
            yield Finding(rule, Status.UNKNOWN, severity, name, reason=reason)
        elif concerned:
            yield _one(rule, severity, view, name, bound)
        judged = judged or concerned is not False
    if not judged:
        reason = rule.each.otherwise if rule.each and things else f"there are no {section} here"
        yield Finding(rule, Status.NOT_APPLICABLE, severity, "host", reason=reason)


def _concerned(rule: Rule, view: View, bound: dict[str, tuple[Any, Path]]) -> bool | Unknown:
    """Whether the rule is about this thing at all."""
    if rule.each is None:
        return True
    verdict = parse(rule.each.when).evaluate(view.frame(**bound))
    if isinstance(verdict, (bool, Unknown)):
        return verdict
    return Unknown("", "the rule's `each` is neither true nor false")


def _one(
    rule: Rule, severity: Severity, view: View, target: str, bound: dict[str, tuple[Any, Path]]
) -> Finding:
    frame = view.frame(**bound)
    base = Finding(rule, Status.PASS, severity, target, setting=_bind(rule.check.setting, target))
    for condition in rule.conditions:
        value = parse(condition.when).evaluate(frame)
        if isinstance(value, Unknown) or type(value) is not bool:
            return replace(base, status=Status.UNKNOWN, reason=_why_unknown(value))
        if not value:
            reason = parse_template(condition.otherwise).render(frame) or (
                f"applies only where {condition.when}"
            )
            return replace(base, status=Status.NOT_APPLICABLE, reason=reason)
    for name, expression in rule.let.items():
        frame.names[name] = (parse(expression).evaluate(frame), (name,))
    if base.setting is not None:
        return _check_setting(base, view, frame)
    verdict = parse(rule.check.target).evaluate(frame)
    if type(verdict) is not bool:
        return replace(base, status=Status.UNKNOWN, reason=_why_unknown(verdict))
    return base if verdict else _failed(base, view, frame)


def _check_setting(base: Finding, view: View, frame: Frame) -> Finding:
    assert base.setting is not None
    actual = settings.read(view.host, base.setting)
    if isinstance(actual, Unknown):
        status = Status.NOT_APPLICABLE if actual.absent else Status.UNKNOWN
        return replace(base, status=status, reason=_why_unknown(actual))
    frame.names["actual"] = (actual, ())
    target = parse(base.rule.check.target).evaluate(frame)
    if isinstance(target, Unknown):
        reason = _why_unknown(target)
        return replace(base, status=Status.UNKNOWN, actual=actual, reason=reason)
    verdict = holds(base.rule.check.test, actual, target)
    if isinstance(verdict, Unknown):
        reason = _why_unknown(verdict)
        return replace(base, status=Status.UNKNOWN, actual=actual, reason=reason)
    value = wanted(base.rule.check.test, actual, target)
    choices = tuple(target) if base.rule.check.test == "one_of" else ()
    base = replace(base, actual=actual, wanted=value, choices=choices)
    if verdict:
        return base
    frame.names["wanted"] = (value, ())
    return _failed(base, view, frame)


def _failed(base: Finding, view: View, frame: Frame) -> Finding:
    rule = base.rule
    used = frame.trace or {}
    frame.trace = {}
    active = False
    shown = []
    if rule.symptom is not None:
        if rule.symptom.when:
            active = parse(rule.symptom.when).evaluate(frame) is True
        shown = [
            item
            for item in (evidence.from_shown(show, view, frame) for show in rule.symptom.show)
            if item is not None
        ]
    signs = evidence.from_trace(frame.trace, view) if active else []
    found = evidence.combine(shown, evidence.from_trace(used, view), signs)
    return replace(
        base,
        status=Status.FAIL,
        active=active,
        message=parse_template(rule.message).render(frame),
        advice=parse_template(rule.advice).render(frame) if rule.advice else "",
        evidence=found,
        fix=rule.fix,
    )


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


def _urgency(finding: Finding) -> tuple[int, int, int, str, str]:
    order = (Status.FAIL, Status.WAIVED, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
    return (
        order.index(finding.status),
        0 if finding.active else 1,
        -finding.severity.rank,
        finding.rule.id,
        finding.target,
    )
