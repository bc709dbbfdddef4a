"""What TuneD's active profile sets: keys, and settings of interfaces."""

from __future__ import annotations

from advisor.facts.config.ini import Ini, read_ini
from advisor.facts.config.resolve import normal
from advisor.facts.files import Files
from advisor.model.config import Owner
from advisor.model.unavailable import Unavailable

ACTIVE = "/etc/tuned/active_profile"
_DIRECTORIES = (
    "/etc/tuned/profiles",
    "/etc/tuned",
    "/usr/lib/tuned/profiles",
    "/usr/lib/tuned",
)
_INCLUDES_MAX = 16


def read_tuned(files: Files, *, running: bool | None) -> Owner | None:
    """TuneD with what its profile sets, profiles that it includes too; None without a profile.

    Values with variables or functions (`${…}`) and with a bound (`>1024`) are kept as they are
    written.

    Args:
        files: The host's files.
        running: Whether it runs now, None when that cannot be told.
    """
    text = files.read_text(ACTIVE)
    names = "" if isinstance(text, Unavailable) else text.strip()
    if not names:
        return None
    keys: dict[str, str] = {}
    nics: dict[str, tuple[str, ...]] = {}
    place = ACTIVE
    for name in names.split():
        for path, ini in _chain(files, name):
            place = path
            for section in ini.values():
                kind = section.get("type")
                if kind == "sysctl":
                    keys |= {
                        key: normal(_unquoted(value))
                        for key, value in section.items()
                        if key.startswith("net.")
                    }
                elif kind == "net":
                    found = _nic_settings(section)
                    if found:
                        nics[section.get("devices", "*")] = found
    return Owner("tuned", running, names, place, keys, nics)


def _chain(files: Files, name: str) -> list[tuple[str, Ini]]:
    """The profile behind those that it includes, in the order in which they are applied."""
    found: list[tuple[str, Ini]] = []
    seen: set[str] = set()

    def add(profile: str) -> None:
        if profile in seen or len(seen) >= _INCLUDES_MAX or "/" in profile:
            return
        seen.add(profile)
        for directory in _DIRECTORIES:
            path = f"{directory}/{profile}/tuned.conf"
            ini = read_ini(files, path)
            if not isinstance(ini, Unavailable):
                for included in ini.get("main", {}).get("include", "").replace(",", " ").split():
                    add(included)
                # A section without a type is called after its plugin.
                found.append(
                    (path, {title: {"type": title, **each} for title, each in ini.items()})
                )
                return

    add(name)
    return found


def _unquoted(value: str) -> str:
    """As TuneD takes it: its own profiles write net.ipv4.tcp_rmem="4096 131072 16777216"."""
    for quote in ('"', "'"):
        if len(value) > 1 and value[0] == value[-1] == quote:
            return value[1:-1]
    return value


def _nic_settings(section: dict[str, str]) -> tuple[str, ...]:
    wanted = ("features", "coalesce", "pause", "ring", "channels", "txqueuelen", "mtu")
    return tuple(f"{name} {section[name]}" for name in wanted if name in section)
