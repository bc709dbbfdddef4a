"""The lines of sysctl.d files: what they assign, and what they are otherwise."""

from __future__ import annotations

from dataclasses import dataclass

Key = tuple[str, ...]
"""Components of a key: ("net", "ipv4", "conf", "eth0.100", "rp_filter")."""

_COMMENTS = ("#", ";")
_GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line that assigns, or that keeps a key out of patterns.

    Attributes:
        key: Components of the key; may hold a pattern.
        value: What is assigned, None for a line that only excludes the key from patterns.
        file: The file.
        line: Its line, from 1.
        optional: Whether a failure is ignored ("-" in front).
    """

    key: Key
    value: str | None
    file: str
    line: int
    optional: bool = False

    @property
    def is_pattern(self) -> bool:
        """Whether the key stands for all that match it."""
        return any(_GLOB & set(part) for part in self.key)

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Faulty:
    """A line that assigns nothing.

    Attributes:
        text: The line.
        file: The file.
        line: Its line, from 1.
        problem: What is wrong with it.
    """

    text: str
    file: str
    line: int
    problem: str


def parse_assignments(text: str, file: str) -> tuple[list[Assignment], list[Faulty]]:
    """The assignments of a file, and its faulty lines, both in order.

    As systemd-sysctl (parse_file in src/sysctl/sysctl.c) and procps 4 (ParseLine in src/sysctl.c)
    read it: comments start a line with "#" or ";", spaces around key and value do not count, a line
    "-key" without a value keeps the key out of patterns.
    """
    assignments: list[Assignment] = []
    faulty: list[Faulty] = []
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if not line or line.startswith(_COMMENTS):
            continue
        name, equals, value = line.partition("=")
        optional = name.startswith("-")
        if not equals and not optional:
            faulty.append(Faulty(line, file, number, "it assigns nothing: there is no ="))
            continue
        key = parse_key(name.removeprefix("-").strip())
        if key is None:
            faulty.append(Faulty(line, file, number, "its key is not a path below /proc/sys"))
            continue
        assignments.append(
            Assignment(key, value.strip() if equals else None, file, number, optional)
        )
    return assignments, faulty


def parse_key(name: str) -> Key | None:
    """The components of a key, None when it is not one.

    The first separator decides what the other one means: `net.ipv4.conf.eth0/1.rp_filter` and
    `net/ipv4/conf/eth0.1/rp_filter` are the same (sysctl_normalize in systemd's sysctl-util.c).
    """
    name = name.removeprefix("/proc/sys/")
    first = next((character for character in name if character in "/."), "/")
    other = "/" if first == "." else "."
    parts = [part.replace(other, ".") for part in name.split(first)]
    if any(part in ("", ".", "..") for part in parts):
        return None
    return tuple(parts)


def dotted(key: Key) -> str:
    """The key as people and sysctl(8) write it; a dot inside a component becomes a slash."""
    return ".".join(part.replace(".", "/") for part in key)
