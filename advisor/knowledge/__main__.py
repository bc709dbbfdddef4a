"""Writes the kept form of the shipped knowledge: `python -m advisor.knowledge`."""

from __future__ import annotations

from advisor.knowledge.locations import profiles_dir, rules_dir
from advisor.knowledge.profiles import read_profiles
from advisor.knowledge.rules import read_rules

if __name__ == "__main__":
    read_rules(rules_dir(), force=True)
    read_profiles(profiles_dir(), force=True)
