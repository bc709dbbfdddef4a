"""What .link files and NetworkManager's connections set on interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.facts.config.ini import Ini, read_ini
from advisor.facts.files import Files
from advisor.model.config import Owner
from advisor.model.unavailable import Unavailable

_LINK_DIRECTORIES = (
    "/etc/systemd/network",
    "/run/systemd/network",
    "/usr/local/lib/systemd/network",
    "/usr/lib/systemd/network",
    "/lib/systemd/network",
)
_CONNECTION_DIRECTORIES = (
    "/etc/NetworkManager/system-connections",
    "/run/NetworkManager/system-connections",
    "/usr/lib/NetworkManager/system-connections",
)
# What a [Link] section says about identity, not about tuning (systemd.link(5)).
_IDENTITY = (
    *("Description", "Alias", "Name", "NamePolicy", "AlternativeName", "AlternativeNamesPolicy"),
    *("MACAddress", "MACAddressPolicy", "WakeOnLan", "WakeOnLanPassword"),
)


def read_link_files(files: Files, *, running: bool | None) -> Owner | None:
    """systemd's .link files (udev applies them) that tune; None when there are none.

    Settings stand under what the file matches by ("Driver=ixgbe"), "*" for a file that matches
    all. Of several files that match an interface only the first by name counts.
    """
    found: dict[str, tuple[str, ...]] = {}
    place = ""
    for path, ini in _link_files(files):
        settings = tuple(
            f"{name}={value}"
            for name, value in ini.get("Link", {}).items()
            if name not in _IDENTITY
        )
        if settings:
            match = " ".join(f"{name}={value}" for name, value in ini.get("Match", {}).items())
            found[match or "*"] = settings
            place = place or path
    return Owner("systemd.link", running, "", place, {}, found) if found else None


def read_connections(files: Files, *, running: bool | None) -> Owner | None:
    """NetworkManager's connections that set ethtool options, MTU or queues; None without any."""
    found: dict[str, tuple[str, ...]] = {}
    place = ""
    for directory in _CONNECTION_DIRECTORIES:
        names = files.list_dir(directory)
        for name in () if isinstance(names, Unavailable) else names:
            path = f"{directory}/{name}"
            ini = read_ini(files, path)
            if not name.endswith(".nmconnection") or isinstance(ini, Unavailable):
                continue
            settings = tuple(_of_connection(ini))
            if settings:
                nic = ini.get("connection", {}).get("interface-name", "*")
                found[nic] = found.get(nic, ()) + settings
                place = place or path
    return Owner("NetworkManager", running, "", place, {}, found) if found else None


def _of_connection(ini: Ini) -> Iterator[str]:
    for name, value in ini.get("ethtool", {}).items():
        yield f"ethtool.{name}={value}"
    for name in ("mtu", "auto-negotiate", "speed", "duplex"):
        value = ini.get("ethernet", {}).get(name, "0")
        if value not in ("0", "", "false"):
            yield f"ethernet.{name}={value}"


def _link_files(files: Files) -> Iterator[tuple[str, Ini]]:
    """The .link files by name, with their drop-ins merged in."""
    paths: dict[str, str] = {}
    for directory in _LINK_DIRECTORIES:
        names = files.list_dir(directory)
        for name in () if isinstance(names, Unavailable) else names:
            if name.endswith(".link"):
                paths.setdefault(name, f"{directory}/{name}")
    for name, path in sorted(paths.items()):
        ini = read_ini(files, path)
        if isinstance(ini, Unavailable):
            continue
        merged = {section: dict(values) for section, values in ini.items()}
        for extra in _drop_ins(files, name):
            for section, values in extra.items():
                merged.setdefault(section, {}).update(values)
        yield path, merged


def _drop_ins(files: Files, name: str) -> Iterator[Ini]:
    paths: dict[str, str] = {}
    for directory in _LINK_DIRECTORIES:
        names = files.list_dir(f"{directory}/{name}.d")
        for each in () if isinstance(names, Unavailable) else names:
            if each.endswith(".conf"):
                paths.setdefault(each, f"{directory}/{name}.d/{each}")
    for _, path in sorted(paths.items()):
        ini = read_ini(files, path)
        if not isinstance(ini, Unavailable):
            yield ini
