"""What all formats share: the check of a plan, comments, and what a format cannot express."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from advisor.errors import AdvisorError
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.plan import Change, Plan
from advisor.report.failure import value_text
from advisor.report.style import safe
from advisor.settings import fact_path
from advisor.settings.shell import as_file, command

_NAME_MAX = 15  # bytes: IFNAMSIZ without the NUL
_TEXT_MAX = 65536
_CPU_MAX = 65535
_QUEUE_MAX = 4095
_TEXTS = ("qdisc", "rss", "ring")
_SHOWN_MAX = 200
_SETS = ("rps_cpus", "xps_cpus", "xps_rxqs")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SPACES = frozenset(string.whitespace)


@dataclass(frozen=True, slots=True)
class File:
    """A file of an export.

    Attributes:
        name: Name that the file should get.
        text: Its contents.
        executable: Whether it is a program.
    """

    name: str
    text: str
    executable: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """A change that a format cannot express.

    Attributes:
        change: The change.
        why: Why not.
    """

    change: Change
    why: str


def checked(plan: Plan) -> None:
    """Make sure that a plan names settings and values, and nothing that a tool would take for more.

    Raises:
        AdvisorError: It does not.
    """
    for change in plan.changes:
        try:
            _check_address(change.address)
            _check_value(change.address, change.after)
            if change.before is not None:
                _check_value(change.address, change.before)
        except ValueError as error:
            raise AdvisorError(
                f"the plan cannot be exported: {change.address}: {error}",
                "make a new one with: advisor plan -o plan.json",
            ) from None


def heading(plan: Plan, format: str) -> list[str]:
    """The first lines of a file, without the sign of a comment."""
    count = len(plan.changes)
    what = f"{count} change{'' if count == 1 else 's'}" if count else "nothing to change"
    return [
        f"advisor export {format}: {what}",
        safe(f"For {plan.hostname}, by profile {plan.profile}, as read {plan.at}."),
    ]


def about(change: Change) -> str:
    """One line that says what a change is for: for a comment."""
    was = "it had no value" if change.before is None else f"was {_short(change.before)}"
    effect = {"link": "; interrupts the link", "reboot": "; needs a reboot"}
    return safe(f"{', '.join(change.rules)}: {was}{effect.get(change.disrupts, '')}")


def leftovers(left: Iterable[Left]) -> list[str]:
    """What a format cannot express, as lines without the sign of a comment; [] when it can all."""
    lines = []
    for each in left:
        change = each.change
        lines.append(
            safe(f"not expressible here: {change.address} = {_short(change.after)} ({each.why})")
        )
        lines.append(f"  {safe(command(change.address, change.after))}")
    return lines


def commented(lines: Iterable[str]) -> list[str]:
    """The lines as comments that begin with a number sign."""
    return [f"# {line}".rstrip() for line in lines]


def joined(*parts: Iterable[str]) -> str:
    """Parts of a file with an empty line between them; empty parts are left out."""
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part) + "\n"


def is_printable(address: Address) -> bool:
    """Whether all names in an address are characters that a text file can show."""
    return str(address).isprintable()


def is_plain(name: str) -> bool:
    """Whether a name is made of letters, digits, dots, dashes and underscores alone."""
    return _PLAIN.fullmatch(name) is not None


def value_of(address: Address, value: Any) -> str:
    """The value of a setting that is a file, as it is written."""
    file = as_file(address, value)
    if file is None:
        raise ValueError(f"{address} is no file")
    return file[1]


def _short(value: Any) -> str:
    text = value_text(value)
    return text if len(text) <= _SHOWN_MAX else f"{text[:_SHOWN_MAX]}…"


def _check_address(address: Address) -> None:
    if isinstance(address, IrqAddress):
        return
    if isinstance(address, SysctlAddress):
        if address.key[0] != "net" or address.index is not None:
            raise ValueError("not a key below net")
        for part in address.key:
            _check_component(part, "/")
        return
    _check_component(address.nic, "/:")
    if len(address.nic.encode(errors="surrogateescape")) > _NAME_MAX:
        raise ValueError("no interface has such a long name")
    for part in address.attribute:
        _check_component(part, "/")
    fact_path(address)


def _check_component(part: str, forbidden: str) -> None:
    if part in ("", ".", "..") or _SPACES & set(part) or set(forbidden) & set(part) or "\0" in part:
        raise ValueError(f"{part!r} is no name")


def _check_value(address: Address, value: Any) -> None:
    if _is_set(address):
        most = _CPU_MAX if _is_mask(address) or isinstance(address, IrqAddress) else _QUEUE_MAX
        if not isinstance(value, tuple) or not all(_is_number(each, most) for each in value):
            raise ValueError("its value is not a list of CPUs or queues")
        if not value and not _is_mask(address):
            raise ValueError("its value is an empty list")
        return
    if isinstance(address, SysctlAddress):
        for each in value if isinstance(value, tuple) else (value,):
            _check_plain(each)
        return
    _check_plain(value)
    if isinstance(address, IrqAddress):
        return
    if isinstance(value, str) != (address.attribute[0] in _TEXTS and _takes_text(address)):
        raise ValueError(f"its value is {value!r}")


def _check_plain(value: Any) -> None:
    if isinstance(value, str):
        if not value.isprintable() or not 0 < len(value) <= _TEXT_MAX:
            raise ValueError("its value is not text of one line")
    elif not isinstance(value, int):
        raise ValueError(f"its value is {value!r}")


def _takes_text(address: NicAddress) -> bool:
    return address.attribute[0] != "ring" or address.attribute[-1] == "tcp-data-split"


def _is_number(value: Any, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _is_set(address: Address) -> bool:
    if isinstance(address, IrqAddress) or _is_mask(address):
        return True
    return isinstance(address, NicAddress) and address.attribute == ("rss", "indirection")


def _is_mask(address: Address) -> bool:
    return isinstance(address, NicAddress) and address.attribute[-1] in _SETS
