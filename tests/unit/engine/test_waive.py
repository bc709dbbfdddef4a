"""Failures that are set aside: by whom, until when, and which not."""

from __future__ import annotations

from datetime import date

import pytest

from advisor.engine.evaluate import evaluate
from advisor.engine.waive import Decisions, unused, waive
from advisor.knowledge.fixtures import build_host
from advisor.model.finding import Finding, Status
from advisor.model.rule import Scope
from advisor.model.waiver import Waiver
from tests.unit.engine.rules import rule

TODAY = date(2026, 11, 21)
HOST = build_host({"nics": {"eth0": {"mtu": 9000}, "eth1": {"mtu": 1500}, "wan0": {"mtu": 9000}}})


def findings() -> list[Finding]:
    return evaluate(HOST, [rule(expr="nic.mtu < 9000", scope=Scope.NIC)], {})


def waiver(
    rule: str = "TST001", target: str = "*", hosts: str = "*", expires: str | None = None
) -> Waiver:
    day = None if expires is None else date.fromisoformat(expires)
    return Waiver(rule, target, hosts, "because we say so", day, "waivers.yaml:2")


def statuses(*waivers: Waiver, known: frozenset[tuple[str, str, str]] = frozenset()) -> str:
    found = waive(findings(), "web-1", Decisions(TODAY, waivers, known, "b.json"))
    by_target = {finding.target: finding for finding in found}
    return " ".join(by_target[name].status.value for name in ("eth0", "eth1", "wan0"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], "fail pass fail"),
        ([waiver()], "waived pass waived"),
        ([waiver(target="eth0")], "waived pass fail"),
        ([waiver(target="eth*")], "waived pass fail"),
        ([waiver("TST*")], "waived pass waived"),
        ([waiver("TST002")], "fail pass fail"),
        ([waiver(hosts="web-*")], "waived pass waived"),
        ([waiver(hosts="db-*")], "fail pass fail"),
        ([waiver(expires="2026-11-21")], "waived pass waived"),
        ([waiver(expires="2026-11-20")], "fail pass fail"),
        ([waiver(expires="2026-11-20"), waiver(expires="2027-01-01")], "waived pass waived"),
    ],
)
def test_a_waiver_sets_aside_what_it_names_while_it_holds(
    given: list[Waiver], expected: str
) -> None:
    assert statuses(*given) == expected


def test_an_expired_waiver_leaves_a_note() -> None:
    found = waive(findings(), "web-1", Decisions(TODAY, [waiver(expires="2026-01-31")]))
    (note,) = {finding.waived for finding in found if finding.status is Status.FAIL}
    assert note is not None
    assert (note.expired, note.until, note.place) == (True, "2026-01-31", "waivers.yaml:2")


def test_a_baseline_sets_aside_what_was_there_on_that_host() -> None:
    assert statuses(known=frozenset({("web-1", "TST001", "eth0")})) == "waived pass fail"
    assert statuses(known=frozenset({("web-2", "TST001", "eth0")})) == "fail pass fail"


def test_a_target_with_brackets_is_a_name_before_it_is_a_pattern() -> None:
    host = build_host({"listeners": {"[::]:80": {"accept_queue": 9}}})
    found = evaluate(host, [rule(expr="listener.accept_queue < 9", scope=Scope.LISTENER)], {})
    (finding,) = waive(found, "web-1", Decisions(TODAY, [waiver(target="[::]:80")]))
    assert finding.status is Status.WAIVED


def test_what_is_set_aside_comes_after_the_failures() -> None:
    found = waive(findings(), "web-1", Decisions(TODAY, [waiver(target="eth0")]))
    assert [finding.target for finding in found] == ["wan0", "eth0", "eth1"]


def test_waivers_that_nothing_needs_are_named() -> None:
    needed, idle, elsewhere = waiver(target="eth0"), waiver(target="eth1"), waiver(hosts="db-*")
    decisions = Decisions(TODAY, [needed, idle, elsewhere])
    assert unused(findings(), "web-1", decisions) == [idle]
