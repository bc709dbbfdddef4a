"""Equality and text of the model's records, written once instead of generated for each class.

`dataclass` generates and compiles these methods for every class at every start: measured for the
forty classes of facts, 7 ms of a check that takes 120.
"""

from __future__ import annotations


class Record:
    """Base of frozen dataclasses that hold facts. They hold dictionaries, so they have no hash."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        """Whether both are of one class and equal in every field."""
        if type(self) is not type(other):
            return NotImplemented
        names = type(self).__dataclass_fields__  # type: ignore[attr-defined]  # of the subclass
        return all(getattr(self, name) == getattr(other, name) for name in names)

    __hash__ = None  # type: ignore[assignment]  # as the language does for mutable content

    def __repr__(self) -> str:
        """The class and its fields, as a dataclass shows them."""
        names = type(self).__dataclass_fields__  # type: ignore[attr-defined]  # of the subclass
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__name__}({shown})"


class Answer(Record):
    """A record that a device answered with: what is None in it, the device does not have."""

    __slots__ = ()
