"""Applies that nobody is left to finish, and links that do not come back: the watchdog's turn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns import sabotage
from tests.netns.apply_bench import Bench, story
from tests.netns.apply_lab import assert_same, everything, lab_space, of_conf, use_state, write_plan
from tests.netns.inside import advisor, inside, watchdogs
from tests.netns.spaces import Space, needs_namespaces, space
from tests.netns.test_nics_live import wait_until_up

pytestmark = needs_namespaces

LINK = {"net.core.somaxconn": 1001, "nic:wide0/mtu": 1400, "net.ipv4.tcp_sack": 0}
SOON = 2.5
PATIENCE_S = 20.0  # of a test, on a loaded machine


# A refusal is an answer, too.
KNOCK = """
import socket, sys
try:
    socket.create_connection(("198.51.100.1", 9), timeout=1)
except ConnectionRefusedError:
    sys.exit(0)
except OSError:
    sys.exit(1)
"""


@pytest.fixture
def lab() -> Iterator[Space]:
    with lab_space() as made:
        for state in ("down", "up"):  # the kernel lists what comes back last last
            made.run("ip", "link", "set", "dev", "wide1", state)
        wait_until_up(made, "wide0", "wide1")
        yield made


def lost_peer() -> None:
    sabotage.run("ip", "link", "set", "dev", "wide1", "down")()


def peer_again() -> None:
    """The other end is there again, with what had been lost with it."""
    sabotage.run("ip", "link", "set", "dev", "wide1", "up")()


def wait_for_end(state: Path) -> None:
    """Until no watchdog is left."""
    deadline = time.monotonic() + PATIENCE_S
    while watchdogs(state):
        assert time.monotonic() < deadline, "it does not end"
        time.sleep(0.05)


def test_a_link_that_does_not_come_back_undoes_the_change(lab: Space, tmp_path: Path) -> None:
    def act(bench: Bench) -> None:
        def first() -> None:
            sabotage.short_of_time(0.3)
            sabotage.at_write(1, lost_peer, after=True)()

        done = bench.apply(first=first)
        assert done.code == 4, done
        assert "wide0: it has no link after 0.3 s" in done.out
        assert "read as before" in done.out
        peer_again()
        bench.settle()

    story(lab, tmp_path, act, wanted=LINK)


@pytest.mark.parametrize("step", ["first", "link", "last"])
def test_the_watchdog_undoes_what_a_killed_apply_has_left(
    lab: Space, tmp_path: Path, step: str
) -> None:
    def act(bench: Bench) -> None:
        def die() -> None:
            if step == "link":
                lost_peer()
            os.kill(os.getpid(), signal.SIGKILL)

        def first() -> None:
            sabotage.short_of_time(SOON)
            sabotage.at_write({"first": 0, "link": 1, "last": 2}[step], die, after=True)()

        assert bench.apply(first=first).code == -signal.SIGKILL
        assert len(watchdogs(bench.state)) == 1
        wait_for_end(bench.state)
        if step == "link":
            peer_again()
            bench.settle()

    story(lab, tmp_path, act, wanted=LINK, light=False)


def test_a_watchdog_that_dies_while_settings_are_written_ends_the_run(
    lab: Space, tmp_path: Path
) -> None:
    def act(bench: Bench) -> None:
        kill = sabotage.kill_watchdog(bench.state)
        done = bench.apply(first=sabotage.at_write(2, kill))
        assert done.code == 4, done
        assert "the watchdog has died" in done.out
        assert "read as before" in done.out

    story(lab, tmp_path, act, wanted=LINK)


def test_a_watchdog_that_dies_while_it_is_waited_for_is_told_and_replaced_by_recover(
    lab: Space, tmp_path: Path
) -> None:
    def act(bench: Bench) -> None:
        done = bench.apply("--confirm-within", "60s")
        assert done.code == 0, done
        assert "it waits to be confirmed; watchdog: process" in bench.status()
        assert advisor("recover").out.endswith("left alone\n")
        assert "waits to be confirmed" in bench.apply().err
        sabotage.kill_watchdog(bench.state)()
        assert "its watchdog has died before anybody confirmed it" in bench.status()
        done = advisor("recover")
        assert done.code == 0, done
        assert "3 settings read as before" in done.out

    story(lab, tmp_path, act, wanted=LINK)


def test_a_host_that_has_cut_itself_off_comes_back_by_itself(tmp_path: Path) -> None:
    """The operator sees the host, applies what makes it mute, and cannot confirm any more."""
    with space() as host, space() as operator:
        host.run("sysctl", "-q", "-w", "net.ipv6.conf.default.accept_dad=0")
        host.run(*f"ip link add door type veth peer name way netns {operator.name}".split())
        for end, name, number in ((host, "door", 1), (operator, "way", 2)):
            end.run("ip", "address", "add", f"198.51.100.{number}/24", "dev", name)
            end.run("ip", "link", "set", "dev", name, "up")

        def sees() -> bool:
            # As after a while: what the operator's neighbour table knew is forgotten.
            operator.run("ip", "neigh", "flush", "dev", "way")
            knock = ["ip", "netns", "exec", operator.name, sys.executable, "-S", "-c", KNOCK]
            return subprocess.run(knock, check=False).returncode == 0

        def act() -> None:
            state = use_state(tmp_path)
            before = everything()
            plan = write_plan(tmp_path / "plan.json", {of_conf("door", "arp_ignore"): 8})
            assert sees()
            done = advisor("apply", str(plan), "--yes", "--runtime-only", "--confirm-within", "4s")
            assert done.code == 0, done
            assert "keep it with: advisor confirm" in done.out
            assert not sees(), "nothing was cut: this test shows nothing"
            wait_for_end(state)
            assert sees()
            assert_same(before)
            assert "nothing waits" in advisor("status").out
            refused = advisor("confirm")
            assert refused.code == 6, refused

        inside(host, act)
