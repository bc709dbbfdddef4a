"""Which changes of a plan may be made: those that disrupt nothing, and what else is allowed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from advisor.changes.interfaces import interface_of
from advisor.changes.links import would_cut
from advisor.facts.nics.link_state import LinkState
from advisor.model.address import NicAddress
from advisor.model.plan import Change, Omitted

LINK = "link"

# Most drivers reset their device for these, whatever a plan, which may be from elsewhere, says.
_RESETS = ("channels", "ring", "private", "pause")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is made of a plan.

    Attributes:
        changes: The changes that may be made, in order.
        omitted: The others.
    """

    changes: tuple[Change, ...]
    omitted: tuple[Omitted, ...]


def choose(
    changes: Sequence[Change],
    allow: Collection[str],
    links: Sequence[LinkState],
    carries_session: Callable[[str], bool],
    *,
    guarded: bool,
) -> Scope:
    """Which changes may be made.

    Args:
        changes: The changes of a plan, in order.
        allow: What may be disrupted: "link", or nothing.
        links: All interfaces.
        carries_session: Whether an interface may carry the session of whoever manages the host.
        guarded: Whether somebody has to confirm over that session, else it is rolled back.
    """
    omitted = {}
    for change in changes:
        disrupts = _disrupts(change, links)
        why = _why_not(change, disrupts, allow, links, carries_session, guarded)
        if why is not None:
            omitted[change.address] = Omitted(change, disrupts, *why)
    return Scope(
        changes=tuple(each for each in changes if each.address not in omitted),
        omitted=tuple(omitted.values()),
    )


def _why_not(
    change: Change,
    disrupts: str,
    allow: Collection[str],
    links: Sequence[LinkState],
    carries_session: Callable[[str], bool],
    guarded: bool,
) -> tuple[str, str] | None:
    """Why a change is not made, and what would allow it."""
    if disrupts == "none":
        return None
    if disrupts != LINK:
        return f"it needs a {disrupts}", "make it by hand, when the host can spare it"
    if LINK not in allow:
        return "it interrupts a link", "--allow link"
    nic = interface_of(change.address)
    if nic is None:
        return None
    cut = would_cut(nic, links)
    if cut is not None:
        return cut, "make it by hand, when the host can spare its bond"
    if carries_session(nic) and not guarded:
        return (
            f"{nic} may carry the session that manages this host",
            "--confirm-within 120s: it is rolled back unless you confirm it over that link",
        )
    return None


def _disrupts(change: Change, links: Sequence[LinkState]) -> str:
    address = change.address
    if change.disrupts != "none" or not isinstance(address, NicAddress):
        return change.disrupts
    group = address.attribute[0]
    kinds = [link.kind for link in links if link.name == address.nic != "lo"]
    return LINK if group in _RESETS or (group == "mtu" and "" in kinds) else change.disrupts
