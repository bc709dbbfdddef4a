"""Whole reports: of both layouts, of almost nothing, and of whoever wants to break the reader."""

from __future__ import annotations

import string
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.facts.snapshot import decode, encode
from advisor.facts.sosreport.load import as_document
from advisor.model.host import Host
from advisor.model.nic import Nic
from advisor.model.nic_queues import Topology
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link
from tests.unit.facts.sosreport.reports import bundle, host_of


def nics_of(host: Host) -> dict[str, Nic]:
    assert isinstance(host.nics, dict)
    return host.nics


@pytest.mark.parametrize("name", ["sos3", "sos4"])
def test_a_report_comes_back_from_a_snapshot_as_it_was(name: str) -> None:
    host = host_of(bundle(name))
    assert decode(encode(host).encode(), name) == host


@pytest.mark.parametrize("name", ["sos3", "sos4"])
def test_every_section_of_a_usual_report_is_there(name: str) -> None:
    host = host_of(bundle(name))
    missing = {
        field.name for field in fields(host) if isinstance(getattr(host, field.name), Unavailable)
    }
    assert missing == {"config"} | ({"conntrack", "neighbours"} if name == "sos3" else set())


def test_a_hardware_interface_with_its_interrupts_and_queues() -> None:
    host = host_of(bundle("sos4"))
    nic = nics_of(host)["ens1f0"]
    assert (nic.physical, nic.driver, nic.bus) == (True, "i40e", "0000:3b:00.0")
    assert (nic.numa_node, nic.local_cpus, nic.virtual_functions) == (1, (4, 5, 6, 7), 2)
    assert (nic.speed_mbps, nic.speed_max_mbps, nic.duplex) == (10000, 25000, "full")
    assert nic.irqs == (120, 121, 122, 123)
    assert nic.rx_ring_full == 11
    assert nic.topology == Topology("shared-napi", "interrupt names")
    assert (nic.rx_queues_count, nic.tx_queues_count) == (4, 4)
    assert isinstance(nic.rx_queues, dict) and isinstance(nic.tx_queues, dict)
    assert [(queue.packets, queue.irq) for queue in nic.rx_queues.values()] == [
        (10, 120),
        (20, 121),
        (30, 122),
        (40, 123),
    ]
    assert all(isinstance(queue.rps_cpus, Unavailable) for queue in nic.rx_queues.values())
    assert isinstance(host.irqs, dict)
    assert (host.irqs["121"].nic, host.irqs["121"].affinity) == ("ens1f0", (1,))
    assert host.irqs["16"].nic is None


def test_software_interfaces() -> None:
    nics = nics_of(host_of(bundle("sos4")))
    assert not any(nics[name].physical for name in nics if name != "ens1f0")
    bond = nics["bond0"].bond
    assert bond is not None
    assert (bond.mode, bond.members, bond.hash_policy) == ("802.3ad", ("ens1f0",), "layer3+4")
    assert nics["bond0.100"].lower == "bond0"
    assert nics["vxlan42"].overhead == 50
    assert nics["veth0"].ring == Unavailable("the driver (veth) does not support this", absent=True)
    assert nics["bond0"].ring == Unavailable("`ethtool -g bond0` is not in this sosreport")


def test_a_virtual_interface_of_an_old_report() -> None:
    nic = nics_of(host_of(bundle("sos3")))["eth0"]
    assert (nic.physical, nic.driver, nic.speed_mbps) == (True, "virtio_net", None)
    assert nic.irqs == (24, 25, 26)
    assert nic.channels != Unavailable and nic.rx_queues_count == 1
    assert nic.coalesce == Unavailable("the driver (virtio_net) does not support this", absent=True)
    assert nic.rx_ring_full is None


def test_interrupts_find_their_interface_without_sysfs() -> None:
    entries = bundle("sos4")
    for name in [name for name in entries if name.startswith("sys/")]:
        del entries[name]
    nic = nics_of(host_of(entries))["ens1f0"]
    assert nic.physical, "ip names its parent device"
    assert nic.irqs == (120, 121, 122, 123)
    old = bundle("sos3")
    del old["sys/class/net/eth0"]
    assert nics_of(host_of(old))["eth0"].physical, "ethtool -i names its bus address"


@pytest.mark.parametrize("bus", ["../../../etc", "/etc", "a b", "", "0000:3b:00.0/../x"])
def test_a_bus_address_leads_nowhere_else(bus: str) -> None:
    entries = bundle("sos3")
    del entries["sys/class/net/eth0"]
    entries["sos_commands/networking/ethtool_-i_eth0"] = f"driver: x\nbus-info: {bus}\n"
    assert not nics_of(host_of(entries))["eth0"].physical


def test_old_softnet_lines_belong_to_the_cpus_in_order() -> None:
    softnet = host_of(bundle("sos3")).softnet
    assert isinstance(softnet, dict)
    assert (softnet["0"].dropped, softnet["1"].time_squeeze) == (1, 2)


def test_conntrack_is_read_from_sysctl_and_its_tool() -> None:
    conntrack = host_of(bundle("sos4")).conntrack
    assert not isinstance(conntrack, Unavailable)
    assert (conntrack.count, conntrack.max, conntrack.buckets) == (17, 262144, 262144)
    assert conntrack.active is True, "there are entries"
    assert isinstance(conntrack.stats, dict) and conntrack.stats["early_drop"] == 6


def test_neighbour_tables_are_there_or_say_why() -> None:
    found = host_of(bundle("sos4")).neighbours
    assert isinstance(found, dict)
    assert (found["ipv4"].entries, found["ipv4"].table_fulls) == (3, 2)
    missing = Unavailable("/proc/net/stat/arp_cache is not in this sosreport")
    assert host_of(bundle("sos3")).neighbours == missing


def test_a_report_of_nothing_has_nothing_but_reasons() -> None:
    host = host_of({"sos_commands/kernel/lsmod": ""})
    for field in fields(host):
        if field.name not in ("collection", "platform", "netns", "sample"):
            value = getattr(host, field.name)
            assert isinstance(value, Unavailable), field.name
            assert value.reason


def test_numbers_that_fit_nothing_cost_their_section_and_not_the_report() -> None:
    entries = bundle("sos4")
    entries["proc/meminfo"] = f"MemTotal: {10**30} kB\nMemFree: 1 kB\nMemAvailable: 1 kB\n"
    found = decode(as_document(host_of(entries)), "report")
    assert isinstance(found.memory, Unavailable)
    assert "does not fit 64 bits" in found.memory.reason
    assert not isinstance(found.nics, Unavailable)


NAMES = sorted(bundle("sos4"))
ODD = st.text(alphabet=string.printable, max_size=60)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), ODD, max_size=4), st.booleans())
def test_odd_contents_cost_facts_and_never_the_report(odd: dict[str, str], links: bool) -> None:
    entries = bundle("sos4")
    for name, text in odd.items():
        entries[name] = Link(text) if links else text
    decode(as_document(host_of(entries)), "odd")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_lines_cost_facts_and_never_the_report(data: st.DataObject) -> None:
    entries = bundle("sos4")
    name = data.draw(
        st.sampled_from([each for each in NAMES if not isinstance(entries[each], Link)])
    )
    text = str(entries[name])
    at = data.draw(st.integers(0, len(text)))
    entries[name] = text[:at] + data.draw(ODD) + text[at + data.draw(st.integers(0, 20)) :]
    decode(as_document(host_of(entries)), "odd")
