"""Reads rule files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.errors import AdvisorError
from advisor.expression import ExpressionError, parse
from advisor.expression.template import parse_template
from advisor.knowledge import compiled
from advisor.knowledge.document import Document, Place
from advisor.model.address import parse_address
from advisor.model.rule import (
    Check,
    Condition,
    Fix,
    Reference,
    Rule,
    Scope,
    Severity,
    Shown,
    Symptom,
)

if TYPE_CHECKING:
    from advisor.model.rule_case import RuleTest

_TESTS = ("equals", "at_least", "at_most", "one_of", "expr")


def load_rules(folder: Path) -> tuple[Rule, ...]:
    """The rules below a trusted folder (the shipped one), by id, without their cases.

    Their schema is checked by the project's tests, not at every start. The cases are half of each
    file and come last (a test sees to it), so leaving them unread makes every start faster.
    """
    return tuple(_build(raw, file) for file, raw in read_rules(folder).items())


def read_rules(folder: Path, *, force: bool = False) -> dict[str, Any]:
    """The data of the rules below a trusted folder, by file name, without their cases."""
    return compiled.read_all(folder, rule_files(folder), _without_tests, force=force)


def load_outside_rules(folder: Path) -> tuple[Rule, ...]:
    """The rules below a folder that anyone may have written: everything is checked.

    Raises:
        AdvisorError: A file is not a valid rule, or an id is used twice.
    """
    rules = [load_rule(path) for path in rule_files(folder)]
    check_ids(rules)
    return tuple(rules)


def load_rule(path: Path) -> Rule:
    """One rule, checked against the schema, with every expression parsed.

    Raises:
        AdvisorError: With file, line and column.
    """
    from advisor.knowledge.schema import validate
    from advisor.knowledge.yaml_reader import read_file

    document = read_file(path)
    if not isinstance(document.data, dict):
        raise document.error((), "a rule is a mapping of keys to values")
    validate(document, "rule")
    expected = f"{document.data['id']}-{document.data['name']}.yaml"
    if path.name != expected:
        raise document.error(("id",), f"the file of this rule has to be called {expected}")
    _check_expressions(document)
    return _build(document.data, document.file)


def rule_files(folder: Path) -> list[Path]:
    """Files below `folder` that hold rules, ordered by id.

    Raises:
        AdvisorError: The folder cannot be read.
    """
    if not folder.is_dir():
        raise AdvisorError(f"{folder}: no such folder of rules")
    return sorted(folder.rglob("[A-Z]*.yaml"), key=lambda path: path.name)


def load_shipped_rule(folder: Path, wanted: str) -> Rule:
    """The rule with this id or name.

    Raises:
        AdvisorError: There is none.
    """
    names: list[str] = []
    for file, raw in read_rules(folder).items():
        identifier, _, name = file.removesuffix(".yaml").partition("-")
        if wanted.upper() == identifier or wanted in (name, f"{identifier}-{name}"):
            return _build(raw, file)
        names += [identifier, name]
    import difflib

    close = difflib.get_close_matches(wanted, names, 1) or difflib.get_close_matches(
        wanted.upper(), names, 1
    )
    hint = f"did you mean {close[0]}?" if close else "see them with: advisor rules list"
    raise AdvisorError(f"there is no rule {wanted!r}", hint)


def check_ids(rules: Iterable[Rule]) -> None:
    """Make sure that no id or name is used twice.

    Raises:
        AdvisorError: One is; both files are named.
    """
    seen: dict[str, Rule] = {}
    for rule in rules:
        for key in (rule.id, rule.name):
            if key in seen:
                raise AdvisorError(
                    f"{rule.file}: {key} is already used by {seen[key].file}",
                    "give the rule another id and name; ids are never reused",
                )
            seen[key] = rule


def _without_tests(path: Path) -> Any:
    from advisor.knowledge.yaml_reader import parse as parse_yaml

    return parse_yaml(path.read_text("utf-8").partition("\ntests:")[0], path.name).data


def _check_expressions(document: Document) -> None:
    rule = document.data
    for place, text in _expressions(rule):
        try:
            parse(text)
        except ExpressionError as error:
            raise document.error(place, f"{error.message}: {text!r}", error.hint) from None
    for place, text in _templates(rule):
        try:
            parse_template(text)
        except ExpressionError as error:
            raise document.error(place, f"{error.message}: {text!r}", error.hint) from None
    if "setting" in rule["check"]:
        try:
            parse_address(rule["check"]["setting"])
        except ValueError as error:
            raise document.error(("check", "setting"), str(error)) from None


def _expressions(rule: dict[str, Any]) -> Iterable[tuple[Place, str]]:
    if "each" in rule:
        yield ("each", "if"), _text(rule["each"]["if"])
    when = rule.get("when", [])
    if isinstance(when, list):
        for index, condition in enumerate(when):
            yield ("when", index, "if"), _text(condition["if"])
    else:
        yield ("when",), _text(when)
    for name, value in rule.get("let", {}).items():
        yield ("let", name), _text(value)
    for test in _TESTS:
        if test in rule["check"]:
            yield ("check", test), _text(rule["check"][test])
    if "if" in rule["check"]:
        yield ("check", "if"), _text(rule["check"]["if"])
    for part, value in rule.get("at", {}).items():
        if part != "part":
            yield ("at", part), _text(value)
    symptom = rule.get("symptom", {})
    if "when" in symptom:
        yield ("symptom", "when"), _text(symptom["when"])
    for index, shown in enumerate(symptom.get("show", [])):
        value = shown["value"] if isinstance(shown, dict) else shown
        yield ("symptom", "show", index), _text(value)


def _templates(rule: dict[str, Any]) -> Iterable[tuple[Place, str]]:
    yield ("message",), rule["message"]
    if "advice" in rule:
        yield ("advice",), rule["advice"]
    if isinstance(rule.get("when"), list):
        for index, condition in enumerate(rule["when"]):
            yield ("when", index, "else"), condition["else"]


def _build(raw: dict[str, Any], file: str) -> Rule:
    fix = raw.get("fix")
    return Rule(
        id=raw["id"],
        name=raw["name"],
        title=raw["title"],
        status=raw["status"],
        severity=Severity(raw["severity"]),
        scope=Scope(raw.get("scope", "host")),
        each=_condition(raw["each"]) if "each" in raw else None,
        tags=tuple(raw["tags"]),
        conditions=_conditions(raw.get("when", [])),
        let={name: _text(value) for name, value in raw.get("let", {}).items()},
        check=_check(raw["check"]),
        symptom=_symptom(raw["symptom"]) if "symptom" in raw else None,
        message=_one_line(raw["message"]),
        why=raw["why"].strip(),
        advice=_one_line(raw.get("advice", "")),
        fix=Fix(fix["risk"], fix["disrupts"], _one_line(fix.get("note", ""))) if fix else None,
        at={part: _text(value) for part, value in raw.get("at", {}).items()},
        rules_out=tuple(raw.get("rules_out", [])),
        references=tuple(
            Reference(item["title"], item.get("url", "")) for item in raw["references"]
        ),
        lab=raw.get("lab"),
        tests=_tests(raw.get("tests", [])),
        file=file,
    )


def _tests(raw: list[dict[str, Any]]) -> tuple[RuleTest, ...]:
    if not raw:
        return ()
    from advisor.model.rule_case import RuleTest

    return tuple(RuleTest(**test) for test in raw)


def _conditions(when: Any) -> tuple[Condition, ...]:
    if not isinstance(when, list):
        return (Condition(_text(when)),)
    return tuple(_condition(item) for item in when)


def _condition(raw: dict[str, Any]) -> Condition:
    return Condition(_text(raw["if"]), _one_line(raw["else"]))


def _check(raw: dict[str, Any]) -> Check:
    test = next(name for name in _TESTS if name in raw)
    address = parse_address(raw["setting"]) if "setting" in raw else None
    return Check(address, test, _text(raw[test]), _text(raw["if"]) if "if" in raw else "")


def _symptom(raw: dict[str, Any]) -> Symptom:
    shown = tuple(
        Shown(**{**item, "value": _text(item["value"])}) if isinstance(item, dict) else Shown(item)
        for item in raw.get("show", [])
    )
    return Symptom(_text(raw["when"]) if "when" in raw else "", shown)


def _text(value: Any) -> str:
    """An expression as text; numbers, true and false may stand for themselves in YAML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return " ".join(value.split()) if isinstance(value, str) else repr(value)


def _one_line(text: str) -> str:
    return " ".join(text.split())
