"""docs/rules-not-built.md: each candidate once, with rules that there are."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from advisor.knowledge.locations import rules_dir
from advisor.knowledge.rules import load_rules

PAGE = Path(__file__).resolve().parents[3] / "docs" / "rules-not-built.md"
RULE = re.compile(r"\b[A-Z]{2,5}\d{3}\b")


def rows() -> list[list[str]]:
    """Cells of the table of candidates: candidate, problem, what became of it."""
    lines = PAGE.read_text("utf-8").splitlines()
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines if re.match(r"\| R\d\d ", line)]


def test_each_candidate_stands_there_once() -> None:
    found = Counter(row[0].split()[0] for row in rows())
    assert found == Counter(f"R{number:02}" for number in range(1, 100))


def test_each_candidate_was_built_or_has_a_reason() -> None:
    undecided = [
        row[0]
        for row in rows()
        if not RULE.match(row[2].strip()) and not row[2].strip().startswith("left out")
    ]
    assert undecided == []


def test_the_rules_that_are_named_exist() -> None:
    known = {rule.id for rule in load_rules(rules_dir())}
    assert set(RULE.findall(PAGE.read_text("utf-8"))) - known == set()


def test_refused_advice_names_rules_that_are_tagged() -> None:
    tagged = {rule.id for rule in load_rules(rules_dir()) if "folklore" in rule.tags}
    _, _, rest = PAGE.read_text("utf-8").partition("## Folk advice that is refused")
    table, _, _ = rest.partition("\n## ")
    advice = [line for line in table.splitlines() if line.startswith("| ") and RULE.search(line)]
    assert len(advice) >= 20
    untagged = [line for line in advice if tagged.isdisjoint(RULE.findall(line))]
    assert untagged == []
