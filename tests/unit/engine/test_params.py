"""Where parameters get their values."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.engine.params import resolve
from advisor.errors import AdvisorError
from advisor.knowledge.fixtures import build_host
from advisor.knowledge.profiles import load_profile
from advisor.model.profile import Profile

PROFILE = """\
name: base
title: The base
description: A profile for the tests of parameters.
params:
  link_mbps: {type: number, from: max(n.speed_mbps for n in nics), maximum: 1000, help: Its speed.}
  flow_mbps: {type: number, from: params.link_mbps / 2, default: 7, help: One flow's speed.}
  rtt_ms: {type: number, default: 50, minimum: 1, maximum: 1000, help: Round-trip time.}
  count: {type: integer, default: 3, help: A whole number.}
  near: {type: boolean, default: false, help: Whether peers are near.}
  mode: {type: string, choices: [one, two], default: one, help: One of two words.}
"""


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    (tmp_path / "base.yaml").write_text(PROFILE)
    return load_profile(tmp_path, "base")


def test_the_command_line_beats_the_environment_and_both_beat_the_profile(
    profile: Profile,
) -> None:
    environment = {"ADVISOR_PARAM_RTT_MS": "20", "ADVISOR_PARAM_COUNT": "9"}
    found = resolve(profile, build_host({}), {"rtt_ms": "10.5"}, environment)
    assert (found["rtt_ms"].value, found["rtt_ms"].origin) == (10.5, "--param")
    assert (found["count"].value, found["count"].origin) == (9, "ADVISOR_PARAM_COUNT")
    assert (found["mode"].value, found["mode"].origin) == ("one", "profile base")


def test_facts_give_a_value_within_its_range_and_others_build_on_it(profile: Profile) -> None:
    host = build_host({"nics": {"eth0": {"speed_mbps": 25000}}})
    found = resolve(profile, host)
    assert found["link_mbps"].value == 1000
    assert found["flow_mbps"].value == 500
    assert found["link_mbps"].origin == "facts (max(n.speed_mbps for n in nics))"


def test_what_facts_do_not_tell_falls_back_to_the_default(profile: Profile) -> None:
    found = resolve(profile, build_host({"nics": {"eth0": {}}}))
    assert found["link_mbps"].value is None
    assert found["flow_mbps"].value == 7


@pytest.mark.parametrize("text", ["true", "yes", "on", "TRUE"])
def test_words_for_true(profile: Profile, text: str) -> None:
    assert resolve(profile, build_host({}), {"near": text})["near"].value is True


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("rtt_ms", "fast", "--param: rtt_ms has to be of type number, not 'fast'"),
        ("rtt_ms", "0", "--param: rtt_ms has to be at least 1"),
        ("rtt_ms", "1e400", "--param: rtt_ms has to be of type number"),
        ("rtt_ms", "nan", "--param: rtt_ms has to be of type number"),
        ("count", "1.5", "--param: count has to be of type integer"),
        ("near", "maybe", "--param: near has to be of type boolean"),
        ("mode", "three", "--param: mode has to be one of one, two"),
        ("rtt", "5", "profile base has no parameter 'rtt'"),
    ],
)
def test_a_value_that_is_not_allowed_is_an_error(
    profile: Profile, name: str, value: str, message: str
) -> None:
    with pytest.raises(AdvisorError) as caught:
        resolve(profile, build_host({}), {name: value})
    assert message in caught.value.message
