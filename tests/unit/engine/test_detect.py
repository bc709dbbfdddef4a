"""Which profile a host looks like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from advisor.engine.detect import Match, rank, sure
from advisor.expression import parse
from advisor.expression.kinds import ANYTHING, BOOLEAN, rule_scope
from advisor.expression.names import check
from advisor.expression.template import parse_template
from advisor.knowledge.fixtures import build_host
from advisor.knowledge.locations import profiles_dir
from advisor.knowledge.profiles import load_profile, profile_names
from advisor.model.profile import Profile

SIGNS = {
    "web": """
  - if: sockets.established >= params.crowd
    because: "{sockets.established} connections"
  - if: any(l.port == 80 for l in listeners)
    because: serves HTTP""",
    "router": """
  - if: sysctl.net.ipv4.ip_forward == 1
    because: forwards""",
    "odd": """
  - if: memory.total
    because: has memory""",
}
HTTP = {"0.0.0.0:80": {}}


@pytest.fixture
def profiles(tmp_path: Path) -> list[Profile]:
    for name, signs in SIGNS.items():
        (tmp_path / f"{name}.yaml").write_text(
            f"name: {name}\ntitle: A profile\ndescription: For the tests of detection.\n"
            "params: {crowd: {type: integer, default: 100, help: Many connections.}}\n"
            f"detect:{signs}\n"
        )
    (tmp_path / "base.yaml").write_text(
        "name: base\ntitle: Without signs\ndescription: It is never suggested.\nparams: {}\n"
    )
    return [load_profile(tmp_path, name, trusted=False) for name in profile_names(tmp_path)]


def match(profiles: list[Profile], name: str, **given: Any) -> Match:
    return next(each for each in rank(build_host(given), profiles) if each.profile == name)


def test_signs_are_seen_missing_or_unknown(profiles: list[Profile]) -> None:
    found = match(profiles, "web", sockets={"established": 250}, listeners={"0.0.0.0:22": {}})
    assert found.because == ("250 connections",)
    assert found.missing == ("any(l.port == 80 for l in listeners)",)
    assert (found.unknown, found.share, found.suggested) == ((), 0.5, False)


def test_what_cannot_be_seen_counts_as_absent_and_says_why(profiles: list[Profile]) -> None:
    found = match(profiles, "web", sockets={"unavailable": "no permission"}, listeners=HTTP)
    assert found.unknown == ("sockets.established >= params.crowd: no permission",)
    assert found.share == 0.5


def test_a_sign_that_is_neither_true_nor_false_is_unknown(profiles: list[Profile]) -> None:
    found = match(profiles, "odd", memory={"total": 5})
    assert found.unknown == ("memory.total: neither true nor false",)
    assert found.share == 0


def test_a_profile_without_signs_is_not_ranked(profiles: list[Profile]) -> None:
    assert {each.profile for each in rank(build_host({}), profiles)} == set(SIGNS)


@pytest.mark.parametrize(
    ("given", "order", "certain"),
    [
        ({}, ["odd", "router", "web"], None),
        ({"listeners": HTTP}, ["web", "odd", "router"], None),
        ({"listeners": HTTP, "sockets": {"established": 100}}, ["web", "odd", "router"], "web"),
        (
            {
                "listeners": HTTP,
                "sockets": {"established": 100},
                "sysctl": {"net.ipv4.ip_forward": 1},
            },
            ["web", "router", "odd"],
            None,
        ),
        ({"sysctl": {"net.ipv4.ip_forward": 1}}, ["router", "odd", "web"], "router"),
    ],
)
def test_the_best_match_comes_first_and_only_a_single_full_one_is_certain(
    profiles: list[Profile], given: dict[str, Any], order: list[str], certain: str | None
) -> None:
    matches = rank(build_host(given), profiles)
    assert [each.profile for each in matches] == order
    assert sure(matches) == certain


SHIPPED = profile_names(profiles_dir())


@pytest.mark.parametrize("name", SHIPPED)
def test_expressions_of_a_shipped_profile_name_facts_that_there_are(name: str) -> None:
    profile = load_profile(profiles_dir(), name, trusted=False)
    scope = rule_scope("host", profile.params)
    for sign in profile.detect:
        assert check(parse(sign.when), scope, BOOLEAN) == []
        for part in parse_template(sign.because).parts:
            assert isinstance(part, str) or check(part[0], scope) == []
    for param in profile.params.values():
        if param.source:
            assert check(parse(param.source), scope, ANYTHING) == []


def test_a_host_about_which_nothing_is_known_is_of_no_profile() -> None:
    shipped = [load_profile(profiles_dir(), name) for name in SHIPPED]
    matches = rank(build_host({}), shipped)
    assert {each.profile for each in matches} == set(SHIPPED) - {"server"}
    assert all(each.share == 0 for each in matches)
    assert sure(matches) is None


TYPICAL: dict[str, dict[str, Any]] = {
    "kubernetes-node": {
        "services": {"running": ["containerd", "kubelet"]},
        "nics": {
            "veth0": {"kind": "veth", "physical": False},
            "veth1": {"kind": "veth", "physical": False},
        },
        "sysctl": {"net.ipv4.ip_forward": 1},
    },
    "low-latency-rpc": {
        "listeners": {"0.0.0.0:5432": {}},
        "sockets": {"min_rtt_us": {"p50": 180.0}},
        "nstat": {
            "Ip.InReceives": 90_000_000,
            "Ip.OutRequests": 80_000_000,
            "IpExt.InOctets": 9_000_000_000,
            "IpExt.OutOctets": 30_000_000_000,
        },
    },
    "udp-quic": {
        "listeners": {"[::]:443": {}},
        "nstat": {
            "Udp.InDatagrams": 900_000_000,
            "Udp.OutDatagrams": 1_900_000_000,
            "Tcp.InSegs": 90_000_000,
            "Tcp.OutSegs": 90_000_000,
        },
    },
}


@pytest.mark.parametrize("name", TYPICAL)
def test_a_host_of_its_kind_is_recognised_and_each_sign_counts(name: str) -> None:
    shipped = [load_profile(profiles_dir(), each) for each in SHIPPED]
    matches = rank(build_host(TYPICAL[name]), shipped)
    assert sure(matches) == name
    assert matches[0].profile == name
    for section in TYPICAL[name]:
        rest = {key: value for key, value in TYPICAL[name].items() if key != section}
        assert sure(rank(build_host(rest), shipped)) is None
