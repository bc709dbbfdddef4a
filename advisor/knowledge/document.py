"""A file's data, with the place of every value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from advisor.errors import AdvisorError

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file.

    Attributes:
        file: Its name, for messages.
        data: Dictionaries, lists and scalars.
        marks: Place of each value (keys and indices from the top) → (line, column), from 1.
    """

    file: str
    data: Any
    marks: dict[Place, tuple[int, int]]

    def error(self, place: Place, message: str, hint: str | None = None) -> AdvisorError:
        """An error at `place`, or at the nearest place around it that has a mark."""
        while place and place not in self.marks:
            place = place[:-1]
        line, column = self.marks.get(place, (1, 1))
        return AdvisorError(f"{self.file}:{line}:{column}: {message}", hint)
