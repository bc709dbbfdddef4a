"""Interfaces as `ip` prints them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.nics.bonds import Bonding
from advisor.facts.nics.links import Link
from advisor.facts.sosreport.link_text import LinkText, parse_links
from advisor.facts.sosreport.links import read_link_texts, to_link
from advisor.model.unavailable import Unavailable
from tests.unit.facts.sosreport.reports import bundle, report

LINK = "sos_commands/networking/ip_-s_-d_link"


def texts(name: str) -> dict[str, LinkText]:
    found = read_link_texts(report(bundle(name)))
    assert isinstance(found, list)
    return {text.name: text for text in found}


def links(name: str) -> dict[str, Link]:
    found = texts(name)
    indexes = {text.name: text.index for text in found.values()}
    return {text.name: to_link(text, indexes, "") for text in found.values()}


def one(text: str, driver: str = "", indexes: dict[str, int] | None = None) -> Link:
    (found,) = parse_links(text)
    return to_link(found, indexes or {}, driver)


def test_a_hardware_interface_in_a_bond() -> None:
    link = links("sos4")["ens1f0"]
    assert (link.kind, link.parent_bus, link.parent) == ("ethernet", "pci", "0000:3b:00.0")
    assert (link.master, link.lower, link.qdisc, link.xdp) == (3, None, "mq", True)
    assert (link.mtu, link.mtu_min, link.mtu_max, link.txqueuelen) == (9000, 68, 9702, 1000)
    assert (link.rx_queues, link.tx_queues, link.tso_max_size) == (8, 8, 65536)
    assert link.up and link.running and link.hardware_parent


def test_counters_of_sysfs_come_before_those_of_ip() -> None:
    stats = links("sos4")["ens1f0"].stats or {}
    assert stats["rx_packets"] == 1000000, "sysfs"
    assert stats["tx_packets"] == 888888, "ip"
    assert (stats["rx_missed_errors"], stats["rx_fifo_errors"], stats["multicast"]) == (5, 0, 4)
    assert (stats["tx_dropped"], stats["tx_carrier_errors"]) == (6, 7)


def test_overruns_and_missed_packets_are_told_apart() -> None:
    old = links("sos3")["eth0"].stats or {}
    assert old["rx_over_errors"] == 3
    assert "rx_missed_errors" not in old, "old versions of ip do not print it"
    assert "rx_over_errors" not in (links("sos4")["lo"].stats or {})


def test_twice_s_prints_tables_of_errors() -> None:
    link = one(
        "2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP\n"
        "    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n"
        "    RX:  bytes packets errors dropped  missed   mcast           \n"
        "          1000      10      0       0       5       0 \n"
        "    RX errors:  length    crc   frame    fifo overrun           \n"
        "                     1      2       3       4       6 \n"
        "    TX:  bytes packets errors dropped carrier collsns           \n"
        "          1000      10      0       0       0       0 \n"
        "    TX errors: aborted   fifo  window heartbt transns           \n"
        "                     7      8       9      10      11 \n"
    )
    stats = link.stats or {}
    assert (stats["rx_missed_errors"], stats["rx_over_errors"], stats["rx_crc_errors"]) == (5, 6, 2)
    assert (stats["tx_fifo_errors"], link.carrier_changes) == (8, 11)


def test_bond_vlan_vxlan_and_veth() -> None:
    found = links("sos4")
    assert found["bond0"].bonding == Bonding("802.3ad", None, "layer3+4", 100)
    assert (found["bond0.100"].kind, found["bond0.100"].lower) == ("vlan", 3)
    vxlan = found["vxlan42"]
    assert (vxlan.kind, vxlan.lower, vxlan.overhead) == ("vxlan", 3, 50)
    veth = found["veth0"]
    assert (veth.kind, veth.lower, veth.up, veth.running) == ("veth", None, True, False)
    assert texts("sos4")["ens1f0"].virtual_functions == 2


@pytest.mark.parametrize(
    ("details", "mode", "active", "hash_policy"),
    [
        (
            "bond mode active-backup active_slave eth1 miimon 0 xmit_hash_policy layer2",
            "active-backup",
            9,
            None,
        ),
        (
            "bond mode balance-tlb miimon 0 xmit_hash_policy layer2 tlb_dynamic_lb 0",
            "balance-tlb",
            None,
            "layer2",
        ),
        (
            "bond mode balance-tlb miimon 0 xmit_hash_policy layer2 tlb_dynamic_lb 1",
            "balance-tlb",
            None,
            None,
        ),
        ("team addrgenmode eui64", "team", None, None),
    ],
)
def test_what_a_bond_says_of_itself(
    details: str, mode: str, active: int | None, hash_policy: str | None
) -> None:
    link = one(
        f"3: b0: <UP> mtu 1500\n    link/ether 02:00:00:00:00:01\n    {details} \n", "", {"eth1": 9}
    )
    assert link.bonding is not None
    assert (link.bonding.mode, link.bonding.active, link.bonding.hash_policy) == (
        mode,
        active,
        hash_policy,
    )


@pytest.mark.parametrize(
    ("details", "overhead"),
    [
        ("vxlan id 1 remote 192.0.2.1 dstport 4789", 50),
        ("vxlan id 1 remote 2001:db8::1 dstport 4789", 70),
        ("vxlan external id 0 dstport 4789", 50),
        ("geneve id 1 remote 192.0.2.1", 50),
        ("wireguard addrgenmode none", 80),
        ("ipip any remote 192.0.2.1 local 192.0.2.2 ttl inherit", 20),
        ("gre remote 192.0.2.1 local 192.0.2.2 ttl inherit", 24),
        ("gretap remote 192.0.2.1 local any okey 0.0.0.5", 42),
        ("vlan protocol 802.1Q id 100 <REORDER_HDR>", None),
        ("ip6tnl ipip6 remote 2001:db8::1", None),
    ],
)
def test_what_a_tunnel_adds(details: str, overhead: int | None) -> None:
    link = one(
        f"3: t0: <UP> mtu 1400\n    link/ether 02:00:00:00:00:01\n    {details} addrgenmode none \n"
    )
    assert link.overhead == overhead


@pytest.mark.parametrize(
    ("driver", "kind"),
    [("bonding", "bond"), ("802.1Q VLAN Support", "vlan"), ("tg3", "ethernet"), ("", "ethernet")],
)
def test_without_details_the_driver_tells_the_kind(driver: str, kind: str) -> None:
    text = "3: x0: <BROADCAST,UP> mtu 1500 state UP\n    link/ether 02:00:00:00:00:01\n"
    assert one(text, driver).kind == kind


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("link/loopback 00:00:00:00:00:00", "loopback"),
        (
            "link/infiniband 80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:00:00:01",
            "infiniband",
        ),
        ("link/none", "other"),
    ],
)
def test_kinds_of_hardware(line: str, kind: str) -> None:
    assert one(f"3: x0: <UP> mtu 1500\n    {line} \n").kind == kind


def test_words_of_the_administrator_mean_nothing() -> None:
    link = one(
        "3: x0: <UP> mtu 1500\n    link/ether 02:00:00:00:00:01\n"
        "    alias bond mode 802.3ad numtxqueues 77 link-netnsid 5\n    altname vlan\n"
    )
    assert (link.kind, link.tx_queues, link.bonding) == ("ethernet", 1, None)


def test_other_commands_do_where_there_is_no_ip_link() -> None:
    entries = bundle("sos4")
    del entries[LINK]
    found = read_link_texts(report(entries))
    assert isinstance(found, list)
    assert [text.name for text in found] == ["lo", "bond0"]
    assert read_link_texts(report({})) == Unavailable("`ip -s -d link` is not in this sosreport")


@given(st.text(alphabet="12: <>UP,@eth\n RXTbytes:veth/linkmu", max_size=200))
def test_no_text_is_too_odd(text: str) -> None:
    for found in parse_links(f"1: a: <UP> mtu 5\n{text}"):
        to_link(found, {}, "")
