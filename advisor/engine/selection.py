"""Chooses rules by id or prefix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from advisor.errors import AdvisorError
from advisor.model.rule import Rule


def select(
    rules: Iterable[Rule], wanted: Sequence[str] = (), unwanted: Sequence[str] = ()
) -> tuple[Rule, ...]:
    """The rules that `wanted` names (all when empty) and `unwanted` does not.

    Both hold ids ("RCV002"), prefixes ("RCV"), names or tags. The longer of two matching
    prefixes wins, as in other linters: `--select RCV002 --ignore RCV` keeps RCV002.

    Raises:
        AdvisorError: One matches no rule.
    """
    every = tuple(rules)
    for selector in (*wanted, *unwanted):
        if not any(_length(rule, selector) for rule in every):
            raise _no_such(selector, every)
    return tuple(rule for rule in every if _chosen(rule, wanted, unwanted))


def _chosen(rule: Rule, wanted: Sequence[str], unwanted: Sequence[str]) -> bool:
    plus = max((_length(rule, selector) for selector in wanted), default=0)
    minus = max((_length(rule, selector) for selector in unwanted), default=0)
    if minus:
        return plus > minus
    return plus > 0 if wanted else True


def _length(rule: Rule, selector: str) -> int:
    """How much of the rule's id the selector spells out; 0 when it does not match."""
    if selector == rule.name:
        return len(rule.id)
    if selector and rule.id.startswith(selector.upper()):
        return len(selector)
    return 1 if selector in rule.tags else 0


def _no_such(selector: str, rules: tuple[Rule, ...]) -> AdvisorError:
    known = [*(rule.id for rule in rules), *(rule.name for rule in rules)]
    import difflib

    close = difflib.get_close_matches(selector, known, 1) or difflib.get_close_matches(
        selector.upper(), known, 1
    )
    hint = f"did you mean {close[0]}?" if close else "see them with: advisor rules list"
    return AdvisorError(f"no rule matches {selector!r}", hint)
