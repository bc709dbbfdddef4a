"""All rules and profiles: those that are shipped, and those of the site."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.knowledge.locations import profiles_dir, rules_dir
from advisor.knowledge.profiles import (
    build_profile,
    load_shipped_profile,
    merge_chain,
    profile_names,
    read_outside_profile,
)
from advisor.knowledge.rules import check_ids, load_rule, load_rules, load_shipped_rule, rule_files
from advisor.knowledge.site import site_dirs, site_files
from advisor.model.profile import Profile
from advisor.model.rule import Rule

_RULES = "rules.d/[A-Z]*.yaml"
_PROFILES = "profiles.d/*.yaml"


def all_rules(folders: Sequence[Path] | None = None) -> tuple[Rule, ...]:
    """Every rule by id; a site's rule takes the place of the shipped one with its id.

    Args:
        folders: The site's directories; None for the usual ones.

    Raises:
        AdvisorError: A site's rule is not valid, or two of them share an id or a name.
    """
    own = _site_rules(folders)
    if not own:
        return load_rules(rules_dir())
    check_ids(own)
    ids = {rule.id for rule in own}
    rules = (*(rule for rule in load_rules(rules_dir()) if rule.id not in ids), *own)
    check_ids(rules)
    return tuple(sorted(rules, key=lambda rule: rule.file.rpartition("/")[2]))


def find_rule(wanted: str, folders: Sequence[Path] | None = None) -> Rule:
    """The rule with this id or name.

    Raises:
        AdvisorError: There is none.
    """
    for rule in _site_rules(folders):
        if wanted.upper() == rule.id or wanted in (rule.name, f"{rule.id}-{rule.name}"):
            return rule
    return load_shipped_rule(rules_dir(), wanted)


def rule_places(rules: Sequence[Rule]) -> dict[str, str]:
    """Rule id → its file: "rules/AREA/FILE" for a shipped one, "rules.d/FILE" for a site's."""
    shipped = rules_dir()
    areas = {path.name: path.parent.relative_to(shipped) for path in rule_files(shipped)}
    return {
        rule.id: (Path("rules") / areas[rule.file] / rule.file).as_posix()
        if rule.file in areas
        else f"rules.d/{Path(rule.file).name}"
        for rule in rules
    }


def all_profile_names(folders: Sequence[Path] | None = None) -> list[str]:
    """Names of every profile."""
    return sorted({*profile_names(profiles_dir()), *_site_profiles(folders)})


def find_profile(name: str, folders: Sequence[Path] | None = None) -> Profile:
    """A profile with its parents merged in; a site's profile comes before a shipped one.

    Raises:
        AdvisorError: It does not exist, is not valid, or extends itself.
    """
    own = _site_profiles(folders)
    shipped = profile_names(profiles_dir())

    def one(wanted: str) -> Profile:
        if wanted in own:
            return build_profile(read_outside_profile(own[wanted]), str(own[wanted]))
        if wanted in shipped:
            return load_shipped_profile(profiles_dir(), wanted)
        raise _no_profile(wanted, sorted({*shipped, *own}))

    return merge_chain(name, one)


def _site_rules(folders: Sequence[Path] | None) -> list[Rule]:
    places = site_dirs() if folders is None else folders
    return [load_rule(path) for path in site_files(places, _RULES)] if places else []


def _site_profiles(folders: Sequence[Path] | None) -> dict[str, Path]:
    places = site_dirs() if folders is None else folders
    return {path.stem: path for path in site_files(places, _PROFILES)} if places else {}


def _no_profile(name: str, names: list[str]) -> AdvisorError:
    import difflib

    close = difflib.get_close_matches(name, names, 1)
    return AdvisorError(
        f"there is no profile {name!r}",
        (f"did you mean {close[0]}? " if close else "") + "profiles: " + ", ".join(names),
    )
