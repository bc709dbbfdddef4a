"""Reading profiles: inheritance, and what is said about bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.knowledge.locations import profiles_dir
from advisor.knowledge.profiles import load_profile, profile_names

BASE = """\
name: base
title: The base
description: A profile that others extend, for the tests.
params:
  rtt_ms: {type: number, unit: ms, default: 50, minimum: 1, maximum: 1000, help: Round-trip time.}
  near: {type: boolean, default: false, help: Whether peers are near.}
rules: {ignore: [NIC], severity: {RCV001: info}}
"""
CHILD = """\
name: child
title: The child
description: A profile that extends the base, for the tests.
extends: base
params:
  rtt_ms: {default: 5}
rules: {select: [NIC], severity: {RCV001: error}}
"""

BAD = {
    "unknown parent": ("extends: base", "extends: bsae", "there is no profile 'bsae'"),
    "itself": ("extends: base", "extends: child", "profiles extend each other: child → child"),
    "out of range": ("{default: 5}", "{default: 5000}", "rtt_ms can be at most 1000"),
    "wrong type": ("{default: 5}", "{default: fast}", "rtt_ms has to be of type number"),
    "changed type": ("{default: 5}", "{type: string, default: a}", "a child cannot change that"),
    "new without type": ("rtt_ms: {default: 5}", "other: {default: 5}", "other is new and needs"),
    "unknown key": ("title: The child", "titel: The child", ":1:1: "),
    "duplicate key": ("extends: base", "extends: base\nname: x", ":5:1: the key 'name'"),
    "name of the file": ("name: child", "name: children", "the file has to be called"),
}


def write(folder: Path, child: str = CHILD) -> Path:
    (folder / "base.yaml").write_text(BASE)
    (folder / "child.yaml").write_text(child)
    return folder


def test_a_child_inherits_and_overrides(tmp_path: Path) -> None:
    profile = load_profile(write(tmp_path), "child", trusted=False)
    assert profile.params["rtt_ms"].default == 5
    assert profile.params["rtt_ms"].unit == "ms"
    assert profile.params["near"].default is False
    assert profile.origin == {"rtt_ms": "child", "near": "base"}
    assert profile.severity["RCV001"].value == "error"
    assert (profile.select, profile.ignore) == (("NIC",), ())


@pytest.mark.parametrize("name", BAD)
def test_a_bad_profile_is_an_error(tmp_path: Path, name: str) -> None:
    old, new, message = BAD[name]
    assert old in CHILD
    with pytest.raises(AdvisorError) as caught:
        load_profile(write(tmp_path, CHILD.replace(old, new)), "child", trusted=False)
    assert message in caught.value.message


def test_a_longer_cycle_is_an_error(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "base.yaml").write_text(BASE + "extends: child\n")
    with pytest.raises(AdvisorError, match="extend each other: child → base → child"):
        load_profile(tmp_path, "child", trusted=False)


def test_an_unknown_profile_brings_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError) as caught:
        load_profile(write(tmp_path), "chidl")
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("did you mean child?")


@pytest.mark.parametrize("name", profile_names(profiles_dir()))
def test_shipped_profiles_are_valid_and_explain_every_parameter(name: str) -> None:
    profile = load_profile(profiles_dir(), name, trusted=False)
    assert name == "server" or profile.detect
    for key, param in profile.params.items():
        assert param.help, key
        assert param.source or param.default is not None, key


def test_the_profiles_of_the_mission_are_there() -> None:
    assert set(profile_names(profiles_dir())) >= {
        "server",
        "edge-proxy",
        "connection-rate",
        "datacenter-storage",
        "wan-bulk",
        "proxy-10g",
        "service-mesh",
        "router-nat",
        "virtual-guest",
        "kubernetes-node",
        "low-latency-rpc",
        "udp-quic",
    }
