"""What is reported about a fleet, the same from either engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.model.fleet import (
    Difference,
    Fleet,
    HeatMap,
    Missing,
    Rollout,
    RolloutHost,
    Share,
)
from tests.unit.fleet.fleets import HOSTILE, check, finding, lost, report, write

pytestmark = pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
BEFORE, NOW = "2026-05-01T03:00:00Z", "2026-05-02T03:00:00Z"
ERROR = finding("BBB001", severity="error")
ACTIVE = finding("AAA001", active=True)
WAIVED = finding("AAA001", status="waived")


def fleet(tmp_path: Path, engine: str, *lines: dict[str, object], by: str = "group") -> Fleet:
    return report([write(tmp_path / "lines.ndjson", *lines)], engine, by)


def test_hosts_are_listed_by_their_worst_finding(tmp_path: Path, engine: str) -> None:
    found = fleet(
        tmp_path,
        engine,
        check("quiet"),
        check("waived", WAIVED),
        check("info", finding("CCC001", severity="info")),
        check("two", "AAA001", "CCC001"),
        check("active", ACTIVE),
        check("broken", ERROR, "AAA001"),
    )
    assert [(host.host, host.worst) for host in found.hosts] == [
        ("broken", 3),
        ("active", 2),
        ("two", 2),
        ("info", 1),
    ]
    assert found.hosts[0].rules == ("BBB001", "AAA001")
    assert found.totals.worst == (2, 1, 2, 1)
    assert (found.totals.hosts, found.totals.active, found.totals.waived) == (6, 1, 1)


def test_rules_are_listed_by_number_of_hosts_not_of_interfaces(tmp_path: Path, engine: str) -> None:
    ring = {"setting": "nic:eth0/ring.rx", "actual": 256, "wanted": 4096}
    many = [finding("NIC001", target=f"eth{n}", severity="info") for n in range(9)]
    found = fleet(
        tmp_path,
        engine,
        check("a", finding("AAA001", **ring), *many, group="db"),
        check("b", finding("AAA001", **ring), group="web"),
        check("c", finding("AAA001", **{**ring, "actual": 512}, active=True), group="web"),
        check("d", WAIVED, group="web"),
    )
    first, second = found.rules
    assert (first.rule, first.title, first.hosts) == ("AAA001", "The first rule", 3)
    assert (first.active, first.waived, first.groups, first.severity) == (1, 1, 2, 2)
    assert (first.setting, first.actual, first.wanted) == ("nic:eth0/ring.rx", "256", "4096")
    assert (second.rule, second.hosts, second.groups, second.example) == ("NIC001", 1, 1, "a")


def test_a_rule_that_is_waived_everywhere_is_listed_with_no_host(
    tmp_path: Path, engine: str
) -> None:
    (rule,) = fleet(tmp_path, engine, check("a", WAIVED)).rules
    assert (rule.hosts, rule.waived, rule.example) == (0, 1, "")


def test_hosts_are_counted_by_what_they_have_in_common(tmp_path: Path, engine: str) -> None:
    found = fleet(
        tmp_path,
        engine,
        check("a", ERROR, group="db", kernel="6.1", drivers=["ice", "ixgbe"]),
        check("b", ACTIVE, kernel="6.1", profile="router"),
        check("c", kernel="5.10", drivers=[]),
    )
    assert found.groups == (Share("web", 2, 0, 1, 1, 1), Share("db", 1, 1, 0, 0, 1))
    assert found.shares["kernel"] == (Share("6.1", 2, 1, 1, 1, 2), Share("5.10", 1, 0, 0, 0, 0))
    assert [(share.name, share.hosts) for share in found.shares["driver"]] == [
        ("ice", 2),
        ("ixgbe", 1),
    ]
    assert [share.name for share in found.shares["profile"]] == ["server", "router"]


def test_the_heat_map_has_the_hosts_of_every_group(tmp_path: Path, engine: str) -> None:
    found = fleet(
        tmp_path,
        engine,
        check("a", "AAA001", group="db"),
        check("b", "AAA001", "BBB001"),
        check("c", "AAA001"),
    )
    expected = HeatMap((("web", 2), ("db", 1)), ("AAA001", "BBB001"), ((2, 1), (1, 0)), 0, 0)
    assert found.heat == expected


def test_any_label_makes_groups(tmp_path: Path, engine: str) -> None:
    lines = [check(name, labels={"rack": name}) for name in "ab"]
    assert [share.name for share in fleet(tmp_path, engine, *lines, by="rack").groups] == ["a", "b"]


def test_a_host_that_has_what_no_other_has_is_an_outlier(tmp_path: Path, engine: str) -> None:
    usual = [check(f"web-{n}", "AAA001") for n in range(8)]
    found = fleet(
        tmp_path,
        engine,
        *usual,
        check("odd", "AAA001", "BBB001", kernel="4.19", drivers=["ice", "e1000"]),
        check("spared"),
    )
    odd, spared = found.outliers
    assert found.outlier_hosts == 2
    assert (odd.host, odd.group, odd.size, odd.count) == ("odd", "web", 10, 3)
    assert set(odd.differences) == {
        Difference("fails", "BBB001", 1),
        Difference("kernel", "4.19", 1),
        Difference("driver", "e1000", 1),
    }
    assert (spared.host, spared.differences) == ("spared", (Difference("passes", "AAA001", 1),))


def test_what_many_have_is_no_outlier_nor_anything_in_a_small_or_mixed_group(
    tmp_path: Path, engine: str
) -> None:
    half = [check(f"half-{n}", *(["AAA001"] if n % 2 else [])) for n in range(10)]
    few = [check(f"few-{n}", f"RULE{n}", group="few", kernel=str(n)) for n in range(4)]
    mixed = [check(f"mixed-{n}", group="mixed", kernel=str(n)) for n in range(9)]
    assert fleet(tmp_path, engine, *half, *few, *mixed).outliers == ()


def test_a_host_whose_line_was_cut_does_not_pass_what_it_leaves_out(
    tmp_path: Path, engine: str
) -> None:
    usual = [check(f"web-{n}", "AAA001") for n in range(8)]
    found = fleet(tmp_path, engine, *usual, check("cut", more=3))
    assert found.outliers == ()
    assert found.totals.cut == 1


def test_drift_is_between_the_newest_check_and_the_one_before(tmp_path: Path, engine: str) -> None:
    found = fleet(
        tmp_path,
        engine,
        check("worse", "AAA001", "BBB001", at=NOW),
        check("worse", "AAA001", at=BEFORE),
        check("worse", "CCC001", at="2026-04-01T03:00:00Z"),
        check("better", "AAA001", at=BEFORE),
        check("better", at=NOW),
        check("same", "AAA001", at=BEFORE),
        check("same", finding("AAA001", target="eth1"), at=NOW),
        check("once", "DDD001", at=NOW),
        check("cut", "DDD001", at=BEFORE),
        check("cut", at=NOW, more=1),
    ).drift
    assert (found.compared, found.changed, found.worse) == (3, 2, 1)
    assert [(each.rule, each.appeared, each.gone) for each in found.rules] == [
        ("BBB001", 1, 0),
        ("AAA001", 0, 1),
    ]
    assert [(each.host, each.appeared, each.gone, each.before) for each in found.hosts] == [
        ("worse", ("BBB001",), (), BEFORE),
        ("better", (), ("AAA001",), BEFORE),
    ]


def test_only_the_newest_line_of_a_host_counts(tmp_path: Path, engine: str) -> None:
    found = fleet(tmp_path, engine, check("a", ERROR, at=BEFORE), check("a", at=NOW))
    assert (found.totals.hosts, found.totals.worst) == (1, (1, 0, 0, 0))
    assert found.rules == found.hosts == ()


def test_hosts_without_a_current_check_are_named_with_their_last_one(
    tmp_path: Path, engine: str
) -> None:
    found = fleet(
        tmp_path,
        engine,
        check("gone", "AAA001", at=BEFORE, group="db"),
        lost("gone", "No route to host", unreachable=True, at=NOW),
        lost("old", "needs Python 3.10", at=NOW, labels={"group": "web"}),
        check("asleep", "AAA001", at="2026-04-29T00:00:00Z"),
        check("back", at=NOW),
        lost("back", at=BEFORE),
    )
    totals = found.totals
    assert (totals.hosts, totals.checked) == (4, 2)
    assert (totals.unreachable, totals.failed, totals.silent) == (1, 1, 1)
    assert found.missing == (
        Missing("gone", "db", NOW, "unreachable", "No route to host", BEFORE),
        Missing("old", "web", NOW, "failed", "needs Python 3.10", ""),
        Missing("asleep", "web", "2026-04-29T00:00:00Z", "silent", "", "2026-04-29T00:00:00Z"),
    )
    assert [host.host for host in found.hosts] == ["asleep"]


def test_runs_that_wait_and_settings_that_drifted_are_counted(tmp_path: Path, engine: str) -> None:
    runs = {"count": 2, "waiting": "000002-20260501T000000Z", "drifted": 3, "damaged": 0}
    found = fleet(tmp_path, engine, check("a", "AAA001", runs=runs), check("b", runs=None))
    assert (found.totals.waiting, found.totals.drifted) == (1, 1)
    assert (found.hosts[0].waiting, found.hosts[0].drifted) == ("000002-20260501T000000Z", 3)


@pytest.mark.parametrize("at", ["0000-00-00T00:00:00Z", "9999-99-99T99:99:99Z"])
def test_a_host_may_claim_any_time(tmp_path: Path, engine: str, at: str) -> None:
    assert fleet(tmp_path, engine, check("a", at=at)).totals.hosts == 1


def test_a_fleet_of_lost_hosts_is_a_report(tmp_path: Path, engine: str) -> None:
    found = fleet(tmp_path, engine, lost("a"), lost("b"))
    assert (found.totals.hosts, found.totals.checked, found.totals.failed) == (2, 0, 2)


def test_hostile_names_are_kept_apart_and_printable(tmp_path: Path, engine: str) -> None:
    lines = [
        check(name, finding(name, target=name, setting=name, actual=name), group=name, kernel=name)
        for name in HOSTILE
    ]
    found = fleet(tmp_path, engine, *lines)
    assert found.totals.hosts == len(found.groups) == len(found.rules) == len(HOSTILE)
    assert all(host.host.isprintable() and host.rules for host in found.hosts)


def test_both_engines_say_the_same(tmp_path: Path, engine: str) -> None:
    lines = [
        check(
            f"host-{n}",
            *(f"RULE{rule}" for rule in range(12) if (n * 7 + rule * 3 + day) % 5 == 0),
            group=f"g{n % 3}",
            at=f"2026-05-0{day}T00:00:{n % 60:02}Z",
            kernel="5.10" if n == 13 else "6.1",
        )
        for n in range(60)
        for day in (1, 2)
    ]
    path = write(tmp_path / "lines.ndjson", *lines, lost("x"), "nonsense")
    assert report([path], engine) == report([path], "sqlite")


def test_what_a_rollout_did_is_told_by_the_newest_lines(tmp_path: Path, engine: str) -> None:
    def rollout(state: str, problem: str | None = None, **more: object) -> dict[str, object]:
        return {"rollout": {"state": state, "problem": problem, "changes": 3, **more}}

    found = fleet(
        tmp_path,
        engine,
        check("good", **rollout("applied", reboot_required=True)),
        check("again", at=BEFORE, **rollout("rolled-back", "a probe")),
        check("again", at=NOW, **rollout("applied")),
        check("same", **rollout("checked")),
        check("undone", "AAA001", **rollout("rolled-back", "undone with its wave")),
        check("broken", **rollout("failed", "no room on /etc")),
        lost("away", at=NOW, **rollout("unreachable", "no route")),
        check("plain"),
    )
    at = "2026-05-02T03:04:05Z"
    assert found.rollout == Rollout(
        applied=2,
        rolled_back=1,
        failed=1,
        reboot=1,
        settings=6,
        hosts=(
            RolloutHost("broken", "web", at, "failed", 3, "no room on /etc"),
            RolloutHost("undone", "web", at, "rolled-back", 3, "undone with its wave"),
        ),
    )


@pytest.mark.parametrize("rollout", [None, "applied", [], {"state": 7}])
def test_a_rollout_that_says_nothing_counts_for_nothing(
    tmp_path: Path, engine: str, rollout: object
) -> None:
    found = fleet(tmp_path, engine, check("a", rollout=rollout))
    assert found.rollout == Rollout(0, 0, 0, 0, 0, ())
    assert found.totals.checked == 1
