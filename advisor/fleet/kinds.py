"""Numbers what hosts say: the hosts of a fleet say the same few thousand things over and over."""

from __future__ import annotations

from typing import Any

from advisor.fleet.plain import Row, Unusable, text

_RANKS = {"info": 1, "warning": 2, "error": 3}
_WAIVED = {"fail": 0, "waived": 1}
_NESTED = (list, dict)
_MOST_KNOWN = 500_000


class Kinds:
    """Remembers every finding it has seen, as long as they are not too many."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], int] = {}
        self._count = 0
        self._new: list[Row] = []

    def numbers(self, findings: Any) -> list[int]:
        """The numbers of the findings of a line.

        Raises:
            Unusable: They are no findings.
        """
        if not isinstance(findings, list):
            raise Unusable("no findings")
        try:
            return [self._number(each) for each in findings]
        except (KeyError, TypeError, AttributeError):
            raise Unusable("a finding that is none") from None

    def take(self) -> list[Row]:
        """Rows of the table of kinds that have been added since the last time."""
        new, self._new = self._new, []
        return new

    def _number(self, finding: dict[str, Any]) -> int:
        get = finding.get
        actual, wanted = get("actual"), get("wanted")
        # The types, because 1, 1.0 and true are equal, and are not the same to people.
        of_actual, of_wanted = type(actual), type(wanted)
        if of_actual in _NESTED:
            actual = text(actual)
        if of_wanted in _NESTED:
            wanted = text(wanted)
        key = (
            finding["rule"],
            finding["target"],
            finding["severity"],
            finding["status"],
            get("active") is True,
            get("setting"),
            actual,
            of_actual,
            wanted,
            of_wanted,
        )
        try:
            return self._known[key]
        except KeyError:
            return self._add(key)

    def _add(self, key: tuple[Any, ...]) -> int:
        rule, target, severity, status, active, setting, actual, _, wanted, _ = key
        values = (text(setting), text(actual), text(wanted))
        row = (text(rule), text(target), _RANKS[severity], _WAIVED[status], int(active), *values)
        self._count += 1
        self._new.append((self._count, *row))
        # A fleet of liars must not fill the memory; the same kind under two numbers does no harm.
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[key] = self._count
        return self._count
