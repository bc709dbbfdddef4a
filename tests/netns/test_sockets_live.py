"""Listeners and sockets of the running kernel, beside what `ss` says of them."""

from __future__ import annotations

import re
import shutil

import pytest

from advisor.model.stack import Listener, Sockets
from tests.netns.spaces import Space, needs_namespaces, space

pytestmark = needs_namespaces

FULL_QUEUE = """
import socket, sys
listener = socket.socket()
listener.bind(("127.0.0.1", 8080))
listener.listen(2)
clients = [socket.socket() for _ in range(5)]
for client in clients:
    client.setblocking(False)
    client.connect_ex(("127.0.0.1", 8080))
print("ready", flush=True)
sys.stdin.read()
"""

SHARED_PORT = """
import socket, sys
listeners = []
for family, address, backlog in (
    (socket.AF_INET, "0.0.0.0", 7),
    (socket.AF_INET, "0.0.0.0", 8),
    (socket.AF_INET6, "::1", 9),
):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((address, 443))
    listener.listen(backlog)
    listeners.append(listener)
print("ready", flush=True)
sys.stdin.read()
"""

CONNECTIONS = """
import socket, sys
listener = socket.socket()
listener.bind(("0.0.0.0", 9000))
listener.listen(100)
keep = []
for address in ("127.0.0.1", "192.0.2.1"):
    for _ in range(3):
        client = socket.create_connection((address, 9000))
        server, _ = listener.accept()
        client.sendall(b"x" * 10000)
        server.recv(10000, socket.MSG_WAITALL)
        keep += [client, server]
closed = socket.create_connection(("127.0.0.1", 9000))
listener.accept()[0].close()
closed.recv(1)
closed.close()
print("ready", flush=True)
sys.stdin.read()
"""

# Its small receive buffer, which it leaves unread for a while, holds the sender up.
SLOW_SERVER = """
import socket, sys, time
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
listener.bind(("10.99.0.2", 7000))
listener.listen(10)
print("ready", flush=True)
keep = []
while True:
    connection, _ = listener.accept()
    keep.append(connection)
    time.sleep(0.2)
    connection.recv(200000, socket.MSG_WAITALL)
    connection.sendall(b"y")
"""

CLIENT = """
import socket, sys
keep = []
for _ in range(2):
    client = socket.create_connection(("10.99.0.2", 7000))
    client.sendall(b"x" * 200000)
    client.recv(1)
    keep.append(client)
print("ready", flush=True)
sys.stdin.read()
"""


def listeners_of(place: Space) -> dict[str, Listener]:
    found = place.read().listeners
    assert isinstance(found, dict)
    return found


def sockets_of(place: Space) -> Sockets:
    found = place.read().sockets
    assert isinstance(found, Sockets)
    return found


def test_a_full_accept_queue_holds_one_more_than_its_backlog() -> None:
    with space() as place, place.running(FULL_QUEUE):
        listener = listeners_of(place)["127.0.0.1:8080"]
    assert (listener.accept_queue, listener.backlog) == (3, 2)
    assert listener.drops is not None
    assert listener.drops > 0
    assert listener.loopback
    assert listener.inode > 0


def test_listeners_are_those_that_ss_shows() -> None:
    if shutil.which("ss") is None:
        pytest.skip("needs ss")
    with space() as place, place.running(SHARED_PORT), place.running(FULL_QUEUE):
        listeners = listeners_of(place)
        shown = place.run("ss", "-Hltne").splitlines()
    by_ss = {
        (fields[3], int(fields[1]), int(fields[2]), int(re.findall(r" ino:(\d+)", line)[0]))
        for line in shown
        for fields in [line.split()]
    }
    found = {
        (key.partition("#")[0], each.accept_queue, each.backlog, each.inode)
        for key, each in listeners.items()
    }
    assert found == by_ss
    assert list(listeners) == ["0.0.0.0:443", "0.0.0.0:443#2", "[::1]:443", "127.0.0.1:8080"]
    assert [each.loopback for each in listeners.values()] == [False, False, True, True]


def test_sockets_are_counted_and_loopback_is_kept_apart() -> None:
    with space() as place:
        place.run("ip", "address", "add", "192.0.2.1/32", "dev", "lo")
        with place.running(CONNECTIONS):
            sockets = sockets_of(place)
    assert sockets.states == {"ESTAB": 12, "TIME-WAIT": 1, "LISTEN": 1}
    # 192.0.2.1 is no loopback address, but an own one: its traffic stays within the host too.
    assert (sockets.established, sockets.established_loopback) == (0, 12)
    assert sockets.examined == 12
    assert sum(sockets.congestion.values()) == 12
    assert sockets.rtt_us is None
    # Each connection takes a port of the client's end only.
    assert sockets.ports_most_used == 3
    assert sockets.ports_most_used_to in ("127.0.0.1:9000", "192.0.2.1:9000")


def test_connections_to_another_host_are_measured() -> None:
    with space() as here, space() as there:
        here.run("ip", "link", "add", "v0", "type", "veth", "peer", "v1", "netns", there.name)
        for place, device, address in ((here, "v0", "10.99.0.1"), (there, "v1", "10.99.0.2")):
            place.run("ip", "address", "add", f"{address}/24", "dev", device)
            place.run("ip", "link", "set", device, "up")
        with there.running(SLOW_SERVER), here.running(CLIENT):
            client, server = sockets_of(here), sockets_of(there)
            control = here.run("cat", "/proc/sys/net/ipv4/tcp_congestion_control").strip()
    assert (client.established, client.established_loopback) == (2, 0)
    assert client.congestion == {control: 2}
    for figure in (client.rtt_us, client.min_rtt_us, client.cwnd, server.rcv_rtt_us):
        assert figure is not None
        assert 0 < figure.min <= figure.p50 <= figure.p95 <= figure.max < 10_000_000
    assert client.rwnd_limited_share is not None
    assert 0.3 < client.rwnd_limited_share <= 1
    assert client.sndbuf_limited_share is not None
    assert 0 <= client.sndbuf_limited_share < 0.7
    assert client.retrans_share is not None
    assert 0 <= client.retrans_share < 0.5
    assert (client.ports_most_used, client.ports_most_used_to) == (2, "10.99.0.2:7000")
    assert (server.ports_most_used, server.ports_most_used_to) == (0, None)
