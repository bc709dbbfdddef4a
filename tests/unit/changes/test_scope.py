"""Which changes of a plan are made: a plan may be from elsewhere, and say what it likes."""

from __future__ import annotations

import pytest

from advisor.changes.scope import choose
from advisor.facts.nics.link_state import LinkState, Membership
from advisor.model.address import Address, NicAddress, SysctlAddress
from advisor.model.plan import Change


def link(name: str, index: int, kind: str = "", member: Membership | None = None) -> LinkState:
    """An interface that carries traffic."""
    master = None if member is None else 9
    return LinkState(
        index=index, name=name, kind=kind, up=True, running=True, master=master, membership=member
    )


ACTIVE = Membership("bond", "up", True, negotiated=False)
IDLE = Membership("bond", "down", False, negotiated=False)
LINKS = [
    link("lo", 1),
    link("eth0", 2),
    link("eth1", 3, member=ACTIVE),
    link("eth2", 4, member=IDLE),
    link("veth0", 5, "veth"),
    link("bond0", 9, "bond"),
]
MTU = {name: NicAddress(name, ("mtu",)) for name in ("lo", "eth0", "veth0")}
RING = {name: NicAddress(name, ("ring", "rx")) for name in ("eth0", "eth1")}
RMEM = SysctlAddress(("net", "ipv4", "tcp_rmem"))


def reason(
    address: Address,
    disrupts: str,
    *,
    allow: tuple[str, ...] = (),
    session: str | None = None,
    guarded: bool = False,
) -> str | None:
    """Why a change is left out, None if it is made."""
    change = Change(address, 1, 2, ("TST001",), "low", disrupts, (), ())
    scope = choose([change], allow, LINKS, lambda nic: nic == session, guarded=guarded)
    assert list(scope.changes) == ([] if scope.omitted else [change])
    return scope.omitted[0].reason if scope.omitted else None


def test_what_disrupts_nothing_is_made() -> None:
    assert reason(RMEM, "none") is None
    assert reason(MTU["lo"], "none") is None
    assert reason(MTU["veth0"], "none") is None


@pytest.mark.parametrize("address", [RING["eth0"], MTU["eth0"]])
@pytest.mark.parametrize("disrupts", ["none", "link"])
def test_what_resets_a_device_needs_leave_whatever_the_plan_says(
    address: Address, disrupts: str
) -> None:
    assert reason(address, disrupts) == "it interrupts a link"
    assert reason(address, disrupts, allow=("link",)) is None


def test_a_reboot_is_never_made() -> None:
    assert reason(RMEM, "reboot", allow=("link",)) == "it needs a reboot"


def test_the_link_of_the_session_needs_somebody_who_confirms() -> None:
    assert "may carry the session" in str(
        reason(RING["eth0"], "link", allow=("link",), session="eth0")
    )
    assert reason(RING["eth0"], "link", allow=("link",), session="eth0", guarded=True) is None
    assert reason(RING["eth0"], "link", allow=("link",), session="eth1") is None


def test_the_last_member_of_a_bond_is_left_alone() -> None:
    why = reason(RING["eth1"], "link", allow=("link",), guarded=True)
    assert why == "eth1 is the only member of bond0 that carries traffic now"
