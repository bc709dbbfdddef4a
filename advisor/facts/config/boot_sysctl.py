"""What the sysctl.d files will set at the next boot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from advisor.facts.config.assignments import (
    Assignment,
    Faulty,
    Key,
    dotted,
    parse_assignments,
    parse_key,
)
from advisor.facts.config.boot_files import LAST_OF_PROCPS, BootFile, boot_files, reader
from advisor.facts.config.misspelt import meant
from advisor.facts.config.modules import loaded_before, module_of, provider
from advisor.facts.config.resolve import Resolved, matching, normal, resolve, running_value
from advisor.facts.config.values import agrees, fits
from advisor.facts.files import Files
from advisor.facts.sysctl import SECRETS
from advisor.model.config import Config, Configured, FaultyLine, HiddenFile
from advisor.model.stack import SysctlTree
from advisor.model.unavailable import Unavailable

COMMAND_LINE = "/proc/cmdline"
_HIDDEN_VALUE = "(secret)"
_GROUP = "net"


def read_boot_sysctl(
    files: Files, running: SysctlTree | Unavailable, *, tool: str | None = None
) -> Config:
    """The `net.*` keys that will be set, and what is wrong with the files.

    Args:
        files: The host's files, or those of an image that is not running.
        running: The keys as they are now; Unavailable where nothing runs.
        tool: Whose order of files counts: "systemd" or "procps"; None finds out.
    """
    found = boot_files(files)
    start: list[Assignment] = []
    faulty: list[Faulty] = []
    for file in found:
        if file.hidden_by is None:
            lines, bad = _read(files, file.path)
            start += lines
            faulty += bad
    last, bad = _read(files, LAST_OF_PROCPS)
    tool = reader(files) if tool is None else tool
    if tool == "procps":
        faulty += bad
    orders = {"systemd": start, "procps": start + last}
    tree = None if isinstance(running, Unavailable) else running
    first = _of_network(_command_line(files))
    resolved = {
        name: _after(first, resolve(_of_network(lines), tree, name))
        for name, lines in orders.items()
    }
    mine, others = ("procps", "systemd") if tool == "procps" else ("systemd", "procps")
    before = loaded_before(files)
    return Config(
        reader=tool,
        keys={
            dotted(key): _configured(
                key, winner, resolved[others].get(key), running, module=provider(files, key, before)
            )
            for key, winner in sorted(resolved[mine].items())
        },
        unread=_unread(resolved) if tool == "systemd" else {},
        faulty=tuple(FaultyLine(f"{bad.file}:{bad.line}", bad.text, bad.problem) for bad in faulty),
        hidden=tuple(_hidden(found)),
    )


def _configured(
    key: Key,
    winner: Resolved,
    other: Resolved | None,
    running: SysctlTree | Unavailable,
    *,
    module: str | None,
) -> Configured:
    secret = key[-1] in SECRETS
    now = running_value(running, key)
    value = _HIDDEN_VALUE if secret else winner.value
    known = now if isinstance(now, str) and not secret else None
    changed = other is not None and other.value != winner.value
    missing, suggestion = (None, None)
    if now is None and not isinstance(running, Unavailable):
        missing, suggestion = _why_missing(key, running)
    return Configured(
        key=dotted(key),
        value=value,
        place=winner.assignment.place,
        running=_HIDDEN_VALUE if secret and isinstance(now, str) else now,
        differs=None if known is None else not agrees(key[-1], known, value),
        overridden=tuple(
            f"{each.place} ({_HIDDEN_VALUE if secret else normal(each.value or '')})"
            for each in winner.overridden
        ),
        pattern=None if winner.pattern is None else dotted(winner.pattern),
        optional=winner.assignment.optional,
        otherwise=other.value if other is not None and changed and not secret else None,
        otherwise_place=other.assignment.place if other is not None and changed else None,
        missing=missing,
        suggestion=suggestion,
        module=module,
        fits=None if known is None else fits(key[-1], known, value),
    )


def _unread(resolved: dict[str, dict[Key, Resolved]]) -> dict[str, str]:
    """Keys that only `sysctl --system` would set, from the file that systemd does not read."""
    return {
        dotted(key): f"{winner.value} ({winner.assignment.place})"
        for key, winner in sorted(resolved["procps"].items())
        if key not in resolved["systemd"] and key[-1] not in SECRETS
    }


def _why_missing(key: Key, running: SysctlTree) -> tuple[str, str | None]:
    """Why the kernel does not have a key, and the key that was probably meant."""
    if _group_missing(key, running):
        return "module", None
    if (
        len(key) == 5
        and key[2] in ("conf", "neigh")
        and any(matching(running, (*key[:3], "default", key[4])))
    ):
        return "interface", None
    there = (each for depth in (3, 4, 5) for each in matching(running, ("*",) * depth))
    found = meant(key, (each for each in there if not _of_interface(each)))
    return ("unknown", None) if found is None else ("typo", dotted(found))


def _group_missing(key: Key, running: SysctlTree) -> bool:
    """Whether all keys of its group or its module are missing: not loaded, or switched off."""
    group = running.get(key[0])
    if len(key) > 2 and isinstance(group, dict) and key[1] not in group:
        return True
    module = module_of(key)
    return module is not None and not any(
        module_of(each) == module for each in matching(running, (*key[:-1], "*"))
    )


def _of_interface(key: Key) -> bool:
    """Whether it is an interface's own: there are hundreds of them on some hosts."""
    return len(key) == 5 and key[2] in ("conf", "neigh") and key[3] not in ("all", "default")


def _read(files: Files, path: str) -> tuple[list[Assignment], list[Faulty]]:
    text = files.read_text(path)
    return ([], []) if isinstance(text, Unavailable) else parse_assignments(text, path)


def _command_line(files: Files) -> list[Assignment]:
    """`sysctl.net.…=…` of the kernel's command line, set before any file (5.8, do_sysctl_args)."""
    text = files.read_text(COMMAND_LINE)
    found = []
    for word in [] if isinstance(text, Unavailable) else text.split():
        name, equals, value = word.partition("=")
        if equals and name.startswith(("sysctl.", "sysctl/")):
            key = parse_key(name.removeprefix("sysctl")[1:])
            if key is not None:
                found.append(Assignment(key, value, COMMAND_LINE, 1))
    return found


def _after(first: Sequence[Assignment], files: dict[Key, Resolved]) -> dict[Key, Resolved]:
    """What the files make of the keys that the command line has set before them.

    The tools do not know of the command line: it keeps no key out of their patterns.
    """
    found = dict(files)
    for each in first:
        winner = found.get(each.key)
        if winner is None or winner.assignment.file == COMMAND_LINE:
            found[each.key] = Resolved(each)
        elif each.value != winner.assignment.value:
            found[each.key] = replace(winner, overridden=(each, *winner.overridden))
    return found


def _of_network(assignments: Sequence[Assignment]) -> list[Assignment]:
    return [each for each in assignments if each.key[0] in (_GROUP, "*")]


def _hidden(found: Sequence[BootFile]) -> list[HiddenFile]:
    return [HiddenFile(file.path, file.hidden_by) for file in found if file.hidden_by is not None]
