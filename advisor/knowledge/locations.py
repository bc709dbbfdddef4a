"""Where the shipped rules and profiles are, in a checkout and in an installed package.

A wheel carries them as ``advisor/_data/rules`` and ``advisor/_data/profiles`` (see
``[tool.hatch.build.targets.wheel.sources]`` in pyproject.toml); a checkout, and an editable
install of it, has ``rules/`` and ``profiles/`` beside the package.
"""

from __future__ import annotations

from pathlib import Path

from advisor.errors import AdvisorError

_PACKAGE = Path(__file__).resolve().parent.parent


def rules_dir() -> Path:
    """The directory that holds the shipped rules, ``<area>/<ID>-<name>.yaml``."""
    return _shipped("rules")


def profiles_dir() -> Path:
    """The directory that holds the shipped profiles, ``<name>.yaml``."""
    return _shipped("profiles")


def _shipped(name: str) -> Path:
    # The package's own copy comes first: site-packages may hold an unrelated `rules` directory.
    places = (_PACKAGE / "_data" / name, _PACKAGE.parent / name)
    for directory in places:
        if directory.is_dir():
            return directory
    raise AdvisorError(
        f"the shipped {name} are missing: neither {places[0]} nor {places[1]} is a directory",
        hint="the installation is incomplete: reinstall nettune-advisor",
    )
