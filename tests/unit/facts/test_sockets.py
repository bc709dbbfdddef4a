"""The summary of TCP sockets, from messages as different kernels send them."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.sockets import summarise
from advisor.model.stack import Quantiles, Sockets
from tests.unit.facts.messages import TcpSocket

LOCAL = {socket.inet_aton("10.0.0.1"), socket.inet_pton(socket.AF_INET6, "2001:db8::1")}


def summary(sockets: Iterable[TcpSocket], examine_at_most: int = 100) -> Sockets:
    return summarise((each.message() for each in sockets), LOCAL, examine_at_most)


def established(
    remote: str = "192.0.2.1 443", local: str = "10.0.0.1 40000", **info: int
) -> TcpSocket:
    return TcpSocket("ESTAB", local, remote, info=info)


def test_sockets_are_counted_by_state() -> None:
    found = summary(
        [
            TcpSocket("LISTEN", "0.0.0.0 80"),
            TcpSocket("ESTAB", "10.0.0.1 80", "192.0.2.1 1"),
            TcpSocket("TIME-WAIT", "10.0.0.1 80", "192.0.2.1 2", congestion=None),
            TcpSocket("TIME-WAIT", "10.0.0.1 80", "192.0.2.1 3", congestion=None),
            TcpSocket("SYN-RECV", "10.0.0.1 80", "192.0.2.1 4", congestion=None),
        ]
    )
    assert found.states == {"ESTAB": 1, "SYN-RECV": 1, "TIME-WAIT": 2, "LISTEN": 1}


def test_a_host_without_sockets_has_no_figures() -> None:
    assert summary([]) == Sockets(
        states={}, established=0, established_loopback=0, examined=0, congestion={}
    )


@pytest.mark.parametrize(
    ("local", "remote", "loopback"),
    [
        ("127.0.0.1 1", "127.0.0.1 80", True),
        ("127.0.0.1 1", "127.9.9.9 80", True),
        ("::1 1", "::1 80", True),
        ("::ffff:127.0.0.1 1", "::ffff:127.0.0.1 80", True),
        ("10.0.0.1 1", "10.0.0.1 80", True),
        ("::ffff:10.0.0.1 1", "::ffff:10.0.0.1 80", True),
        ("2001:db8::1 1", "2001:db8::1 80", True),
        ("10.0.0.1 1", "10.0.0.2 80", False),
        ("::ffff:10.0.0.1 1", "::ffff:10.0.0.2 80", False),
        ("2001:db8::1 1", "2001:db8::2 80", False),
        ("2001:db8::1 1", "7f00::1 80", False),
    ],
)
def test_loopback_is_traffic_to_an_own_address(local: str, remote: str, loopback: bool) -> None:
    found = summary([established(remote, local, rtt=500)])
    assert (found.established_loopback, found.established) == (int(loopback), int(not loopback))
    assert (found.rtt_us is None) is loopback
    assert found.examined == 1
    assert found.congestion == {"cubic": 1}


def test_figures_are_those_of_the_sockets_that_reach_others() -> None:
    found = summary(
        [
            established(rtt=1000, min_rtt=300, cwnd=10, rcv_rtt=0, pacing_rate=5000),
            established(rtt=2000, min_rtt=200, cwnd=20, rcv_rtt=900, pacing_rate=2**64 - 1),
            established(rtt=3000, min_rtt=2**32 - 1, cwnd=30, rcv_rtt=700, pacing_rate=1000),
            established("127.0.0.1 80", rtt=9, min_rtt=1, cwnd=99, rcv_rtt=9, pacing_rate=9),
        ]
    )
    assert found.rtt_us == Quantiles(p50=2000, p95=3000, min=1000, max=3000)
    assert found.min_rtt_us == Quantiles(p50=200, p95=300, min=200, max=300)
    assert found.cwnd == Quantiles(p50=20, p95=30, min=10, max=30)
    assert found.rcv_rtt_us == Quantiles(p50=700, p95=900, min=700, max=900)
    assert found.pacing_bps == Quantiles(p50=1000, p95=5000, min=1000, max=5000)


def test_shares_are_of_all_sockets_together() -> None:
    found = summary(
        [
            established(busy_time=100, rwnd_limited=50, total_retrans=1, segs_out=10),
            established(busy_time=300, sndbuf_limited=100, total_retrans=2, segs_out=90),
            established("127.0.0.1 80", busy_time=10**9, rwnd_limited=10**9, segs_out=10**6),
        ]
    )
    assert found.rwnd_limited_share == 50 / 400
    assert found.sndbuf_limited_share == 100 / 400
    assert found.retrans_share == 3 / 100


@pytest.mark.parametrize(
    ("size", "known"),
    [
        (232, {"rtt", "pacing", "min_rtt", "retrans", "busy"}),
        (192, {"rtt", "pacing", "min_rtt", "retrans", "busy"}),
        (160, {"rtt", "pacing", "min_rtt", "retrans"}),  # 4.6: without busy time
        (120, {"rtt", "pacing"}),  # 3.15: without segment counts
        (104, {"rtt"}),  # 3.10: without pacing rates
    ],
)
def test_older_kernels_tell_less(size: int, known: set[str]) -> None:
    info = {"rtt": 9, "pacing_rate": 9, "min_rtt": 9, "total_retrans": 1, "segs_out": 2}
    info |= {"busy_time": 4, "rwnd_limited": 1}
    found = summary([TcpSocket("ESTAB", "10.0.0.1 1", "192.0.2.1 2", info=info, info_size=size)])
    figures = {
        "rtt": found.rtt_us,
        "pacing": found.pacing_bps,
        "min_rtt": found.min_rtt_us,
        "retrans": found.retrans_share,
        "busy": found.rwnd_limited_share,
    }
    assert {name for name, value in figures.items() if value is not None} == known
    assert found.congestion == {"cubic": 1}


def test_a_socket_without_congestion_control_is_counted_under_none() -> None:
    found = summary([TcpSocket("ESTAB", "10.0.0.1 1", "192.0.2.1 2", congestion=None)])
    assert (found.examined, found.congestion) == (1, {})


def test_only_so_many_are_examined_but_all_are_counted() -> None:
    found = summary((established(rtt=number) for number in range(1, 51)), examine_at_most=10)
    assert found.established == 50
    assert found.examined == 10
    assert found.congestion == {"cubic": 10}
    assert found.rtt_us is not None
    assert found.rtt_us.max == 10


def test_ports_are_counted_towards_the_destination_that_takes_most() -> None:
    found = summary(
        [
            *(established("192.0.2.9 443", f"10.0.0.1 {port}") for port in range(100, 103)),
            TcpSocket("TIME-WAIT", "10.0.0.1 103", "192.0.2.9 443", congestion=None),
            # The same ports are free again for another port, address or source.
            *(established("192.0.2.9 80", f"10.0.0.1 {port}") for port in range(100, 103)),
            *(established("192.0.2.8 443", f"10.0.0.1 {port}") for port in range(100, 103)),
            *(established("192.0.2.9 443", f"10.0.0.7 {port}") for port in range(100, 103)),
        ]
    )
    assert (found.ports_most_used, found.ports_most_used_to) == (4, "192.0.2.9:443")


def test_mapped_ipv4_sockets_use_up_the_same_ports() -> None:
    found = summary(
        [
            established("192.0.2.9 443", "10.0.0.1 1"),
            established("::ffff:192.0.2.9 443", "::ffff:10.0.0.1 2"),
        ]
    )
    assert (found.ports_most_used, found.ports_most_used_to) == (2, "192.0.2.9:443")


def test_an_ipv6_destination_is_in_brackets() -> None:
    found = summary([established("2001:db8::2 443", "2001:db8::1 1")])
    assert found.ports_most_used_to == "[2001:db8::2]:443"


def test_incoming_connections_use_no_ports() -> None:
    found = summary(
        [
            TcpSocket("LISTEN", "0.0.0.0 80"),
            *(established(f"192.0.2.9 {port}", "10.0.0.1 80") for port in range(5)),
        ]
    )
    assert (found.ports_most_used, found.ports_most_used_to) == (0, None)


def test_the_order_of_the_kernels_table_does_not_matter() -> None:
    sockets = [
        established("192.0.2.1 443", "10.0.0.1 1", rtt=5),
        established("192.0.2.2 443", "10.0.0.1 1", rtt=7),
    ]
    assert summary(sockets) == summary(reversed(sockets))


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=60))
def test_quantiles_are_measured_values_in_order(values: list[int]) -> None:
    found = summary(established(rtt=value) for value in values).rtt_us
    assert found is not None
    assert found.min == min(values) <= found.p50 <= found.p95 <= found.max == max(values)
    assert {found.p50, found.p95} <= set(values)
    assert sum(value <= found.p50 for value in values) >= len(values) / 2
