"""Static checks of expressions: facts that do not exist, kinds that do not fit, facts read."""

from __future__ import annotations

import pytest
from hypothesis import given

from advisor.expression import ExpressionError, parse
from advisor.expression.kinds import (
    ANYTHING,
    BOOLEAN,
    NUMBER,
    child,
    element,
    known_names,
    rule_scope,
)
from advisor.expression.names import Problem, check, facts_read
from tests.unit.expression import strategies

SCOPE = rule_scope("nic", {"rtt_ms", "edge"}, ["want"])
TX_QUEUE = element(child(SCOPE["nic"], "tx_queues") or ANYTHING) or ANYTHING
LISTS = ("sysctl", "nstat", "sockstat", "link", "feature", "conntrack")


@pytest.mark.parametrize(
    ("text", "column", "meant"),
    [
        # Fields of records, also through loops, dictionaries and optional or unreadable parts.
        ("nic.rng.rx > 1", 4, "nic.ring.rx"),
        ("nic.ring.rxx > 1", 9, "nic.ring.rx"),
        ("nic['ring']['rxx'] > 1", 12, "nic['ring'].rx"),
        ("nics['eth0.100'].rng.rx > 1", 17, "nics['eth0.100'].ring.rx"),
        ("any(n.rng.rx > 0 for n in nics)", 6, "n.ring.rx"),
        ("any(n.up for n in nics if n.rng.rx > 1)", 28, "n.ring.rx"),
        ("any(q.bql.stal_cnt > 0 for q in nic.tx_queues)", 10, "q.bql.stall_cnt"),
        ("nics[nic.mastr].mtu", 9, "nic.master"),
        ("nic.rx_usecs", 4, "nic.coalesce.rx_usecs"),
        ("cpu.each[0].times.softrq", 18, "cpu.each[0].times.softirq"),
        ("sockets.rtt_us.pp50", 15, "sockets.rtt_us.p50"),
        ("rate(softnet['0'].droped) > 0", 18, "softnet['0'].dropped"),
        ("exists(conntrack.buckts)", 17, "conntrack.buckets"),
        ("memry.total", 0, "memory"),
        ("params.rtt", 7, "params.rtt_ms"),
        ("wnat > 1", 0, "want"),
        ("2 * Kib", 4, "KiB"),
        ("'é' == nic.rng.rx", 11, "nic.ring.rx"),
        ("  nic.rng.rx", 6, "nic.ring.rx"),
        # Names of the shipped lists.
        ("sysctl.net.ipv4.tcp_rmen[2] > 3", 16, "sysctl.net.ipv4.tcp_rmem[2]"),
        ("sysctl.net.ipv4.somaxconn", 16, "sysctl.net.core.somaxconn"),
        ("sysctl.net.ipvv4.tcp_rmem[1]", 11, "sysctl.net.ipv4.tcp_rmem[1]"),
        ("sysctl.net.ipv4.conf.eth0.rp_filtr", 26, "sysctl.net.ipv4.conf.eth0.rp_filter"),
        (
            "sysctl.net.ipv4.conf[nic.name].rp_filtr",
            31,
            "sysctl.net.ipv4.conf[nic.name].rp_filter",
        ),
        ("sysctl.net.ipv4.rp_filter", 16, "sysctl.net.ipv4.conf.all.rp_filter"),
        (
            "sysctl.net.bridge['bridge-nf-call-iptable']",
            18,
            'sysctl.net.bridge["bridge-nf-call-iptables"]',
        ),
        ("rate(nstat.TcpExt.PruneCaled) > 0", 18, "nstat.TcpExt.PruneCalled"),
        ("nstat.ListenOverflows > 0", 6, "nstat.TcpExt.ListenOverflows"),
        ("nstat.Tcp.ListenDrops", 10, "nstat.TcpExt.ListenDrops"),
        ("sockstat.TCP.memm > 1", 13, "sockstat.TCP.mem"),
        ("nic.stats.rx_missed > 0", 10, "nic.stats.rx_missed_errors"),
        ("nic.features['rx-grro'].active", 13, 'nic.features["rx-gro"].active'),
        ("conntrack.stats.early_drp > 0", 16, "conntrack.stats.early_drop"),
    ],
)
def test_a_fact_that_does_not_exist_is_found_with_what_was_meant(
    text: str, column: int, meant: str
) -> None:
    [problem] = check(parse(text), SCOPE)
    assert problem.message.startswith("there is no fact ")
    assert (problem.column, problem.hint) == (column, f"did you mean {meant}?")
    assert check(parse(meant), {**SCOPE, "n": SCOPE["nic"], "q": TX_QUEUE}) == []


@pytest.mark.parametrize(
    "text",
    [
        "nic.ring.rx < nic.ring.rx_max",
        "nic.coalesce.adaptive_rx and not nic.threaded",
        "nic.features['tx-tcp-segmentation'].active",
        "nic.driver_stats['whatever the driver says'] > 1",
        "nics[nic.master].mtu >= nic.mtu",
        "max(n.speed_mbps for n in nics if n.physical and n.up) >= 10000",
        "any(delta(q.bql.stall_cnt) > 0 for q in nic.tx_queues)",
        "kernel.version >= (6, 6)",
        "sysctl.net.ipv4.tcp_rmem[0] <= sysctl.net.ipv4.tcp_rmem[1]",
        "sysctl.net.ipv4.tcp_congestion_control in ('bbr', 'cubic')",
        "sysctl.net.ipv4.conf.all.rp_filter == 1",
        "sysctl.net.ipv4.conf['eth0.100'].rp_filter == 1",
        "sysctl.net.netfilter.nf_log[3] == 'NONE'",
        "exists(sysctl.net.core.txq_reselection_ms)",
        "exists(sysctl.net.ipv4.tcp_tw_recycle) or exists(sysctl.net.ipv4.tcp_collapse_max_bytes)",
        "exists(sysctl.net.ipv4.tcp_rcvbuf_low_rtt)",
        "rate(nstat.TcpExt.BeyondWindow) + rate(nstat.IcmpMsg.InType3) > 0",
        "sockstat.TCP.mem > sysctl.net.ipv4.tcp_mem[0]",
        "'irqbalance' in services.running",
        "0 in irqs['45'].affinity",
        "cpu.each[0].times.softirq > 0.5",
        "starts_with(nic.driver, 'mlx5') and len(nic.driver) > 3",
        "len(cpu.nodes) > 1 and len(nic.irqs) > 1",
        "sockets.states['TIME-WAIT'] > 1",
        "platform.hypervisor != 'none'",
        "actual < wanted and sampled and window_s > 1",
        "params.rtt_ms * 2 > want",
        "clamp(2 * params.rtt_ms, 6 * MiB, memory.total / 128) > 1",
        "median(1, 2) + sum(nic.irqs) > 2 if params.edge else known(nic.ring)",
    ],
)
def test_an_expression_that_can_work_has_no_problem(text: str) -> None:
    assert check(parse(text), SCOPE) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nic.driver > 3", "cannot be compared: nic.driver is text, 3 is a number"),
        ("nic.driver > 'a'", "cannot be compared"),
        ("nic.driver == 3", "cannot be compared"),
        ("nic.up == 1", "nic.up is true or false, 1 is a number"),
        ("1 < nic.mtu < 'a'", "nic.mtu is a number, 'a' is text"),
        ("nic.driver in (1, 2)", "cannot be compared"),
        ("nic.mtu in 5", "cannot be compared"),
        ("nic in nics", "cannot be compared"),
        ("nics == nics", "cannot be compared"),
        ("kernel.version >= 6", "kernel.version is a list, 6 is a number"),
        ("nic.driver + 1", "nic.driver is text, where a number is needed"),
        ("-nic.up", "nic.up is true or false, where a number is needed"),
        ("2 * nic.irqs", "nic.irqs is a list, where a number is needed"),
        ("not nic.mtu", "nic.mtu is a number, where true or false is needed"),
        ("nic.up and nic.mtu", "nic.mtu is a number, where true or false is needed"),
        ("1 if nic.driver else 2", "nic.driver is text, where true or false is needed"),
        ("any(n.mtu for n in nics)", "n.mtu is a number, where true or false is needed"),
        ("max(n.up for n in nics)", "n.up is true or false, where a number is needed"),
        ("count(n.up for n in nics if n.driver)", "where true or false is needed"),
        ("any(x > 1 for x in memory)", "memory is a group of facts without elements"),
        ("any(x > 1 for x in nic.mtu)", "nic.mtu is a number without elements"),
        ("abs(nic.driver)", "where a number is needed"),
        ("min(nics)", "nics is a group of facts, where a number or a list is needed"),
        ("starts_with(nic.mtu, 'a')", "nic.mtu is a number, where text is needed"),
        ("rate(nic.driver)", "nic.driver is text, where a number is needed"),
        ("nic.mtu.x", "nic.mtu is a number without 'x' in it"),
        ("nic.irqs.first", "nic.irqs is a list without 'first' in it"),
        ("nics[nic.up].mtu", "nic.up is true or false, where text or a number is needed"),
    ],
)
def test_what_can_never_be_anything_but_unknown_is_a_problem(text: str, message: str) -> None:
    [problem] = check(parse(text), SCOPE)
    assert message in problem.message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("listener.port", "listener is there in rules with `scope: listener`"),
        ("min > 1", "min is a function: min(…)"),
        ("nothing_like_it", None),
    ],
)
def test_a_name_from_elsewhere_is_explained(text: str, hint: str | None) -> None:
    [problem] = check(parse(text), SCOPE)
    assert problem.hint == hint


def test_the_earlier_reading_is_no_fact() -> None:
    assert check(parse("sample.seconds"), SCOPE) != []


@pytest.mark.parametrize("bound", ["nic", "listener", "qdisc"])
def test_the_thing_that_a_rule_judges_is_bound_by_name(bound: str) -> None:
    text = {"nic": "nic.mtu", "listener": "listener.backlog", "qdisc": "qdisc.drops"}[bound]
    assert check(parse(text), rule_scope(bound, ())) == []
    assert check(parse(text), rule_scope("host", ())) != []


def test_a_condition_has_to_be_true_or_false() -> None:
    expression = parse("nic.mtu")
    assert check(expression, SCOPE, NUMBER) == []
    assert check(expression, SCOPE, BOOLEAN) == [
        Problem(
            "nic.mtu is a number, where true or false is needed",
            0,
            "compare it, as in nic.mtu > 0",
        )
    ]


def test_all_problems_are_found_in_the_order_of_the_text() -> None:
    problems = check(parse("nic.rng.rx > 1 and memry.total > nic.driver + 1"), SCOPE)
    assert [problem.column for problem in problems] == [4, 19, 33]


@given(strategies.expressions())
def test_every_expression_can_be_checked(text: str) -> None:
    try:
        expression = parse(text)
    except ExpressionError:
        return
    for problem in check(expression, SCOPE):
        assert 0 <= problem.column < len(text)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("1 + 2 * KiB", set()),
        ("nstat.TcpExt.PruneCalled > 0", {("nstat", "TcpExt", "PruneCalled")}),
        ("rate(nstat.TcpExt.PruneCalled) > 0", {("nstat", "TcpExt", "PruneCalled")}),
        ("exists(sysctl.net.core.x) or known(memory.total)",
         {("sysctl", "net", "core", "x"), ("memory", "total")}),
        ("sysctl.net.ipv4.tcp_rmem[2]", {("sysctl", "net", "ipv4", "tcp_rmem")}),
        ("sysctl['net'].ipv4['tcp_rmem'][2]", {("sysctl", "net", "ipv4", "tcp_rmem")}),
        ("kernel.version >= (6, 1)", {("kernel", "version")}),
        ("cpu.each[0].net_rx", {("cpu", "each")}),
        ("nics[nic.master].mtu", {("nics",), ("nic", "master")}),
        ("any(n.ring.rx < n.ring.rx_max for n in nics)", {("nics",)}),
        ("any(n.mtu > memory.total for n in nics if n.up and x.y)",
         {("nics",), ("memory", "total"), ("x", "y")}),
        ("any(n.up for n in nics) and n.up", {("nics",), ("n", "up")}),
        ("params.edge and want > 1 if actual else wanted",
         {("params", "edge"), ("want",), ("actual",), ("wanted",)}),
        ("min(a, b) in (c, [d])", {("a",), ("b",), ("c",), ("d",)}),
    ],
)  # fmt: skip
def test_the_facts_that_an_expression_reads_are_known(
    text: str, places: set[tuple[str, ...]]
) -> None:
    assert facts_read(parse(text)) == places


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_names_is_sorted_and_has_no_name_twice(name: str) -> None:
    names = [".".join(parts) for parts in known_names(name)]
    assert names == sorted(set(names))
    assert all(part and part == part.strip() for parts in known_names(name) for part in parts)
    assert len({len(parts) for parts in known_names(name)}) == 1 or name == "sysctl"


def test_secrets_are_no_facts() -> None:
    last = {parts[-1] for parts in known_names("sysctl")}
    assert not last & {"tcp_fastopen_key", "stable_secret", "netdev_rss_key"}
