"""Links that a change interrupts: in which order, which not at all, and until they are back.

Drivers take their device down to change rings or channels, and return before the link is up again:
half a second with igb, three with tg3, and then a bond may wait some more.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence

from advisor.facts.netlink import NETLINK_ROUTE, Channel
from advisor.facts.nics.link_state import LinkState, read_link_state, read_link_states
from advisor.model.address import Address, NicAddress

POLL_S = 0.05

# The other settings of an interface are changed without a look at the device's link.
_HARMLESS = frozenset(
    {"queue", "rss", "qdisc", "txqueuelen", "threaded", "napi_defer_hard_irqs", "gro_flush_timeout"}
)
_BONDS = ("bond", "team")


def resets_link(address: Address) -> bool:
    """Whether a driver may take its link down to change this setting."""
    return isinstance(address, NicAddress) and address.attribute[0] not in _HARMLESS


def read_links_now() -> list[LinkState]:
    """The interfaces of the calling thread's namespace.

    Raises:
        OSError: The kernel refused.
    """
    with Channel.open(NETLINK_ROUTE) as channel:
        return read_link_states(channel)


def split_by_bond(
    addresses: Sequence[Address], links: Sequence[LinkState]
) -> list[tuple[Address, ...]]:
    """The settings, in their order, in rounds that interrupt at most one member of each bond.

    Between two rounds, wait for the links of the first.

    Args:
        addresses: What is to be changed.
        links: All interfaces.
    """
    bonds = {link.name: link.master for link in links if _in_bond(link)}
    rounds: list[list[Address]] = [[]]
    interrupted: dict[int, str] = {}  # bond → its member, in this round
    for address in addresses:
        nic = address.nic if isinstance(address, NicAddress) and resets_link(address) else None
        bond = None if nic is None else bonds.get(nic)
        if nic is not None and bond is not None:
            if interrupted.get(bond, nic) != nic:
                rounds.append([])
                interrupted = {}
            interrupted[bond] = nic
        rounds[-1].append(address)
    return [tuple(each) for each in rounds if each]


def would_cut(nic: str, links: Sequence[LinkState]) -> str | None:
    """Why a bond would carry nothing while this interface is reset, as a sentence; None otherwise.

    The last of its members that is usable cuts it, and so does the bond itself: what is changed
    of it (its MTU, its features) is changed of all members.

    Args:
        nic: The interface that would be reset.
        links: All interfaces.
    """
    this = next((link for link in links if link.name == nic), None)
    if this is None:
        return None
    if this.kind in _BONDS and any(link.master == this.index for link in links):
        return f"{nic} is a {this.kind}: all its members would be interrupted at once"
    if not _in_bond(this) or not _usable(this):
        return None
    others = [link for link in links if link.master == this.master and link.index != this.index]
    if any(_usable(each) for each in others):
        return None
    bond = next((link.name for link in links if link.index == this.master), "its bond")
    return f"{nic} is the only member of {bond} that carries traffic now"


def wait_for_link(
    nic: str,
    had_carrier: bool,
    timeout_s: float = 30.0,
    *,
    was_active: bool = False,
    channel: Channel | None = None,
) -> str | None:
    """Wait until an interface carries traffic again; None, or a sentence that says what is missing.

    A member of a bond has to be taken back by it, too. Of a team only the interface is looked at:
    what the team makes of it, its daemon knows.

    Args:
        nic: The interface.
        had_carrier: Whether it carried traffic before (`LinkState.running`): if not, there is
            nothing to wait for.
        timeout_s: How long it may take.
        was_active: Whether its bond sent over it before (`Membership.active`): with 802.3ad, the
            other side has to agree again.
        channel: Where to ask, instead of a new one; for tests.
    """
    try:
        index = socket.if_nametoindex(nic) if channel is None else 0
        with channel or Channel.open(NETLINK_ROUTE) as kernel:
            return _wait(kernel, nic, index, had_carrier, timeout_s, was_active)
    except OSError as error:
        return f"{nic}: whether its link is back cannot be told: {error.strerror}"


def _wait(
    kernel: Channel, nic: str, index: int, had_carrier: bool, timeout_s: float, was_active: bool
) -> str | None:
    deadline = time.monotonic() + timeout_s
    in_a_row = 0
    while True:
        state = read_link_state(kernel, index)
        missing = _missing(state, was_active) if had_carrier else None
        # Twice: some drivers take the link down only after they have returned. What has no hardware
        # below it is done when it returns.
        in_a_row = in_a_row + 1 if missing is None else 0
        is_software = state.kind not in ("", *_BONDS)
        if in_a_row > 1 or not had_carrier or (in_a_row and is_software):
            return None
        if time.monotonic() >= deadline:
            return None if missing is None else f"{nic}: {missing} after {timeout_s:g} s"
        time.sleep(POLL_S)


def _missing(state: LinkState, was_active: bool) -> str | None:
    """What an interface lacks to carry traffic."""
    if not state.up:
        return "it is set down"
    if not state.running:
        return "it has no link"
    member = state.membership
    if member is None or member.link is None:
        return None
    if member.link != "up":
        return f"its bond takes its link for {member.link}"
    if member.negotiated and was_active and not member.active:
        return "its bond does not use it: the other side has not agreed to it"
    return None


def _in_bond(link: LinkState) -> bool:
    return link.master is not None and link.membership is not None


def _usable(link: LinkState) -> bool:
    """Whether a bond could send over it alone. Negotiated members that are not active could not."""
    member = link.membership
    if not link.running or member is None or member.link not in (None, "up"):
        return False
    return not member.negotiated or member.active is not False
