"""A site's own rules, profiles and defaults: /etc/advisor, and the user's own directory.

    /etc/advisor/config.yaml                 $XDG_CONFIG_HOME/advisor/config.yaml
    /etc/advisor/rules.d/<ID>-<name>.yaml    …
    /etc/advisor/profiles.d/<name>.yaml      …
    /etc/advisor/waivers.yaml                …
    /etc/advisor/remediation.yaml            …

What is in the user's directory counts before what is in /etc/advisor. ADVISOR_CONFIG_DIR names one
directory that takes the place of both; an empty value means none at all.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError

SYSTEM = Path("/etc/advisor")
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """The defaults of config.yaml, each with the file that gave it.

    Attributes:
        profile: Profile to judge by, None when not given.
        params: Parameter → (value, file).
        fail_on: Severity from which on `check` ends with 1, None when not given.
        select: Rules to evaluate alone.
        ignore: Rules to leave out.
        severity: Rule id → severity.
        waivers: Files of waivers.
        labels: What the site calls this host: its group, its site.
    """

    profile: str | None = None
    params: dict[str, tuple[Any, str]] = field(default_factory=dict)
    fail_on: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: dict[str, str] = field(default_factory=dict)
    waivers: tuple[Path, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)


def site_dirs(environment: Mapping[str, str] | None = None) -> list[Path]:
    """The directories that are there, the most important first."""
    given = os.environ if environment is None else environment
    if "ADVISOR_CONFIG_DIR" in given:
        places = [Path(given["ADVISOR_CONFIG_DIR"])] if given["ADVISOR_CONFIG_DIR"] else []
    else:
        home = given.get("XDG_CONFIG_HOME") or (
            f"{given['HOME']}/.config" if given.get("HOME") else ""
        )
        places = [Path(home) / "advisor"] if home.startswith("/") else []
        places.append(SYSTEM)
    return [place for place in places if place.is_dir()]


def site_files(folders: Sequence[Path], pattern: str) -> list[Path]:
    """The files of all directories that match; of one name, only the most important.

    Raises:
        AdvisorError: Somebody else than root or the caller could have written one.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob(pattern)):
            found.setdefault(path.name, path)
    for path in found.values():
        check_owner(path)
    return [found[name] for name in sorted(found)]


def load_config(folders: Sequence[Path]) -> SiteConfig:
    """The defaults of all config.yaml files together.

    Raises:
        AdvisorError: One is not valid; with file, line and column.
    """
    config = SiteConfig()
    for folder in reversed(folders):
        path = folder / "config.yaml"
        waivers = folder / "waivers.yaml"
        more = (waivers,) if waivers.is_file() else ()
        raw = _read(path) if path.is_file() else {}
        rules = raw.get("rules", {})
        named = tuple(_beside(folder, name) for name in raw.get("waivers", []))
        config = SiteConfig(
            profile=raw.get("profile", config.profile),
            params=config.params
            | {name: (value, str(path)) for name, value in raw.get("params", {}).items()},
            fail_on=raw.get("fail_on", config.fail_on),
            select=(*config.select, *rules.get("select", [])),
            ignore=(*config.ignore, *rules.get("ignore", [])),
            severity={**config.severity, **rules.get("severity", {})},
            waivers=(*config.waivers, *more, *(each for each in named if each not in more)),
            labels={**config.labels, **raw.get("labels", {})},
        )
    for path in config.waivers:
        if path.exists():
            check_owner(path)
    return config


def _read(path: Path) -> dict[str, Any]:
    from advisor.knowledge.schema import validate
    from advisor.knowledge.yaml_reader import read_file

    check_owner(path)
    document = read_file(path)
    if document.data is None:
        return {}
    if not isinstance(document.data, dict):
        raise document.error((), "a configuration is a mapping of keys to values")
    validate(document, "config")
    return document.data


def _beside(folder: Path, name: str) -> Path:
    path = Path(name)
    return path if path.is_absolute() else folder / path


def check_owner(path: Path) -> None:
    """What decides about findings, and later about changes, has to be the caller's or root's."""
    try:
        found = path.stat()
    except OSError as error:
        raise AdvisorError(f"{path}: cannot be read: {error.strerror}") from None
    if found.st_uid not in (0, os.geteuid()) or found.st_mode & _WRITABLE_BY_OTHERS:
        raise AdvisorError(
            f"{path}: others than root and you can write it",
            f"chown and chmod it (go-w), or leave it out with ADVISOR_CONFIG_DIR= ({path.parent})",
        )
