"""Hosts of which each lacks something else: each says what, and the good one is not held up."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fleet import bed
from tests.fleet.bed import Host
from tests.fleet.conftest import Installed, advisor
from tests.fleet.image import FROM_WHEELHOUSE, INSTALLED
from tests.fleet.play import ROLE, Played, play, write_inventory

pytestmark = pytest.mark.slow

HOSTS = {
    "good": "h1",
    "without_python": "h2",
    "without_headers": "h3",
    "too_old": "h4",
    "unknown_profile": "h5",
    "unplugged": "h6",
}


@dataclass(frozen=True)
class Bad:
    """What the role did on such a fleet.

    Attributes:
        played: The playbook.
        rollouts: How it went, as the line of each host in the directory of reports says.
        untouched: The hosts that are as before.
    """

    played: Played
    rollouts: dict[str, dict[str, Any]]
    untouched: set[str]


@pytest.fixture(scope="module")
def bad(
    _dpkg: None, installed: Installed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bad]:
    reports = tmp_path_factory.mktemp("reports")
    with bed.fleet(len(HOSTS), [installed.layer]) as fleet:
        write_inventory(
            fleet,
            {
                "all": {
                    **INSTALLED,
                    "advisor_apply": True,
                    "advisor_local_fact": False,
                    "advisor_report_dir": str(reports),
                },
                "without_python": {"advisor_python": ""},
                "without_headers": {
                    **FROM_WHEELHOUSE,
                    "advisor_wheelhouse": str(reports),
                    "advisor_ethtool": "build",
                },
                "unknown_profile": {"advisor_profile": "egde-proxy"},
            },
            {name: [host] for name, host in HOSTS.items()},
        )
        fleet[HOSTS["without_python"]].run("sh", "-c", "rm /usr/bin/python3*")
        without_headers = fleet[HOSTS["without_headers"]]
        without_headers.run("rm", "-r", "/opt/advisor")
        without_headers.run("dpkg", "--remove", "--force-depends", "libnl-3-dev")
        make_older(fleet[HOSTS["too_old"]])
        fleet.unplug(fleet[HOSTS["unplugged"]])
        for host in fleet.hosts:
            host.run("sysctl", "-q", "-w", "net.ipv4.tcp_sack=0")
        played = play(fleet, ROLE)
        lines = [json.loads(path.read_text()) for path in reports.iterdir()]
        untouched = {
            host.name
            for host in fleet.hosts
            if host.run("cat", "/proc/sys/net/ipv4/tcp_sack") == "0\n"
        }
        yield Bad(played, {line["host"]: line["rollout"] for line in lines}, untouched)


@pytest.fixture(scope="module")
def _dpkg() -> None:
    if shutil.which("dpkg") is None:
        pytest.skip("names packages of Debian")


def make_older(host: Host) -> None:
    """What is installed there says that it is of an earlier version."""
    edit = (
        "cd /opt/advisor/venv/lib/python3*/site-packages && "
        "sed -i 's/^__version__ = .*/__version__ = \"0.0.9\"/' advisor/__init__.py && "
        "mv nettune_advisor-*.dist-info nettune_advisor-0.0.9.dist-info && "
        "sed -i 's/^Version: .*/Version: 0.0.9/' nettune_advisor-0.0.9.dist-info/METADATA"
    )
    host.run("sh", "-c", edit)
    assert host.run(*advisor("--version")) == "advisor 0.0.9\n"


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("without_python", "there is no Python 3.10 or newer"),
        ("without_headers", "these packages are missing: libnl-3-dev."),
        ("too_old", "advisor 0.0.9 is too old: this role needs 0.1.0 or newer"),
        ("unknown_profile", "did you mean edge-proxy"),
        ("unplugged", "it cannot be reached"),
    ],
)
def test_a_bad_host_says_what_it_lacks_and_is_not_touched(
    bad: Bad, host: str, message: str
) -> None:
    name = HOSTS[host]
    assert message in bad.played.failure(name)
    assert message in bad.rollouts[name]["problem"]
    assert name in bad.untouched


def test_the_good_host_is_changed_nevertheless(bad: Bad) -> None:
    assert bad.played.hosts("changed") == {HOSTS["good"]}
    assert HOSTS["good"] not in bad.untouched
    assert bad.rollouts[HOSTS["good"]]["state"] == "applied"


def test_the_play_fails_and_every_host_has_a_line_in_the_report(bad: Bad) -> None:
    assert bad.played.code == 2, bad.played.output
    assert bad.rollouts.keys() == set(HOSTS.values())
    states = {host: bad.rollouts[name]["state"] for host, name in HOSTS.items()}
    assert states == {
        "good": "applied",
        "without_python": "failed",
        "without_headers": "failed",
        "too_old": "failed",
        "unknown_profile": "failed",
        "unplugged": "unreachable",
    }
