"""SNMP counters, plain and extended."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.files import Files
from advisor.facts.nstat import parse_pairs, parse_snmp6, read_nstat
from advisor.model.stack import Counters
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host

SNMP = """\
Ip: Forwarding DefaultTTL InReceives
Ip: 2 64 5139
IcmpMsg: InType3 OutType3
IcmpMsg: 1 2
Tcp: RtoAlgorithm MaxConn RetransSegs
Tcp: 1 -1 7
Udp: InDatagrams RcvbufErrors
Udp: 295 3
"""
NETSTAT_5_4 = """\
TcpExt: SyncookiesSent PruneCalled ListenOverflows ListenDrops TCPRcvCollapsed
TcpExt: 0 2 3 4 5
IpExt: InNoRoutes InOctets
IpExt: 0 129837796
"""
SNMP6 = """\
Ip6InReceives                   \t10
Icmp6OutType133                 \t3
Udp6InErrors                    \t1
UdpLite6InErrors                \t0
"""

NAMES = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJ0123456789", min_size=1, max_size=12)
COUNTERS = st.dictionaries(
    NAMES, st.dictionaries(NAMES, st.integers(-1, 2**64 - 1), min_size=1), min_size=1
)


def reason(found: object) -> str:
    assert isinstance(found, Unavailable), found
    return found.reason


def printed(counters: Counters, pairs_per_line: int) -> str:
    """The counters as the kernel prints them, a group in as many pairs of lines as it takes."""
    text = ""
    for group, values in counters.items():
        items = list(values.items())
        for first in range(0, len(items), pairs_per_line):
            part = items[first : first + pairs_per_line]
            text += f"{group}: {' '.join(name for name, _ in part)}\n"
            text += f"{group}: {' '.join(str(value) for _, value in part)}\n"
    return text


def test_all_three_files_make_one_table(tmp_path: Path) -> None:
    counters = read_nstat(
        host(
            tmp_path,
            {
                "/proc/net/snmp": SNMP,
                "/proc/net/netstat": NETSTAT_5_4,
                "/proc/net/snmp6": SNMP6,
            },
        )
    )
    assert counters == {
        "Ip": {"Forwarding": 2, "DefaultTTL": 64, "InReceives": 5139},
        "IcmpMsg": {"InType3": 1, "OutType3": 2},
        "Tcp": {"RtoAlgorithm": 1, "MaxConn": -1, "RetransSegs": 7},
        "Udp": {"InDatagrams": 295, "RcvbufErrors": 3},
        "TcpExt": {
            "SyncookiesSent": 0,
            "PruneCalled": 2,
            "ListenOverflows": 3,
            "ListenDrops": 4,
            "TCPRcvCollapsed": 5,
        },
        "IpExt": {"InNoRoutes": 0, "InOctets": 129837796},
        "Ip6": {"InReceives": 10},
        "Icmp6": {"OutType133": 3},
        "Udp6": {"InErrors": 1},
        "UdpLite6": {"InErrors": 0},
    }


@given(counters=COUNTERS, pairs_per_line=st.integers(1, 20))
def test_what_is_printed_reads_back_however_groups_are_split(
    counters: Counters, pairs_per_line: int
) -> None:
    assert parse_pairs(printed(counters, pairs_per_line)) == counters


def test_a_kernel_without_ipv6_has_no_such_counters(tmp_path: Path) -> None:
    counters = read_nstat(
        host(tmp_path, {"/proc/net/snmp": SNMP, "/proc/net/netstat": NETSTAT_5_4})
    )
    assert isinstance(counters, dict)
    assert "Ip6" not in counters


@pytest.mark.parametrize("missing", ["snmp", "netstat"])
def test_a_hidden_file_makes_all_counters_unavailable(tmp_path: Path, missing: str) -> None:
    texts = {"snmp": SNMP, "netstat": NETSTAT_5_4, "snmp6": SNMP6}
    present = {f"/proc/net/{name}": text for name, text in texts.items() if name != missing}
    assert f"/proc/net/{missing} does not exist" in reason(read_nstat(host(tmp_path, present)))


def test_no_files_at_all_are_a_reason(tmp_path: Path) -> None:
    assert "/proc/net/snmp does not exist" in reason(read_nstat(Files(tmp_path)))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "/proc/net/netstat is empty"),
        ("TcpExt: SyncookiesSent SyncookiesRecv ...\n", "line 1: has no line of values"),
        ("TcpExt: A B\nIpExt: 1 2\n", "line 1: has no line of values"),
        ("TcpExt: A B\nTcpExt: 1\n", "line 2: does not have a number for each name"),
        ("TcpExt: A\nTcpExt: 1 2\n", "line 2: does not have a number for each name"),
        ("TcpExt: A\nTcpExt: x\n", "line 2: does not have a number for each name"),
        ("noise\nnoise\n", "line 1: has no line of values"),
    ],
)
def test_a_malformed_pair_says_where(text: str, where: str) -> None:
    assert where in reason(parse_pairs(text))


@pytest.mark.parametrize("text", ["", "Ip6InReceives\n", "Ip6InReceives \tx\n", "InReceives \t1\n"])
def test_a_malformed_ipv6_counter_is_a_reason(text: str) -> None:
    assert "/proc/net/snmp6" in reason(parse_snmp6(text))
