"""Sysctls as a file of sysctl.d, and the modules that have to be loaded for them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from advisor.changes.interfaces import interface_of
from advisor.changes.persist import names
from advisor.changes.persist.model import Means, NotPersistable, Source, WantedFile
from advisor.changes.persist.seal import LINE, sealed
from advisor.facts.config.assignments import Assignment, parse_key
from advisor.facts.config.modules import module_of
from advisor.facts.config.resolve import normal, resolve
from advisor.facts.config.values import agrees
from advisor.facts.sysctl import SECRETS
from advisor.model.address import SysctlAddress
from advisor.model.receipt import Value

# Interfaces may be called "a;b", "x=1", "A*" or "a\b": one reader or the other takes those apart,
# or takes them for a pattern that would match other interfaces as well.
_COMPONENT = re.compile(r"[A-Za-z0-9_@+~,.-]+")
_TEXT = re.compile(r"[\x21-\x7e]+( [\x21-\x7e]+)*")
_RULE = re.compile(r"[A-Z]{2,8}[0-9]{3}")
_NUMBER_BITS = 64

_HEADER = f"""\
# {LINE}
#
# Values that runs of advisor have set, for the next boot. Files are read by name and the last
# line of a key wins: the name sorts behind 99-sysctl.conf.
"""


def sysctl_files(
    values: Mapping[SysctlAddress, Value], means: Means, sources: Mapping[SysctlAddress, Source]
) -> tuple[list[WantedFile], list[NotPersistable]]:
    """The files for the values, and the values that they cannot bring.

    Args:
        values: Sysctl → value, in the order of setting them.
        means: What the host has.
        sources: Sysctl → where its value comes from, as far as that is to be said.
    """
    left = []
    lines = []
    modules = set()
    for address, value in values.items():
        problem = _problem(address, value, means)
        if problem is not None:
            left.append(NotPersistable(address, problem))
            continue
        if address in sources:
            lines.append(_comment(sources[address]))
        lines.append(f"{written_key(address.key)} = {_text(value)}\n")
        module = module_of(address.key)
        if module is not None and module not in means.loaded:
            modules.add(module)
    files = []
    if modules:
        files.append(WantedFile(names.MODULES, _modules(modules)))
    if lines:
        files.append(WantedFile(names.SYSCTL, sealed(_HEADER + "".join(lines))))
    return files, left


def written_key(key: tuple[str, ...]) -> str:
    """The key as it stands in the file: with slashes where a component has a dot."""
    return ("/" if any("." in part for part in key) else ".").join(key)


def _problem(address: SysctlAddress, value: Value, means: Means) -> str | None:
    """Why the file cannot bring a value, None if it can."""
    if means.reader not in ("systemd", "procps"):
        return "nothing sets kernel parameters at boot here: neither systemd-sysctl nor sysctl"
    if address.index is not None:
        return "a vector is written as a whole, not field by field"
    if address.key[0] != "net" or address.key[-1] in SECRETS:
        return "it is no setting of the network, or a secret"
    if not _can_be_written(address.key, means.reader):
        return "a sysctl file cannot name an interface called so: its readers would misread it"
    if not _is_plain(value):
        return "its value cannot be written on one line"
    nic = interface_of(address)
    known = means.nics.get(nic) if nic is not None else None
    if means.reader == "procps" and nic is not None and (known is None or not known.device.bus):
        # systemd has a udev rule that sets them again whenever an interface appears.
        return f"values are set once at boot here, when {nic}, made by software, is not there yet"
    return _beaten(address, value, means)


def _beaten(address: SysctlAddress, value: Value, means: Means) -> str | None:
    """Which later line wins, None if none does."""
    ours = Assignment(address.key, _text(value), names.SYSCTL, 1)
    winner = resolve([ours, *means.later], None, means.reader).get(address.key)
    if winner is None:
        place = next(each.place for each in means.later if each.key == address.key)
        return f"{place} takes back what other files set, and is read later"
    if agrees(address.key[-1], winner.value, _text(value)):
        return None
    return f"{winner.assignment.place} sets it to {winner.value}, and is read later"


def _can_be_written(key: tuple[str, ...], reader: str) -> bool:
    if not all(_COMPONENT.fullmatch(part) for part in key) or parse_key(written_key(key)) != key:
        return False
    # sysctl(8) refuses whatever has two dots in a row.
    return reader != "procps" or not any(".." in part for part in key)


def _is_plain(value: Value) -> bool:
    if isinstance(value, str):
        return value == normal(value) and _TEXT.fullmatch(value) is not None
    fields = value if isinstance(value, tuple) else (value,)
    return bool(fields) and all(
        type(each) is int and each.bit_length() <= _NUMBER_BITS for each in fields
    )


def _text(value: Value) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _comment(source: Source) -> str:
    rules = ", ".join(rule for rule in source.rules if _RULE.fullmatch(rule))
    return f"# {rules}, run {source.run}\n" if rules else f"# run {source.run}\n"


def _modules(modules: Iterable[str]) -> bytes:
    """Loaded before sysctls are set: the keys are there only then, and later nobody sets them."""
    lines = "".join(f"{module}\n" for module in sorted(modules))
    why = f"# Their parameters are set in {names.SYSCTL}, which is read early.\n"
    return sealed(f"# {LINE}\n{why}{lines}")
