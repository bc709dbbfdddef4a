"""Waiting for links that really go down and come back: those of veth pairs."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.netns.spaces import Space, needs_namespaces, space

pytestmark = needs_namespaces

WAIT = """
import sys
from advisor.changes.links import wait_for_link
print(wait_for_link(sys.argv[1], sys.argv[2] == "had", float(sys.argv[3])))
"""


@pytest.fixture
def lab() -> Iterator[Space]:
    with space() as made:
        made.run("ip", "link", "add", "-x", "type", "veth", "peer", "name", "peer")
        for name in ("-x", "peer"):
            made.run("ip", "link", "set", "dev", name, "up")
        yield made


def wait(lab: Space, seconds: float, nic: str = "-x", had: str = "had") -> tuple[str, float]:
    """What it returned, and after how many seconds."""
    start = time.monotonic()
    said = lab.run(sys.executable, "-c", WAIT, nic, had, str(seconds)).strip()
    return said, time.monotonic() - start


@contextmanager
def meanwhile(*steps: tuple[float, Callable[[], object]]) -> Iterator[None]:
    """Does this, each after a pause, beside what runs in the block."""

    def work() -> None:
        for pause, step in steps:
            time.sleep(pause)
            step()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def set_peer(lab: Space, state: str) -> Callable[[], object]:
    return lambda: lab.run("ip", "link", "set", "dev", "peer", state)


def test_a_link_that_is_there_is_not_waited_for(lab: Space) -> None:
    said, seconds = wait(lab, 20)
    assert said == "None" and seconds < 5


def test_a_link_that_comes_back_is_waited_for(lab: Space) -> None:
    set_peer(lab, "down")()
    with meanwhile((1.0, set_peer(lab, "up"))):
        said, seconds = wait(lab, 20)
    assert said == "None" and 0.9 < seconds < 10


def test_a_link_that_stays_away_is_told(lab: Space) -> None:
    set_peer(lab, "down")()
    assert wait(lab, 0.5)[0] == "-x: it has no link after 0.5 s"
    assert wait(lab, 20, had="none")[0] == "None"


def test_an_interface_that_is_set_down_is_told(lab: Space) -> None:
    lab.run("ip", "link", "set", "dev", "-x", "down")
    assert wait(lab, 0.5)[0] == "-x: it is set down after 0.5 s"


def test_an_interface_that_vanishes_is_told(lab: Space) -> None:
    set_peer(lab, "down")()
    with meanwhile((0.8, lambda: lab.run("ip", "link", "delete", "dev", "peer"))):
        said, seconds = wait(lab, 20)
    assert "No such device" in said and seconds < 10


def test_an_interface_that_is_renamed_is_still_the_same(lab: Space) -> None:
    set_peer(lab, "down")()
    with meanwhile(
        (0.6, lambda: lab.run("ip", "link", "set", "dev", "-x", "name", "new")),
        (0.2, set_peer(lab, "up")),
    ):
        assert wait(lab, 20)[0] == "None"
