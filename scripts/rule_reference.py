"""Writes docs/rule-reference.md from the rules.

Run it after changing rules: `.venv/bin/python scripts/rule_reference.py`.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from advisor.knowledge.locations import rules_dir
from advisor.knowledge.rules import load_rules, rule_files
from advisor.model.rule import Rule

PAGE = Path(__file__).resolve().parent.parent / "docs" / "rule-reference.md"
_HEAD = """\
# The rules

This page is made from `rules/` by `scripts/rule_reference.py`. `advisor explain ID` gives a rule's
mechanism, evidence, change and sources; `advisor explain ID --here` adds this host's numbers.

A title states the problem. *Setting*: what is judged and what the fix changes; without one, the
rule diagnoses and advises.
"""


def render() -> str:
    """The page."""
    areas = {path.name: path.parent.name for path in rule_files(rules_dir())}
    rules = sorted(load_rules(rules_dir()), key=lambda rule: (areas[rule.file], rule.id))
    parts = [_HEAD]
    for area, group in groupby(rules, lambda rule: areas[rule.file]):
        rows = [_row(rule) for rule in group]
        parts.append(
            f"\n## {area}\n\n| id | severity | problem | setting |\n|---|---|---|---|\n"
            + "\n".join(rows)
            + "\n"
        )
    return "".join(parts)


def _row(rule: Rule) -> str:
    setting = f"`{rule.check.setting}`" if rule.check.setting else ""
    return f"| {rule.id} | {rule.severity.value} | {rule.title} | {setting} |"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
