"""What a report comes to: the verdict, and failures that are one problem."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from advisor.model.finding import Finding

_MOST_ALIKE = 3
"""Failures of one rule that are shown in full; more interfaces with the same problem are named."""
_MOST_TARGETS = 8


def verdict(counts: Mapping[str, int]) -> str:
    """The summary of a report (`Report.summary`) in a few words."""
    if not counts["fail"] and counts["unknown"] > counts["pass"]:
        return "little could be judged"
    if not counts["fail"]:
        return "nothing failed"
    severities = [
        f"{counts[name]} {name}{'s' if counts[name] > 1 and name != 'info' else ''}"
        for name in ("error", "warning", "info")
        if counts[name]
    ]
    hurts = f"; {counts['active']} ACTIVE now" if counts["active"] else ""
    return f"{counts['fail']} failed ({', '.join(severities)}{hurts})"


def alike(failures: Iterable[Finding]) -> list[list[Finding]]:
    """The failures in their order, those of one rule together: a hundred interfaces with the same
    problem are one problem. Those that hurt now are apart from those that do not."""
    return [list(group) for _, group in groupby(failures, lambda f: (f.rule.id, f.active))]


def shown(group: Sequence[Finding]) -> int:
    """How many of failures that are alike are worth showing in full."""
    return len(group) if len(group) <= _MOST_ALIKE + 1 else _MOST_ALIKE


def target_list(names: Sequence[str]) -> str:
    """Names of targets, the first few of them."""
    more = len(names) - _MOST_TARGETS
    return ", ".join(names[:_MOST_TARGETS]) + (f" and {more} more" if more > 0 else "")
