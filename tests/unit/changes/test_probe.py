"""Probes: what they may be, what they tell, and that they are no use when they fail beforehand."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.changes.probe import (
    Endpoint,
    Probe,
    check_before,
    parse_probe,
    run_probe,
    run_probes,
)
from advisor.errors import AdvisorError, Exit


@contextmanager
def listening() -> Iterator[int]:
    """A port of the loopback interface that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("text", "kind", "family", "address", "port"),
    [
        ("ping:192.0.2.1", "ping", socket.AF_INET, "192.0.2.1", 0),
        ("ping:2001:db8::1", "ping", socket.AF_INET6, "2001:db8::1", 0),
        ("ping:[2001:db8::1]", "ping", socket.AF_INET6, "2001:db8::1", 0),
        ("ping:::ffff:192.0.2.1", "ping", socket.AF_INET, "192.0.2.1", 0),
        ("tcp:192.0.2.1:22", "tcp", socket.AF_INET, "192.0.2.1", 22),
        ("tcp:[2001:db8::1]:65535", "tcp", socket.AF_INET6, "2001:db8::1", 65535),
    ],
)
def test_an_address_is_taken_as_it_is(
    text: str, kind: str, family: int, address: str, port: int
) -> None:
    probe = parse_probe(text)
    assert (probe.kind, probe.endpoints, probe.port) == (kind, (Endpoint(family, address),), port)


def test_the_interface_of_a_link_local_address_is_looked_up_at_once() -> None:
    (endpoint,) = parse_probe("ping:fe80::1%lo").endpoints
    assert endpoint == Endpoint(socket.AF_INET6, "fe80::1", socket.if_nametoindex("lo"))


def test_a_name_is_looked_up_before_anything_can_break() -> None:
    probe = parse_probe("tcp:localhost:80")
    assert {each.address for each in probe.endpoints} <= {"127.0.0.1", "::1"}
    assert probe.endpoints


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ping",
        "ping:",
        "ping:localhost",
        "ping:127.1",
        "ping:0x7f000001",
        "ping:010.0.0.1",
        "ping:192.0.2.1 ",
        "ping:192.0.2.1;id",
        "ping:$(id)",
        "ping:0.0.0.0",
        "ping:224.0.0.1",
        "ping:ff02::1",
        "ping:255.255.255.255",
        "ping:fe80::1%no-such-interface",
        "ping:fe80::1%a\0b",
        "tcp:192.0.2.1",
        "tcp:192.0.2.1:",
        "tcp:192.0.2.1:0",
        "tcp:192.0.2.1:65536",
        "tcp:192.0.2.1:+22",
        "tcp:192.0.2.1:2_2",
        "tcp:192.0.2.1:\u0662\u0662",
        "tcp::22",
        "tcp:127.1:22",
        "tcp:2130706433:22",
        "tcp:0x7f000001:22",
        "tcp:2001:db8::1:22",
        "tcp:[192.0.2.1:22",
        "tcp:a b:22",
        "tcp:-x:22",
        "tcp:$(id):22",
        "tcp:" + "a" * 64 + ":22",
        "tcp:name\n:22",
        "udp:192.0.2.1:53",
        "TCP:192.0.2.1:22",
    ],
)
def test_what_is_not_a_probe_is_refused(text: str) -> None:
    with pytest.raises(AdvisorError, match="--probe") as raised:
        parse_probe(text)
    assert raised.value.exit_code is Exit.ERROR
    assert raised.value.hint is not None


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(AdvisorError, match="cannot be looked up") as raised:
        parse_probe("tcp:no-such-host.invalid:22")
    assert raised.value.exit_code is Exit.ERROR


@given(st.text(max_size=60).filter(lambda text: not text.startswith("tcp:")))
def test_text_is_a_probe_or_an_error_and_nothing_else(text: str) -> None:
    for candidate in (text, f"ping:{text}", f"tcp:[{text}]:1", f"tcp:192.0.2.1:{text}"):
        try:
            probe = parse_probe(candidate)
        except AdvisorError:
            continue
        assert probe.endpoints and probe.text == candidate


def test_a_port_that_takes_connections_answers() -> None:
    with listening() as port:
        assert run_probe(parse_probe(f"tcp:127.0.0.1:{port}"), 1.0) is None


def test_a_port_that_nobody_listens_on_fails_with_its_reason() -> None:
    probe = parse_probe(f"tcp:127.0.0.1:{unused_port()}")
    assert run_probe(probe, 0.3) == f"{probe.text} fails: Connection refused (tried for 0.3 s)"


def test_a_probe_is_tried_until_its_time_is_up() -> None:
    port = unused_port()
    servers: list[socket.socket] = []

    def listen_later() -> None:
        time.sleep(0.4)
        servers.append(socket.create_server(("127.0.0.1", port)))

    late = threading.Thread(target=listen_later)
    late.start()
    try:
        assert run_probe(parse_probe(f"tcp:127.0.0.1:{port}"), 5.0) is None
    finally:
        late.join()
        for server in servers:
            server.close()


def test_one_address_of_a_name_is_enough() -> None:
    with listening() as port:
        ends = (Endpoint(socket.AF_INET, "127.0.0.2"), Endpoint(socket.AF_INET, "127.0.0.1"))
        assert run_probe(Probe("tcp:name:1", "tcp", ends, port), 1.0) is None


def test_the_first_probe_that_fails_is_told() -> None:
    with listening() as port:
        good = parse_probe(f"tcp:127.0.0.1:{port}")
        bad = parse_probe(f"tcp:127.0.0.1:{unused_port()}")
        assert run_probes([good], 1.0) is None
        assert (run_probes([good, bad], 0.3) or "").startswith(bad.text)


def test_without_time_a_probe_fails() -> None:
    with listening() as port:
        assert run_probe(parse_probe(f"tcp:127.0.0.1:{port}"), 0.0) is not None


def test_a_probe_that_fails_before_the_change_refuses_it() -> None:
    first, second = (parse_probe(f"tcp:127.0.0.1:{unused_port()}") for _ in range(2))
    with listening() as port:
        check_before([parse_probe(f"tcp:127.0.0.1:{port}")], 1.0)
        with pytest.raises(AdvisorError, match="before anything is changed") as raised:
            check_before([first, parse_probe(f"tcp:127.0.0.1:{port}"), second], 0.3)
    assert raised.value.exit_code is Exit.REFUSED
    assert first.text in raised.value.message and second.text in raised.value.message
