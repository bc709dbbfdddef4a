"""Probes over a real link: with and without root, and while the link is away for a moment."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tests.netns.spaces import Space, needs_namespaces, space

pytestmark = needs_namespaces

NEAR, FAR = "192.0.2.1", "192.0.2.2"
NEAR6, FAR6 = "2001:db8::1", "2001:db8::2"


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Space, Space]]:
    """Two hosts with a link between them; the first one's name for it is not harmless."""
    with space() as near, space() as far:
        near.run(
            *("ip", "link", "add", "a;b$(id)", "type", "veth"),
            *("peer", "name", "far", "netns", far.name),
        )
        for host, nic, address, address6 in (
            (near, "a;b$(id)", NEAR, NEAR6),
            (far, "far", FAR, FAR6),
        ):
            host.run("ip", "address", "add", f"{address}/24", "dev", nic)
            host.run("ip", "address", "add", f"{address6}/64", "dev", nic, "nodad")
            host.run("ip", "link", "set", "dev", nic, "up")
        yield near, far


def ask(host: Space, probe: str, seconds: float, *options: str) -> str:
    module = ("-m", "tests.netns.probe_probe")
    return host.run(sys.executable, *module, probe, str(seconds), *options).strip()


def let_everybody_ping(host: Space, groups: str) -> None:
    host.run("sysctl", "-q", "-w", f"net.ipv4.ping_group_range={groups}")


@pytest.mark.parametrize("address", [FAR, FAR6])
@pytest.mark.parametrize("groups", ["1 0", "0 2147483647"])
def test_root_gets_its_answer_over_a_raw_socket_or_the_unprivileged_one(
    hosts: tuple[Space, Space], address: str, groups: str
) -> None:
    let_everybody_ping(hosts[0], groups)
    assert ask(hosts[0], f"ping:{address}", 2) == "None"


@pytest.mark.parametrize("address", [FAR, FAR6])
def test_without_root_it_needs_the_permission_of_the_host(
    hosts: tuple[Space, Space], address: str
) -> None:
    let_everybody_ping(hosts[0], "0 2147483647")
    assert ask(hosts[0], f"ping:{address}", 2, "nobody") == "None"
    let_everybody_ping(hosts[0], "1 0")
    assert "Operation not permitted" in ask(hosts[0], f"ping:{address}", 0.3, "nobody")


def test_a_link_local_address_is_asked_on_its_interface(hosts: tuple[Space, Space]) -> None:
    near, far = hosts
    shown = far.run("ip", "-6", "-oneline", "address", "show", "dev", "far", "scope", "link")
    address = shown.split()[3].partition("/")[0]
    assert ask(near, f"ping:{address}%a;b$(id)", 2) == "None"


def test_an_address_that_nobody_has_fails(hosts: tuple[Space, Space]) -> None:
    for probe in ("ping:192.0.2.99", "tcp:192.0.2.99:22", "ping:2001:db8::99"):
        assert ask(hosts[0], probe, 0.5).startswith(f"{probe} fails:")
    assert "unreachable" in ask(hosts[0], "ping:198.51.100.1", 0.3)


def test_an_answer_that_comes_after_the_link_came_back_counts(hosts: tuple[Space, Space]) -> None:
    near, far = hosts

    def bring_back() -> None:
        time.sleep(0.8)
        far.run("ip", "link", "set", "dev", "far", "up")

    for probe in (f"ping:{FAR}", f"tcp:{FAR}:9999"):
        server = (
            "import socket; s = socket.create_server(('', 9999)); print(1, flush=True); input()"
        )
        with far.running(server):
            far.run("ip", "link", "set", "dev", "far", "down")
            late = threading.Thread(target=bring_back)
            late.start()
            try:
                assert ask(near, probe, 10) == "None"
            finally:
                late.join()
