"""CPUs, cores and nodes, also of CPUs that are offline or of which nothing is shown."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.layout.cores import Cores
from advisor.model.nic import Nic
from advisor.model.unavailable import Unavailable
from tests.unit.layout.hosts import host, processors

NO_STAT = Unavailable("no permission to read /proc/stat")
# CPUs 0 to 3 with their hyper-threads 4 to 7, the last two cores on node 1.
SMT = processors([0, 4], [1, 5], [2, 6], [3, 7], node=dict.fromkeys((2, 3, 6, 7), 1))


def cores(cpu: dict[str, Any] | int) -> Cores:
    return Cores(host(cpu=cpu).cpu)


def nic(**fields: Any) -> Nic:
    found = host(nics={"eth0": fields}).nics
    assert isinstance(found, dict)
    return found["eth0"]


def test_hyper_threads_are_one_core_with_the_lowest_number() -> None:
    each = cores(SMT)
    assert [each.core(cpu) for cpu in range(8)] == [0, 1, 2, 3, 0, 1, 2, 3]
    assert each.of([5, 1, 6]) == (1, 2)


def test_a_core_whose_first_thread_is_offline_has_the_number_of_the_other() -> None:
    # The kernel leaves CPUs that are offline out of thread_siblings_list.
    each = cores(processors([4], [1, 5]))
    assert (each.core(4), each.of([1, 4])) == (4, (1, 4))


def test_offline_cpus_have_no_core_and_no_node() -> None:
    each = cores(processors([0, 4], [1, 5]))
    assert [each.is_online(cpu) for cpu in (0, 4, 2)] == [True, True, False]
    assert (each.node(2), each.core(2)) == (None, 2)
    assert each.of([0, 2]) == (0,)


def test_without_siblings_nobody_knows_the_cores() -> None:
    each = cores({"each": {"0": {"siblings": []}, "1": {"siblings": [1]}}})
    assert each.of([1]) == (1,)
    assert isinstance(each.of([0, 1]), Unavailable)
    assert each.core(0) == 0


@pytest.mark.parametrize(
    ("cpu", "reason"),
    [
        ({"unavailable": NO_STAT.reason}, NO_STAT),
        ({"each": {}}, Unavailable("the CPUs are not known")),
    ],
)
def test_without_cpus_there_are_reasons_instead(cpu: dict[str, Any], reason: Unavailable) -> None:
    each = cores(cpu)
    answers = [each.online(), each.of([0]), each.near(nic(numa_node=0, local_cpus=[0]))]
    assert answers == [reason] * 3
    assert (each.is_online(3), each.node(3), each.core(3)) == (True, None, 3)


# An interface's NUMA node and local CPUs, the online CPUs near it.
NEAR: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("of its node", {"numa_node": 1, "local_cpus": [2, 3, 6, 7]}, (2, 3, 6, 7)),
    ("CPUs that are offline are not near", {"numa_node": 1, "local_cpus": [3, 8, 9]}, (3,)),
    ("its node is known, its local CPUs are not", {"numa_node": 1}, (2, 3, 6, 7)),
    ("no node (-1): sysfs names all CPUs", {"local_cpus": [*range(16)]}, tuple(range(8))),
    ("nothing is known of its place", {}, tuple(range(8))),
    ("a node of memory alone", {"numa_node": 5}, tuple(range(8))),
    ("all CPUs of its node are offline", {"numa_node": 5, "local_cpus": [40]}, tuple(range(8))),
]


@pytest.mark.parametrize(
    ("fields", "near"), [case[1:] for case in NEAR], ids=[case[0] for case in NEAR]
)
def test_near_a_device_are_the_online_cpus_of_its_node(
    fields: dict[str, Any], near: tuple[int, ...]
) -> None:
    assert cores(SMT).near(nic(**fields)) == near
