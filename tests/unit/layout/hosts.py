"""Small hosts for the layout's tests, and hosts at random."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from advisor.knowledge.fixtures import build_host
from advisor.layout.build import layout_of
from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.nic import Nic
from advisor.model.nic_queues import RxQueue, TxQueue
from advisor.model.nic_settings import Rss
from advisor.model.system import Collection, Cpu, Irq, Processor
from advisor.model.unavailable import Unavailable

UNREADABLE = Unavailable("no permission")


def host(**given: Any) -> Host:
    """A host in the short form of rule tests: `cpu=4, nics={"eth0": {…}}`."""
    return build_host(given)


def layout(name: str = "eth0", **given: Any) -> Layout:
    """The layout of an interface of such a host."""
    found = layout_of(host(**given), name)
    assert isinstance(found, Layout), found
    return found


def rx(*irqs: int | None, **more: Any) -> dict[str, Any]:
    """An interface's receive queues with these interrupts."""
    return {"rx_queues": _queues(irqs, more), "rx_queues_count": len(irqs)}


def tx(*irqs: int | None, xps: list[list[int]] | None = None, **more: Any) -> dict[str, Any]:
    """An interface's transmit queues with these interrupts, and the CPUs that choose each."""
    queues = _queues(irqs, more)
    for queue, cpus in zip(queues.values(), xps or (), strict=bool(xps)):
        queue["xps_cpus"] = cpus
    return {"tx_queues": queues, "tx_queues_count": len(irqs)}


def _queues(irqs: tuple[int | None, ...], more: dict[str, Any]) -> dict[str, Any]:
    return {str(queue): {"irq": irq, **more} for queue, irq in enumerate(irqs)}


def effective(cpus: Mapping[int, list[int]]) -> dict[str, Any]:
    """Interrupts that go to these CPUs."""
    return {str(irq): {"affinity": where, "effective": where} for irq, where in cpus.items()}


def processors(*cores: list[int], node: dict[int, int] | None = None) -> dict[str, Any]:
    """CPUs by core: `[0, 4]` are two hardware threads of one core. `node` holds other nodes than 0.

    The empty list is no core; a CPU that is in no list is offline.
    """
    each = {
        str(cpu): {"siblings": core, "node": (node or {}).get(cpu, 0)}
        for core in cores
        for cpu in core
    }
    return {"count": len(each), "each": each}


NAMES = ("eth0", "eth1", "bond0", "vlan7", "br0")
_IRQ_NUMBERS = (10, 11, 12, 13)
_CPUS = st.integers(0, 8)
_MASKS = st.lists(_CPUS, max_size=3, unique=True).map(sorted).map(tuple)
_OTHERS = st.none() | st.sampled_from([*NAMES, "elsewhere"])


def _mostly(usual: st.SearchStrategy[Any], rare: Any) -> st.SearchStrategy[Any]:
    """Facts that are derived from many others say nothing as soon as one of those is missing."""
    return st.integers(0, 15).flatmap(lambda dice: st.just(rare) if dice == 15 else usual)


def hosts() -> st.SearchStrategy[Host]:
    """Hosts whose parts refer to each other, and now and then to something that is not there."""
    irqs = st.fixed_dictionaries(
        {str(number): _irq(number) for number in _IRQ_NUMBERS[:-1]},
        optional={str(number): _irq(number) for number in _IRQ_NUMBERS[-1:]},
    )
    nics = st.fixed_dictionaries(
        {NAMES[0]: _nic(NAMES[0])}, optional={name: _nic(name) for name in NAMES[1:]}
    )
    return st.builds(
        Host,
        collection=st.just(Collection("test", "", "live", 1.0, True, "")),
        cpu=_mostly(_cpus(), UNREADABLE),
        irqs=_mostly(irqs, UNREADABLE),
        nics=_mostly(nics, UNREADABLE),
    )


def _cpus() -> st.SearchStrategy[Cpu]:
    def build(numbers: list[int], threads: int, nodes: list[int | None]) -> Cpu:
        each = {
            str(cpu): Processor(
                cpu=cpu,
                core=cpu,
                package=0,
                node=nodes[cpu % len(nodes)],
                siblings=tuple(n for n in numbers if threads and n // threads == cpu // threads),
                times=UNREADABLE,
                net_rx=0,
                net_tx=0,
            )
            for cpu in numbers
        }
        return Cpu(count=len(each), physical_cores=UNREADABLE, nodes=UNREADABLE, each=each)

    return st.builds(
        build,
        st.sets(st.integers(0, 7), max_size=4).map(lambda offline: sorted({*range(8)} - offline)),
        _mostly(st.integers(1, 3), 0),  # 0: not shown
        st.lists(_mostly(st.integers(0, 1), None), min_size=1, max_size=3),
    )


def _irq(number: int) -> st.SearchStrategy[Irq]:
    return st.builds(
        Irq,
        irq=st.just(number),
        name=st.just(""),
        nic=st.none(),
        counts=st.dictionaries(_CPUS.map(str), st.integers(0, 2), max_size=3),
        total=st.just(0),
        affinity=_mostly(_MASKS, UNREADABLE),
        effective=_mostly(_CPUS.map(lambda cpu: (cpu,)) | _MASKS, UNREADABLE),
        managed=st.none() | st.booleans(),
    )


def _nic(name: str) -> st.SearchStrategy[Nic]:
    masks = _mostly(_MASKS, UNREADABLE)
    vector = {
        "irq": _mostly(st.sampled_from(_IRQ_NUMBERS), None),
        "napi": st.none() | st.integers(1, 4),
    }

    def queues(kind: Any, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        several = st.integers(0, 4).flatmap(
            lambda count: st.fixed_dictionaries(
                {
                    str(q): st.builds(kind, queue=st.just(q), **vector, **fields)
                    for q in range(count)
                }
            )
        )
        return _mostly(several, UNREADABLE)

    tables = st.lists(st.integers(0, 5), max_size=6).map(tuple)
    rss = st.builds(Rss, tables, contexts=st.dictionaries(st.just("1"), tables, max_size=1))
    return st.builds(
        Nic,
        name=st.just(name),
        index=st.just(1),
        kind=st.just("ethernet"),
        physical=_mostly(st.just(True), False) if name.startswith("eth") else st.booleans(),
        up=st.just(True),
        running=st.just(True),
        mtu=st.just(1500),
        txqueuelen=st.just(1000),
        numa_node=_mostly(st.integers(0, 1), None),
        local_cpus=_MASKS,
        master=_OTHERS,
        lower=_OTHERS,
        rx_queues_count=st.integers(0, 5),
        rx_queues=queues(RxQueue, rps_cpus=masks, rps_flow_cnt=st.just(0)),
        tx_queues=queues(TxQueue, xps_cpus=masks),
        rss=_mostly(rss, UNREADABLE),
    )
