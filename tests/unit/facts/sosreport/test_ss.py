"""Sockets as `ss` prints them, in the forms of different versions."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.sosreport.ss import TcpSocket, parse_ss

HEADER = "Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n"


def one(text: str) -> TcpSocket:
    found = parse_ss(HEADER + text)
    assert found is not None
    (each,) = found
    return each


@pytest.mark.parametrize(
    ("local", "address"),
    [
        ("0.0.0.0:80", "0.0.0.0"),
        ("127.0.0.53%lo:80", "127.0.0.53"),
        ("*:80", "::"),
        ("[::]:80", "::"),
        ("[::1]:80", "::1"),
        ("[fe80::1]%eth0:80", "fe80::1"),
        ("[::ffff:192.0.2.1]:80", "::ffff:192.0.2.1"),
    ],
)
def test_every_form_of_address_is_understood(local: str, address: str) -> None:
    each = one(f"tcp   LISTEN 0      5   {local}   0.0.0.0:*\n")
    assert socket.inet_ntop(each.family, each.local) == address
    assert (each.port, each.received, each.sent) == (80, 0, 5)


def test_before_4_17_a_star_is_the_wildcard_of_ipv4() -> None:
    found = parse_ss(
        HEADER + "tcp    LISTEN  0  128   *:22  *:*\ntcp    LISTEN  0  128   :::22   :::*\n"
    )
    assert found is not None
    assert [len(each.local) for each in found] == [4, 16]


def test_details_are_read_from_either_line() -> None:
    each = one(
        'tcp ESTAB 0 0 192.0.2.1:22 203.0.113.1:5000 users:(("ino:9 uid:8",pid=1,fd=3)) uid:1000'
        " ino:77 sk:1 <->\n"
        "\t skmem:(r0,rb1,t0,tb1,f0,w0,o0,bl0,d3) ts sack bbr wscale:7,7 rto:204 rtt:0.5/0.25"
        " mss:1448 cwnd:10 segs_out:40 bbr:(bw:1bps,mrtt:0.4,cwnd_gain:2) send 9bps"
        " pacing_rate 16000bps/32000bps busy:7ms rwnd_limited:3ms(42.9%) retrans:1/5 rcv_rtt:8.5"
        " minrtt:0.3\n"
    )
    assert each.info == {
        "rtt": 500,
        "cwnd": 10,
        "segs_out": 40,
        "pacing": 2000,
        "busy": 7000,
        "rwnd_limited": 3000,
        "retrans": 5,
        "rcv_rtt": 8500,
        "minrtt": 300,
    }
    assert (each.congestion, each.drops) == ("bbr", 3)


@pytest.mark.parametrize(
    ("details", "congestion"),
    [
        ("skmem:(r0) ts sack cubic wscale:7,7", "cubic"),
        ("skmem:(r0) ts sack ecn ecnseen fastopen dctcp wscale:7,7", "dctcp"),
        ("mem:(r0,w0,f0,t0) htcp rto:200", "htcp"),
        ("skmem:(r0) rto:200 send 5bps", ""),
        ("skmem:(r0)", ""),
        ("", ""),
    ],
)
def test_the_congestion_control_is_the_word_without_a_number(details: str, congestion: str) -> None:
    assert one(f"tcp ESTAB 0 0 192.0.2.1:1 192.0.2.2:2\n\t {details}\n").congestion == congestion


@pytest.mark.parametrize(
    ("rate", "pacing"), [("11.9Mbps", 1_487_500), ("231.7Kbps", 28_962), ("8e3bps", None)]
)
def test_rates_are_read_in_each_unit(rate: str, pacing: int | None) -> None:
    each = one(f"tcp ESTAB 0 0 192.0.2.1:1 192.0.2.2:2\n\t pacing_rate {rate}\n")
    assert each.info.get("pacing") == pacing


def test_only_tcp_is_read_and_listening_sockets_come_first() -> None:
    found = parse_ss(
        "Failed to find cgroup2 mount\n"
        + HEADER
        + "nl UNCONN 0 0 rtnl:kernel *\n"
        + "u_str ESTAB 0 0 @/tmp/x 1 * 2\n"
        + "tcp ESTAB 0 0 192.0.2.1:1 192.0.2.2:2\n"
        + "udp UNCONN 0 0 0.0.0.0:1 0.0.0.0:*\n\t skmem:(r0)\n"
        + "tcp LISTEN 0 9 192.0.2.1:1 0.0.0.0:*\n"
        + "tcp nonsense\n"
        + "tcp ESTAB 0 0 300.0.0.1:1 192.0.2.2:2\n"
        + "mptcp ESTAB 0 0 192.0.2.1:1 192.0.2.2:2\n"
    )
    assert found is not None
    assert [each.state for each in found] == ["LISTEN", "ESTAB"]


@pytest.mark.parametrize(
    "text", ["", "Cannot open netlink socket: Protocol not supported\n", "State\n"]
)
def test_what_is_not_of_ss_is_none(text: str) -> None:
    assert parse_ss(text) is None


@given(st.text(max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    parse_ss(f"{HEADER}tcp ESTAB 0 0 192.0.2.1:1 192.0.2.2:2 {text}")
    parse_ss(HEADER + text)
