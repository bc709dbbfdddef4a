"""What the shell offers after TAB: rules, profiles, schemas."""

from __future__ import annotations


def rules(incomplete: str) -> list[tuple[str, str]]:
    """Ids and names of the shipped rules, each with the other as its explanation."""
    from advisor.knowledge.locations import rules_dir
    from advisor.knowledge.rules import rule_files

    pairs = [path.stem.partition("-")[::2] for path in rule_files(rules_dir())]
    ids = [pair for pair in pairs if pair[0].startswith(incomplete)]
    names = [(name, identifier) for identifier, name in pairs if name.startswith(incomplete)]
    return ids or names


def profiles(incomplete: str) -> list[str]:
    """Names of the shipped profiles."""
    from advisor.knowledge.locations import profiles_dir
    from advisor.knowledge.profiles import profile_names

    return [name for name in profile_names(profiles_dir()) if name.startswith(incomplete)]


def schemas(incomplete: str) -> list[str]:
    """Names of the schemas."""
    from advisor.knowledge.schema import schema_names

    return [name for name in schema_names() if name.startswith(incomplete)]
