"""Hosts with different workloads: what is predicted happens, once, and can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fleet import bed
from tests.fleet.conftest import Installed
from tests.fleet.image import INSTALLED
from tests.fleet.play import ROLE, Played, play, write_inventory

pytestmark = pytest.mark.slow

SACK = "sysctl:net.ipv4.tcp_sack"
COOKIES = "sysctl:net.ipv4.tcp_syncookies"
UNSENT = "sysctl:net.ipv4.tcp_notsent_lowat"

Looks = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Story:
    """A fleet from beginning to end: each playbook, and the hosts before the first and after each.

    Attributes:
        predicted: The role with --check --diff.
        first: The role.
        second: The role again.
        undone: The playbook that rolls back.
        looks: Five of them.
    """

    predicted: Played
    first: Played
    second: Played
    undone: Played
    looks: list[Looks]


@pytest.fixture(scope="module")
def story(installed: Installed) -> Iterator[Story]:
    """A proxy and a server that somebody has mistreated, and a server where all is well."""
    with bed.fleet(3, [installed.layer]) as fleet:
        write_inventory(
            fleet,
            {
                "all": {
                    **INSTALLED,
                    "advisor_apply": True,
                    "advisor_local_fact": False,
                    "advisor_rollback_run": "all",
                },
                "proxies": {"advisor_profile": "edge-proxy"},
                "servers": {"advisor_profile": "server"},
            },
            {"proxies": ["h1"], "servers": ["h2", "h3"]},
        )
        fleet["h1"].run("sysctl", "-q", "-w", "net.ipv4.tcp_sack=0")
        fleet["h3"].run("sysctl", "-q", "-w", "net.ipv4.tcp_sack=0", "net.ipv4.tcp_syncookies=0")
        looks = [{host.name: host.look() for host in fleet.hosts}]
        played = []
        for playbook, *options in [
            (ROLE, "--check", "--diff"),
            (ROLE, "--diff"),
            (ROLE, "--diff"),
            ("rollback.yml", "--diff"),
        ]:
            played.append(play(fleet, playbook, *options))
            looks.append({host.name: host.look() for host in fleet.hosts})
        yield Story(*played, looks)


def test_check_mode_changes_nothing(story: Story) -> None:
    assert story.predicted.code == 0, story.predicted.output
    assert story.looks[1] == story.looks[0]


def test_check_mode_shows_exactly_what_happens_then(story: Story) -> None:
    assert story.first.code == 0, story.first.output
    assert changes(story.predicted) == changes(story.first)
    assert diffs(story.predicted) == diffs(story.first)
    assert diffs(story.first)["h1"] == [
        (f"{UNSENT} = 4294967295\n{SACK} = 0\n", f"{UNSENT} = 131072\n{SACK} = 1\n")
    ]
    assert f"-{SACK} = 0\n" in story.predicted.output
    assert f"+{SACK} = 1\n" in story.predicted.output


def test_each_host_gets_what_its_group_s_profile_wants(story: Story) -> None:
    assert changes(story.first) == {
        "h1": {SACK: (0, 1), UNSENT: (4294967295, 131072)},
        "h3": {SACK: (0, 1), COOKIES: (0, 1)},
    }
    assert differences(story, 0, 2) == {
        host: {
            f"/proc/sys/{setting.removeprefix('sysctl:').replace('.', '/')}": (
                f"{before}\n",
                f"{after}\n",
            )
            for setting, (before, after) in each.items()
        }
        for host, each in changes(story.first).items()
    }


def test_a_second_run_changes_nothing(story: Story) -> None:
    assert story.second.code == 0, story.second.output
    assert story.second.hosts("changed") == set()
    assert changes(story.second) == {}
    assert story.looks[3] == story.looks[2]


def test_a_rollback_of_everything_leaves_the_hosts_as_they_were(story: Story) -> None:
    assert story.undone.code == 0, story.undone.output
    assert story.undone.hosts("changed") == {"h1", "h3"}
    assert differences(story, 0, 4) == {}


def changes(played: Played) -> dict[str, dict[str, tuple[Any, Any]]]:
    """What the module that applies has changed, or would change, by host: before and after."""
    return {
        host: {each["setting"]: (each["before"], each["after"]) for each in found}
        for host, found in played.results("changes").items()
        if found
    }


def diffs(played: Played) -> dict[str, list[tuple[str, str]]]:
    """What --diff shows of each host."""
    found: dict[str, list[tuple[str, str]]] = {}
    for event in played.events:
        if event.result.get("diff"):
            each = event.result["diff"]
            found.setdefault(event.host, []).append((each["before"], each["after"]))
    return found


def differences(
    story: Story, earlier: int, later: int
) -> dict[str, dict[str, tuple[str | None, str | None]]]:
    """What is not the same on hosts, by host and by path or command."""
    found: dict[str, dict[str, tuple[str | None, str | None]]] = {}
    for host, before in story.looks[earlier].items():
        after = story.looks[later][host]
        for name in {*before, *after}:
            if before.get(name) != after.get(name):
                found.setdefault(host, {})[name] = (before.get(name), after.get(name))
    return found
