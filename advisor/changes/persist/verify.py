"""Whether the files will bring the values at the next boot, as the host's files stand now."""

from __future__ import annotations

from advisor.changes.persist import names
from advisor.changes.persist.model import Wanted, WantedFile
from advisor.changes.persist.read_means import sysctl_reader
from advisor.facts.config.assignments import dotted, parse_assignments
from advisor.facts.config.boot_sysctl import read_boot_sysctl
from advisor.facts.config.owners import read_owners
from advisor.facts.config.read import with_rivals
from advisor.facts.config.resolve import normal
from advisor.facts.config.values import agrees
from advisor.facts.files import Files
from advisor.model.config import Config, Owner
from advisor.model.system import Services
from advisor.model.unavailable import NOT_READ, Unavailable

_TUNED = "/etc/tuned/tuned-main.conf"
_OFF = ("0", "n", "no", "f", "false", "off")


def verify(wanted: Wanted, files: Files, services: Services | Unavailable = NOT_READ) -> list[str]:
    """What will be otherwise than wanted, one sentence each; empty when the files win.

    Args:
        wanted: What was written.
        files: The host's files.
        services: The programs that run now, which may set values on their own account.
    """
    problems = [problem for each in wanted.files if (problem := _differs(each, files)) is not None]
    sysctl = next((each for each in wanted.files if each.path == names.SYSCTL), None)
    if sysctl is not None:
        problems += _sysctl_problems(sysctl, files, services)
    return problems


def _differs(wanted: WantedFile, files: Files) -> str | None:
    if wanted.target is not None:
        if files.read_link(wanted.path) == wanted.target:
            return None
        return f"{wanted.path}: is not the link that it should be"
    content = files.read_bytes(wanted.path)
    if isinstance(content, Unavailable):
        return f"{wanted.path}: {content.reason}"
    return None if content == wanted.content else f"{wanted.path}: does not hold what was written"


def _sysctl_problems(
    sysctl: WantedFile, files: Files, services: Services | Unavailable
) -> list[str]:
    owners = read_owners(files, services)
    config = read_boot_sysctl(files, NOT_READ, tool=sysctl_reader(files))
    if config.reader not in ("systemd", "procps"):
        return [f"{sysctl.path}: nothing reads it at boot"]
    config = with_rivals(
        config, {name: each for name, each in owners.items() if _wins(each, files)}
    )
    problems = []
    for each in parse_assignments(sysctl.content.decode("ascii"), sysctl.path)[0]:
        key, value = dotted(each.key), normal(each.value or "")
        problem = _loses(key, each.key[-1], value, config)
        if problem is not None:
            problems.append(problem)
    return problems


def _loses(key: str, name: str, value: str, config: Config) -> str | None:
    found = config.keys.get(key)
    if found is None:
        return f"{key}: no file that is read at boot sets it"
    if not agrees(name, found.value, value):
        return f"{key}: {found.place} sets it to {found.value} at the next boot, not to {value}"
    if found.module is not None:
        return f"{key}: nothing loads the module {found.module} before values are set"
    return f"{key}: later set by {', '.join(found.rivals)}" if found.rivals else None


def _wins(owner: Owner, files: Files) -> bool:
    """Whether what a program sets stays. TuneD sets the files' values again after its own."""
    if owner.name != "tuned":
        return True
    text = files.read_text(_TUNED)
    for line in reversed([] if isinstance(text, Unavailable) else text.splitlines()):
        option, _, value = line.partition("=")
        if option.strip() == "reapply_sysctl":
            return value.strip().lower() in _OFF
    return False
