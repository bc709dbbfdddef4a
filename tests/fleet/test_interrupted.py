"""A play that somebody interrupts between the changes and their confirmation."""

from __future__ import annotations

import json

import pytest

from tests.fleet.conftest import MakeFleet, advisor, wait_until
from tests.fleet.image import INSTALLED
from tests.fleet.play import ROLE, play, start, write_inventory

pytestmark = pytest.mark.slow

SACK = "/proc/sys/net/ipv4/tcp_sack"


def test_an_interrupted_play_leaves_nothing_half_done_and_can_be_run_again(
    fleet: MakeFleet,
) -> None:
    made = fleet(2)
    write_inventory(
        made, {"all": {**INSTALLED, "advisor_apply": True, "advisor_local_fact": False}}
    )
    for host in made.hosts:
        host.run("sysctl", "-q", "-w", "net.ipv4.tcp_sack=0")
    before = [host.look() for host in made.hosts]

    playing = start(made, ROLE, advisor_confirm_within="10s", advisor_reconnect_timeout=8)
    wait_until(
        lambda: all(host.run("cat", SACK) == "1\n" for host in made.hosts), "nothing is changed"
    )
    playing.interrupt()
    interrupted = playing.wait()
    assert interrupted.code != 0
    assert not any("confirm" in event.task for event in interrupted.events), interrupted.output

    # It waits for the hosts to undo by themselves what was not confirmed, and begins anew.
    again = play(made, ROLE)
    assert again.code == 0, again.output
    for host, looked in zip(made.hosts, before, strict=True):
        assert host.look() == {**looked, SACK: "1\n"}
        runs = json.loads(host.run(*advisor("history", "-f", "json")))["runs"]
        assert sorted(run["state"] for run in runs) == ["confirmed", "rolled-back"]
        assert "nothing waits" in host.run(*advisor("status"))
