"""Runs the cases that a rule carries, and checks what has to hold for every rule.

Invariants, for every failing case: the fix converges (applied to the host in memory, the rule
passes), applying it twice changes nothing, putting the old value back restores the host, and the
message renders. For every case: a section, or a single fact that the rule reads, that becomes
unreadable makes the rule unknown or leaves its outcome as it was; it never turns a pass into a
failure or back, or into "not applicable", and never ends in an exception.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable
from dataclasses import fields
from functools import lru_cache
from typing import Any

from advisor import settings
from advisor.engine.evaluate import evaluate
from advisor.engine.lint import expressions
from advisor.engine.params import resolve, values
from advisor.expression import Unknown, parse
from advisor.expression.names import facts_read
from advisor.expression.values import Path, walk
from advisor.expression.values import text as text_of
from advisor.knowledge.fixtures import build_host
from advisor.knowledge.profiles import check_param
from advisor.model.finding import Finding, Status
from advisor.model.host import Host
from advisor.model.nic import Nic
from advisor.model.profile import Profile
from advisor.model.rule import Rule
from advisor.model.rule_case import RuleTest
from advisor.model.unavailable import Unavailable

_LOST = Unavailable("made unreadable by the test")


def problems(rule: Rule, profile: Profile) -> list[str]:
    """What is wrong with a rule, judged by its own cases; empty when all is well.

    Args:
        rule: The rule.
        profile: The profile that gives the parameters their defaults.
    """
    found: list[str] = []
    expected = {test.expect for test in rule.tests}
    if "fail" not in expected or len(expected) < 2:
        found.append("needs at least one case that fails and one that does not")
    for test in rule.tests:
        try:
            host = build_host(test.given, test.before, test.seconds)
            params = _params(profile, host, test)
        except ValueError as error:
            found.append(f"{test.name}: {error}")
            continue
        found.extend(f"{test.name}: {problem}" for problem in _case(rule, test, host, params))
    return found


def _params(profile: Profile, host: Host, test: RuleTest) -> dict[str, Any]:
    params = values(resolve(profile, host))
    for name, value in (test.params or {}).items():
        if name not in profile.params:
            raise ValueError(f"profile {profile.name} has no parameter {name!r}")
        params[name] = check_param(name, profile.params[name], value, _case_name(test))
    return params


def _case_name(test: RuleTest) -> str:
    return f"case {test.name!r}"


def _case(rule: Rule, test: RuleTest, host: Host, params: dict[str, Any]) -> Iterable[str]:
    finding = _finding(rule, host, params, test.target)
    if finding is None:
        yield f"there is no finding for {test.target!r}"
        return
    yield from _expectations(finding, test)
    if finding.status is Status.FAIL:
        yield from _failure(rule, finding, host, params)
    for section in (field.name for field in fields(Host)):
        if section in ("collection", "sample"):
            continue
        yield from _without((section,), rule, finding, host, params, test.target)
    for path in (*_leaves(rule, host), *_parts(host)):
        yield from _without(path, rule, finding, host, params, test.target)


def _expectations(finding: Finding, test: RuleTest) -> Iterable[str]:
    if finding.status.value != test.expect:
        said = finding.reason or finding.message
        yield f"expected {test.expect}, got {finding.status.value} ({said})"
    want = tuple(test.want) if isinstance(test.want, list) else test.want
    if want is not None and finding.wanted != want:
        yield f"expected the target {want!r}, got {finding.wanted!r}"
    if test.active is not None and finding.active is not test.active:
        yield f"expected active to be {test.active}"
    said = " ".join((finding.message, finding.reason, finding.advice))
    if test.says is not None and test.says not in said:
        yield f"expected to read {test.says!r} in {said!r}"


def _failure(rule: Rule, finding: Finding, host: Host, params: dict[str, Any]) -> Iterable[str]:
    if "?" in finding.message.replace("?id", ""):
        yield f"the message has a part that is not known: {finding.message!r}"
    if not finding.evidence:
        yield "a failure without evidence"
    if finding.setting is None:
        return
    fixed = settings.replaced(host, finding.setting, finding.wanted)
    after = _finding(rule, fixed, params, finding.target)
    if after is None or after.status is not Status.PASS:
        state = "no finding" if after is None else after.status.value
        yield f"the fix does not converge: {state} after setting {finding.wanted!r}"
    if settings.replaced(fixed, finding.setting, finding.wanted) != fixed:
        yield "applying the fix twice is not the same as once"
    if settings.replaced(fixed, finding.setting, finding.actual) != host:
        yield "putting the old value back does not restore the host"


def _leaves(rule: Rule, host: Host) -> Iterable[Path]:
    """Single facts of the host that the rule reads, outside of collections."""
    sections = {field.name for field in fields(Host)} - {"collection", "sample", "nics"}
    texts = expressions(rule)
    if any("known(" in text for text in texts):
        return  # The rule says itself what it makes of a fact that is missing.
    paths = {path for text in texts for path in facts_read(parse(text))}
    for path in sorted(paths):
        if path[0] in sections and len(path) > 1:
            value = walk({path[0]: getattr(host, path[0])}, path)
            if not isinstance(value, (Unknown, dict)):
                yield path


def _parts(host: Host) -> Iterable[Path]:
    """What a driver may refuse to tell about an interface: that it has none is something else."""
    if isinstance(host.nics, Unavailable):
        return
    yield from (("nics", name, part) for name in host.nics for part in _device_parts())


@lru_cache
def _device_parts() -> tuple[str, ...]:
    hints = typing.get_type_hints(Nic).items()
    return tuple(name for name, hint in hints if Unavailable in typing.get_args(hint))


def _without(
    path: Path,
    rule: Rule,
    finding: Finding,
    host: Host,
    params: dict[str, Any],
    target: str | None,
) -> Iterable[str]:
    blind = settings.with_fact(host, path, _LOST)
    seen = _finding(rule, blind, params, target) or _finding(rule, blind, params, "host")
    allowed = (Status.UNKNOWN, finding.status)
    state = "no finding" if seen is None else seen.status.value
    if seen is None or seen.status not in allowed:
        yield f"without {text_of(path)}, {finding.status.value} became {state}"
    needed = finding.setting is not None and settings.fact_path(finding.setting)
    judged = finding.status in (Status.PASS, Status.FAIL)
    if needed and judged and needed[: len(path)] == path and state != Status.UNKNOWN.value:
        yield f"without {text_of(path)}, the rule still gave a verdict"


def _finding(rule: Rule, host: Host, params: dict[str, Any], target: str | None) -> Finding | None:
    findings = evaluate(host, (rule,), params)
    if target is None:
        return findings[0]
    return next((finding for finding in findings if finding.target == target), None)
