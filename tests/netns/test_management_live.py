"""The interfaces of a session, of real connections, routes and interfaces."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.netns.spaces import ROOT, Space, needs_namespaces, space

pytestmark = needs_namespaces

PORT = 2222
CONNECT = """
import socket, sys
connection = socket.create_connection(({address!r}, {port}), timeout=10)
print("connected", flush=True)
sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Space, Space]]:
    """A server with three links to its user: one in a bridge, two that share a default route."""
    with space() as server, space() as user:
        for number in range(3):
            server.run(
                *("ip", "link", "add", f"up{number}", "type", "veth"),
                *("peer", "name", f"user{number}", "netns", user.name),
            )
        server.run("ip", "link", "add", "br0", "type", "bridge")
        server.run("ip", "link", "set", "dev", "up0", "master", "br0")
        server.run("ip", "link", "add", "spare", "type", "veth", "peer", "name", "spare1")
        for nic in ("br0", "up0", "up1", "up2", "spare", "spare1"):
            server.run("ip", "link", "set", "dev", nic, "up")
        for number in range(3):
            user.run("ip", "link", "set", "dev", f"user{number}", "up")
        for number, nic in enumerate(("br0", "up1", "up2")):
            server.run("ip", "address", "add", f"10.0.{number}.1/24", "dev", nic)
            server.run("ip", "address", "add", f"fd00:{number}::1/64", "dev", nic, "nodad")
            user.run("ip", "address", "add", f"10.0.{number}.2/24", "dev", f"user{number}")
            user.run(
                *("ip", "address", "add", f"fd00:{number}::2/64", "dev", f"user{number}", "nodad")
            )
        ways = ("nexthop", "via", "10.0.1.2", "nexthop", "via", "10.0.2.2")
        server.run("ip", "route", "add", "default", *ways)
        user.run("ip", "address", "add", "172.16.0.9/32", "dev", "lo")
        user.run("ip", "route", "add", "172.16.1.1/32", "via", "10.0.1.1", "src", "172.16.0.9")
        server.run("ip", "address", "add", "172.16.1.1/32", "dev", "lo")
        yield server, user


@contextmanager
def asking(host: Space, how: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [
            *("ip", "netns", "exec", host.name),
            *(sys.executable, "-m", "tests.netns.session_probe", str(PORT), how),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def path_of(server: Space, user: Space, how: str, address: str) -> dict[str, Any]:
    """What the server finds out about a session that came to one of its addresses."""
    with asking(server, how) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with user.running(CONNECT.format(address=address, port=PORT)):
            found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


@pytest.mark.parametrize(
    ("address", "interfaces"),
    [
        ("10.0.0.1", ["br0", "up0"]),
        ("fd00:0::1", ["br0", "up0"]),
        ("10.0.1.1", ["up1"]),
        ("fd00:2::1", ["up2"]),
        ("172.16.1.1", ["up1", "up2"]),
    ],
)
@pytest.mark.parametrize("how", ["held", "left"])
def test_a_session_is_traced_to_its_interfaces(
    hosts: tuple[Space, Space], how: str, address: str, interfaces: list[str]
) -> None:
    found = path_of(*hosts, how, address)
    assert (found["session"], found["interfaces"]) == (True, interfaces), found
    assert found["default"] == ["up1", "up2"]


def test_where_it_arrives_counts_as_well_as_where_it_leaves(hosts: tuple[Space, Space]) -> None:
    server, user = hosts
    server.run("ip", "route", "add", "172.16.0.9/32", "via", "10.0.0.2")
    user.run("ip", "route", "add", "10.0.2.1/32", "dev", "user2", "src", "172.16.0.9")
    try:
        for host, files in ((server, ("br0", "up2", "all")), (user, ("user0", "user2", "all"))):
            for name in files:
                host.run("sysctl", "-q", "-w", f"net.ipv4.conf.{name}.rp_filter=0")
        found = path_of(server, user, "held", "10.0.2.1")
    finally:
        server.run("ip", "route", "delete", "172.16.0.9/32")
        user.run("ip", "route", "delete", "10.0.2.1/32")
    assert found["interfaces"] == ["br0", "up0", "up2"]


def test_a_variable_that_names_no_connection_tells_nothing(hosts: tuple[Space, Space]) -> None:
    found = path_of(*hosts, "forged", "10.0.0.1")
    assert found["session"] is True
    assert isinstance(found["interfaces"], str)


def test_a_session_of_another_namespace_is_not_traced_here(hosts: tuple[Space, Space]) -> None:
    server, user = hosts
    ask = f"ip netns exec {server.name} {sys.executable} -m tests.netns.session_probe 1 ask"
    script = (
        "import socket, subprocess, sys\n"
        f"server = socket.create_server(('10.0.0.2', {PORT}))\n"
        f"far = subprocess.Popen(['ip', 'netns', 'exec', {server.name!r}, sys.executable, '-c',"
        f" 'import socket; s = socket.create_connection((\"10.0.0.2\", {PORT})); input()'],"
        " stdin=subprocess.PIPE)\n"
        "held = server.accept()\n"
        f"print(subprocess.run({ask.split()!r}, stdout=subprocess.PIPE).stdout.decode().strip(),"
        " flush=True)\n"
        "far.communicate()\n"
    )
    with subprocess.Popen(
        ["ip", "netns", "exec", user.name, sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        found = json.loads(process.communicate(timeout=30)[0])
    assert found["session"] is True
    assert "another network namespace" in found["interfaces"]
