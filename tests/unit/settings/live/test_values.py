"""Whether what was read back is what was wanted, as far as a setting can have it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.model.address import NicAddress, parse_address
from advisor.model.unavailable import Unavailable
from advisor.settings.live import STATE, outcome, same

RMEM = "sysctl:net.ipv4.tcp_rmem"
PORTS = "sysctl:net.ipv4.ip_local_reserved_ports"
FLOWS = "sysctl:net.core.rps_sock_flow_entries"
BUCKETS = "sysctl:net.netfilter.nf_conntrack_buckets"
ALLOWED = "sysctl:net.ipv4.tcp_allowed_congestion_control"
LIMITED = "sysctl:net.core.flow_limit_cpu_bitmap"

OUTCOMES = [
    ("sysctl:net.core.somaxconn", 4096, 4096, "equal"),
    ("sysctl:net.core.somaxconn", 4096, "4096", "equal"),
    ("sysctl:net.core.somaxconn", 4096, 4095, "different"),
    ("sysctl:net.core.somaxconn", 4096, Unavailable("gone"), "different"),
    (RMEM, (4096, 1, 2), (4096, 1, 2), "equal"),
    (RMEM, (4096, 1, 2), "4096\t1\t2", "equal"),
    (RMEM, (4096, 1, 2), (4096, 1, 3), "different"),
    ("sysctl:net.ipv4.tcp_congestion_control", "bbr", "cubic", "different"),
    (PORTS, "80,443", "443,80", "equal"),
    (PORTS, "8000-8002", "8000,8001,8002", "equal"),
    (PORTS, "", "", "equal"),
    (PORTS, "80", "", "different"),
    (PORTS, "80", "8x", "different"),
    (PORTS, "1-99999", "1-65535", "different"),
    (ALLOWED, "reno cubic", "cubic reno", "equal"),
    (ALLOWED, "reno cubic", "reno", "different"),
    (LIMITED, "3", "00000003", "equal"),
    (LIMITED, "3", "1", "different"),
    (FLOWS, 32000, 32768, "rounded"),
    (FLOWS, 32768, 65536, "different"),
    (FLOWS, 32000, 65536, "different"),
    (FLOWS, 0, 0, "equal"),
    (BUCKETS, 100_000, 100_352, "rounded"),
    (BUCKETS, 100_000, 65_536, "different"),
    (BUCKETS, 100_000, 200_192, "different"),
    ("nic:eth0/ring.rx", 1001, 1008, "rounded"),
    ("nic:eth0/ring.rx", 1000, 1024, "rounded"),
    ("nic:eth0/ring.rx", 64, 80, "rounded"),
    ("nic:eth0/ring.rx", 1024, 512, "different"),
    ("nic:eth0/ring.rx", 1024, 4096, "different"),
    ("nic:eth0/ring.tx-push", True, False, "different"),
    ("nic:eth0/channels.combined", 4, 5, "different"),
    ("nic:eth0/coalesce.rx-usecs", 25, 24, "rounded"),
    ("nic:eth0/coalesce.rx-usecs", 100, 109, "rounded"),
    ("nic:eth0/coalesce.rx-usecs", 100, 50, "different"),
    ("nic:eth0/coalesce.rx-usecs", 0, 1, "different"),
    ("nic:eth0/coalesce.rx-usecs", 1, 0, "different"),
    ("nic:eth0/coalesce.rx-frames", 100, 64, "different"),
    ("nic:eth0/coalesce.adaptive-rx", True, 1, "equal"),
    ("nic:eth0/feature.rx-gro", True, True, "equal"),
    ("nic:eth0/feature.tx-tcp-segmentation", True, False, "different"),
    ("nic:eth0/pause.rx", False, False, "equal"),
    ("nic:eth0/rss.indirection", (0, 1, 2), (0, 1, 2), "equal"),
    ("nic:eth0/rss.indirection", (0, 1, 2), (2, 1, 0), "different"),
    ("nic:eth0/rss.hash.udp4", "sdfn", "nfds", "equal"),
    ("nic:eth0/rss.hash.udp4", "sdfn", "sd", "different"),
    ("nic:eth0/queue.rx-0.rps_cpus", (0, 1), (1, 0), "equal"),
    ("nic:eth0/queue.rx-0.rps_cpus", (0, 1, 2), (0, 1), "clamped"),
    ("nic:eth0/queue.rx-0.rps_cpus", (0, 1), (0, 1, 2), "different"),
    ("nic:eth0/queue.rx-0.rps_cpus", (0, 1), (), "different"),
    ("nic:eth0/queue.rx-0.rps_flow_cnt", 1000, 1024, "rounded"),
    ("nic:eth0/queue.rx-0.rps_flow_cnt", 1024, 2048, "different"),
    ("nic:eth0/queue.tx-0.xps_cpus", (0, 1), (0,), "different"),
    ("nic:eth0/threaded", True, False, "different"),
    ("nic:eth0/qdisc", "fq", "mq", "different"),
    ("nic:eth0/mtu", 9000, 1500, "different"),
    ("nic:eth0/routes", ("a",), ("b", "a"), "equal"),
    ("nic:eth0/routes", ("a", "b"), ("a",), "different"),
    ("irq:45/affinity", (1, 0), (0, 1), "equal"),
    ("irq:45/affinity", (0,), (0, 1), "different"),
]


@pytest.mark.parametrize(("address", "wanted", "got", "expected"), OUTCOMES)
def test_the_kernels_way_to_say_it_and_its_rounding_are_known(
    address: str, wanted: Any, got: Any, expected: str
) -> None:
    parsed = parse_address(address)
    assert outcome(parsed, wanted, got) == expected
    assert same(parsed, wanted, got) is (expected != "different")
    assert same(parsed, wanted, got, exact=True) is (expected == "equal")


VALUES = st.one_of(
    st.integers(0, 1 << 40),
    st.booleans(),
    st.text(max_size=20),
    st.lists(st.integers(0, 100), max_size=5).map(tuple),
)


@pytest.mark.parametrize("address", sorted({case[0] for case in OUTCOMES}))
@given(value=VALUES)
def test_every_value_is_the_same_as_itself(address: str, value: Any) -> None:
    assert outcome(parse_address(address), value, value) == "equal"


@pytest.mark.parametrize("name", STATE)
def test_what_came_beside_what_there_was_is_no_loss(name: str) -> None:
    address = NicAddress("eth0", (name,))
    assert same(address, (), ("a",), exact=True)
    assert not same(address, ("a",), (), exact=True)


@given(text=st.text(alphabet="0123456789,- ٣", max_size=30))
def test_no_list_of_ports_breaks_the_comparison(text: str) -> None:
    assert outcome(parse_address(PORTS), text, "80") in ("equal", "different")
