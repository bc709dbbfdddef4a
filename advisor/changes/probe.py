"""Probes: what has to answer after a change, or it is taken back.

    ping:192.0.2.1        an address answers an ICMP echo
    tcp:db.example:5432   something accepts a connection
    tcp:[2001:db8::1]:22

Names are looked up when the probe is made, before anything is changed: name service may be what
a change breaks.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import re
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from advisor.changes.echo import echo
from advisor.errors import AdvisorError, Exit

BEFORE_S = 3.0
"""How long something may take to answer that nobody has changed anything about."""

_FORMS = "probes are ping:ADDRESS, tcp:HOST:PORT and tcp:[IPV6-ADDRESS]:PORT"
_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")
_NAME_MAX = 253
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_PORT_MAX = 65535

# Of the time that is left, what one try may take: the first packet after a link came back is often
# lost, and the kernel sends a SYN again only after a second.
_SHARE = 4
_TRY_MIN_S = 0.25
_PAUSE_S = 0.1


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address to ask.

    Attributes:
        family: AF_INET or AF_INET6.
        address: The address as text, without a scope.
        scope: Interface index of a link-local address, 0 for others.
    """

    family: int
    address: str
    scope: int = 0

    def sockaddr(self, port: int) -> tuple[str, int] | tuple[str, int, int, int]:
        """What a socket calls it."""
        if self.family == socket.AF_INET:
            return self.address, port
        return self.address, port, 0, self.scope


@dataclass(frozen=True, slots=True)
class Probe:
    """Something that has to answer.

    Attributes:
        text: As it was asked for: "tcp:db.example:5432".
        kind: What is tried.
        endpoints: Where: one of them is enough. More than one only for a name.
        port: The TCP port, 0 for a ping.
    """

    text: str
    kind: Literal["ping", "tcp"]
    endpoints: tuple[Endpoint, ...]
    port: int = 0


def parse_probe(text: str) -> Probe:
    """The probe that a person has asked for; looks up its name, if it has one.

    Raises:
        AdvisorError: It is not a probe, or nobody knows the name (exit code 2).
    """
    kind, _, rest = text.partition(":")
    if kind == "ping":
        return Probe(text, "ping", (_literal(text, rest.removeprefix("[").removesuffix("]")),))
    if kind == "tcp":
        host, _, port = rest.rpartition(":")
        number = int(port) if _PORT.fullmatch(port) else 0
        if not 0 < number <= _PORT_MAX:
            raise _bad(text, f"a port is a number from 1 to {_PORT_MAX}")
        if host.startswith("[") and host.endswith("]"):
            return Probe(text, "tcp", (_literal(text, host[1:-1]),), number)
        if ":" in host:
            raise _bad(text, "an IPv6 address goes into brackets")
        return Probe(text, "tcp", _looked_up(text, host), number)
    raise _bad(text, "there is no such probe")


def check_before(probes: Sequence[Probe], timeout_s: float = BEFORE_S) -> None:
    """Make sure that the probes answer while nothing has been changed.

    Raises:
        AdvisorError: Some do not: after the change they would tell nothing (exit code 6).
    """
    silent = [problem for probe in probes if (problem := run_probe(probe, timeout_s)) is not None]
    if silent:
        raise AdvisorError(
            f"before anything is changed, {'; '.join(silent)}",
            "nothing was changed; give a probe that answers now",
            exit_code=Exit.REFUSED,
        )


def run_probes(probes: Sequence[Probe], timeout_s: float) -> str | None:
    """The first probe that fails, as a sentence; None when all answer.

    Args:
        probes: The probes, asked one after the other.
        timeout_s: How long each may take.
    """
    for probe in probes:
        problem = run_probe(probe, timeout_s)
        if problem is not None:
            return problem
    return None


def run_probe(probe: Probe, timeout_s: float) -> str | None:
    """What failed, as a sentence; None when it answers. Tries several times within the time.

    Asks from the network namespace of the calling thread.
    """
    deadline = time.monotonic() + timeout_s
    reason = "no time was left to ask"
    while (left := deadline - time.monotonic()) > 0:
        for endpoint in probe.endpoints:
            each = max(_TRY_MIN_S, timeout_s / _SHARE / len(probe.endpoints))
            try:
                if probe.kind == "ping":
                    echo(endpoint.family, endpoint.sockaddr(0), min(each, left))
                else:
                    _connect(endpoint, probe.port, min(each, left))
            except TimeoutError:
                reason = "no answer"
            except OSError as error:
                reason = os.strerror(error.errno) if error.errno else str(error)
            else:
                return None
        time.sleep(max(0.0, min(_PAUSE_S, deadline - time.monotonic())))
    return f"{probe.text} fails: {reason} (tried for {timeout_s:g} s)"


def _connect(endpoint: Endpoint, port: int, timeout_s: float) -> None:
    """Connect, and close the connection at once.

    Raises:
        OSError: It is refused, or cannot be reached; a TimeoutError: nothing answers.
    """
    with socket.socket(endpoint.family, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        connection.connect(endpoint.sockaddr(port))
        if connection.getsockname() == connection.getpeername():
            # A port of this host that nobody listens on can connect to itself.
            raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))


def _looked_up(text: str, host: str) -> tuple[Endpoint, ...]:
    """The endpoints of a name, or of an IPv4 address."""
    labels = host.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return (_literal(text, host),)  # the resolver would take "127.1" for an address
    if len(host) > _NAME_MAX or not all(_LABEL.fullmatch(label) for label in labels):
        raise _bad(text, f"{host!r} is neither a name nor an address")
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AdvisorError(
            f"--probe {text}: {host} cannot be looked up: {getattr(error, 'strerror', error)}",
            "give an address instead of a name",
        ) from None
    endpoints = dict.fromkeys(
        Endpoint(family, str(address[0]).partition("%")[0], _scope(address))
        for family, _kind, _protocol, _name, address in found
        if family in (socket.AF_INET, socket.AF_INET6)
    )
    return tuple(endpoints)


def _scope(address: tuple[object, ...]) -> int:
    return int(str(address[3])) if len(address) == 4 else 0


def _literal(text: str, written: str) -> Endpoint:
    """The endpoint that an address names, "fe80::1%eth0" included."""
    try:
        address = ipaddress.ip_address(written)
    except ValueError:
        raise _bad(text, f"{written!r} is not an address") from None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        raise _bad(text, f"{written} is not the address of one host")
    if isinstance(address, ipaddress.IPv4Address):
        return Endpoint(socket.AF_INET, str(address))
    return Endpoint(
        socket.AF_INET6, str(address).partition("%")[0], _interface(text, address.scope_id)
    )


def _interface(text: str, name: str | None) -> int:
    if name is None:
        return 0
    try:
        return socket.if_nametoindex(name)
    except (OSError, ValueError):
        raise _bad(text, f"there is no interface {name!r}") from None


def _bad(text: str, why: str) -> AdvisorError:
    return AdvisorError(f"--probe {text!r}: {why}", _FORMS)
