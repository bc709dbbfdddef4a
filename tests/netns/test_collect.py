"""Whole readings: of the own namespace, of others, with and without privileges, twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from advisor.errors import AdvisorError
from advisor.facts import snapshot
from advisor.facts.collect import collect
from advisor.facts.snapshot_schema import snapshot_schema
from advisor.model.host import Host
from advisor.model.nic import Nic
from advisor.model.system import NetNs
from advisor.model.unavailable import NOT_READ, Unavailable
from tests.netns.spaces import ROOT, needs_namespaces, space

COUNTER_SECTIONS = {
    "cpu",
    "nics",
    "irqs",
    "softnet",
    "nstat",
    "qdiscs",
    "neighbours",
    "conntrack",
    "listeners",
    "sockstat",
}

WAIT = "import sys; print('ready', flush=True); sys.stdin.read()"
COLLECT = (
    "import sys; from advisor.facts import snapshot; from advisor.facts.collect import collect; "
    "sys.stdout.write(snapshot.encode(collect()))"
)
TRAFFIC = """
import socket, sys, threading
receiver = socket.socket(type=socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
sender = socket.socket(type=socket.SOCK_DGRAM)
def send():
    while True:
        sender.sendto(b"x", receiver.getsockname())
        receiver.recv(1)
threading.Thread(target=send, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""


def nic(host: Host, name: str) -> Nic:
    assert isinstance(host.nics, dict), host.nics
    return host.nics[name]


def sysctl(host: Host, *key: str) -> object:
    value: object = host.sysctl
    for part in key:
        assert isinstance(value, dict)
        value = value[part]
    return value


def collected(*command: str) -> Host:
    """What `collect` reads in a process that a command starts."""
    done = subprocess.run(
        [*command, sys.executable, "-c", COLLECT], capture_output=True, cwd=ROOT, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return snapshot.decode(done.stdout, "its output")


def own_view() -> object:
    """What a reading must not change: the namespaces of this process, its /sys, its settings."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    return (
        Path("/proc/self/ns/net").readlink(),
        Path("/proc/self/ns/mnt").readlink(),
        [line for line in mounts if " /sys" in line],
        {path.name for path in Path("/sys/class/net").iterdir()},
        Path("/proc/sys/net/core/somaxconn").read_text(),
    )


def test_the_running_host_gives_a_valid_snapshot_that_comes_back_the_same() -> None:
    host = collect()
    text = snapshot.encode(host)
    assert snapshot.decode(text.encode(), "it") == host
    jsonschema.Draft202012Validator(snapshot_schema()).validate(json.loads(text))


def test_the_running_host_is_read_completely() -> None:
    host = collect()
    unread = {
        field.name
        for field in Host.__dataclass_fields__.values()
        if getattr(host, field.name) == NOT_READ
    }
    assert unread == set()
    assert host.collection.source == "live"
    assert host.collection.hostname == os.uname().nodename
    assert host.collection.uptime_s > 0
    assert host.sample is None
    assert isinstance(host.nics, dict)
    assert nic(host, "lo").index == 1


@needs_namespaces
def test_a_namespace_is_read_by_name_and_by_process() -> None:
    before = own_view()
    with space() as place:
        place.run("sysctl", "-qw", "net.core.somaxconn=777")
        place.run(
            *("ip", "link", "add", "v0", "numrxqueues", "4", "numtxqueues", "4"),
            *("type", "veth", "peer", "name", "v1"),
        )
        place.run("ip", "link", "set", "v0", "up")
        place.run("sh", "-c", "echo 1 > /sys/class/net/v0/queues/rx-2/rps_cpus")
        with place.running(WAIT) as process:
            by_name = place.read()
            by_process = collect(netns=str(process.pid))
        inode = int(place.run("stat", "-Lc", "%i", "/proc/self/ns/net"))
    assert own_view() == before

    assert isinstance(by_name.nics, dict)
    assert set(by_name.nics) == {"lo", "v0", "v1"}
    assert sysctl(by_name, "net", "core", "somaxconn") == 777
    queues = nic(by_name, "v0").rx_queues
    assert isinstance(queues, dict)
    assert len(queues) == 4
    assert (queues["2"].rps_cpus, queues["1"].rps_cpus) == ((0,), ())
    assert by_name.netns == NetNs(inode=inode, initial=False, name=place.name)
    assert by_name.collection.source == f"netns {place.name}"

    assert isinstance(by_process.nics, dict)
    assert by_process.nics.keys() == by_name.nics.keys()
    assert nic(by_process, "v0").rx_queues == queues
    assert sysctl(by_process, "net", "core", "somaxconn") == 777
    assert isinstance(by_process.netns, NetNs)
    assert by_process.netns.inode == inode
    assert by_process.collection.source == f"netns {process.pid}"


@needs_namespaces
def test_a_process_in_a_namespace_of_its_own_reads_its_own_interfaces() -> None:
    with space() as place:
        place.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
        # nsenter leaves /sys as it is: it shows the interfaces of the host.
        host = collected("nsenter", f"--net=/run/netns/{place.name}")
    assert isinstance(host.nics, dict)
    assert set(host.nics) == {"lo", "v0", "v1"}
    assert isinstance(nic(host, "v0").rx_queues, dict)
    assert host.collection.source == "live"
    assert isinstance(host.netns, NetNs)
    assert (host.netns.initial, host.netns.name) == (False, None)


@needs_namespaces
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
def test_without_the_privilege_for_an_own_sys_its_facts_are_left_out() -> None:
    with space() as place:
        place.run("ip", "link", "add", "v0", "type", "veth", "peer", "name", "v1")
        host = collected(
            *("nsenter", f"--net=/run/netns/{place.name}"),
            *("setpriv", "--bounding-set", "-all", "--inh-caps", "-all"),
        )
    assert isinstance(host.nics, dict)
    assert set(host.nics) == {"lo", "v0", "v1"}
    assert nic(host, "v0").rx_queues == Unavailable("/sys shows another network namespace")
    assert isinstance(host.irqs, dict)
    assert {irq.nic for irq in host.irqs.values()} <= {None}
    assert host.collection.privileged is False
    assert isinstance(sysctl(host, "net", "core", "somaxconn"), int)


@needs_namespaces
def test_root_of_a_user_namespace_has_no_say_over_the_hosts_network() -> None:
    try:
        elsewhere = collected("unshare", "--user", "--map-root-user", "--net")
    except AssertionError as error:
        pytest.skip(f"needs user namespaces: {error}")
    assert elsewhere.collection.privileged is True
    assert collected("unshare", "--user", "--map-root-user").collection.privileged is False
    assert collected().collection.privileged is True


@needs_namespaces
@pytest.mark.parametrize(
    ("hidden", "fact"),
    [
        ("/proc/sys", lambda host: host.sysctl),
        ("/proc", lambda host: host.nstat),
        ("/proc", lambda host: host.memory),
        ("/sys", lambda host: nic(host, "lo").rx_queues),
    ],
)
def test_files_that_a_container_hides_are_reasons_and_no_errors(
    hidden: str, fact: Callable[[Host], object]
) -> None:
    hide = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-ec"]
    host = collected(*hide, f'mount -t tmpfs none {hidden}; exec "$@"', "sh")
    missing = fact(host)
    assert isinstance(missing, Unavailable)
    assert f"{hidden}/" in missing.reason
    assert nic(host, "lo").mtu == 65536


@needs_namespaces
def test_a_sample_holds_an_earlier_reading_of_the_counters() -> None:
    with space() as place, place.running(TRAFFIC):
        host = place.read(sample_seconds=0.3)
    assert host.sample is not None
    assert 0.3 <= host.sample.seconds < 5
    before = host.sample.before
    read = {
        name
        for name in Host.__dataclass_fields__
        if name != "collection" and getattr(before, name) not in (NOT_READ, None)
    }
    assert read == COUNTER_SECTIONS
    assert isinstance(host.nstat, dict)
    assert isinstance(before.nstat, dict)
    sent = host.nstat["Udp"]["OutDatagrams"] - before.nstat["Udp"]["OutDatagrams"]
    assert sent > 100
    bytes_sent = nic(host, "lo").stats["tx_bytes"] - nic(before, "lo").stats["tx_bytes"]
    # The same datagrams of 29 bytes, read at about the same time.
    assert 0.5 < bytes_sent / (29 * sent) < 2
    assert before.collection.at <= host.collection.at


@needs_namespaces
def test_secrets_are_in_no_snapshot() -> None:
    values = {
        "ipv4/tcp_fastopen_key": "01234567-89abcdef-fedcba98-76543210",
        "ipv6/conf/default/stable_secret": "2001:0db8:05ec:00e7:0000:0000:0000:0001",
    }
    with space() as place:
        for name, value in values.items():
            place.run("sh", "-c", f"echo {value} > /proc/sys/net/{name}")
            assert place.run("cat", f"/proc/sys/net/{name}").strip() == value
        text = snapshot.encode(place.read())
    assert "tcp_rmem" in text
    assert [value for value in values.values() if value in text] == []


@pytest.mark.parametrize(
    ("netns", "message"),
    [
        ("advisor-test-missing", "there is no network namespace called 'advisor-test-missing'"),
        ("4194305", "there is no process 4194305"),
        ("../../proc/self/ns/net", "is not the name of a network namespace"),
        ("", "is not the name of a network namespace"),
        ("..", "is not the name of a network namespace"),
        ("a\0b", "is not the name of a network namespace"),
    ],
)
def test_a_namespace_that_is_not_there_is_an_error_with_a_hint(netns: str, message: str) -> None:
    with pytest.raises(AdvisorError, match=message) as caught:
        collect(netns=netns)
    assert caught.value.hint
