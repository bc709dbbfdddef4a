"""The files that advisor writes below /etc, and no others."""

from __future__ import annotations

import re

SYSCTL = "/etc/sysctl.d/99-z-advisor.conf"
"""Files are read by name: after 99-sysctl.conf, which many distributions link to sysctl.conf."""

MODULES = "/etc/modules-load.d/advisor.conf"
SETTINGS = "/etc/advisor/persistent.json"
UNIT_NAME = "advisor-settings.service"
UNIT = f"/etc/systemd/system/{UNIT_NAME}"
WANTS = f"/etc/systemd/system/multi-user.target.wants/{UNIT_NAME}"
DISPATCHER = "/etc/NetworkManager/dispatcher.d/50-advisor"
LINK_DIRECTORY = "/etc/systemd/network"
DROP_IN_NAME = "50-advisor.conf"

FIXED = (SYSCTL, MODULES, SETTINGS, UNIT, DISPATCHER, WANTS)
"""In the order in which they are written; removed in reverse. What starts the rest comes last."""

_LINK_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:+-]{0,120}\.link")
_DROP_IN = re.compile(rf"{LINK_DIRECTORY}/(?P<link>[^/]+)\.d/{re.escape(DROP_IN_NAME)}")


def is_link_file(name: str) -> bool:
    """Whether it is a name of a .link file that can stand in a path without any question."""
    return _LINK_FILE.fullmatch(name) is not None


def drop_in(link_file: str) -> str:
    """The path of advisor's drop-in for a .link file, by that file's name."""
    return f"{LINK_DIRECTORY}/{link_file}.d/{DROP_IN_NAME}"


def is_ours(path: str) -> bool:
    """Whether advisor may ever write a file of this path."""
    match = _DROP_IN.fullmatch(path)
    return path in FIXED or (match is not None and is_link_file(match["link"]))


def mode_of(path: str) -> int:
    """The permissions of a file: everybody may read what the next boot brings."""
    return 0o755 if path == DISPATCHER else 0o644


def place_of(path: str) -> int:
    """Sorts paths in the order in which they are written."""
    return FIXED.index(path) if path in FIXED else -1
