"""Changes that cut a host off: it comes back by itself, and nothing else is changed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.fleet.bed import CONTROLLER, CONTROLLER_LINK, Fleet, Host
from tests.fleet.conftest import MakeFleet, advisor, wait_until
from tests.fleet.image import INSTALLED
from tests.fleet.play import ROLE, play, start, write_inventory

pytestmark = pytest.mark.slow

# The site wants a strict reverse path filter. Where answers leave by another interface than the one
# that questions come in by, that drops every packet.
RULE = Path(__file__).parent / "rules" / "SITE001-strict-reverse-path.yaml"
SACK = "/proc/sys/net/ipv4/tcp_sack"
VARIABLES = {
    **INSTALLED,
    "advisor_apply": True,
    "advisor_local_fact": False,
    "advisor_rule_files": [str(RULE)],
    "advisor_select": ["SITE001"],
}


def test_a_host_that_a_change_cuts_off_restores_itself_and_the_play_stops(
    fleet: MakeFleet,
) -> None:
    made = fleet(3)
    soon = {"advisor_confirm_within": "8s", "advisor_reconnect_timeout": 6}
    write_inventory(made, {"all": VARIABLES, "impatient": soon}, {"impatient": ["h2"]})
    answer_by_another_way(made, made["h2"])
    before = {host.name: host.look() for host in made.hosts}

    played = play(made, ROLE, wave=1)

    assert played.code == 2, played.output
    assert played.hosts() == {"h1", "h2"}
    assert played.hosts("failed", "unreachable") == {"h2"}
    filtered = "/proc/sys/net/ipv4/conf/eth0/rp_filter"
    assert made["h1"].look() == {**before["h1"], filtered: "1\n"}
    wait_until(lambda: made["h2"].look() == before["h2"], "h2 does not restore itself")
    assert made["h3"].look() == before["h3"]
    assert "rolled-back" in made["h2"].run(*advisor("history", "-f", "json"))
    assert made.reaches(made["h2"])


def test_a_probe_that_does_not_answer_any_more_undoes_the_change_at_once(fleet: MakeFleet) -> None:
    made = fleet(1)
    write_inventory(made, {"all": {**VARIABLES, "advisor_probes": [f"ping:{CONTROLLER}"]}})
    answer_by_another_way(made, made["h1"])
    before = made["h1"].look()

    played = play(made, ROLE)

    assert played.code == 2, played.output
    assert played.results("rolled_back") == {"h1": True}
    assert f"ping:{CONTROLLER}" in played.failure("h1")
    assert made["h1"].look() == before


def test_a_connection_that_is_lost_while_a_run_lasts_is_taken_up_again(fleet: MakeFleet) -> None:
    made = fleet(1)
    (host,) = made.hosts
    write_inventory(made, {"all": {**INSTALLED, "advisor_apply": True, "advisor_observe": "3s"}})
    host.run("sysctl", "-q", "-w", "net.ipv4.tcp_sack=0")

    playing = start(made, ROLE)
    wait_until(lambda: host.run("cat", SACK) == "1\n", "nothing is changed")
    made.unplug(host)
    time.sleep(8)
    made.plug(host)
    played = playing.wait()

    assert played.code == 0, played.output
    assert host.run("cat", SACK) == "1\n"
    assert "nothing waits" in host.run(*advisor("status"))


def answer_by_another_way(made: Fleet, host: Host) -> None:
    """Packets for the host come in by eth0, and its answers leave by eth1."""
    made.link(host, "eth1")
    inward = host.run("cat", "/sys/class/net/eth0/address").strip()
    permanent = ("nud", "permanent", "dev")
    made.run("ip", "neigh", "replace", host.address, "lladdr", inward, *permanent, "br0")
    host.run("ip", "neigh", "add", CONTROLLER, "lladdr", CONTROLLER_LINK, *permanent, "eth1")
    host.run("ip", "route", "add", CONTROLLER, "dev", "eth1", "src", host.address)
