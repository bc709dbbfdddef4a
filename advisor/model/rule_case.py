"""The cases that a rule carries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class RuleTest:
    """A case that a rule carries.

    Attributes:
        name: What it shows.
        given: Facts, in the short form of docs/rules.md.
        before: Facts of the earlier reading that differ; None without a sample.
        seconds: Length of the sample.
        params: Profile parameters that differ from the base profile.
        expect: Status wanted.
        want: Target wanted, None to leave it open.
        active: Whether the finding is active, None to leave it open.
        target: Which thing the expectation is about (a NIC's name), None for the only one.
        says: Text that the message or reason holds.
    """

    name: str
    given: dict[str, Any]
    expect: str
    before: dict[str, Any] | None = None
    seconds: float = 10.0
    params: dict[str, Any] | None = None
    want: Any = None
    active: bool | None = None
    target: str | None = None
    says: str | None = None
