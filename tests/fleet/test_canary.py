"""A rollout in waves, one of which has a host on which somebody else changes things back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fleet.conftest import MakeFleet
from tests.fleet.image import INSTALLED
from tests.fleet.play import play, write_inventory

pytestmark = pytest.mark.slow

MISTREATED = ("net.ipv4.tcp_sack=0", "net.ipv4.tcp_syncookies=0")

# Another tool that has an opinion: it lets the run end, and then has its way.
OTHER_TOOL = """
(while [ "$(cat /proc/sys/net/ipv4/tcp_sack)" = 0 ]; do sleep 0.1; done
sleep 1
echo 0 >/proc/sys/net/ipv4/tcp_sack) >/dev/null 2>&1 </dev/null &
"""


def test_a_rollout_ends_with_the_wave_that_has_a_bad_host_and_undoes_that_wave(
    fleet: MakeFleet,
) -> None:
    made = fleet(12)
    write_inventory(
        made,
        {
            "all": {
                **INSTALLED,
                "advisor_apply": True,
                "advisor_soak": 1,
                "advisor_soak_sample": 0,
                "advisor_local_fact": False,
            }
        },
    )
    for host in made.hosts:
        host.run("sysctl", "-q", "-w", *MISTREATED)
    made["h4"].run("sh", "-c", OTHER_TOOL)
    before = {host.name: host.look() for host in made.hosts}

    played = play(made, "canary.yml")

    assert played.code == 2, played.output
    # Waves of one, 5 %, 25 % and all: h1, h2, h3 to h5, the others.
    assert played.hosts() == {"h1", "h2", "h3", "h4", "h5"}
    assert played.hosts("failed") == {"h3", "h4", "h5"}
    assert "h4" in played.failure("h3")
    assert "tcp_sack" in played.output
    kept = {"tcp_sack": "1\n", "tcp_syncookies": "1\n"}
    for host in made.hosts:
        after = host.look()
        changed = {
            Path(name).name: value
            for name, value in after.items()
            if before[host.name].get(name) != value
        }
        assert changed == (kept if host.name in ("h1", "h2") else {}), host.name
        assert before[host.name].keys() == after.keys()
