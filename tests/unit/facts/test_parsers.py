"""No parser raises on any text: what it does not understand becomes a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.cpu import parse_softirqs, parse_stat
from advisor.facts.cpulist import parse_cpu_list, parse_cpu_mask
from advisor.facts.irqs import parse_interrupts
from advisor.facts.kernel import parse_version
from advisor.facts.memory import parse_meminfo
from advisor.facts.neighbours import parse_table
from advisor.facts.nstat import parse_pairs, parse_snmp6
from advisor.facts.sockstat import parse_sockstat
from advisor.facts.softnet import parse_softnet
from advisor.facts.sysctl import parse_value
from advisor.facts.uptime import parse_uptime
from advisor.model.unavailable import Unavailable

PARSERS: dict[str, Callable[[str], object]] = {
    "cpu list": parse_cpu_list,
    "cpu mask": parse_cpu_mask,
    "interrupts": parse_interrupts,
    "meminfo": parse_meminfo,
    "neighbours": parse_table,
    "netstat": parse_pairs,
    "release": parse_version,
    "snmp6": parse_snmp6,
    "sockstat": parse_sockstat,
    "softirqs": parse_softirqs,
    "softnet": lambda text: parse_softnet(text, (0, 1)),
    "stat": parse_stat,
    "sysctl": parse_value,
    "uptime": parse_uptime,
}

# Words that these files are made of, in any order, reach further into a parser than mere noise.
WORDS = st.sampled_from(
    [
        *["cpu", "cpu0", "CPU0", "CPU1", "0", "1", "-1", "007", "ff", "0000000b", "MemTotal:"],
        *[
            "entries",
            "table_fulls",
            "kB",
            "TcpExt:",
            "Ip6InReceives",
            "TCP:",
            "inuse",
            "NET_RX:",
            "24:",
            "IO-APIC",
            "eth0",
        ],
        *["\n", "\n", " ", "  ", "\t", ":", ",", "-", "\x00", "\u0663", "\u2028", "9" * 5000],
    ]
)
TEXTS = st.one_of(st.text(), st.lists(WORDS, max_size=60).map("".join))

# Files that always hold something: without it, "nothing" must not look like zero.
NEVER_EMPTY = sorted(PARSERS.keys() - {"cpu list", "release", "sysctl"})


@pytest.mark.parametrize("name", PARSERS)
@given(text=TEXTS)
def test_no_text_makes_a_parser_raise(name: str, text: str) -> None:
    PARSERS[name](text)


@pytest.mark.parametrize("text", ["", "\n", " \n \n"])
@pytest.mark.parametrize("name", NEVER_EMPTY)
def test_an_empty_file_is_unavailable(name: str, text: str) -> None:
    assert isinstance(PARSERS[name](text), Unavailable)
