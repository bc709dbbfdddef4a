"""Where in an interface's layout a failure sits, and what rules see of that layout."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.engine.evaluate import evaluate
from advisor.knowledge.fixtures import build_host
from advisor.model.finding import Place, Status
from advisor.model.rule import Scope
from tests.unit.engine.rules import rule

HOST = build_host(
    {
        "cpu": 4,
        "irqs": {"40": {"effective": [1], "total": 9}, "41": {"effective": [1], "total": 9}},
        "nics": {
            "eth0": {
                "mtu": 9000,
                "rx_queues_count": 2,
                "rx_queues": {"0": {"irq": 40}, "1": {"irq": 41, "rps_cpus": [2, 3]}},
                "tx_queues": {"0": {"irq": 40, "xps_cpus": [0]}, "1": {"irq": 41}},
                "ring": {"rx": 256, "rx_max": 4096},
                "coalesce": {"rx_usecs": 3},
                "features": {"rx-gro": False},
            }
        },
    }
)


def places(setting: str | None = None, **keys: Any) -> tuple[Place, ...]:
    (finding,) = evaluate(HOST, [rule(setting, scope=Scope.NIC, **keys)], {})
    assert finding.status is Status.FAIL, finding.reason
    return finding.places


@pytest.mark.parametrize(
    ("setting", "target", "expected"),
    [
        ("nic:{nic}/ring.rx", "4096", Place("ring")),
        ("nic:{nic}/mtu", "1500", Place("link")),
        ("nic:{nic}/coalesce.rx-usecs", "9", Place("interrupts")),
        ("nic:{nic}/feature.rx-gro", "true", Place("offload")),
        ("nic:{nic}/queue.rx-1.rps_cpus", "[]", Place("rx", 1)),
        ("nic:{nic}/queue.tx-0.xps_cpus", "[1]", Place("tx", 0)),
    ],
)
def test_a_failure_sits_where_its_setting_belongs(
    setting: str, target: str, expected: Place
) -> None:
    assert places(setting, equals=target) == (expected,)


def test_a_rule_names_the_places_itself() -> None:
    at = {"part": "completion", "cpu": "layout.crowded_cpu", "rx": "layout.cpus[1].rx"}
    assert places(expr="layout.most_rx_on_cpu < 2", at=at) == (
        Place("completion"),
        Place("cpu", 1),
        Place("rx", 0),
        Place("rx", 1),
    )


def test_a_place_that_is_not_known_is_left_out() -> None:
    assert places(expr="nic.mtu < 9000", at={"cpu": "nic.speed_mbps"}) == ()


def test_a_rule_about_the_host_sits_nowhere_in_particular() -> None:
    (finding,) = evaluate(HOST, [rule(expr="cpu.count > 4")], {})
    assert (finding.status, finding.places) == (Status.FAIL, ())


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("layout.rx_cpus == [1]", Status.PASS),
        ("layout.cpus[1].rx == [0, 1] and len(layout.cpus) == 4", Status.PASS),
        ("any(c.cpu == 3 and len(c.rps) == 1 for c in layout.cpus)", Status.PASS),
        ("layout.vectors[40].node == 0", Status.PASS),
        ("layout.vectors[40].napi == 7", Status.UNKNOWN),
        ("layout.rx_remote == []", Status.UNKNOWN),
    ],
)
def test_rules_about_interfaces_see_the_layout(condition: str, status: Status) -> None:
    (finding,) = evaluate(HOST, [rule(expr=condition, scope=Scope.NIC)], {})
    assert finding.status is status, finding.reason or finding.message


def test_without_interrupts_the_layout_says_why_it_is_not_known() -> None:
    blind = build_host(
        {
            "irqs": {"unavailable": "no permission"},
            "nics": {"eth0": {"rx_queues": {"0": {"irq": 40}}}},
        }
    )
    (finding,) = evaluate(blind, [rule(expr="len(layout.rx_cpus) > 1", scope=Scope.NIC)], {})
    assert finding.status is Status.UNKNOWN
    assert "no permission" in finding.reason
