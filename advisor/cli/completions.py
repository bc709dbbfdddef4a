"""What the shell offers after TAB: rules, profiles, schemas."""

from __future__ import annotations


def rules(incomplete: str) -> list[tuple[str, str]]:
    """Ids and names of the rules, each with the other as its explanation."""
    from advisor.knowledge.locations import rules_dir
    from advisor.knowledge.rules import rule_files
    from advisor.knowledge.site import site_dirs, site_files

    paths = [*rule_files(rules_dir()), *site_files(site_dirs(), "rules.d/[A-Z]*.yaml")]
    pairs = [path.stem.partition("-")[::2] for path in paths]
    ids = [pair for pair in pairs if pair[0].startswith(incomplete)]
    names = [(name, identifier) for identifier, name in pairs if name.startswith(incomplete)]
    return ids or names


def profiles(incomplete: str) -> list[str]:
    """Names of the profiles."""
    from advisor.knowledge.catalogue import all_profile_names

    return [name for name in all_profile_names() if name.startswith(incomplete)]


def schemas(incomplete: str) -> list[str]:
    """Names of the schemas."""
    from advisor.knowledge.schema import schema_names

    return [name for name in schema_names() if name.startswith(incomplete)]
