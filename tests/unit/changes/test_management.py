"""Which interfaces carry the session, as far as connections and links tell."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.changes.management import ManagementPath, below, session_connections
from advisor.facts.ancestry import Ancestry
from advisor.facts.connections import Connection
from advisor.facts.nics.links import Link
from advisor.model.unavailable import Unavailable

LOGIN = "198.51.100.7 50000 192.0.2.1 22"
UNKNOWN = Unavailable("not known")


def ancestry(
    *logins: str,
    sockets: tuple[int, ...] = (),
    hidden: str | None = None,
    elsewhere: bool = False,
    remote: bool | None = None,
) -> Ancestry:
    return Ancestry(logins, frozenset(sockets), hidden, elsewhere, remote)


def connection(remote: str, port: int = 22, inode: int = 0) -> Connection:
    local = ipaddress.ip_address("192.0.2.1").packed
    return Connection(local, port, ipaddress.ip_address(remote).packed, 50000, 0, inode)


OURS = connection("198.51.100.7", inode=42)
COLLEAGUE = connection("198.51.100.8", inode=77)
WEB = connection("203.0.113.9", port=443, inode=88)
TUNNELLED = connection("127.0.0.1", inode=43)


@pytest.mark.parametrize(
    ("who", "found"),
    [
        pytest.param(ancestry(sockets=(42,)), [OURS], id="held by an ancestor"),
        pytest.param(ancestry(LOGIN, sockets=(42,)), [OURS], id="held, and told as well"),
        pytest.param(ancestry(sockets=(42, 88)), [OURS, WEB], id="an agent's connection counts"),
        pytest.param(
            ancestry(sockets=(42, 43)), [OURS], id="loopback beside the real one is no matter"
        ),
        pytest.param(ancestry(LOGIN), [OURS, COLLEAGUE], id="tmux: whoever comes in at that port"),
        pytest.param(ancestry("198.51.100.7 1 22"), [OURS, COLLEAGUE], id="SSH_CLIENT is shorter"),
        pytest.param(
            ancestry(LOGIN, hidden="no permission"), [OURS, COLLEAGUE], id="sshd cannot be read"
        ),
        pytest.param(ancestry(), [], id="no session"),
        pytest.param(ancestry(sockets=(99,)), [], id="other sockets are none"),
        pytest.param(ancestry(remote=False), [], id="at the console"),
    ],
)
def test_the_session_is_what_ancestors_hold_or_logins_name(
    who: Ancestry, found: list[Connection]
) -> None:
    assert session_connections(who, [OURS, COLLEAGUE, WEB, TUNNELLED]) == tuple(found)


@pytest.mark.parametrize(
    ("who", "connections", "reason"),
    [
        (ancestry(sockets=(43,)), [OURS, TUNNELLED], "from this host itself"),
        (ancestry(LOGIN), [TUNNELLED], "from this host itself"),
        (ancestry(LOGIN), [WEB], "not there any more"),
        (ancestry("not; a login"), [OURS], "not there any more"),
        (ancestry("198.51.100.7 x 192.0.2.1 22"), [OURS], "not there any more"),
        (ancestry("198.51.100.7 5 192.0.2.1 99999999999"), [OURS], "not there any more"),
        (ancestry("198.51.100.7 5 nowhere 22"), [OURS], "not there any more"),
        (ancestry("198.51.100.7 5 192.0.2.1 \u0662\u0662"), [OURS], "not there any more"),
        (ancestry(LOGIN, elsewhere=True), [], "in another network namespace"),
        (ancestry(elsewhere=True), [OURS], "in another network namespace"),
        (ancestry(remote=True), [OURS], "is not found"),
        (ancestry(hidden="no permission"), [OURS], "no permission"),
    ],
)
def test_what_cannot_be_told_says_so(
    who: Ancestry, connections: list[Connection], reason: str
) -> None:
    found = session_connections(who, connections)
    assert isinstance(found, Unavailable) and reason in found.reason


@given(st.lists(st.text(max_size=40), min_size=1))
def test_nonsense_in_a_variable_never_means_that_there_is_no_session(logins: list[str]) -> None:
    found = session_connections(ancestry(*logins), [])
    assert isinstance(found, Unavailable)


def link(
    index: int, name: str, kind: str, master: int | None = None, lower: int | None = None
) -> Link:
    return Link(
        *(index, name, kind, True, True, 1500, 1000),
        master=master,
        lower=lower,
    )


LINKS = [
    link(1, "lo", "loopback"),
    link(2, "eth0", "ethernet", master=10),
    link(3, "eth1", "ethernet", master=10),
    link(4, "eth2", "ethernet", master=12),
    link(5, "tap0", "tun", master=12),
    link(6, "eth3", "ethernet"),
    link(10, "bond0", "bond"),
    link(11, "bond0.7", "vlan", lower=10),
    link(12, "br0", "bridge"),
    link(13, "wg0", "wireguard"),
    link(14, "tun0", "tun"),
    link(15, "vxlan5", "vxlan", lower=6),
    link(16, "vxlan6", "vxlan"),
    link(20, "odd1", "vlan", lower=21),
    link(21, "odd2", "vlan", lower=20),
]


@pytest.mark.parametrize(
    ("start", "found"),
    [
        ([6], {6}),
        ([11], {2, 3, 10, 11}),
        ([2], {2}),
        ([12], {4, 5, 12}),
        ([15], {6, 15}),
        ([6, 11], {2, 3, 6, 10, 11}),
        ([], set()),
        ([20], {20, 21}),
    ],
)
def test_an_interface_is_carried_by_all_that_is_below_it(start: list[int], found: set[int]) -> None:
    assert below(LINKS, start) == found


@pytest.mark.parametrize("start", [[13], [14], [16], [99], [6, 13]])
def test_below_a_tunnel_may_be_anything(start: list[int]) -> None:
    assert isinstance(below(LINKS, start), Unavailable)


@pytest.mark.parametrize(
    ("session", "interfaces", "default", "carried"),
    [
        (True, frozenset({"eth0"}), frozenset({"eth1"}), {"eth0"}),
        (True, UNKNOWN, frozenset({"eth1"}), {"eth0", "eth1", "eth2"}),
        (False, frozenset(), frozenset({"eth1"}), {"eth1"}),
        (False, frozenset(), UNKNOWN, {"eth0", "eth1", "eth2"}),
        (False, UNKNOWN, frozenset({"eth1"}), {"eth0", "eth1", "eth2"}),
    ],
)
def test_without_a_session_the_default_routes_count(
    session: bool,
    interfaces: frozenset[str] | Unavailable,
    default: frozenset[str] | Unavailable,
    carried: set[str],
) -> None:
    path = ManagementPath(session, interfaces, default, "")
    assert {nic for nic in ("eth0", "eth1", "eth2") if path.may_carry(nic)} == carried
