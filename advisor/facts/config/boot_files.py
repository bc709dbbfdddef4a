"""Which sysctl.d files are read at boot, in which order, and which are hidden by others."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.facts.files import Files
from advisor.model.unavailable import Unavailable

DIRECTORIES = (
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
    "/lib/sysctl.d",
)
"""Most important first (sysctl.d(5)). The last one is where /lib is not a link to /usr/lib."""

LAST_OF_PROCPS = "/etc/sysctl.conf"
"""Read by `sysctl --system` after everything else, and not at all by systemd-sysctl."""

_SYSTEMD = ("/usr/lib/systemd/systemd-sysctl", "/lib/systemd/systemd-sysctl")
_PROCPS = ("/usr/sbin/sysctl", "/sbin/sysctl")
_HIDDEN = "/dev/null"


@dataclass(frozen=True, slots=True)
class BootFile:
    """A file of one of the directories.

    Attributes:
        path: Its path.
        hidden_by: The file that is read in its place, or "/dev/null" when it is masked; None when
            it is read itself.
    """

    path: str
    hidden_by: str | None = None

    @property
    def name(self) -> str:
        """Its name, which decides the order."""
        return self.path.rpartition("/")[2]


def reader(files: Files) -> str:
    """Who sets the values at boot: "systemd", "procps" or "none" (a container's image)."""
    if any(files.exists(path) for path in _SYSTEMD):
        return "systemd"
    return "procps" if any(files.exists(path) for path in _PROCPS) else "none"


def boot_files(files: Files) -> list[BootFile]:
    """The files of all directories by name, those that are hidden too.

    A file in a more important directory hides all of its name in the others; an empty one, or a
    link to /dev/null, hides them without a replacement.
    """
    winners: dict[str, str] = {}
    found: list[BootFile] = []
    seen: list[str] = []
    for directory in DIRECTORIES:
        real = _resolved(files, directory)
        if real in seen:
            continue  # /lib is a link to /usr/lib
        seen.append(real)
        names = files.list_dir(directory)
        for name in () if isinstance(names, Unavailable) else names:
            if not name.endswith(".conf"):
                continue
            path = f"{directory}/{name}"
            if name in winners:
                found.append(BootFile(path, winners[name]))
                continue
            masked = files.read_link(path) == _HIDDEN
            winners[name] = _HIDDEN if masked else path
            found.append(BootFile(path, _HIDDEN if masked else None))
    return sorted(found, key=lambda file: (file.name, file.hidden_by is not None, file.path))


def _resolved(files: Files, directory: str) -> str:
    """The directory with a link at its first component followed, as /lib → usr/lib."""
    top, _, rest = directory.removeprefix("/").partition("/")
    link = files.read_link(f"/{top}")
    if isinstance(link, Unavailable):
        return directory
    return f"/{link.lstrip('/')}/{rest}"
