"""Figures of a real kernel before and after a change: what helped is better, and harm is seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from advisor.engine.measure import Subject, Window, measure
from advisor.engine.outcome import compare, overall, verdicts
from advisor.engine.params import resolve, values
from advisor.knowledge.locations import profiles_dir, rules_dir
from advisor.knowledge.profiles import load_profile
from advisor.knowledge.rules import load_shipped_rule
from advisor.model.receipt import ALWAYS, Effect
from tests.netns.spaces import Space, needs_namespaces, space

pytestmark = needs_namespaces

# A listener that serves what waits every 100 ms, and asks for the same backlog again each time, as
# a reload would; a client that opens 20 connections in that time.
SERVED = """
import select, socket, sys, time
listener = socket.create_server(("127.0.0.1", 7000), backlog=512)
listener.setblocking(False)
print("ready", flush=True)
clients = []
until = time.monotonic() + 60
while time.monotonic() < until and not select.select([sys.stdin], [], [], 0)[0]:
    for _ in range(20):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", 7000))
        clients.append(client)
    time.sleep(0.1)
    listener.listen(512)
    try:
        while True:
            listener.accept()[0].close()
    except BlockingIOError:
        pass
    for client in clients[:-200]:
        client.close()
    del clients[:-200]
"""


@contextmanager
def served(limit: int) -> Iterator[Space]:
    """A namespace with a busy listener, whose accept queue is limited to so many connections."""
    with space() as busy:
        limit_to(busy, limit)
        with busy.running(SERVED):
            yield busy


def limit_to(busy: Space, limit: int) -> None:
    busy.run("sysctl", "-q", "-w", f"net.core.somaxconn={limit}")


def observed(busy: Space) -> list[Window]:
    """Four windows of half a second."""
    rule = load_shipped_rule(rules_dir(), "LSN009")
    hosts = [busy.read(sample_seconds=0.5) for _ in range(4)]
    params = values(resolve(load_profile(profiles_dir(), "server"), hosts[0]))
    return [measure(host, [Subject(rule)], params) for host in hosts]


CHANGES = [
    pytest.param(4, 512, Effect.BETTER, id="raised"),
    pytest.param(512, 4, Effect.WORSE, id="lowered"),
    pytest.param(512, 256, Effect.SAME, id="still enough"),
]


@pytest.mark.parametrize(("limit", "later", "effect"), CHANGES)
def test_a_changed_limit_of_accept_queues_is_seen_in_their_drops(
    limit: int, later: int, effect: Effect
) -> None:
    with served(limit) as busy:
        before = observed(busy)
        limit_to(busy, later)
        after = observed(busy)
    told = compare(before, after)
    assert verdicts(told)["LSN009"] is effect
    # Drops at listeners are watched in any case, too.
    assert overall(told) is effect
    assert verdicts(told)[ALWAYS] is effect
