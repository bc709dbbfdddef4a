"""Looks through a rule for names that mean nothing and keys that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from advisor.engine.evaluate import deciding
from advisor.engine.totals import totals_read
from advisor.expression import Expression, parse
from advisor.expression.functions import CONSTANTS, FUNCTIONS, OF_PATH, OVER_GENERATOR
from advisor.expression.kinds import ANYTHING, BOOLEAN, BOUND, NUMBER, Kind, rule_scope
from advisor.expression.names import check, facts_read
from advisor.expression.template import parse_template
from advisor.expression.values import text
from advisor.knowledge.locations import profiles_dir
from advisor.knowledge.profiles import load_profile
from advisor.model import address
from advisor.model.rule import Rule, Scope, Shown
from advisor.settings import fact_path

_BASE = "server"
_EXPECTED = {"expr": BOOLEAN, "at_least": NUMBER, "at_most": NUMBER}


@dataclass(frozen=True, slots=True)
class _Use:
    """An expression of a rule: where it stands, which names it can use, what it has to give."""

    place: str
    expression: Expression
    scope: dict[str, Kind]
    expects: Kind = ANYTHING


def lint(rule: Rule) -> list[str]:
    """What is wrong with a rule that its schema cannot tell; empty when all is well.

    Each problem begins with its place: "let.need: there is no fact …; did you mean …?".

    Raises:
        ExpressionError: An expression does not parse, in a rule that `load_rule` did not check.
    """
    uses = list(_uses(rule))
    return [
        *_keys(rule),
        *_figures(rule),
        *_let(rule, uses),
        *_setting(rule),
        *(problem for use in uses for problem in _names(use)),
        *_cases(rule),
    ]


def _keys(rule: Rule) -> Iterator[str]:
    if rule.check.setting is not None and rule.fix is None:
        yield "fix: missing; a rule that checks a setting says what changing it would mean"
    if rule.check.setting is None and rule.fix is not None:
        yield "fix: a rule that only diagnoses changes nothing; what to do is `advice`"
    if rule.check.setting is None and not rule.advice:
        yield "advice: missing; a rule that only diagnoses says what to do"


def _figures(rule: Rule) -> Iterator[str]:
    figures = [(i, shown) for i, shown in enumerate(_shown(rule)) if shown.better]
    labels = [shown.label for _, shown in figures]
    for index, shown in figures:
        place = f"symptom.show[{index}].better"
        if rule.check.setting is None:
            yield f"{place}: a rule that only diagnoses changes nothing that could be compared"
        if labels.count(shown.label) > 1:
            yield f"{place}: there is another {shown.label!r}; figures are told by their label"
        for total in sorted(totals_read(rule, shown.value)):
            yield f"{place}: {total} is a total since boot; compare its delta() or rate()"


def _shown(rule: Rule) -> tuple[Shown, ...]:
    return rule.symptom.show if rule.symptom else ()


def expressions(rule: Rule) -> list[str]:
    """The expressions that decide the rule's status: not those that only show or explain."""
    return [*([rule.each.when] if rule.each else []), *deciding(rule)]


def _let(rule: Rule, uses: list[_Use]) -> Iterator[str]:
    functions = {*FUNCTIONS, *OVER_GENERATOR, *OF_PATH}
    taken = {*rule_scope("host", ()), *BOUND, *CONSTANTS}
    used = {place[0] for use in uses for place in facts_read(use.expression)}
    for name in rule.let:
        if name in functions:
            yield f"let.{name}: {name} is a function; choose another name"
        elif name in taken:
            yield f"let.{name}: {name} means something already; choose another name"
        elif name not in used:
            yield f"let.{name}: not used"


def _setting(rule: Rule) -> Iterator[str]:
    setting = rule.check.setting
    if setting is None:
        return
    bound = isinstance(setting, address.NicAddress) and setting.nic == address.BOUND
    try:
        path = fact_path(setting)
    except ValueError as error:
        yield f"check.setting: {error}"
        return
    if bound and rule.scope is not Scope.NIC:
        yield f"check.setting: {address.BOUND} is there in rules with `scope: nic`"
    elif not bound and address.BOUND in str(setting):
        yield f"check.setting: {address.BOUND} stands for a whole interface name in nic:… only"
    else:
        fact = text(("nic", *path[2:]) if bound else path)
        expects = NUMBER if rule.check.test in ("at_least", "at_most") else ANYTHING
        yield from _names(_Use("check.setting", parse(fact), _scope(rule), expects))


def _names(use: _Use) -> Iterator[str]:
    for problem in check(use.expression, use.scope, use.expects):
        hint = f"; {problem.hint}" if problem.hint else ""
        yield f"{use.place}: {problem.message}{hint}"


def _cases(rule: Rule) -> Iterator[str]:
    from difflib import get_close_matches

    for case in rule.tests:
        for name in case.params or {}:
            if name not in _params():
                close = get_close_matches(name, _params(), 1)
                hint = f"; did you mean {close[0]}?" if close else ""
                yield f"tests: {case.name}: profile {_BASE} has no parameter {name!r}{hint}"


def _uses(rule: Rule) -> Iterator[_Use]:
    """The rule's expressions in the order of evaluation, each with the names known by then."""
    scope = _scope(rule)
    if rule.each is not None:
        yield _Use("each.if", parse(rule.each.when), scope, BOOLEAN)
    for index, condition in enumerate(rule.conditions):
        yield _Use(f"when[{index}].if", parse(condition.when), scope, BOOLEAN)
        yield from _template(f"when[{index}].else", condition.otherwise, scope)
    for name, source in rule.let.items():
        yield _Use(f"let.{name}", parse(source), scope)
        scope = {**scope, name: ANYTHING}
    judges = rule.check.setting is not None
    if judges:
        scope = {**scope, "actual": ANYTHING}
    if rule.check.demanded:
        yield _Use("check.if", parse(rule.check.demanded), scope, BOOLEAN)
    expects = _EXPECTED.get(rule.check.test, ANYTHING)
    yield _Use(f"check.{rule.check.test}", parse(rule.check.target), scope, expects)
    if judges:
        scope = {**scope, "wanted": ANYTHING}
    if rule.symptom is not None:
        if rule.symptom.when:
            yield _Use("symptom.when", parse(rule.symptom.when), scope, BOOLEAN)
        for index, shown in enumerate(rule.symptom.show):
            expects = NUMBER if shown.better else ANYTHING
            yield _Use(f"symptom.show[{index}]", parse(shown.value), scope, expects)
    for part, source in rule.at.items():
        if part != "part":
            yield _Use(f"at.{part}", parse(source), scope)
    yield from _template("message", rule.message, scope)
    yield from _template("advice", rule.advice, scope)


def _template(place: str, source: str, scope: dict[str, Kind]) -> Iterator[_Use]:
    for part in parse_template(source).parts:
        if not isinstance(part, str):
            yield _Use(place, part[0], scope)


def _scope(rule: Rule) -> dict[str, Kind]:
    """The names that are there from the start."""
    scope = rule_scope(rule.scope.value, _params())
    return {name: kind for name, kind in scope.items() if name not in ("actual", "wanted")}


@lru_cache(maxsize=1)
def _params() -> tuple[str, ...]:
    return tuple(load_profile(profiles_dir(), _BASE).params)
