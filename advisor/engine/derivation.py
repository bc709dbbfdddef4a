"""The numbers that a verdict rests on, whatever it is: what `advisor explain --here` shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from advisor import settings
from advisor.engine import evidence
from advisor.engine.evaluate import deciding
from advisor.engine.frames import COLLECTIONS, View
from advisor.expression import Frame, parse
from advisor.expression.values import Path
from advisor.model.finding import Finding, Status
from advisor.model.host import Host


def derived(finding: Finding, host: Host, params: dict[str, Any]) -> Finding:
    """The finding with evidence: a rule that passed, too, looked at something.

    Args:
        finding: What `evaluate` said; a failure has its evidence already.
        host: The facts it was said about.
        params: Values of the profile's parameters.
    """
    if finding.status is Status.FAIL:
        return finding
    rule, view = finding.rule, View(host, params)
    frame = _frame(finding, view)
    applies = finding.status is not Status.NOT_APPLICABLE
    for name, expression in rule.let.items():
        frame.names[name] = (parse(expression).evaluate(frame), (name,))
    if finding.setting is not None:
        frame.names["actual"] = (settings.read(host, finding.setting), ())
    used: dict[tuple[str, Path], Any] = {}
    frame.trace = used
    for expression in deciding(rule) if applies else [each.when for each in rule.conditions]:
        parse(expression).evaluate(frame)
    growth = evidence.counted(rule.let)
    shows = rule.symptom.show if rule.symptom and applies else ()
    parts = [evidence.from_shown(item, view, frame, growth) for item in shows]
    shown = [part for part in parts if part is not None]
    told = evidence.said_elsewhere(rule.let, shows)
    judged = (rule.scope.value, frame.names.get(rule.scope.value, (None, ()))[1])
    facts = evidence.from_trace(used, view, growth, told, judged)
    return replace(finding, evidence=evidence.combine(shown, facts))


def _frame(finding: Finding, view: View) -> Frame:
    """What the rule saw: the facts and, in a scope, the thing that it judged."""
    scope = finding.rule.scope
    things = view.things(scope) if scope in COLLECTIONS else None
    # Where there is nothing to judge, the finding is about the host.
    if not isinstance(things, dict) or finding.target not in things:
        return view.frame()
    thing = (things[finding.target], (*COLLECTIONS[scope], finding.target))
    return view.frame(**{scope.value: thing})
