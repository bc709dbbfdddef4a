"""A rule's page in the terminal."""

from __future__ import annotations

import re

from advisor.engine.params import as_text
from advisor.model.finding import Finding, Status
from advisor.model.report import Report
from advisor.model.rule import Rule
from advisor.report.failure import INDENT, evidence_lines, failure_lines, fix_text, value_text
from advisor.report.style import TextStyle, safe

_LIMIT = 20
_PARAM = re.compile(r"\bparams\.(\w+)")


def page(rule: Rule, style: TextStyle) -> list[str]:
    """What a rule checks and why, as lines."""
    head = f"{rule.id} {rule.name}"
    lines = [
        f"{style.paint(head, 'bold')} · {rule.severity.value} · {rule.status}",
        *style.wrap(rule.title, 0),
        "",
        *_checks(rule, style),
        "",
        style.paint("Why", "bold"),
        *markdown(rule.why, style),
    ]
    if rule.advice:
        lines += ["", style.paint("What to do", "bold"), *style.wrap(rule.advice, 2)]
    if rule.fix is not None:
        lines += ["", style.paint("The change", "bold")]
        lines += style.wrap(fix_text(rule.fix), 2)
        lines += style.wrap(rule.fix.note, 2)
    lines += ["", style.paint("Sources", "bold")]
    for reference in rule.references:
        lines += style.wrap(f"{reference.title} {reference.url}".rstrip(), 2, 2)
    return lines


def here_lines(report: Report, style: TextStyle) -> list[str]:
    """What the rule says about a host, with the numbers that its verdict rests on."""
    head = f"On {report.collection.hostname}, profile {report.profile}"
    lines = ["", style.paint(head, "bold")]
    for finding in report.findings[:_LIMIT]:
        lines += _outcome(finding, style)
    hidden = len(report.findings) - _LIMIT
    if hidden > 0:
        lines.append(f"  … and {hidden} more")
    names = set(_PARAM.findall(" ".join(_expressions(report))))
    used = [(name, *pair) for name, pair in report.params.items() if name in names]
    if used:
        lines += ["", style.paint("Parameters it uses", "bold")]
    for name, value, origin in used:
        lines += style.wrap(f"params.{name} = {as_text(value)}  ({origin})", 2, 2)
    return lines


def markdown(text: str, style: TextStyle) -> list[str]:
    """Markdown paragraphs and lists, wrapped; tables and code blocks as they are."""
    lines: list[str] = []
    for block in re.split(r"\n(?:[ \t]*\n)+", text.rstrip().lstrip("\n")):
        if lines:
            lines.append("")
        if block.startswith("    ") or block.lstrip().startswith(("|", "```")):
            lines += [f"  {safe(line)}" for line in block.splitlines()]
            continue
        for item in re.split(r"\n(?=[-*] )", block):
            hanging = 2 if item.startswith(("- ", "* ")) else 0
            lines += style.wrap(" ".join(item.split()), 2, hanging)
    return lines


def _checks(rule: Rule, style: TextStyle) -> list[str]:
    lines = [style.paint("Checks", "bold")]
    check = rule.check
    if check.setting is not None:
        lines += style.wrap(f"{check.setting} {check.test.replace('_', ' ')} {check.target}", 2, 2)
        if check.demanded:
            lines += style.wrap(f"demanded only if {check.demanded}", 2, 2)
    else:
        lines += style.wrap(check.target, 2, 2)
    for name, expression in rule.let.items():
        lines += style.wrap(f"with {name} = {expression}", 2, 2)
    if rule.each is not None:
        lines += style.wrap(f"for each {rule.scope.value} with {rule.each.when}", 2)
    for condition in rule.conditions:
        lines += style.wrap(f"where {condition.when}", 2, 2)
    if rule.symptom is not None and rule.symptom.when:
        lines += style.wrap(f"hurts now if {rule.symptom.when}", 2, 2)
    return lines


def _outcome(finding: Finding, style: TextStyle) -> list[str]:
    if finding.status is Status.FAIL:
        return failure_lines(finding, style)
    word = style.paint(finding.status.value.replace("_", " "), "bold")
    subject = "" if finding.target == "host" else f" {finding.target}"
    text = finding.reason
    if finding.status is Status.PASS and finding.setting is not None:
        actual, wanted = value_text(finding.actual), value_text(finding.wanted)
        target = "no value is demanded" if finding.wanted is None else f"the target is {wanted}"
        text = f"{finding.setting} is {actual}; {target}"
    lines = [f"  {word}{subject}", *style.wrap(text, INDENT)]
    return [*lines, *evidence_lines(finding.evidence, style)]


def _expressions(report: Report) -> list[str]:
    rule = report.findings[0].rule
    return [
        *(condition.when for condition in rule.conditions),
        *rule.let.values(),
        rule.check.target,
        rule.message,
        rule.advice,
        *(
            (rule.symptom.when, *(shown.value for shown in rule.symptom.show))
            if rule.symptom
            else ()
        ),
    ]
