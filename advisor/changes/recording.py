"""Keeps the records of a run while it is undone: the host comes first, the journal second."""

from __future__ import annotations

from collections.abc import Callable

from advisor.changes.entry import Entry
from advisor.errors import AdvisorError


class Recording:
    """A run's records, of which some may fail to be written.

    A full disk must stop a run from changing anything, and must not stop what undoes it.

    Attributes:
        entry: The run's records.
        problem: Why the first record that could not be written was not; None if all were.
    """

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.problem: str | None = None

    def keep(self, write: Callable[[Entry], None]) -> None:
        """Writes a record, unless an earlier one could not be: records have an order."""
        if self.problem is not None:
            return
        try:
            write(self.entry)
        except AdvisorError as error:
            self.problem = error.message
