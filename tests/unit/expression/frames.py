"""Frames over plain facts, for tests of expressions."""

from __future__ import annotations

from typing import Any

from advisor.expression import Frame


def frame_of(
    facts: dict[str, Any], before: dict[str, Any] | None = None, seconds: float = 0.0
) -> Frame:
    """A frame in which every top-level fact stands under its own name."""
    return Frame({name: (value, (name,)) for name, value in facts.items()}, before, seconds)
