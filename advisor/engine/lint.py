"""Looks through a rule for names that mean nothing and keys that contradict each other."""

from __future__ import annotations

