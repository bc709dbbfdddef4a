"""The files of a sosreport as those of the host it is about, for the readers of live files."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from advisor.facts.files import READ_LIMIT, Files
from advisor.facts.sosreport.members import Members
from advisor.model.unavailable import Unavailable

_NOWHERE = Path("/dev/null")
"""Below this nothing can be opened: a reader that bypasses these methods must not reach the files
of the machine that it runs on."""

_LINKS_MAX = 40  # MAXSYMLINKS


@dataclass(frozen=True, slots=True)
class ReportFiles(Files):
    """What was kept of a report. Symbolic links are followed within it and never out of it.

    Attributes:
        members: What was kept.
        outputs: Name of a command's output ("uname_-a") → its path, whichever plugin it is of.
    """

    root: Path = _NOWHERE
    members: Members = field(default_factory=Members)
    outputs: dict[str, str] = field(init=False, repr=False, compare=False)
    _names: dict[str, set[str]] = field(init=False, repr=False, compare=False)
    _net: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        Files.__post_init__(self)
        members = self.members
        object.__setattr__(self, "outputs", _outputs(members))
        object.__setattr__(self, "_names", _directories(members))
        object.__setattr__(self, "_net", self._find_net())

    def read_bytes(self, path: str, limit: int = READ_LIMIT) -> bytes | Unavailable:
        """The whole file, whatever the limit: those of a report are limited when it is read."""
        name = self.resolve(path)
        content = None if name is None else self.members.files.get(name)
        return self.members.missing(path) if content is None else content

    def read_head(self, path: str, size: int) -> str | Unavailable:
        """At most the first `size` bytes of the file."""
        data = self.read_bytes(path)
        return data[:size].decode(errors="replace") if isinstance(data, bytes) else data

    def list_dir(self, path: str) -> list[str] | Unavailable:
        """The names in a directory, sorted: those of files that are read, not all."""
        name = self.resolve(path)
        names = None if name is None else self._names.get(name)
        return self.members.missing(path) if names is None else sorted(names)

    def read_link(self, path: str) -> str | Unavailable:
        """Where a symbolic link points, as it is written there."""
        directory, _, last = path.rpartition("/")
        parent = self.resolve(directory)
        target = None if parent is None else self.members.links.get(f"{parent}/{last}".lstrip("/"))
        return self.members.missing(path) if target is None else target

    def exists(self, path: str) -> bool:
        """Whether there is such a file, directory or link."""
        directory, _, last = path.rpartition("/")
        if last in ("", ".", ".."):
            return self.resolve(path) in self._names
        parent = self.resolve(directory)
        return parent is not None and last in self._names.get(parent, ())

    def net(self, name: str) -> str:
        """The path of a file of /proc/net, which is a directory of the process that copied it."""
        return f"{self._net}/{name}"

    def resolve(self, path: str) -> str | None:
        """The name that a path leads to over all links, without a slash in front.

        None where a link leads out of the report, or in circles.
        """
        links = self.members.links
        todo = path.split("/")[::-1]
        done: list[str] = []
        followed = 0
        while todo:
            part = todo.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not done:
                    return None
                done.pop()
                continue
            done.append(part)
            target = links.get("/".join(done)) if links else None
            if target is not None:
                followed += 1
                if followed > _LINKS_MAX:
                    return None
                if target.startswith("/"):  # the host's root, which is the report's
                    done.clear()
                else:
                    done.pop()
                todo.extend(target.split("/")[::-1])
        return "/".join(done)

    def _find_net(self) -> str:
        """/proc/net is a link to self/net, and self one to a number that may be missing."""
        if self.resolve("/proc/net") in self._names:
            return "/proc/net"
        processes = filter(str.isdecimal, self._names.get("proc", ()))
        owners = [process for process in processes if f"proc/{process}/net" in self._names]
        return f"/proc/{owners[0]}/net" if len(owners) == 1 else "/proc/net"


def _directories(members: Members) -> dict[str, set[str]]:
    """Directory → the names in it, for all that is there."""
    found: dict[str, set[str]] = defaultdict(set)
    found[""] = set()
    for name in (*members.files, *members.links, *members.left_out):
        while name:
            directory, _, last = name.rpartition("/")
            names = found[directory]
            if last in names:
                break
            names.add(last)
            name = directory
    return dict(found)


def _outputs(members: Members) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in sorted(members.files):
        folder, _, rest = name.partition("/")
        plugin, _, command = rest.partition("/")
        if folder == "sos_commands" and plugin and command and "/" not in command:
            found.setdefault(command, f"/{name}")
    return found
