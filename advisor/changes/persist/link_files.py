"""The .link file that udev has matched an interface by, and whether it is about that one alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from advisor.changes.persist import names
from advisor.changes.persist.model import LinkFile
from advisor.facts.config.ini import parse_ini
from advisor.facts.files import Files
from advisor.model.unavailable import Unavailable

_UDEV = "/run/udev/data"
_MATCHED = "E:ID_NET_LINK_FILE="
_DIRECTORIES = (
    names.LINK_DIRECTORY,
    "/run/systemd/network",
    "/usr/local/lib/systemd/network",
    "/usr/lib/systemd/network",
    "/lib/systemd/network",
)
# Conditions that one interface at most can meet. MACAddress= is none of them: a VLAN, a bridge or
# a bond takes over the address of what is below (systemd.link(5)).
_ALONE = ("PermanentMACAddress", "Path", "OriginalName")
_PATTERN = frozenset("*?[!")


@dataclass(frozen=True, slots=True)
class Matched:
    """What udev says about an interface.

    Attributes:
        path: The .link file that it was matched by when it appeared.
    """

    path: str


def matched(files: Files, nic: str) -> Matched | None:
    """The .link file of an interface, None if udev has not said so."""
    index = files.read_int(f"/sys/class/net/{nic}/ifindex")
    text = files.read_text(f"{_UDEV}/n{index}")
    if isinstance(text, Unavailable):
        return None
    for line in text.splitlines():
        if line.startswith(_MATCHED):
            return Matched(line[len(_MATCHED) :])
    return None


def own_link_file(files: Files, found: Matched) -> LinkFile | None:
    """The file, if no other interface can ever be matched by it; else None.

    A drop-in is about every interface that the file is about: one beside 99-default.link would
    change them all.
    """
    directory, _, name = found.path.rpartition("/")
    text = files.read_text(found.path)
    if (
        directory not in _DIRECTORIES
        or not names.is_link_file(name)
        or isinstance(text, Unavailable)
    ):
        return None
    conditions: dict[str, list[str]] = defaultdict(list)
    taken: dict[str, str] = {}
    drop_ins = _drop_ins(files, name)
    for each in (text, *drop_ins.values()):
        _add_conditions(each, conditions)
    for path, each in drop_ins.items():
        if path.rpartition("/")[2] > names.DROP_IN_NAME:
            taken.update(dict.fromkeys(parse_ini(each).get("Link", {}), path))
    return LinkFile(name, taken) if _is_alone(conditions) else None


def _is_alone(conditions: dict[str, list[str]]) -> bool:
    return any(
        len(conditions[name]) == 1
        and len(conditions[name][0].split()) == 1
        and not _PATTERN & set(conditions[name][0])
        for name in _ALONE
        if name in conditions
    )


def _add_conditions(text: str, conditions: dict[str, list[str]]) -> None:
    """All lines of [Match]: several of one name add up."""
    section = ""
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("["):
            section = line
        elif section == "[Match]" and "=" in line and not line.startswith(("#", ";")):
            name, _, value = line.partition("=")
            conditions[name.strip()].append(value.strip())


def _drop_ins(files: Files, name: str) -> dict[str, str]:
    """The drop-ins of a .link file by path, in the order of reading."""
    paths: dict[str, str] = {}
    for directory in _DIRECTORIES:
        entries = files.list_dir(f"{directory}/{name}.d")
        for each in [] if isinstance(entries, Unavailable) else entries:
            if each.endswith(".conf"):
                paths.setdefault(each, f"{directory}/{name}.d/{each}")
    found = {}
    for _, path in sorted(paths.items()):
        text = files.read_text(path)
        if isinstance(text, str):
            found[path] = text
    return found
