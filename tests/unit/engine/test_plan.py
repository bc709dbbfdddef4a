"""From findings to changes: whole vectors, order, and what a simulation shows."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from advisor.engine.evaluate import evaluate
from advisor.engine.order import in_order
from advisor.engine.plan import make_plan
from advisor.errors import AdvisorError
from advisor.knowledge.fixtures import build_host
from advisor.model.address import Address, parse_address
from advisor.model.finding import Finding
from advisor.model.host import Host
from advisor.model.plan import Plan
from advisor.model.rule import Fix, Rule, Scope
from tests.unit.engine.rules import rule

HOST = build_host(
    {
        "sysctl": {
            "net.ipv4.tcp_rmem": [4096, 8388608, 33554432],
            "net.core.somaxconn": 128,
        },
        "nics": {"eth0": {"ring": {"rx": 256, "rx_max": 4096}, "mtu": 9000}},
    }
)


def planned(host: Host, *rules: Rule) -> Plan:
    def judge(changed: Host) -> Sequence[Finding]:
        return evaluate(changed, rules, {})

    return make_plan(host, judge(host), judge, "server")


def test_fields_of_a_vector_become_one_change_of_the_whole() -> None:
    plan = planned(
        HOST,
        rule("sysctl:net.ipv4.tcp_rmem[1]", id="TST001", at_most="131072"),
        rule("sysctl:net.ipv4.tcp_rmem[2]", id="TST002", at_most="4194304"),
    )
    (change,) = plan.changes
    assert str(change.address) == "sysctl:net.ipv4.tcp_rmem"
    assert (change.before, change.after) == (
        (4096, 8388608, 33554432),
        (4096, 131072, 4194304),
    )
    assert change.rules == ("TST001", "TST002")
    assert change.commands == ("sysctl -w 'net.ipv4.tcp_rmem=4096 131072 4194304'",)
    assert plan.solved == ("TST001", "TST002")


def test_a_change_has_the_worst_risk_and_disruption_of_its_rules() -> None:
    ring = "nic:{nic}/ring.rx"
    plan = planned(
        HOST,
        rule(ring, id="TST001", scope=Scope.NIC, at_least="1024", fix=Fix("medium", "link", "a")),
        rule(ring, id="TST002", scope=Scope.NIC, at_least="512", fix=Fix("low", "none", "b")),
    )
    (change,) = plan.changes
    assert (change.after, change.risk, change.disrupts) == (1024, "medium", "link")
    assert change.notes == ("a", "b")


def test_failures_that_nothing_can_set_are_left() -> None:
    plan = planned(HOST, rule(expr="nics.eth0.mtu < 9000", id="TST003", advice="lower it"))
    assert plan.changes == ()
    assert [(left.rule, left.advice) for left in plan.left] == [("TST003", "lower it")]


def test_a_diagnosis_that_a_change_resolves_is_solved_too() -> None:
    plan = planned(
        HOST,
        rule("sysctl:net.core.somaxconn", id="TST001", at_least="4096"),
        rule(expr="sysctl.net.core.somaxconn > 1000", id="TST002"),
    )
    assert plan.solved == ("TST001", "TST002")
    assert plan.left == ()


def test_rules_whose_change_does_not_help_are_no_plan() -> None:
    chasing = rule("sysctl:net.core.somaxconn", id="TST001", at_least="actual * 2")
    with pytest.raises(AdvisorError, match="rule TST001 still fails after"):
        planned(HOST, chasing)


ORDERED = [
    [
        "sysctl:net.core.somaxconn",
        "sysctl:net.core.rps_sock_flow_entries",
        "nic:eth0/ring.rx",
        "nic:eth0/channels.combined",
        "nic:eth0/rss.indirection",
        "nic:eth0/coalesce.rx-usecs",
        "nic:eth1/channels.combined",
        "irq:45/affinity",
        "nic:eth0/queue.rx-0.rps_cpus",
        "nic:eth0/queue.rx-0.rps_flow_cnt",
        "nic:eth0/queue.tx-0.xps_cpus",
        "nic:eth0/gro_flush_timeout",
        "nic:eth0/napi_defer_hard_irqs",
    ]
]


@pytest.mark.parametrize("wanted", ORDERED)
def test_what_is_reset_comes_after_what_resets_it(wanted: list[str]) -> None:
    shuffled = wanted.copy()
    random.Random(3).shuffle(shuffled)
    changes: dict[Address, tuple[Any, Any]] = {parse_address(each): (0, 1) for each in shuffled}
    assert [str(address) for address in in_order(changes)] == wanted


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        # The range and the first unprivileged port, downwards and upwards.
        (
            {
                "net.ipv4.ip_local_port_range": ((32768, 60999), (1024, 60999)),
                "net.ipv4.ip_unprivileged_port_start": (2048, 1024),
            },
            "net.ipv4.ip_unprivileged_port_start",
        ),
        (
            {
                "net.ipv4.ip_local_port_range": ((1024, 60999), (4096, 60999)),
                "net.ipv4.ip_unprivileged_port_start": (1024, 2048),
            },
            "net.ipv4.ip_local_port_range",
        ),
        # A larger table before more entries, fewer entries before a smaller table.
        (
            {
                "net.netfilter.nf_conntrack_max": (1, 2),
                "net.netfilter.nf_conntrack_buckets": (1, 2),
            },
            "net.netfilter.nf_conntrack_buckets",
        ),
        (
            {
                "net.netfilter.nf_conntrack_max": (2, 1),
                "net.netfilter.nf_conntrack_buckets": (2, 1),
            },
            "net.netfilter.nf_conntrack_max",
        ),
    ],
)
def test_pairs_move_in_the_direction_that_the_kernel_accepts(
    changes: dict[str, tuple[Any, Any]], first: str
) -> None:
    given = {parse_address(f"sysctl:{key}"): values for key, values in changes.items()}
    assert str(in_order(given)[0]) == f"sysctl:{first}"
