"""Which interfaces carry the session that advisor is run from: a change must not cut it.

The session is every TCP connection that an ancestor of this process holds: that of sshd, or of an
agent that was told to run it. Where none does (tmux, screen and the like leave their ancestors),
SSH_CONNECTION and SSH_CLIENT say at which port the user came in, and every connection to that port
counts. Those variables can be set to anything, so they only point at connections that exist.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from advisor.facts.ancestry import Ancestry, read_ancestry
from advisor.facts.connections import Connection, read_connections
from advisor.facts.files import Files
from advisor.facts.netlink import NETLINK_ROUTE, Channel
from advisor.facts.nics.links import Link, read_links
from advisor.facts.routes import default_interfaces, interfaces_with, way_to
from advisor.facts.sock_diag import address_text, is_loopback
from advisor.model.unavailable import Unavailable

# What ends the way down. Below other kinds is something that cannot be seen: the other side of a
# tunnel (WireGuard, a VPN's tun) is reached over any interface.
_ENDS = {"ethernet", "infiniband", "veth", "netkit", "loopback", "dummy", "bridge", "bond", "team"}
_PORT_MAX = 65535


@dataclass(frozen=True, slots=True)
class ManagementPath:
    """How a person or an agent reaches this host.

    Attributes:
        session: Whether advisor is run from a session that came over the network.
        interfaces: The interfaces that carry it, with everything below them (a VLAN's and bond's
            members); empty without a session; Unavailable when that cannot be told: then any
            interface may be one of them.
        default: The interfaces of the default routes, likewise: without a session, how somebody
            would come in to repair what unattended use broke.
        reason: What this was concluded from, for people.
    """

    session: bool
    interfaces: frozenset[str] | Unavailable
    default: frozenset[str] | Unavailable
    reason: str

    def may_carry(self, nic: str) -> bool:
        """Whether a change of this interface could lock people out.

        It could when it carries the session; without one, when it carries a default route.
        """
        which = self.interfaces
        if not self.session and not isinstance(which, Unavailable):
            which = self.default
        return isinstance(which, Unavailable) or nic in which


def management_interfaces(files: Files) -> ManagementPath:
    """How this process is managed: reads /proc, the connections, routes and interfaces."""
    ancestry = read_ancestry(files)
    try:
        links = read_links()
        default: frozenset[str] | Unavailable = _named(files, links, default_interfaces())
    except OSError as error:
        links, default = [], Unavailable(f"routes cannot be read: {error.strerror}")
    try:
        connections = session_connections(ancestry, read_connections())
    except OSError as error:
        connections = Unavailable(f"TCP connections cannot be read: {error.strerror}")
    if isinstance(connections, Unavailable):
        seen = bool(ancestry.logins or ancestry.remote or ancestry.elsewhere)
        return ManagementPath(seen, connections, default, connections.reason)
    if not connections:
        return ManagementPath(False, frozenset(), default, "no session came over the network")
    try:
        found = _carrying(files, links, connections)
    except OSError as error:
        found = Unavailable(f"there is no route to the session's user: {error.strerror}")
    peers = ", ".join(dict.fromkeys(address_text(each.remote) for each in connections))
    if isinstance(found, Unavailable):
        return ManagementPath(True, found, default, found.reason)
    reason = f"the session from {peers} is carried by {', '.join(sorted(found))}"
    return ManagementPath(True, found, default, reason)


def session_connections(
    ancestry: Ancestry, connections: Iterable[Connection]
) -> tuple[Connection, ...] | Unavailable:
    """The connections that the session consists of, none without one; or why that is not known.

    Args:
        ancestry: This process and its ancestors.
        connections: All established connections.
    """
    ports = {port for login in ancestry.logins if (port := _server_port(login)) is not None}
    held, at_port = [], []
    for each in connections:
        if each.inode in ancestry.sockets and each.inode != 0:
            held.append(each)
        if each.local_port in ports:
            at_port.append(each)
    found = held or at_port
    remote = tuple(each for each in found if not is_loopback(each.remote))
    if remote:
        return remote
    if found:
        return Unavailable("the session comes from this host itself")
    if ancestry.elsewhere:
        return Unavailable("the session's connection is in another network namespace")
    if ancestry.logins:
        return Unavailable("the session's connection is not there any more, or somewhere else")
    if ancestry.remote:
        return Unavailable("the session came over the network, but its connection is not found")
    if ancestry.hidden is not None:
        return Unavailable(f"whether there is a session cannot be told: {ancestry.hidden}")
    return ()


def below(links: Sequence[Link], start: Collection[int]) -> frozenset[int] | Unavailable:
    """The interfaces and everything that carries them, by index; or why that cannot be told.

    Below a VLAN or macvlan is its lower interface; below a bond, team or bridge are its members.
    """
    by_index = {link.index: link for link in links}
    seen: set[int] = set()
    left = [(index, False) for index in start]
    while left:
        index, is_member = left.pop()
        link = by_index.get(index)
        if link is None:
            return Unavailable("an interface that carries the session has just gone")
        if index in seen:
            continue
        seen.add(index)
        members = [(each.index, True) for each in links if each.master == index]
        lower = [] if link.lower is None else [(link.lower, is_member)]
        if not members and not lower and not is_member and link.kind not in _ENDS:
            return Unavailable(f"the session goes through {link.name} ({link.kind}), into a tunnel")
        left += members + lower
    return frozenset(seen)


def _carrying(
    files: Files, links: Sequence[Link], connections: Iterable[Connection]
) -> frozenset[str] | Unavailable:
    """Names of the interfaces of these connections.

    Packets leave as the routes say, and arrive where the address is: these may differ.

    Raises:
        OSError: There is no route.
    """
    indexes: set[int] = set()
    loopback = {link.index for link in links if link.kind == "loopback"}
    with Channel.open(NETLINK_ROUTE) as channel:
        ends = {(each.remote, each.local, each.bound) for each in connections}
        for remote, local, bound in sorted(ends):
            way = way_to(channel, remote, local, bound)
            if way.local:
                return Unavailable("the session comes from this host itself")
            if not way.complete:
                return Unavailable("the session's route is a group of nexthops")
            indexes |= way.interfaces | interfaces_with(local)
    return _named(files, links, indexes - loopback)


def _named(
    files: Files, links: Sequence[Link], indexes: Collection[int]
) -> frozenset[str] | Unavailable:
    """Names of the interfaces and of all below them."""
    found = below(links, indexes)
    if isinstance(found, Unavailable):
        return found
    names = {link.name for link in links if link.index in found}
    return frozenset(names.union(*(_physical_function(files, name) for name in names)))


def _physical_function(files: Files, name: str) -> list[str]:
    """The interface whose virtual function this is: resetting that one interrupts this one."""
    names = files.list_dir(f"/sys/class/net/{name}/device/physfn/net")
    return [] if isinstance(names, Unavailable) else names


def _server_port(login: str) -> int | None:
    """The port of this host that SSH_CONNECTION or SSH_CLIENT tells, None if it tells nonsense."""
    parts = login.split()
    if len(parts) not in (3, 4) or not all(map(_is_port, (parts[1], parts[-1]))):
        return None
    if not all(_is_address(part) for part in _addresses(parts)):
        return None
    return int(parts[-1])


def _addresses(parts: Sequence[str]) -> Iterator[str]:
    yield parts[0]
    if len(parts) == 4:
        yield parts[2]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text[:6]) <= _PORT_MAX
