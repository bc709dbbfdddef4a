"""Where a setting's value stands, and hosts with another value there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.expression import Unknown
from advisor.expression.values import text
from advisor.knowledge.fixtures import build_host
from advisor.model.address import parse_address
from advisor.settings import fact_path, read, replaced

ODD = ("eth0.100", "-x", "a..b", "$(id)", "a;b", "naïve", "a\x1bb", "0")

NIC: dict[str, Any] = {
    "mtu": 9000,
    "txqueuelen": 500,
    "qdisc": "mq",
    "napi_defer_hard_irqs": 2,
    "gro_flush_timeout": 20000,
    "threaded": True,
    "channels": {"rx": 1, "tx": 2, "other": 3, "combined": 4, "combined_max": 8},
    "ring": {"rx": 1024, "tx": 512, "rx_buf_len": 2048, "tcp_data_split": "off", "tx_push": False},
    "pause": {"autoneg": True, "rx": False, "tx": True},
    "rss": {"indirection": [0, 1, 0, 1], "hash_fields": {"udp4": "sd"}},
    "coalesce": {
        **{"rx_usecs": 8, "adaptive_rx": True, "cqe_mode_tx": False},
        **{"rx_usecs_irq": 3, "tx_frames_high": 64, "stats_block_usecs": 100},
    },
    "features": {"tx-tcp-segmentation": True, "rx-gro": {"active": False, "fixed": True}},
    "private_flags": {"rx_cqe_compress": True, "legacy.rx flag": False},
    "rx_queues": {"0": {"rps_cpus": [0, 40, 70]}, "11": {"rps_flow_cnt": 4096}},
    "tx_queues": {"3": {"xps_cpus": [], "xps_rxqs": [2]}},
}
HOST = build_host(
    {
        "sysctl": {
            "net.core.somaxconn": 4096,
            "net.ipv4.tcp_rmem": [4096, 131072, 6291456],
            "net.ipv4.tcp_congestion_control": "cubic",
            "net.ipv4.tcp_ecn": {"unavailable": "no permission"},
            **{f"net.ipv4.conf.{name.replace('.', '/')}.rp_filter": 1 for name in ODD},
        },
        "nics": {**dict.fromkeys((*ODD, "eth0"), NIC), "blind": {"mtu": 1280}},
        "irqs": {"45": {"affinity": [0, 1, 63]}},
    }
)

VALUES = [
    ("sysctl:net.core.somaxconn", 4096, 65535),
    ("sysctl:net.ipv4.tcp_rmem", (4096, 131072, 6291456), (4096, 1, 2)),
    ("sysctl:net.ipv4.tcp_rmem[0]", 4096, 8192),
    ("sysctl:net.ipv4.tcp_rmem[2]", 6291456, 2**40),
    ("sysctl:net.ipv4.tcp_congestion_control", "cubic", "bbr"),
    ("irq:45/affinity", (0, 1, 63), (2,)),
    ("nic:eth0/mtu", 9000, 1500),
    ("nic:eth0/txqueuelen", 500, 1000),
    ("nic:eth0/qdisc", "mq", "fq"),
    ("nic:eth0/napi_defer_hard_irqs", 2, 0),
    ("nic:eth0/gro_flush_timeout", 20000, 0),
    ("nic:eth0/threaded", True, False),
    ("nic:eth0/channels.rx", 1, 2),
    ("nic:eth0/channels.tx", 2, 3),
    ("nic:eth0/channels.other", 3, 4),
    ("nic:eth0/channels.combined", 4, 8),
    ("nic:eth0/ring.rx", 1024, 4096),
    ("nic:eth0/ring.tx", 512, 4096),
    ("nic:eth0/ring.rx-buf-len", 2048, 4096),
    ("nic:eth0/ring.tcp-data-split", "off", "on"),
    ("nic:eth0/ring.tx-push", False, True),
    ("nic:eth0/pause.autoneg", True, False),
    ("nic:eth0/pause.rx", False, True),
    ("nic:eth0/pause.tx", True, False),
    ("nic:eth0/rss.indirection", (0, 1, 0, 1), (0, 1, 2, 3)),
    ("nic:eth0/rss.hash.udp4", "sd", "sdfn"),
    ("nic:eth0/coalesce.rx-usecs", 8, 64),
    ("nic:eth0/coalesce.rx-usecs-irq", 3, 6),
    ("nic:eth0/coalesce.tx-frames-high", 64, 128),
    ("nic:eth0/coalesce.stats-block-usecs", 100, 1000),
    ("nic:eth0/coalesce.adaptive-rx", True, False),
    ("nic:eth0/coalesce.cqe-mode-tx", False, True),
    ("nic:eth0/feature.tx-tcp-segmentation", True, False),
    ("nic:eth0/feature.rx-gro", False, True),
    ("nic:eth0/private.rx_cqe_compress", True, False),
    ("nic:eth0/queue.rx-0.rps_cpus", (0, 40, 70), ()),
    ("nic:eth0/queue.rx-11.rps_flow_cnt", 4096, 0),
    ("nic:eth0/queue.tx-3.xps_cpus", (), (1, 2)),
    ("nic:eth0/queue.tx-3.xps_rxqs", (2,), ()),
    *((f"nic:{name}/ring.rx", 1024, 2048) for name in ODD),
    *((f"sysctl:net.ipv4.conf.{name.replace('.', '/')}.rp_filter", 1, 2) for name in ODD),
]


@pytest.mark.parametrize(("address", "actual", "other"), VALUES)
def test_a_setting_is_read_replaced_and_restored(address: str, actual: Any, other: Any) -> None:
    parsed = parse_address(address)
    assert read(HOST, parsed) == actual
    changed = replaced(HOST, parsed, other)
    assert read(changed, parsed) == other
    assert changed != HOST
    assert replaced(changed, parsed, actual) == HOST


@pytest.mark.parametrize(("address", "actual", "other"), VALUES)
def test_replacing_one_setting_leaves_every_other_alone(
    address: str, actual: Any, other: Any
) -> None:
    changed = replaced(HOST, parse_address(address), other)
    whole = address.partition("[")[0]
    for neighbour, value, _ in VALUES:
        if neighbour.partition("[")[0] != whole:
            assert read(changed, parse_address(neighbour)) == value


@pytest.mark.parametrize(
    ("address", "absent", "reason"),
    [
        ("sysctl:net.core.nothing", True, "does not exist here"),
        ("sysctl:net.ipv4.tcp_rmem[3]", True, "has 3 elements"),
        ("sysctl:net.ipv4.tcp_ecn", False, "no permission"),
        ("sysctl:net.core.somaxconn[1]", False, "the number 4096 has no field 1"),
        ("nic:eth9/mtu", True, "does not exist here"),
        ("nic:blind/ring.rx", False, "not given in this test"),
        ("nic:blind/qdisc", False, "not reported by this system"),
        ("nic:eth0/coalesce.tx-usecs", True, "the device does not report it"),
        ("nic:eth0/feature.rx-hashing", True, "does not exist here"),
        ("nic:eth0/queue.rx-7.rps_cpus", True, "does not exist here"),
        ("irq:46/affinity", True, "does not exist here"),
    ],
)
def test_what_is_not_there_is_unknown_and_says_whether_it_exists(
    address: str, absent: bool, reason: str
) -> None:
    found = read(HOST, parse_address(address))
    assert isinstance(found, Unknown)
    assert (found.absent, found.reason) == (absent, reason)


def test_a_section_that_cannot_be_read_is_unknown_not_absent() -> None:
    host = build_host({"nics": {"unavailable": "no netlink"}})
    found = read(host, parse_address("nic:eth0/mtu"))
    assert isinstance(found, Unknown)
    assert (found.absent, found.reason) == (False, "no netlink")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("sysctl:net.ipv4.tcp_rmem[2]", "sysctl.net.ipv4.tcp_rmem[2]"),
        (
            "sysctl:net.ipv4.conf.eth0/100.rp_filter",
            'sysctl.net.ipv4.conf["eth0.100"].rp_filter',
        ),
        ("nic:-x/coalesce.rx-usecs", 'nics["-x"].coalesce.rx_usecs'),
        ("nic:eth0/feature.tx-nocache-copy", 'nics.eth0.features["tx-nocache-copy"].active'),
        ("nic:eth0/queue.tx-12.xps_cpus", 'nics.eth0.tx_queues["12"].xps_cpus'),
        ("nic:eth0/rss.hash.tcp6", "nics.eth0.rss.hash_fields.tcp6"),
        ("nic:eth0/ring.rx-buf-len", "nics.eth0.ring.rx_buf_len"),
        ("nic:eth0/private.a.b", 'nics.eth0.private_flags["a.b"]'),
        ("irq:45/affinity", 'irqs["45"].affinity'),
    ],
)
def test_the_path_of_a_setting_is_that_of_its_fact(address: str, path: str) -> None:
    assert text(fact_path(parse_address(address))) == path


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        ("ring.rxx", "no setting 'ring.rxx'; did you mean ring.rx?"),
        ("ring.rx_max", "no setting 'ring.rx_max'; did you mean ring.rx?"),
        ("coalesce.rx_usecs", "did you mean coalesce.rx-usecs?"),
        ("queue.rx-0.rps_cpu", "did you mean queue.rx-0.rps_cpus?"),
        ("queue.tx-0.rps_cpus", "no setting"),
        ("queue.rx-٣.rps_cpus", "no setting"),
        ("queue.rx-0", "no setting"),
        ("mtu.x", "did you mean mtu?"),
        ("coalesce.rx-profile", "no setting"),
        ("rss.hash", "no setting"),
        ("feature", "no setting 'feature'"),
        ("private", "no setting 'private'"),
        ("speed_mbps", "no setting 'speed_mbps'"),
    ],
)
def test_a_property_that_cannot_be_set_is_refused(attribute: str, message: str) -> None:
    with pytest.raises(ValueError, match="interfaces have no setting") as caught:
        fact_path(parse_address(f"nic:eth0/{attribute}"))
    assert message in str(caught.value)


@given(st.lists(st.tuples(st.sampled_from(VALUES), st.integers(-(2**63), 2**63)), max_size=6))
def test_changes_undone_in_reverse_restore_the_host(
    changes: list[tuple[tuple[str, Any, Any], int]],
) -> None:
    host, undo = HOST, []
    for (text_, actual, _), number in changes:
        address = parse_address(text_)
        value = number if type(actual) is int else actual
        undo.append((address, read(host, address)))
        host = replaced(host, address, value)
        assert read(host, address) == value
    for address, value in reversed(undo):
        host = replaced(host, address, value)
    assert host == HOST
