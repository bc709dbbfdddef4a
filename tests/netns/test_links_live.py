"""What rtnetlink, sysfs and the netdev family say of interfaces, against ip and the kernel."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from advisor.facts.files import Files
from advisor.facts.irqs import read_irqs
from advisor.facts.nics.interfaces import read_nics
from tests.netns.spaces import Space, needs_namespaces, space
from tests.netns.test_nics_live import probe

pytestmark = needs_namespaces

# Attaches a program that lets everything pass, in the mode that needs no driver.
ATTACH_XDP = """
import ctypes, os, socket, struct, sys
code = ctypes.create_string_buffer(struct.pack("=BBhiBBhi", 0xB7, 0, 0, 2, 0x95, 0, 0, 0))
licence = ctypes.create_string_buffer(b"GPL")
attr = struct.pack("=IIQQ", 6, 2, ctypes.addressof(code), ctypes.addressof(licence))
attr = attr.ljust(128, b"\\0")
libc = ctypes.CDLL(None, use_errno=True)
program = libc.syscall({"x86_64": 321, "aarch64": 280}[os.uname().machine], 5, attr, len(attr))
if program < 0:
    sys.exit("no bpf: " + os.strerror(ctypes.get_errno()))
nest = struct.pack("=HHiHHI", 8, 1, program, 8, 3, 2)
body = struct.pack("=BBHiII", 0, 0, 0, socket.if_nametoindex(sys.argv[1]), 0, 0)
body += struct.pack("=HH", 4 + len(nest), 43 | 0x8000) + nest
kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
kernel.send(struct.pack("=IHHII", 16 + len(body), 19, 5, 1, 0) + body)
error = struct.unpack_from("=i", kernel.recv(4096), 16)[0]
sys.exit(0 if error == 0 else os.strerror(-error))
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Space]:
    with space() as made:
        pair = ("numrxqueues", "2", "numtxqueues", "2")
        made.run(
            "ip", "link", "add", "veth0", *pair, "type", "veth", "peer", "name", "veth1", *pair
        )
        made.run("ip", "link", "add", "plain0", "type", "veth", "peer", "name", "plain1")
        made.run("ip", "link", "set", "dev", "veth0", "gso_max_segs", "17", "gro_max_size", "30000")
        for name in ("veth0", "veth1", "plain0", "plain1"):
            made.run("ip", "link", "set", "dev", name, "up")
        made.run("ip", "link", "set", "dev", "plain1", "down")
        queues = "/sys/class/net/veth0/queues"
        made.run("sh", "-c", f"echo 1 > {queues}/tx-0/xps_rxqs; echo 3 > {queues}/tx-1/xps_rxqs")
        yield made


@pytest.fixture(scope="module")
def nics(lab: Space) -> dict[str, Any]:
    found: dict[str, Any] = probe(lab, "nics")["nics"]
    return found


def test_limits_are_those_that_ip_shows(lab: Space, nics: dict[str, Any]) -> None:
    names = {
        "mtu_min": "min_mtu",
        "mtu_max": "max_mtu",
        "gso_max_segs": "gso_max_segs",
        "gro_max_size": "gro_max_size",
        "tso_max_size": "tso_max_size",
    }
    for link in json.loads(lab.run("ip", "-json", "-details", "link", "show")):
        known = {ours: theirs for ours, theirs in names.items() if theirs in link}
        nic = nics[link["ifname"]]
        assert {ours: nic[ours] for ours in known} == {
            ours: link[theirs] for ours, theirs in known.items()
        }
    assert (nics["veth0"]["gso_max_segs"], nics["veth0"]["gro_max_size"]) == (17, 30000)


def test_changes_of_the_carrier_are_those_of_sysfs(lab: Space, nics: dict[str, Any]) -> None:
    for name, nic in nics.items():
        files = [f"/sys/class/net/{name}/carrier_{what}" for what in ("changes", "down_count")]
        changes, downs = lab.run("cat", *files).split()
        assert (nic["carrier_changes"], nic["carrier_downs"]) == (int(changes), int(downs))
    assert nics["plain0"]["carrier_downs"] > nics["veth0"]["carrier_downs"]


def test_a_transmit_queue_may_be_chosen_by_receive_queues(nics: dict[str, Any]) -> None:
    queues = nics["veth0"]["tx_queues"]
    assert [queue["xps_rxqs"] for queue in queues.values()] == [[0], [0, 1]]


@pytest.mark.parametrize(
    ("addresses", "overhead"),
    [
        (("local", "192.0.2.1", "remote", "192.0.2.2"), 50),
        (("local", "2001:db8::1", "remote", "2001:db8::2"), 70),
        (("local", "2001:db8::1"), 70),
        ((), 50),
    ],
)
def test_a_tunnel_adds_what_the_kernel_takes_off_its_mtu(
    addresses: tuple[str, ...], overhead: int
) -> None:
    with space() as own:
        own.run(
            "ip", "link", "add", "veth0", "mtu", "1400", "type", "veth", "peer", "name", "veth1"
        )
        tunnel = ("type", "vxlan", "id", "5", "dstport", "4789", "dev", "veth0")
        try:
            own.run("ip", "link", "add", "vx0", *tunnel, *addresses)
        except AssertionError as error:
            pytest.skip(f"no VXLAN here: {error}")
        nic = probe(own, "nics")["nics"]["vx0"]
    assert (nic["overhead"], nic["lower"]) == (overhead, "veth0")
    assert nic["mtu"] == 1400 - overhead


def test_a_tunnel_below_which_is_another_namespace_names_nothing_here() -> None:
    with space() as own, space() as other:
        own.run("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
        tunnel = ("type", "vxlan", "id", "5", "dstport", "4789", "dev", "veth0")
        try:
            own.run("ip", "link", "add", "vx0", *tunnel, "local", "192.0.2.1")
        except AssertionError as error:
            pytest.skip(f"no VXLAN here: {error}")
        # So that a number of this namespace would lead to one of that.
        other.run("ip", "link", "add", "other0", "type", "veth", "peer", "name", "other1")
        own.run("ip", "link", "set", "dev", "vx0", "netns", other.name)
        nic = probe(other, "nics")["nics"]["vx0"]
    assert nic["overhead"] == 50
    assert "lower" not in nic


def test_a_program_that_is_attached_is_noticed() -> None:
    with space() as own:
        own.run("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1")
        try:
            own.run(sys.executable, "-c", ATTACH_XDP, "veth0")
        except AssertionError as error:
            pytest.skip(f"no XDP here: {error}")
        assert "xdp" in own.run("ip", "link", "show", "dev", "veth0")
        nics = probe(own, "nics")["nics"]
    assert (nics["veth0"]["xdp"], nics["veth1"]["xdp"]) == (True, False)


def test_polling_instances_of_a_pair_are_there_while_it_aggregates() -> None:
    with space() as own:
        pair = ("numrxqueues", "2", "numtxqueues", "2")
        own.run("ip", "link", "add", "veth0", *pair, "type", "veth", "peer", "name", "veth1", *pair)
        own.run("ip", "link", "set", "dev", "veth0", "up")
        own.run("ip", "link", "set", "dev", "veth1", "up")
        assert not probe(own, "nics")["nics"]["veth0"]["napis"]
        own.run("ethtool", "-K", "veth0", "gro", "on")
        own.run("sh", "-c", "echo 3 > /sys/class/net/veth0/napi_defer_hard_irqs")
        own.run("sh", "-c", "echo 20000 > /sys/class/net/veth0/gro_flush_timeout")
        own.run("sh", "-c", "echo 1 > /sys/class/net/veth0/threaded")
        nics = probe(own, "nics")["nics"]
        threads = own.run("sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null || true")
    assert not nics["veth1"]["napis"]
    assert nics["veth0"]["threaded"] is True
    if not nics["veth0"]["napis"]:
        pytest.skip("a kernel without the netdev family (before 6.8)")
    assert len(nics["veth0"]["napis"]) == 2
    for napi in nics["veth0"]["napis"].values():
        assert "irq" not in napi
        assert re.search(rf"^{napi['pid']} \(napi/veth0-", threads, re.MULTILINE)
        # Told for each instance since 6.13, and 6.17.
        assert napi.get("defer_hard_irqs", 3) == 3
        assert napi.get("gro_flush_timeout", 20000) == 20000
        assert napi.get("threaded", True) is True


def test_hardware_of_this_machine_has_interrupts_and_limits() -> None:
    files = Files()
    irqs = read_irqs(files)
    nics = read_nics(files, irqs)
    assert isinstance(nics, dict)
    assert isinstance(irqs, dict)
    hardware = [nic for nic in nics.values() if nic.physical]
    if not hardware:
        pytest.skip("no hardware interface in this namespace")
    for nic in hardware:
        assert {irqs[str(number)].nic for number in nic.irqs} <= {nic.name}
        assert nic.counted.tx_timeouts is not None
        assert isinstance(nic.tx_queues, dict)
        limits = [queue.bql for queue in nic.tx_queues.values() if queue.bql is not None]
        for bql in limits:
            assert bql.limit_min is not None
            assert bql.limit_max is not None
            assert bql.limit_min <= bql.limit <= bql.limit_max
