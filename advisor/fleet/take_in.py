"""Takes files of lines in: what can be used is stored, what cannot is counted and named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from advisor.errors import AdvisorError
from advisor.fleet.files import Source, lines, written
from advisor.fleet.kinds import Kinds
from advisor.fleet.line import Line, parse
from advisor.fleet.plain import Unusable
from advisor.fleet.store import WITHOUT_DUCKDB, Store, install_hint
from advisor.model.fleet import Intake, Problem

_EXAMPLES = 20
_DUPLICATE = "line that has arrived before"


def take_in(found: Sequence[Source], store: Store, by: str) -> Intake:
    """Everything that can be used, in the store and summed up.

    Args:
        found: The files.
        store: An empty store.
        by: The label that makes groups.

    Raises:
        AdvisorError: Nothing can be used, or there is too much for the store.
    """
    problems, kinds = _Problems(), Kinds()
    read = number = 0
    for index, source in enumerate(found):
        at = written(source)
        for line, raw in enumerate(lines(source, store.parquet), start=1):
            if isinstance(raw, Problem):
                problems.add(raw)
                continue
            read += 1
            try:
                parsed = parse(raw, number + 1, at, by, kinds)
            except Unusable as bad:
                problems.add(Problem(f"{source.name}:{line}", bad.kind, bad.detail))
                continue
            number += 1
            if store.most is not None and number > store.most:
                raise AdvisorError(
                    f"more than {store.most:,} lines ({WITHOUT_DUCKDB:,} hosts, each twice) need "
                    "DuckDB, which is not installed",
                    install_hint(),
                )
            _add(store, parsed, index, line)
            if new := kinds.take():
                store.add("kinds", new)
    store.sum_up()
    used = number - _duplicates(store, found, problems)
    if not used:
        raise AdvisorError(_nothing(found, problems), "lines are written by: advisor check -f line")
    return Intake(len(found), read, used, dict(problems.kinds.most_common()), problems.examples())


def _add(store: Store, line: Line, file: int, number: int) -> None:
    store.add("runs", [(*line.run, file, number)])
    if line.drivers:
        store.add("drivers", line.drivers)
    if line.findings:
        store.add("findings", line.findings)


def _duplicates(store: Store, found: Sequence[Source], problems: _Problems) -> int:
    ((count,),) = store.ask("SELECT count(*) FROM kept WHERE copy > 1")
    first = store.ask("SELECT file, line FROM kept WHERE copy > 1 ORDER BY no LIMIT ?", [_EXAMPLES])
    places = [Problem(f"{found[file].name}:{line}", _DUPLICATE) for file, line in first]
    problems.extend(places, int(count))
    return int(count)


class _Problems:
    """Counts what could not be used, and remembers the first of each kind."""

    def __init__(self) -> None:
        self.kinds: Counter[str] = Counter()
        self._first: dict[str, list[Problem]] = {}

    def add(self, problem: Problem) -> None:
        self.extend([problem], 1)

    def extend(self, problems: Iterable[Problem], count: int) -> None:
        for problem in problems:
            first = self._first.setdefault(problem.kind, [])
            if len(first) < _EXAMPLES:
                first.append(problem)
            self.kinds[problem.kind] += 0
        for kind in {problem.kind for problem in problems}:
            self.kinds[kind] += count

    def examples(self) -> tuple[Problem, ...]:
        """Some of every kind, so that many of one do not hide one of another."""
        each = max(2, _EXAMPLES // max(1, len(self._first)))
        return tuple(problem for first in self._first.values() for problem in first[:each])


def _nothing(found: Sequence[Source], problems: _Problems) -> str:
    kinds = ", ".join(f"{kind} ({count})" for kind, count in problems.kinds.most_common())
    first = problems.examples()[:1]
    where = f"; the first at {first[0].place}" if first else ""
    return f"{len(found)} files hold no line that can be used: {kinds}{where}"
