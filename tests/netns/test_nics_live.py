"""Interfaces of namespaces made for it, compared with what ip, tc and ethtool print about them.

What ethtool tells of each is compared in `test_ethtool_live`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from advisor.facts.files import Files
from advisor.facts.irqs import read_irqs
from advisor.facts.nics.interfaces import read_nics
from tests.netns.spaces import ROOT, Space, needs_namespaces, space

pytestmark = needs_namespaces
needs_ethtool = pytest.mark.skipif(shutil.which("ethtool") is None, reason="needs ethtool")

ODD_NAMES = ("-x", "a..b", "$(id)", "é", "fifteen-bytes-n")
UNSUPPORTED = {"unavailable": "the driver (veth) does not support this", "absent": True}


def set_up(lab: Space) -> None:
    """Interfaces of every software kind that a kernel always has, some settings changed."""
    four = ("numrxqueues", "4", "numtxqueues", "4")
    many = ("numrxqueues", "64", "numtxqueues", "64")
    lab.run("ip", "link", "add", "veth0", *four, "type", "veth", "peer", "name", "veth1", *four)
    lab.run("ip", "link", "add", "wide0", *many, "type", "veth", "peer", "name", "wide1", *many)
    lab.run("ip", "link", "add", "link", "veth0", "name", "eth0.100", "type", "macvlan")
    lab.run("ip", "tuntap", "add", "tap0", "mode", "tap", "multi_queue")
    for name in ("br0", *ODD_NAMES):
        lab.run("ip", "link", "add", "name", name, "type", "bridge")
    lab.run("ip", "link", "set", "dev", "veth1", "master", "br0")
    lab.run("ip", "link", "set", "dev", "veth0", "mtu", "1400", "txqueuelen", "500")
    lab.run("ip", "link", "set", "dev", "veth0", "gso_max_size", "32768")
    for name in ("veth0", "veth1", "wide0", "wide1", "br0"):
        lab.run("ip", "link", "set", "dev", name, "up")
    lab.run("tc", "qdisc", "add", "dev", "veth0", "root", "handle", "8001:", "mq")
    lab.run("tc", "qdisc", "add", "dev", "br0", "root", "handle", "7:", "pfifo", "limit", "9")
    queues = "/sys/class/net/veth0/queues"
    lab.run("sh", "-c", f"echo 3 > {queues}/rx-1/rps_cpus; echo 64 > {queues}/rx-1/rps_flow_cnt")
    lab.run("sh", "-c", f"echo 1 > {queues}/tx-2/xps_cpus")
    lab.run("sh", "-c", "echo 20000 > /sys/class/net/veth0/gro_flush_timeout")
    wait_until_up(lab, "veth0", "wide0", "br0")


def wait_until_up(lab: Space, *names: str) -> None:
    """The kernel settles operational states about a second after the links are set up."""
    files = [f"/sys/class/net/{name}/operstate" for name in names]
    for _ in range(100):
        if set(lab.run("cat", *files).split()) == {"up"}:
            return
        time.sleep(0.1)
    raise AssertionError(f"{names} did not come up")


@pytest.fixture(scope="module")
def lab() -> Iterator[Space]:
    with space() as made:
        set_up(made)
        yield made


@pytest.fixture(scope="module")
def nics(lab: Space) -> dict[str, Any]:
    found = probe(lab, "nics")["nics"]
    assert isinstance(found, dict)
    return found


def probe(lab: Space, *arguments: str) -> Any:
    """What `nic_probe` reads in the namespace."""
    done = subprocess.run(
        [
            "ip",
            "netns",
            "exec",
            lab.name,
            sys.executable,
            "-m",
            "tests.netns.nic_probe",
            *arguments,
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return json.loads(done.stdout)


def ethtool(lab: Space, option: str, name: str) -> dict[str, str]:
    """ "field: value" lines that ethtool prints; the second block wins, which says what is now."""
    lines = re.findall(r"^\s*([^:\n]+):[ \t]+(.+)$", lab.run("ethtool", option, name), re.MULTILINE)
    return dict(lines)


def test_links_are_those_that_ip_shows(lab: Space, nics: dict[str, Any]) -> None:
    links = json.loads(lab.run("ip", "-json", "-details", "link", "show"))
    by_name = {link["ifname"]: link for link in links}
    assert nics.keys() == by_name.keys() >= {"lo", "eth0.100", *ODD_NAMES}
    for name, nic in nics.items():
        link = by_name[name]
        kind = link.get("linkinfo", {}).get("info_kind", "loopback")
        assert {
            "index": nic["index"],
            "kind": nic["kind"],
            "up": nic["up"],
            "mtu": nic["mtu"],
            "txqueuelen": nic["txqueuelen"],
            "address": nic["address"],
            "master": nic.get("master"),
            "qdisc": nic["qdisc"],
            "gso_max_size": nic["gso_max_size"],
        } == {
            "index": link["ifindex"],
            "kind": kind,
            "up": "UP" in link["flags"],
            "mtu": link["mtu"],
            "txqueuelen": link["txqlen"],
            "address": link["address"],
            "master": link.get("master"),
            "qdisc": link["qdisc"],
            "gso_max_size": link["gso_max_size"],
        }
        running = link["operstate"] in ("UP", "UNKNOWN") and "UP" in link["flags"]
        assert nic["running"] == running
        assert not nic["physical"]


def test_the_interface_below_is_named_but_not_the_other_end_of_a_pair(nics: dict[str, Any]) -> None:
    assert nics["eth0.100"]["lower"] == "veth0"
    assert "lower" not in nics["veth0"]


def test_queues_have_the_settings_that_were_written(nics: dict[str, Any]) -> None:
    veth = nics["veth0"]
    assert (veth["rx_queues_count"], veth["tx_queues_count"]) == (4, 4)
    assert [queue["rps_cpus"] for queue in veth["rx_queues"].values()] == [[], [0, 1], [], []]
    assert [queue["rps_flow_cnt"] for queue in veth["rx_queues"].values()] == [0, 64, 0, 0]
    assert veth["tx_queues"]["2"]["xps_cpus"] == [0]
    assert veth["gro_flush_timeout"] == 20000
    assert veth["threaded"] is False
    assert len(nics["wide0"]["rx_queues"]) == len(nics["wide0"]["tx_queues"]) == 64


@needs_ethtool
def test_drivers_are_those_that_ethtool_shows(lab: Space, nics: dict[str, Any]) -> None:
    for name in ("veth0", "br0", "tap0", "a..b", "eth0.100"):
        shown = ethtool(lab, "-i", name)
        nic = nics[name]
        assert (nic["driver"], nic["driver_version"]) == (shown["driver"], shown["version"])


def test_what_a_driver_does_not_support_says_so(nics: dict[str, Any]) -> None:
    for part in ("ring", "coalesce", "queue_coalesce", "pause", "rss", "fec", "private_flags"):
        assert nics["veth0"][part] == UNSUPPORTED, part
    assert nics["br0"]["driver_stats"] == {
        "unavailable": "the driver (bridge) has no counters of its own",
        "absent": True,
    }
    assert nics["lo"]["ring"] == {
        "unavailable": "the driver does not support this",
        "absent": True,
    }


def test_a_speed_that_the_driver_makes_up_is_not_reported(nics: dict[str, Any]) -> None:
    for name in ("veth0", "tap0", "br0", "eth0.100"):
        assert {"speed_mbps", "duplex", "autoneg", "speed_max_mbps"}.isdisjoint(nics[name])


def test_a_software_interface_has_no_completion_layout(nics: dict[str, Any]) -> None:
    assert nics["veth0"]["topology"]["layout"] == "unknown"
    assert nics["veth0"]["topology"]["source"] == "software interface"
    assert "rx_ring_full" not in nics["veth0"]


@needs_ethtool
def test_a_change_of_channels_shows_in_queues_and_counts() -> None:
    with space() as own:
        set_up(own)
        own.run("ethtool", "-L", "veth0", "rx", "2", "tx", "3")
        nic = probe(own, "nics")["nics"]["veth0"]
    assert (nic["channels"]["rx"], nic["channels"]["tx"]) == (2, 3)
    assert (nic["rx_queues_count"], nic["tx_queues_count"]) == (2, 3)
    assert (list(nic["rx_queues"]), list(nic["tx_queues"])) == (["0", "1"], ["0", "1", "2"])


def test_qdiscs_are_those_that_tc_shows(lab: Space) -> None:
    before = qdiscs_of_tc(lab)
    ours = probe(lab, "nics")["qdiscs"]
    after = qdiscs_of_tc(lab)
    assert {"veth0 8001:1", "veth0 8001:4", "br0 root"} <= ours.keys() == before.keys()
    for key, qdisc in ours.items():
        assert (qdisc["kind"], qdisc["handle"]) == (before[key]["kind"], before[key]["handle"])
        for field in ("bytes", "packets", "drops", "overlimits", "requeues"):
            assert before[key][field] <= qdisc[field] <= after[key][field], (key, field)


def qdiscs_of_tc(lab: Space) -> dict[str, dict[str, Any]]:
    """ "interface parent" → what `tc -s qdisc` says of it."""
    shown = json.loads(lab.run("tc", "-statistics", "-json", "qdisc"))
    return {f"{qdisc['dev']} {qdisc.get('parent', 'root')}": qdisc for qdisc in shown}


@needs_ethtool
def test_hardware_of_this_machine_is_as_ethtool_shows_it() -> None:
    files = Files()
    nics = read_nics(files, read_irqs(files))
    assert isinstance(nics, dict)
    hardware = [nic for nic in nics.values() if nic.physical]
    if not hardware:
        pytest.skip("no hardware interface in this namespace")
    for nic in hardware:
        shown = subprocess.run(["ethtool", "-i", nic.name], capture_output=True, text=True).stdout
        assert f"driver: {nic.driver}\n" in shown
        assert f"bus-info: {nic.bus}\n" in shown
        assert isinstance(nic.rx_queues, dict)
        assert nic.rx_queues_count == len(nic.rx_queues) > 0


def test_an_unprivileged_user_reads_the_same(lab: Space, nics: dict[str, Any]) -> None:
    as_nobody = probe(lab, "nobody", "nics")["nics"]
    counters = ("stats", "driver_stats", "tx_queues", "rx_queues")
    for name, nic in nics.items():
        for field in nic.keys() - set(counters):
            assert as_nobody[name][field] == nic[field], (name, field)


def test_a_foreign_sysfs_is_not_believed() -> None:
    # Without a /sys of its own: both have lo, and this namespace may have a veth0 too.
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-m", "tests.netns.nic_probe", "nics"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    loopback = json.loads(done.stdout)["nics"]["lo"]
    assert loopback["rx_queues"] == {"unavailable": "/sys shows another network namespace"}
    assert {"threaded", "gro_flush_timeout"}.isdisjoint(loopback)


@pytest.mark.parametrize("way", ["netlink", "ioctl"])
def test_a_name_that_is_not_text_is_no_obstacle(way: str) -> None:
    name = "\udcff"  # the byte 0xff, as Python has it in file names
    with space() as own:
        own.run("ip", "link", "add", "name", name, "type", "bridge")
        assert list(probe(own, way)) == ["lo", name]
        nic = probe(own, "nics")["nics"][name]
    assert (nic["name"], list(nic["rx_queues"])) == (name, ["0"])


def test_interfaces_that_come_and_go_do_not_stop_the_reading() -> None:
    with space() as own:
        own.run("ip", "link", "add", "stays", "type", "bridge")
        stop = threading.Event()

        def churn() -> None:
            while not stop.is_set():
                own.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
                own.run("ip", "link", "set", "dev", "v0", "name", "renamed")
                own.run("ip", "link", "delete", "renamed")

        worker = threading.Thread(target=churn)
        worker.start()
        try:
            for _ in range(5):
                found = probe(own, "nics")["nics"]
                assert {"lo", "stays"} <= found.keys() <= {"lo", "stays", "v0", "v1", "renamed"}
        finally:
            stop.set()
            worker.join()
