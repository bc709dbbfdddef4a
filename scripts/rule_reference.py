"""Writes docs/rules/: a page for each rule, an index by area and one by symptom.

Run it after changing rules: `.venv/bin/python scripts/rule_reference.py`. Which rules belong to
which symptom stands in docs/symptoms.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from advisor.knowledge.locations import rules_dir
from advisor.knowledge.rules import load_rules, rule_files
from advisor.model.rule import Rule, Shown

DOCS = Path(__file__).resolve().parent.parent / "docs"
FOLDER = DOCS / "rules"
SYMPTOMS = DOCS / "symptoms.yaml"

_MADE = "Made from `rules/` by `scripts/rule_reference.py`."
_HEAD = f"""\
# The rules, by area

{_MADE} See also: [the rules, by symptom](symptoms.md), [how to write one](../rules.md).

A title states the problem. *Setting*: what is judged and what the fix changes; without one, the
rule diagnoses and advises. `advisor explain ID --here` shows a rule with this host's numbers.
"""
_SYMPTOMS_HEAD = f"""\
# The rules, by symptom

{_MADE} Start with `advisor check --sample 10`: it judges all of them, and what hurts now comes
first.
"""
_DISRUPTS = {"none": "disrupts nothing", "link": "interrupts the link", "reboot": "needs a reboot"}


def render() -> dict[str, str]:
    """File name below docs/rules → its content."""
    areas = {path.name: path.parent.name for path in rule_files(rules_dir())}
    rules = sorted(load_rules(rules_dir()), key=lambda rule: (areas[rule.file], rule.id))
    pages = {f"{rule.id}.md": _page(rule, areas[rule.file]) for rule in rules}
    return {**pages, "README.md": _by_area(rules, areas), "symptoms.md": _by_symptom(rules)}


def symptoms(rules: list[Rule]) -> list[tuple[str, str, list[Rule]]]:
    """Each symptom with how it looks and its rules, in the order of the file.

    Raises:
        ValueError: A selector of the file matches no rule.
    """
    entries: list[dict[str, Any]] = yaml.safe_load(SYMPTOMS.read_text("utf-8"))
    found = []
    for entry in entries:
        chosen: list[Rule] = []
        for selector in entry["rules"]:
            matching = [rule for rule in rules if rule.id.startswith(selector)]
            if not matching:
                raise ValueError(f"{SYMPTOMS}: no rule is called {selector}")
            chosen += [rule for rule in matching if rule not in chosen]
        found.append((entry["symptom"], entry["looks"], chosen))
    return found


def _by_area(rules: list[Rule], areas: dict[str, str]) -> str:
    parts = [_HEAD]
    for area, group in groupby(rules, lambda rule: areas[rule.file]):
        parts.append(f"\n## {area}\n\n{_table(list(group))}")
    return "".join(parts)


def _by_symptom(rules: list[Rule]) -> str:
    parts = [_SYMPTOMS_HEAD]
    for symptom, looks, chosen in symptoms(rules):
        parts.append(f"\n## {symptom}\n\n{' '.join(looks.split())}\n\n{_table(chosen)}")
    return "".join(parts)


def _table(rules: list[Rule]) -> str:
    rows = [
        f"| [{rule.id}]({rule.id}.md) | {rule.severity.value} | {rule.title} | "
        f"{f'`{rule.check.setting}`' if rule.check.setting else ''} |\n"
        for rule in rules
    ]
    return "| id | severity | problem | setting |\n|---|---|---|---|\n" + "".join(rows)


def _page(rule: Rule, area: str) -> str:
    return "\n".join([*_sections(rule, area), ""])


def _sections(rule: Rule, area: str) -> Iterator[str]:
    tags = ", ".join(rule.tags)
    yield (
        f"# {rule.id} {rule.name}\n\n{rule.title}.\n" if rule.title[-1] not in ".?" else rule.title
    )
    yield f"{rule.severity.value} · {rule.status} · area {area} · tags {tags}\n"
    yield "## What it checks\n"
    yield from _checks(rule)
    yield f"\n## Why\n\n{rule.why}\n"
    evidence = [f"- {_item(shown)}" for shown in _shown(rule)]
    if evidence:
        yield "## Evidence that it shows\n"
        yield from evidence
        yield ""
    if rule.advice:
        yield f"## What to do\n\n{rule.advice}\n"
    if rule.fix is not None:
        meaning = f"{rule.fix.risk} risk, {_DISRUPTS[rule.fix.disrupts]}"
        yield f"## The change\n\n{meaning}. {rule.fix.note}\n"
    yield "## Sources\n"
    for reference in rule.references:
        yield f"- [{reference.title}]({reference.url})" if reference.url else f"- {reference.title}"


def _checks(rule: Rule) -> Iterator[str]:
    check = rule.check
    if check.setting is not None:
        test = check.test.replace("_", " ")
        yield f"- `{check.setting}` {test} `{check.target}`"
    else:
        yield f"- all is well while `{check.target}`"
    if check.demanded:
        yield f"- demanded only if `{check.demanded}`"
    yield from (f"- with {name} = `{expression}`" for name, expression in rule.let.items())
    if rule.each is not None:
        yield f"- for each {rule.scope.value} with `{rule.each.when}`"
    for condition in rule.conditions:
        yield f"- applies where `{condition.when}`"
    if rule.symptom is not None and rule.symptom.when:
        yield f"- hurts now if `{rule.symptom.when}`"


def _item(shown: Shown) -> str:
    name = shown.label or f"`{shown.value}`"
    return f"{name}: {shown.better} is better after the change" if shown.better else name


def _shown(rule: Rule) -> Iterator[Any]:
    yield from rule.symptom.show if rule.symptom else ()


def main() -> None:
    """Write the pages, and remove those of rules that are no more."""
    FOLDER.mkdir(exist_ok=True)
    pages = render()
    for old in FOLDER.glob("*.md"):
        if old.name not in pages:
            old.unlink()
    for name, text in pages.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
