"""What follows from where the interrupts of the queues go."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.model.layout import Layout
from advisor.model.unavailable import Unavailable
from tests.unit.layout.hosts import effective, layout, processors, rx, tx

# CPUs 0 to 3 with their hyper-threads 4 to 7, the last two cores on node 1.
SMT = processors([0, 4], [1, 5], [2, 6], [3, 7], node=dict.fromkeys((2, 3, 6, 7), 1))


def placed(*cpus: list[int], cpu: Any = SMT, **nic: Any) -> Layout:
    """The layout of an interface whose queue pairs interrupt these CPUs."""
    irqs = range(40, 40 + len(cpus))
    return layout(
        cpu=cpu,
        irqs=effective(dict(zip(irqs, cpus, strict=True))),
        nics={"eth0": rx(*irqs) | tx(*irqs) | nic},
    )


def test_cpus_and_cores_of_the_receive_queues() -> None:
    found = placed([1], [5], [2])
    assert (found.rx_cpus, found.rx_cores) == ((1, 2, 5), (1, 2))


def test_a_cpu_that_went_offline_is_a_cpu_without_a_core() -> None:
    found = placed([1], [9])
    assert (found.rx_cpus, found.rx_cores) == ((1, 9), (1,))
    assert (found.cpus["9"].online, found.cpus["9"].node) == (False, None)


# Where the queues' interrupts go, receive queues of the fullest CPU, that CPU.
CROWDS: list[tuple[str, list[list[int]], int, int]] = [
    ("each its own", [[0], [1], [2]], 1, 0),
    ("two on one", [[0], [3], [3]], 2, 3),
    ("two on each of two: the lower one", [[7], [2], [7], [2]], 2, 2),
    ("all on one", [[5], [5], [5]], 3, 5),
    ("one that may go to several crowds none", [[0], [0, 1], [0, 1]], 1, 0),
]


@pytest.mark.parametrize(
    ("cpus", "most", "cpu"), [case[1:] for case in CROWDS], ids=[case[0] for case in CROWDS]
)
def test_the_fullest_cpu_is_the_one_with_most_receive_queues(
    cpus: list[list[int]], most: int, cpu: int
) -> None:
    found = placed(*cpus)
    assert (found.most_rx_on_cpu, found.crowded_cpu) == (most, cpu)


def test_no_cpu_is_crowded_by_interrupts_that_go_to_several() -> None:
    found = placed([0, 1], [0, 1])
    reason = Unavailable("its interrupts go to several CPUs each")
    assert (found.most_rx_on_cpu, found.crowded_cpu) == (reason, reason)


# Where the queues' interrupts go, the queues that share a core with others.
SIBLINGS: list[tuple[str, list[list[int]], tuple[int, ...]]] = [
    ("each its own core", [[0], [1], [2]], ()),
    ("both threads of core 1", [[0], [1], [5]], (1, 2)),
    ("two on one thread share the CPU, not only the core", [[0], [0]], ()),
    ("two on one thread, a third on the other", [[0], [0], [4]], (0, 1, 2)),
    ("both threads, but of one queue", [[0, 4], [1]], ()),
    ("both threads of one queue, and another queue", [[0, 4], [4]], (0, 1)),
    ("an offline CPU shares nothing", [[0], [9]], ()),
]


@pytest.mark.parametrize(
    ("cpus", "queues"), [case[1:] for case in SIBLINGS], ids=[case[0] for case in SIBLINGS]
)
def test_queues_on_both_threads_of_a_core_are_found(
    cpus: list[list[int]], queues: tuple[int, ...]
) -> None:
    assert placed(*cpus).rx_on_siblings == queues


def test_where_cores_are_not_shown_nothing_is_said_about_them() -> None:
    cpu = {"each": {str(number): {"siblings": []} for number in range(4)}}
    found = placed([0], [1], cpu=cpu)
    for fact in (found.rx_cores, found.rx_on_siblings, found.local_cores, found.free_cores):
        assert fact == Unavailable("which CPUs share a core is not shown")
    assert found.rx_cpus == (0, 1)


# Where the queues' interrupts go, queues that are remote from node 1.
REMOTE: list[tuple[str, list[list[int]], tuple[int, ...]]] = [
    ("all at home", [[2], [3], [6]], ()),
    ("one away", [[2], [1], [3]], (1,)),
    ("one that may stay at home is not away", [[0, 2], [0, 1]], (1,)),
]


@pytest.mark.parametrize(
    ("cpus", "queues"), [case[1:] for case in REMOTE], ids=[case[0] for case in REMOTE]
)
def test_queues_whose_interrupt_leaves_the_devices_node_are_remote(
    cpus: list[list[int]], queues: tuple[int, ...]
) -> None:
    found = placed(*cpus, numa_node=1, local_cpus=[2, 3, 6, 7])
    assert (found.rx_remote, found.tx_remote) == (queues, queues)


def test_transmit_queues_have_places_of_their_own() -> None:
    irqs = effective({40: [2], 41: [3], 42: [0], 43: [6]})
    nic = {"numa_node": 1, **rx(40, 41), **tx(42, 43)}
    found = layout(cpu=SMT, irqs=irqs, nics={"eth0": nic})
    assert (found.rx_remote, found.tx_remote, found.rx_cpus) == ((), (0,), (2, 3))


@pytest.mark.parametrize(
    ("fields", "cpu", "reason"),
    [
        ({}, SMT, "the device has no NUMA node"),
        ({"numa_node": 5}, SMT, "no CPU of the device's NUMA node is online"),
        ({"numa_node": 0}, {"each": {"0": {"node": None}}}, "the NUMA node of a CPU is not known"),
    ],
)
def test_without_nodes_nothing_is_remote(fields: dict[str, Any], cpu: Any, reason: str) -> None:
    found = placed([0], [1], cpu=cpu, **fields)
    assert (found.rx_remote, found.tx_remote) == (Unavailable(reason), Unavailable(reason))


def test_free_cores_are_local_ones_without_a_receive_interrupt() -> None:
    found = placed([6], [0], numa_node=1, local_cpus=[2, 3, 6, 7])
    assert (found.local_cores, found.free_cores) == ((2, 3), (3,))


def test_without_a_node_all_cores_are_local() -> None:
    found = placed([0], [5])
    assert (found.local_cores, found.free_cores) == ((0, 1, 2, 3), (2, 3))


# What is missing, and the reason that every fact about places then gives.
UNKNOWN: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("queues", {"rx_queues": {"unavailable": "no /sys"}}, {}, "no /sys"),
    ("interrupts", rx(40), {"unavailable": "no permission"}, "no permission"),
    (
        "an irq",
        rx(40, None),
        {"40": {"effective": [0]}},
        "the interrupt of queue rx-1 is not known",
    ),
    ("where it goes", rx(40), {"40": {"affinity": [0, 1]}}, "where interrupt 40 goes is not known"),
    ("the interrupt itself", rx(40), {}, "where interrupt 40 goes is not known"),
    ("any queue", rx(), {}, "it has no such queues"),
    ("hardware", {"physical": False, **rx(None)}, {}, "a software interface has no interrupts"),
]


@pytest.mark.parametrize(
    ("nic", "irqs", "reason"), [case[1:] for case in UNKNOWN], ids=[case[0] for case in UNKNOWN]
)
def test_when_one_place_is_not_known_nothing_is_said_of_all(
    nic: dict[str, Any], irqs: dict[str, Any], reason: str
) -> None:
    found = layout(cpu=2, irqs=irqs, nics={"eth0": {"numa_node": 0, **nic}})
    for fact in (
        *(found.rx_cpus, found.rx_cores, found.free_cores, found.most_rx_on_cpu),
        *(found.crowded_cpu, found.rx_on_siblings, found.rx_remote),
    ):
        assert fact == Unavailable(reason)
