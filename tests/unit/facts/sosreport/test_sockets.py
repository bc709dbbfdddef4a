"""Listeners and the summary of sockets, from `ss` and from /proc/net/tcp."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.facts.sosreport.sockets import parse_proc_tcp, read_report_sockets
from advisor.model.stack import Listener, Quantiles, Sockets
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link
from tests.unit.facts.sosreport.reports import bundle, report

SS = "sos_commands/networking/ss_-peaonmi"
# Port 8080 on 127.0.0.1 with one connection waiting; 192.0.2.1:8080 with 203.0.113.9:40000; from
# 192.0.2.1 two ports to 203.0.113.8:443, one in TIME-WAIT.
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000001 00:00000000 00000000    33        0 100 1 0
   1: 010200C0:1F90 097100CB:9C40 01 00000000:00000000 00:00000000 00000000    33        0 101 1 0
   2: 010200C0:A000 087100CB:01BB 01 00000000:00000000 00:00000000 00000000    33        0 102 1 0
   3: 010200C0:A001 087100CB:01BB 06 00000000:00000000 03:00001000 00000000     0        0 0 3 0
"""


def sockets_of(entries: dict[str, str | bytes | Link], machine: str = "x86_64") -> Sockets:
    _, sockets = read_report_sockets(report(entries), machine)
    assert isinstance(sockets, Sockets)
    return sockets


def test_listeners_are_those_of_ss() -> None:
    listeners, _ = read_report_sockets(report(bundle("sos4")), "x86_64")
    assert listeners == {
        "0.0.0.0:5432": Listener("0.0.0.0", 5432, 3, 128, 4, False, 26, 30000),
        "[::]:80": Listener("::", 80, 0, 511, 0, False, 0, 30001),
        "127.0.0.53:53": Listener("127.0.0.53", 53, 0, 4096, 0, True, 193, 30002),
    }


def test_the_summary_is_that_of_a_live_host() -> None:
    assert sockets_of(bundle("sos4")) == Sockets(
        states={"ESTAB": 3, "TIME-WAIT": 1, "LISTEN": 3},
        established=2,
        established_loopback=1,
        examined=3,
        congestion={"bbr": 1, "cubic": 2},
        rtt_us=Quantiles(39500, 100000, 39500, 100000),
        min_rtt_us=Quantiles(38250, 99000, 38250, 99000),
        cwnd=Quantiles(10, 20, 10, 20),
        pacing_bps=Quantiles(28962, 1000000, 28962, 1000000),
        rcv_rtt_us=Quantiles(40000, 40000, 40000, 40000),
        rwnd_limited_share=0.25,
        sndbuf_limited_share=0.1,
        retrans_share=10 / 1005,
        ports_most_used=1,
        ports_most_used_to="203.0.113.60:443",
    )


def test_without_ss_the_kernels_list_tells_a_part() -> None:
    entries = {**bundle("sos4"), "proc/4242/net/tcp": TCP}
    del entries[SS]
    listeners, sockets = read_report_sockets(report(entries), "x86_64")
    assert isinstance(listeners, dict) and isinstance(sockets, Sockets)
    listener = listeners["127.0.0.1:8080"]
    assert (listener.accept_queue, listener.uid, listener.loopback) == (1, 33, True)
    assert isinstance(listener.backlog, Unavailable)
    assert isinstance(sockets.congestion, Unavailable)
    assert replace(sockets, congestion={}) == Sockets(
        states={"ESTAB": 2, "TIME-WAIT": 1, "LISTEN": 1},
        established=2,
        established_loopback=0,
        examined=0,
        congestion={},
        ports_most_used=2,
        ports_most_used_to="203.0.113.8:443",
    )


def test_the_order_of_bytes_is_that_of_the_host() -> None:
    big = TCP.replace("0100007F", "7F000001")
    (first, *_) = parse_proc_tcp(big, "big") or []
    assert first.local == bytes([127, 0, 0, 1])
    (first, *_) = parse_proc_tcp(TCP, "little") or []
    assert first.local == bytes([127, 0, 0, 1])


def test_ipv6_addresses_are_words_too() -> None:
    row = TCP.replace("0100007F:1F90 00000000:0000", f"{'0' * 24}01000000:1F90 {'0' * 32}:0000")
    (first, *_) = parse_proc_tcp(row, "little") or []
    assert first.local == bytes(15) + b"\x01"


@pytest.mark.parametrize(
    "text", ["", "nonsense\n", TCP.replace("1F90", "ZZZZ"), TCP.replace(" 0A ", " 77 ")]
)
def test_what_the_kernel_does_not_write_is_none(text: str) -> None:
    assert parse_proc_tcp(text, "little") is None


def test_without_either_both_are_unavailable() -> None:
    entries = bundle("sos4")
    del entries[SS]
    listeners, sockets = read_report_sockets(report(entries), "x86_64")
    assert listeners == sockets == Unavailable("/proc/net/tcp is not in this sosreport")


def test_without_addresses_nobody_knows_what_is_loopback() -> None:
    entries = bundle("sos4")
    del entries["sos_commands/networking/ip_-d_address"]
    listeners, sockets = read_report_sockets(report(entries), "x86_64")
    assert isinstance(listeners, dict)
    assert isinstance(sockets, Unavailable)
