"""Which assignment of a key wins, by the rules of systemd-sysctl and of `sysctl --system`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from advisor.facts.config.assignments import Assignment, Key
from advisor.model.stack import SysctlTree
from advisor.model.unavailable import Unavailable


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a key will be set to.

    Attributes:
        assignment: The line that wins.
        pattern: The key of that line where it is a pattern, None otherwise.
        overridden: Lines before it that assign another value.
    """

    assignment: Assignment
    pattern: Key | None = None
    overridden: tuple[Assignment, ...] = field(default=())

    @property
    def value(self) -> str:
        """The value, words separated by single spaces."""
        return normal(self.assignment.value or "")


def resolve(
    assignments: Sequence[Assignment], tree: SysctlTree | None, tool: str
) -> dict[Key, Resolved]:
    """Key → what wins.

    The last assignment of a key wins. A pattern stands for the keys that are there when it is
    applied and that have no line of their own, not even one without a value; of several patterns
    the last one wins.

    The tools differ in two ways (apply_all in systemd's src/sysctl/sysctl.c, apply_settinglist
    in procps 4's src/sysctl.c). For systemd a line without a value also takes back an earlier
    assignment, and a repeated assignment of the same value keeps its first turn.

    Args:
        assignments: The lines in the order of reading.
        tree: The keys that the kernel has, for patterns; None when that is not known.
        tool: "systemd" or "procps".
    """
    kept = _last_turns(assignments) if tool == "systemd" else list(assignments)
    named = {each.key for each in kept}
    found: dict[Key, Resolved] = {}
    for each in kept:
        if each.value is None:
            continue
        if not each.is_pattern:
            found[each.key] = Resolved(each, None, _others(assignments, each))
            continue
        for key in matching(tree or {}, each.key):
            if key not in named:
                found[key] = Resolved(each, each.key)
    return found


def _last_turns(assignments: Sequence[Assignment]) -> list[Assignment]:
    """One line for each key, at the turn of the first of the last lines that agree."""
    last: dict[Key, Assignment] = {}
    for each in assignments:
        earlier = last.get(each.key)
        if earlier is not None and earlier.value == each.value:
            continue
        last.pop(each.key, None)
        last[each.key] = each
    return list(last.values())


def _others(assignments: Sequence[Assignment], winner: Assignment) -> tuple[Assignment, ...]:
    """Lines before the winning one that give its key another value."""
    found = []
    for each in assignments:
        if each is winner:
            break
        if each.key == winner.key and each.value not in (None, winner.value):
            found.append(each)
    return tuple(found)


def matching(tree: SysctlTree, pattern: Key) -> Iterator[Key]:
    """The keys of the tree that a pattern matches, component by component."""
    if not pattern:
        return
    for name, value in tree.items():
        # glob(7): a leading dot is matched by a dot only; no key begins with one.
        if not fnmatchcase(name, pattern[0]):
            continue
        if len(pattern) == 1:
            if not isinstance(value, dict):
                yield (name,)
        elif isinstance(value, dict):
            for rest in matching(value, pattern[1:]):
                yield (name, *rest)


def running_value(tree: SysctlTree | Unavailable, key: Key) -> str | Unavailable | None:
    """The value of a key now, None when the kernel does not have it."""
    value: object = tree
    for part in key:
        if isinstance(value, Unavailable):
            return value
        if not isinstance(value, Mapping) or part not in value:
            return None
        value = value[part]
    if isinstance(value, Unavailable):
        return value
    if isinstance(value, Mapping):
        return None
    return normal(" ".join(map(str, value)) if isinstance(value, tuple) else str(value))


def normal(value: str) -> str:
    """The value with single spaces, as the kernel takes tabs and spaces alike."""
    return " ".join(value.split())
