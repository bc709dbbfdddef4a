"""Which network namespace the facts are of."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.netns import read_netns
from advisor.model.system import NetNs
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host

LINK = "/proc/thread-self/ns/net"
SOMAXCONN = "/proc/sys/net/core/somaxconn"
MAX_BACKLOG = "/proc/sys/net/core/netdev_max_backlog"


@pytest.mark.parametrize(
    ("entries", "initial"),
    [({SOMAXCONN: "4096\n", MAX_BACKLOG: "1000\n"}, True), ({SOMAXCONN: "4096\n"}, False)],
)
def test_the_initial_namespace_shows_in_its_sysctls(
    tmp_path: Path, entries: dict[str, str], initial: bool
) -> None:
    files = host(tmp_path, {LINK: Link("net:[4026531840]"), **entries})
    assert read_netns(files) == NetNs(inode=4026531840, initial=initial, name=None)


def test_the_name_is_what_it_was_asked_for_by(tmp_path: Path) -> None:
    assert read_netns(host(tmp_path, {SOMAXCONN: "1\n"}), "blue").name == "blue"


def test_nothing_is_guessed(tmp_path: Path) -> None:
    found = read_netns(host(tmp_path, {LINK: Link("something else")}))
    assert isinstance(found.inode, Unavailable)
    assert isinstance(found.initial, Unavailable)
