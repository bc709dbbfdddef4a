"""The role installs advisor: from a directory of wheels, where there is no network, from an index,
or from a single wheel, whose requirements the index has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import advisor as package
from tests.fleet import bed
from tests.fleet.bed import CONTROLLER, Fleet
from tests.fleet.conftest import Installed, MakeFleet, advisor
from tests.fleet.image import FROM_WHEELHOUSE, INSTALLED
from tests.fleet.look import python
from tests.fleet.play import ROLE, play, write_inventory
from tests.fleet.test_bad_hosts import make_older

pytestmark = pytest.mark.slow


def test_a_host_that_had_nothing_has_been_judged_by_what_was_installed(
    installed: Installed,
) -> None:
    played = installed.played
    assert played.results("version")["h1"] == package.__version__
    assert played.results("summary")["h1"]["pass"] > 10
    # Nobody but root may change what may run at boot.
    writable = [path for path in installed.layer.rglob("*") if path.lstat().st_mode & 0o022]
    assert [path for path in writable if not path.is_symlink()] == []


def test_an_older_version_is_replaced_and_the_same_one_is_left_alone(
    fleet: MakeFleet, wheelhouse: Path, tmp_path: Path
) -> None:
    made = fleet(2)
    # What advisor needs is there: its own wheel is enough.
    (wheel,) = wheelhouse.glob("nettune_advisor-*.whl")
    shutil.copy(wheel, tmp_path)
    variables = {**FROM_WHEELHOUSE, "advisor_wheelhouse": str(tmp_path)}
    write_inventory(made, {"all": {**variables, "advisor_local_fact": False}})
    make_older(made["h1"])
    played = play(made, ROLE)
    assert played.code == 0, played.output
    assert played.hosts("changed") == {"h1"}
    versions = {host.run(*advisor("--version")) for host in made.hosts}
    assert versions == {f"advisor {package.__version__}\n"}


def test_check_mode_tells_that_the_local_fact_is_written_once(fleet: MakeFleet) -> None:
    made = fleet(1)
    write_inventory(made, {"all": INSTALLED})
    changed = [
        play(made, ROLE, *options).hosts("changed") for options in (["--check"], [], ["--check"])
    ]
    assert changed == [{"h1"}, {"h1"}, set()]
    told = json.loads(made["h1"].run("cat", "/etc/ansible/facts.d/advisor.fact"))
    assert told["version"] == package.__version__


def test_an_index_has_all_and_a_wheel_needs_one_for_the_rest(
    wheelhouse: Path, tmp_path: Path
) -> None:
    (wheel,) = wheelhouse.glob("nettune_advisor-*.whl")
    usual = {**FROM_WHEELHOUSE, "advisor_index_url": INDEX, "advisor_local_fact": False}
    with bed.fleet(2) as made, serving(made, wheelhouse, tmp_path / "index"):
        for host in made.hosts:
            # pip takes an index without TLS only where it is told to.
            host.write("/etc/pip.conf", f"[global]\ntrusted-host = {CONTROLLER}\n")
        groups = {
            "all": usual,
            "indexed": {"advisor_install": "index"},
            "copied": {"advisor_install": "wheel", "advisor_wheel": str(wheel)},
        }
        write_inventory(made, groups, {"indexed": ["h1"], "copied": ["h2"]})
        played = play(made, ROLE)
        assert played.code == 0, played.output
        versions = {host.run(*advisor("--version")) for host in made.hosts}
    assert versions == {f"advisor {package.__version__}\n"}


INDEX = f"http://{CONTROLLER}:8000/"


@contextmanager
def serving(fleet: Fleet, wheels: Path, folder: Path) -> Iterator[None]:
    """A package index at the switch, as PEP 503 has it."""
    for wheel in wheels.glob("*.whl"):
        project = re.sub(r"[-_.]+", "-", wheel.name.partition("-")[0]).lower()
        (folder / project).mkdir(parents=True, exist_ok=True)
        shutil.copy(wheel, folder / project)
    words = [
        python(),
        "-m",
        "http.server",
        "--bind",
        CONTROLLER,
        "--directory",
        str(folder),
        "8000",
    ]
    with subprocess.Popen(fleet.command(*words), stderr=subprocess.DEVNULL) as server:
        try:
            yield
        finally:
            server.terminate()
