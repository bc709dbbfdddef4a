"""Interrupts, the queues they serve, and the CPUs they go to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from advisor.layout.build import layout_of
from advisor.layout.vectors import delivered_to
from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.system import Irq
from advisor.model.unavailable import Unavailable
from tests.unit.layout.hosts import effective, hosts, layout, rx, tx

NO_FILE = Unavailable("/proc/irq/40/effective_affinity_list does not exist")


def irq(
    effective: tuple[int, ...] | Unavailable,
    affinity: tuple[int, ...] | Unavailable = NO_FILE,
    counts: dict[str, int] | None = None,
) -> Irq:
    return Irq(
        irq=40,
        name="eth0-TxRx-0",
        nic="eth0",
        counts=counts or {},
        total=sum((counts or {}).values()),
        affinity=affinity,
        effective=effective,
    )


# Where an interrupt goes: what the kernel says of it, the CPUs.
DELIVERED: list[tuple[str, Irq, tuple[int, ...]]] = [
    ("the effective affinity", irq((3,), (0, 1, 2, 3)), (3,)),
    ("several, where the controller can do that", irq((2, 3), (0, 1, 2, 3)), (2, 3)),
    ("the effective affinity, not where it was before", irq((3,), (0, 3), {"0": 900}), (3,)),
    ("before 4.13 one CPU in the mask is certain", irq(NO_FILE, (2,)), (2,)),
    ("even if others handled it before", irq(NO_FILE, (2,), {"1": 900}), (2,)),
    ("before 4.13 the only CPU that ever handled it", irq(NO_FILE, (0, 1), {"1": 9}), (1,)),
    ("unless the mask excludes that CPU now", irq(NO_FILE, (2, 3), {"1": 9}), ()),
    ("before 4.13 several CPUs handled it", irq(NO_FILE, (0, 1), {"0": 5, "1": 9}), ()),
    ("before 4.13 it never fired", irq(NO_FILE, (0, 1)), ()),
    ("neither file can be read, one CPU handled it", irq(NO_FILE, counts={"1": 9}), (1,)),
    ("neither file can be read, it never fired", irq(NO_FILE), ()),
    # Some interrupt controllers do not keep it.
    ("an empty effective affinity says nothing, the mask does", irq((), (5,)), (5,)),
    ("an empty effective affinity, handled by one CPU", irq((), (0, 1), {"0": 7}), (0,)),
    ("nothing but empty masks", irq((), ()), ()),
]


@pytest.mark.parametrize(
    ("line", "cpus"), [case[1:] for case in DELIVERED], ids=[case[0] for case in DELIVERED]
)
def test_an_interrupt_goes_where_it_is_certain_to_go(line: Irq, cpus: tuple[int, ...]) -> None:
    assert delivered_to(line) == cpus


def vectors(nic: dict[str, Any], irqs: dict[str, Any] | None = None) -> dict[str, Any]:
    """Vector → its receive queues, transmit queues and CPUs."""
    found = layout(cpu=4, irqs=irqs or {}, nics={"eth0": nic}).vectors
    return {key: (each.rx, each.tx, each.cpus) for key, each in found.items()}


def test_queues_that_share_an_interrupt_are_one_vector() -> None:
    found = vectors(rx(40, 41) | tx(40, 41), effective({40: [0], 41: [1]}))
    assert found == {"40": ((0,), (0,), (0,)), "41": ((1,), (1,), (1,))}


def test_separate_interrupts_are_separate_vectors() -> None:
    found = vectors(rx(40, 41) | tx(42, 43), effective({40: [0], 41: [1], 42: [0], 43: [1]}))
    assert found == {
        "40": ((0,), (), (0,)),
        "41": ((1,), (), (1,)),
        "42": ((), (0,), (0,)),
        "43": ((), (1,), (1,)),
    }


def test_one_interrupt_can_serve_several_queues_of_a_kind() -> None:
    # vmxnet3 with too few vectors: all transmit queues on the first.
    found = vectors(rx(41, 42) | tx(40, 40), effective({40: [0], 41: [1], 42: [2]}))
    assert found["40"] == ((), (0, 1), (0,))


def test_vectors_are_in_the_order_of_their_numbers_and_napi_behind() -> None:
    nic = {
        "rx_queues": {
            "0": {"napi": 50},
            "1": {"irq": 100},
            "2": {"irq": 9},
            "3": {"napi": 1000},
            "4": {},
        }
    }
    assert list(vectors(nic)) == ["9", "100", "napi 50", "napi 1000"]


def test_napi_stands_for_an_interrupt_that_is_not_known() -> None:
    # hv_netvsc: VMBus channels have NAPI instances, but no line in /proc/interrupts.
    nic = {
        "rx_queues": {"0": {"napi": 257}, "1": {"napi": 258}},
        "tx_queues": {"0": {"napi": 257}, "1": {"napi": 258}},
    }
    assert vectors(nic) == {"napi 257": ((0,), (0,), ()), "napi 258": ((1,), (1,), ())}


def test_two_napi_instances_on_one_interrupt_are_not_one() -> None:
    # mlx4_en, mana: own NAPI for receiving and sending, the same interrupt.
    nic = {"rx_queues": {"0": {"irq": 40, "napi": 11}}, "tx_queues": {"0": {"irq": 40, "napi": 12}}}
    [vector] = layout(cpu=4, irqs={}, nics={"eth0": nic}).vectors.values()
    assert (vector.irq, vector.napi, vector.rx, vector.tx) == (40, None, (0,), (0,))


def test_a_vector_has_the_node_of_its_cpus_if_that_is_one() -> None:
    cpu = {"each": {"0": {"node": 0}, "1": {"node": 0}, "2": {"node": 1}}}
    found = layout(
        cpu=cpu,
        irqs=effective({40: [0, 1], 41: [2], 42: [1, 2], 43: [7]}),
        nics={"eth0": rx(40, 41, 42, 43, 44)},
    ).vectors
    assert [each.node for each in found.values()] == [0, 1, None, None, None]


def test_the_kernels_own_placement_is_known_of_a_vector() -> None:
    irqs = {"40": {"effective": [0], "managed": True}, "41": {"effective": [1], "managed": False}}
    found = layout(cpu=2, irqs=irqs, nics={"eth0": rx(40, 41, 42)}).vectors
    assert [each.managed for each in found.values()] == [True, False, None]


def test_interrupts_that_cannot_be_read_leave_the_queues_together() -> None:
    given = {"cpu": 2, "nics": {"eth0": rx(40) | tx(40)}}
    found = layout(irqs={"unavailable": "no permission to read /proc/interrupts"}, **given)
    [vector] = found.vectors.values()
    assert (vector.irq, vector.rx, vector.tx, vector.cpus) == (40, (0,), (0,), ())
    assert found.rx_cpus == Unavailable("no permission to read /proc/interrupts")


@given(hosts())
def test_every_queue_is_in_one_vector_or_in_none(host: Host) -> None:
    nics = host.nics if isinstance(host.nics, dict) else {}
    for name, nic in nics.items():
        found = layout_of(host, name)
        assert isinstance(found, Layout)
        for way, queues in (("rx", nic.rx_queues), ("tx", nic.tx_queues)):
            served = [q for each in found.vectors.values() for q in getattr(each, way)]
            known = [] if isinstance(queues, Unavailable) else queues.values()
            assert sorted(served) == sorted(
                each.queue for each in known if each.irq is not None or each.napi is not None
            )
        for key, vector in found.vectors.items():
            assert key == (f"napi {vector.napi}" if vector.irq is None else str(vector.irq))
            assert vector.rx or vector.tx
