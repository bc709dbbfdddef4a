"""The whole layout of an interface."""

from __future__ import annotations

import dataclasses

from hypothesis import given

from advisor.layout.build import layout_of
from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.unavailable import Unavailable
from tests.unit.facts.hosts import hosts as hosts_of_every_shape
from tests.unit.layout.hosts import effective, host, hosts, layout, processors, rx, tx


def test_a_cpu_shows_all_that_it_does() -> None:
    found = layout(
        cpu=processors([0, 2], [1, 3], node={1: 1, 3: 1}),
        irqs=effective({40: [0], 41: [2], 42: [2], 50: [2], 51: [9], 60: [2]}),
        nics={
            "eth0": rx(41, 40, rps_cpus=[1, 2]) | tx(40, 42, 41, xps=[[2, 9], [2], []]),
            "eth1": rx(50, 51),
            "veth0": {"physical": False, **rx(60)},
        },
    )
    assert list(found.cpus) == ["0", "1", "2", "9"]
    busy = found.cpus["2"]
    assert (busy.cpu, busy.node, busy.core, busy.online) == (2, 0, 0, True)
    assert (busy.rx, busy.tx, busy.rps, busy.xps) == ((0,), (1, 2), (0, 1), (0, 1))
    assert busy.other_nics == ("eth1",)
    assert (found.cpus["1"].rx, found.cpus["1"].rps, found.cpus["1"].node) == ((), (0, 1), 1)
    offline = found.cpus["9"]
    assert (offline.online, offline.node, offline.core) == (False, None, 9)
    assert (offline.xps, offline.other_nics) == ((0,), ("eth1",))


def test_where_nothing_can_be_read_every_fact_says_why() -> None:
    nothing = {"unavailable": "no permission"}
    nic = {"rx_queues": nothing, "tx_queues": nothing, "rss": nothing, "numa_node": 0}
    found = layout(cpu=nothing, irqs=nothing, nics={"eth0": nic})
    reasons = {
        getattr(found, field.name)
        for field in dataclasses.fields(Layout)
        if field.name not in ("nic", "carriers", "vectors", "cpus")
    }
    assert reasons == {Unavailable("no permission")}
    assert (found.carriers, found.vectors, found.cpus) == (("eth0",), {}, {})


def test_an_interface_that_is_not_there_has_no_layout() -> None:
    assert layout_of(host(nics={}), "eth0") == Unavailable("there is no such interface")
    unreadable = host(nics={"unavailable": "no permission"})
    assert layout_of(unreadable, "eth0") == Unavailable("no permission")


def test_a_single_queue_without_an_interrupt_of_its_own() -> None:
    found = layout(cpu=2, irqs={}, nics={"eth0": rx(None) | tx(None)})
    assert (found.vectors, found.cpus) == ({}, {})
    assert found.rx_cpus == Unavailable("the interrupt of queue rx-0 is not known")


def layouts(made: Host) -> list[tuple[str, Layout]]:
    nics = made.nics if isinstance(made.nics, dict) else {}
    found = [(name, layout_of(made, name)) for name in nics]
    return [(name, each) for name, each in found if isinstance(each, Layout)]


@given(hosts_of_every_shape())
def test_any_host_that_the_model_allows_has_layouts(made: Host) -> None:
    assert len(layouts(made)) == (len(made.nics) if isinstance(made.nics, dict) else 0)


@given(hosts())
def test_every_cpu_that_works_for_an_interface_appears_once(made: Host) -> None:
    for name, found in layouts(made):
        assert isinstance(made.nics, dict)
        nic = made.nics[name]
        named = {cpu for vector in found.vectors.values() for cpu in vector.cpus}
        masks = [
            *(q.rps_cpus for q in (nic.rx_queues.values() if _known(nic.rx_queues) else ())),
            *(q.xps_cpus for q in (nic.tx_queues.values() if _known(nic.tx_queues) else ())),
        ]
        named |= {cpu for mask in masks if not isinstance(mask, Unavailable) for cpu in mask}
        assert [each.cpu for each in found.cpus.values()] == sorted(named)
        assert list(found.cpus) == [str(cpu) for cpu in sorted(named)]


@given(hosts())
def test_the_facts_of_a_layout_agree_with_each_other(made: Host) -> None:
    for _name, found in layouts(made):
        if not isinstance(found.rx_cpus, Unavailable):
            assert set(found.rx_cpus) == {each.cpu for each in found.cpus.values() if each.rx}
            assert found.rx_cpus
        if not isinstance(found.most_rx_on_cpu, Unavailable):
            assert isinstance(found.crowded_cpu, int)
            assert 1 <= found.most_rx_on_cpu <= len(found.cpus[str(found.crowded_cpu)].rx)
        if not isinstance(found.rx_cores, Unavailable):
            online = {each.core for each in found.cpus.values() if each.rx and each.online}
            assert set(found.rx_cores) == online
        if not isinstance(found.free_cores, Unavailable):
            assert isinstance(found.local_cores, tuple)
            assert isinstance(found.rx_cores, tuple)
            assert set(found.free_cores) == set(found.local_cores) - set(found.rx_cores)
        if isinstance(found.rx_remote, tuple) and isinstance(found.rx_cpus, tuple):
            assert {q for v in found.vectors.values() for q in v.rx} >= set(found.rx_remote)
        if isinstance(found.xps_elsewhere, tuple):
            chosen = {queue for each in found.cpus.values() if each.online for queue in each.xps}
            assert set(found.xps_elsewhere) <= chosen
        if isinstance(found.xps_missing, tuple):
            assert not any(
                found.cpus[str(c)].xps for c in found.xps_missing if str(c) in found.cpus
            )
        if isinstance(found.rss_most, int):
            assert isinstance(found.rss_least, int)
            assert 1 <= found.rss_least <= found.rss_most


def _known(queues: object) -> bool:
    return not isinstance(queues, Unavailable)
