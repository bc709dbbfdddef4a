"""Fleets for tests: hosts on which the role has installed advisor, from a wheelhouse."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fleet import bed, image
from tests.fleet.bed import Fleet
from tests.fleet.play import ANSIBLE, Played

MakeFleet = Callable[[int], Fleet]


@dataclass(frozen=True)
class Installed:
    """What the role did on a host that had nothing.

    Attributes:
        played: The playbook.
        layer: What it has installed: a folder to lay over the root of other hosts.
    """

    played: Played
    layer: Path


@pytest.fixture(scope="session", autouse=True)
def _needs() -> None:
    """A fleet needs root, and programs that not every machine has."""
    if os.geteuid() != 0:
        pytest.skip("needs root: hosts are namespaces")
    for program in ("ip", "nsenter", "setpriv", "ssh", "ssh-keygen", "tc", "unshare"):
        if shutil.which(program) is None:
            pytest.skip(f"needs {program}")
    if shutil.which("sshd", path="/usr/sbin:/usr/bin") is None and not bed.SSHD_LAYER.is_dir():
        pytest.skip("needs sshd: scripts/setup.sh unpacks it on Debian and Ubuntu")
    if not ANSIBLE.exists():
        pytest.skip("needs ansible-core in the tests' environment")


@pytest.fixture(scope="session")
def wheelhouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheels of advisor and of everything that it needs."""
    folder = tmp_path_factory.mktemp("wheelhouse")
    image.build_wheelhouse(folder)
    return folder


@pytest.fixture(scope="session")
def installed(wheelhouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The role has run once, for real; the hosts of all other fleets have what it has installed."""
    layer = tmp_path_factory.mktemp("layer")
    return Installed(image.install(wheelhouse, layer), layer)


@pytest.fixture
def fleet(installed: Installed) -> Iterator[MakeFleet]:
    """Makes fleets of so many hosts, with advisor on each; they are gone when the test is over."""
    with ExitStack() as stack:
        yield lambda count: stack.enter_context(bed.fleet(count, [installed.layer]))


def wait_until(reached: Callable[[], bool], otherwise: str, seconds: float = 60) -> None:
    """Fails, saying so, when something is not reached in time."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.1)


def advisor(*words: str) -> list[str]:
    """The program on the hosts, where the role has installed it."""
    return ["/opt/advisor/venv/bin/advisor", *words]
