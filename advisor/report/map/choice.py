"""Which interfaces a map draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from advisor.errors import AdvisorError
from advisor.layout.carriers import carriers
from advisor.model.host import Host
from advisor.model.nic import Nic
from advisor.model.unavailable import Unavailable
from advisor.report.map.words import several

_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """What to draw.

    Attributes:
        brief: Names of interfaces that are described without their queues.
        full: Names of interfaces whose layout is drawn.
        intro: Sentences that say why these.
    """

    brief: tuple[str, ...]
    full: tuple[str, ...]
    intro: tuple[str, ...] = ()


def choose(host: Host, asked: str | None) -> Choice:
    """The interfaces to draw.

    Args:
        host: The host.
        asked: The interface that was asked for, None for all hardware that is up.

    Raises:
        AdvisorError: The interfaces are not known, or there is none of that name.
    """
    nics = host.nics
    if isinstance(nics, Unavailable):
        raise AdvisorError(f"the interfaces are not known: {nics.reason}")
    if asked is None:
        return _all(nics)
    if asked not in nics:
        raise AdvisorError(f"there is no interface {asked!r} here", _meant(nics, asked))
    below = carriers(nics, asked)
    if nics[asked].physical:
        return Choice((), (asked, *(name for name in below if name != asked)))
    if not below:
        words = f"{asked} is software, and no hardware carries it here: there are no interrupts"
        return Choice((), (asked,), (f"{words} to draw",))
    return Choice((asked,), below, (f"{asked} is carried by {_named(below)}",))


def around(nics: Mapping[str, Nic], nic: Nic) -> str:
    """What an interface is part of and what lies on it: "in bond0", "below eth0.100"."""
    above = tuple(each.name for each in nics.values() if each.lower == nic.name)
    parts = [f"in {nic.master}"] if nic.master else []
    if nic.lower:
        parts.append(f"on {nic.lower}")
    if nic.bond is not None:
        policy = f" {nic.bond.hash_policy}" if nic.bond.hash_policy else ""
        active = f", {nic.bond.active} is active" if nic.bond.active else ""
        members = _named(nic.bond.members) or "nothing"
        parts.append(f"{nic.bond.mode}{policy} over {members}{active}")
    if above:
        parts.append(f"below {_named(above)}")
    return ", ".join(parts)


def _all(nics: Mapping[str, Nic]) -> Choice:
    hardware = [nic for nic in nics.values() if nic.physical]
    up = tuple(nic.name for nic in hardware if nic.up)
    down = tuple(nic.name for nic in hardware if not nic.up)
    left_out = (f"not drawn, as they are down: {_named(down)}",) if down else ()
    if up:
        return Choice((), up, left_out)
    software = tuple(nic.name for nic in nics.values() if nic.up and nic.kind != "loopback")
    if not software:
        return Choice((), (), ("no interface is up here beside lo: there is nothing to draw",))
    words = (
        f"no hardware interface is up here; {several(len(software), 'interface')} of software, "
        "without interrupts (name one to see its queues)"
    )
    return Choice(software, (), (words, *left_out))


def _meant(nics: Mapping[str, Nic], asked: str) -> str:
    close = get_close_matches(asked, nics, 3)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"there are {_named(tuple(nics))}" if nics else "there are no interfaces at all"


def _named(names: tuple[str, ...]) -> str:
    more = len(names) - _MOST_NAMED
    shown = ", ".join(names[:_MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown
