"""What an evaluation looked at, as evidence."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.engine.evidence import MOST, combine, counted, from_shown, from_trace
from advisor.engine.frames import View, is_counter
from advisor.expression import parse
from advisor.expression.values import Path
from advisor.knowledge.fixtures import build_host
from advisor.model.finding import Evidence
from advisor.model.rule import Shown

GIVEN: dict[str, Any] = {
    "kernel": "6.1",
    "memory": {"total": 1073741824},
    "sysctl": {"net.ipv4.tcp_rmem": [4096, 131072, 6291456]},
    "nstat": {"TcpExt.PruneCalled": 600, "TcpExt.Big": 10**200},
    "nics": {
        "eth0": {
            "stats": {"rx_packets": 7000},
            "rss": {"indirection": list(range(100))},
            "rx_queues": {"0": {"packets": 90}, "1": {"packets": 10}},
        }
    },
    "softnet": {"0": {"processed": 10, "backlog_len": 3}},
}
SAMPLED = View(build_host(GIVEN, {"nstat": {"TcpExt.PruneCalled": 100}}), {"rtt_ms": 40})
GROWTH = counted({})
TOTALS = View(build_host(GIVEN), {"rtt_ms": 40})


def traced(expression: str, view: View = SAMPLED) -> list[tuple[str, str, str]]:
    frame = view.frame()
    parse(expression).evaluate(frame)
    assert frame.trace is not None
    return [
        (item.fact, item.text, item.basis)
        for item in from_trace(frame.trace, view, GROWTH, frozenset())
    ]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("memory.total > 1", [("memory.total", "1073741824", "now")]),
        ("params.rtt_ms > 1", [("params.rtt_ms", "40", "now")]),
        (
            "sysctl.net.ipv4.tcp_rmem[2] > memory.total",
            [
                ("sysctl.net.ipv4.tcp_rmem[2]", "6291456", "now"),
                ("memory.total", "1073741824", "now"),
            ],
        ),
        (
            "rate(nstat.TcpExt.PruneCalled)",
            [("rate(nstat.TcpExt.PruneCalled)", "50/s", "over 10 s")],
        ),
        (
            "delta(nstat.TcpExt.PruneCalled)",
            [("delta(nstat.TcpExt.PruneCalled)", "500", "over 10 s")],
        ),
        ("nstat.TcpExt.PruneCalled", [("nstat.TcpExt.PruneCalled", "600", "since boot")]),
        ("nics.eth0.stats.rx_packets", [("nics.eth0.stats.rx_packets", "7000", "since boot")]),
        ("softnet[0].backlog_len", [("softnet[0].backlog_len", "3", "now")]),
        ("window_s > 1 and sampled", []),
        ("exists(sysctl.net.ipv4.tcp_rmem)", []),
        ("nstat.TcpExt.Missing > 1", []),
        ("nics.eth0.mtu > 1 and nics.eth0 == 1", [("nics.eth0.mtu", "1500", "now")]),
        ("len(nics.eth0.rss.indirection)", []),
        ("nstat.TcpExt.Big", []),
        ("memory.total < 1 and kernel.hz > 1", [("memory.total", "1073741824", "now")]),
    ],
)
def test_facts_that_decided_are_evidence(
    expression: str, found: list[tuple[str, str, str]]
) -> None:
    assert traced(expression) == found


def test_without_a_sample_counters_cover_the_time_since_boot() -> None:
    assert traced("rate(nstat.TcpExt.PruneCalled)", TOTALS) == [
        ("rate(nstat.TcpExt.PruneCalled)", "0.0069/s", "since boot")
    ]


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (Shown("memory.total", "memory", "bytes"), ("memory", "1 GiB", "now")),
        (Shown("memory.total"), ("memory.total", "1073741824", "now")),
        (
            Shown("rate(nstat.TcpExt.PruneCalled)"),
            ("rate(nstat.TcpExt.PruneCalled)", "50/s", "over 10 s"),
        ),
        (Shown("delta(nstat.TcpExt.PruneCalled) / 2", "half"), ("half", "250", "over 10 s")),
        (Shown("nics.eth0.stats.rx_packets", "packets"), ("packets", "7000", "since boot")),
        (Shown("softnet[0].backlog_len"), ("softnet[0].backlog_len", "3", "now")),
        (
            Shown("max(q.packets for q in nics.eth0.rx_queues)", "busiest"),
            ("busiest", "90", "now"),
        ),
        (Shown("2 > 1", "two is more"), ("two is more", "yes", "now")),
    ],
)
def test_a_rule_shows_what_it_wants_with_label_and_unit(
    shown: Shown, expected: tuple[str, str, str]
) -> None:
    found = from_shown(shown, SAMPLED, SAMPLED.frame(), GROWTH)
    assert found is not None
    assert (found.fact, found.text, found.basis) == expected


@pytest.mark.parametrize("value", ["nstat.TcpExt.Missing", "nics", "1 / 0", "kernel.hz[3]"])
def test_what_is_not_known_or_no_value_is_not_shown(value: str) -> None:
    assert from_shown(Shown(value), SAMPLED, SAMPLED.frame(), GROWTH) is None


def test_showing_something_leaves_the_trace_alone() -> None:
    frame = SAMPLED.frame()
    parse("memory.total").evaluate(frame)
    before = dict(frame.trace or {})
    from_shown(Shown("kernel.release"), SAMPLED, frame, GROWTH)
    assert frame.trace == before


def test_names_that_are_computed_from_growth_are_told_from_others() -> None:
    let = {
        "grown": "delta(nstat.TcpExt.PruneCalled)",
        "share": "grown / 2",
        "now": "memory.total",
        "generated": "now * 2",
    }
    assert counted(let) == {"rate", "delta", "grown", "share"}


def test_a_name_that_stands_for_growth_covers_the_window() -> None:
    growth = counted({"grown": "delta(nstat.TcpExt.PruneCalled)"})
    frame = SAMPLED.frame(grown=(500, ("grown",)))
    parse("grown > 1 and memory.total > 1").evaluate(frame)
    found = from_trace(frame.trace or {}, SAMPLED, growth, frozenset())
    assert [(item.fact, item.basis) for item in found] == [
        ("grown", "over 10 s"),
        ("memory.total", "now"),
    ]
    shown = from_shown(Shown("grown", "pruned"), SAMPLED, frame, growth)
    assert shown is not None
    assert shown.basis == "over 10 s"


def test_what_a_rule_shows_under_a_label_is_not_repeated() -> None:
    frame = SAMPLED.frame()
    parse("rate(nstat.TcpExt.PruneCalled) > 1 and memory.total > 1").evaluate(frame)
    shown = frozenset({"rate(nstat.TcpExt.PruneCalled)"})
    found = from_trace(frame.trace or {}, SAMPLED, GROWTH, shown)
    assert [item.fact for item in found] == ["memory.total"]


def test_a_fact_is_evidence_once_and_the_first_mention_counts() -> None:
    first, second, again = (
        Evidence("a", 1, "1"),
        Evidence("b", 2, "2"),
        Evidence("a", 1, "other"),
    )
    assert combine([first], [second, again]) == (first, second)


def test_more_evidence_than_anyone_reads_is_left_out() -> None:
    many = [Evidence(str(number), number, str(number)) for number in range(MOST + 5)]
    assert combine(many) == tuple(many[:MOST])


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        (("nstat", "TcpExt", "PruneCalled"), True),
        (("nstat", "Tcp", "CurrEstab"), False),
        (("softnet", "0", "dropped"), True),
        (("softnet", "0", "backlog_len"), False),
        (("qdiscs", "eth0 root", "backlog_packets"), False),
        (("qdiscs", "eth0 root", "drops"), True),
        (("nics", "eth0", "stats", "rx_packets"), True),
        (("nics", "eth0", "driver_stats", "rx_out_of_buffer"), True),
        (("nics", "eth0", "mtu"), False),
        (("nics", "eth0", "rx_queues", "0", "packets"), True),
        (("nics", "eth0", "rx_queues", "0", "drops"), True),
        (("nics", "eth0", "rx_queues", "0", "rps_cpus"), False),
        (("nics", "eth0", "tx_queues", "0", "bytes"), True),
        (("nics", "eth0", "rx_ring_full"), True),
        (("nics", "eth0", "pause", "rx_frames"), True),
        (("nics", "eth0", "pause", "rx"), False),
        (("nics", "eth0", "coalesce", "rx_frames"), False),
        (("irqs", "45", "total"), True),
        (("irqs", "45", "affinity"), False),
        (("cpu", "each", "0", "times", "softirq"), True),
        (("cpu", "each", "0", "node"), False),
        (("conntrack", "stats", "drop"), True),
        (("conntrack", "count"), False),
        (("listeners", "0.0.0.0:80", "drops"), True),
        (("listeners", "0.0.0.0:80", "accept_queue"), False),
        (("sockstat", "TCP", "tw"), False),
        ((), False),
    ],
)
def test_counters_are_told_from_what_is_true_now(path: tuple[str, ...], counts: bool) -> None:
    assert is_counter(path) is counts


def test_what_a_rule_shows_of_the_thing_it_judges_is_not_told_twice() -> None:
    trace: dict[tuple[str, Path], Any] = {
        ("", ("nics", "eth0", "mtu")): 9000,
        ("delta", ("nics", "eth0", "stats", "rx_packets")): 7,
        ("", ("nics", "eth1", "mtu")): 1500,
    }
    shown = frozenset({"nic.mtu", "delta(nic.stats.rx_packets)"})
    found = from_trace(trace, SAMPLED, GROWTH, shown, ("nic", ("nics", "eth0")))
    assert [item.fact for item in found] == ["nics.eth1.mtu"]
