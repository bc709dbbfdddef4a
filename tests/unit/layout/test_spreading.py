"""How packets are spread over queues: the indirection table and XPS."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.model.unavailable import Unavailable
from tests.unit.layout.hosts import effective, layout, processors, tx


def table(
    queues: int, slots: list[int], contexts: dict[str, list[int]] | None = None
) -> tuple[Any, Any, Any, Any]:
    """What is said of an indirection table over so many receive queues."""
    rss = {"indirection": slots, "contexts": contexts or {}}
    found = layout(nics={"eth0": {"rx_queues_count": queues, "rss": rss}})
    return found.rss_missing, found.rss_beyond, found.rss_most, found.rss_least


# Receive queues, the table, queues without a slot, slots without a queue, most and fewest slots.
TABLES: list[tuple[str, int, list[int], tuple[tuple[int, ...], tuple[int, ...], int, int]]] = [
    ("even", 4, [0, 1, 2, 3] * 32, ((), (), 32, 32)),
    (
        "as even as 128 slots over 12 queues can be",
        12,
        [s % 12 for s in range(128)],
        ((), (), 11, 10),
    ),
    ("weighted", 3, [0] * 6 + [1] * 3 + [2], ((), (), 6, 1)),
    ("stale after the channels grew from 4 to 8", 8, [0, 1, 2, 3] * 2, ((4, 5, 6, 7), (), 2, 2)),
    ("stale after they shrank from 8 to 4", 4, [*range(8)] * 2, ((), (4, 5, 6, 7), 2, 2)),
    ("one queue on purpose", 4, [2] * 8, ((0, 1, 3), (), 8, 8)),
    ("one queue", 1, [0] * 8, ((), (), 8, 8)),
]


@pytest.mark.parametrize(
    ("queues", "slots", "expected"), [case[1:] for case in TABLES], ids=[case[0] for case in TABLES]
)
def test_a_table_is_held_against_the_queues_in_use(
    queues: int, slots: list[int], expected: tuple[tuple[int, ...], tuple[int, ...], int, int]
) -> None:
    assert table(queues, slots) == expected


def test_queues_of_other_contexts_are_not_missing() -> None:
    assert table(4, [0, 1], {"1": [2, 2], "5": [0]})[0] == (3,)


def test_without_a_table_there_are_reasons() -> None:
    assert table(4, []) == (Unavailable("the indirection table is empty"),) * 4
    found = layout(nics={"eth0": {"rss": {"unavailable": "not supported"}}})
    assert found.rss_missing == found.rss_most == Unavailable("not supported")


def xps(
    *masks: list[int], cpu: Any = 4, cpus: list[list[int]] | None = None
) -> tuple[Any, Any, Any]:
    """What is said of XPS masks, of queues whose interrupts go to `cpus`."""
    irqs = range(40, 40 + len(masks))
    where = cpus or [[queue] for queue in range(len(masks))]
    found = layout(
        cpu=cpu,
        irqs=effective(dict(zip(irqs, where, strict=True))),
        nics={"eth0": tx(*irqs, xps=list(masks))},
    )
    return found.xps_missing, found.xps_several, found.xps_elsewhere


NOT_SET = Unavailable("XPS is not set up")
# Masks, missing CPUs, CPUs with several queues, queues completed elsewhere.
MASKS: list[tuple[str, list[list[int]], tuple[Any, Any, Any]]] = [
    ("one queue for each CPU", [[0], [1], [2], [3]], ((), (), ())),
    ("two CPUs for each queue", [[0, 2], [1, 3]], ((), (), ())),
    ("two CPUs forgotten", [[0], [1]], ((2, 3), (), ())),
    ("overlapping", [[0, 1], [1, 2, 3]], ((), (1,), ())),
    ("completed elsewhere", [[1], [0, 2, 3]], ((), (), (0, 1))),
    ("a queue without a mask is not elsewhere", [[0, 1, 2, 3], []], ((), (), ())),
    # More CPUs in the masks than are online: the others do not choose.
    ("masks of CPUs that are offline", [[0, 8], [1, 8], [2], [3, 9]], ((), (), ())),
    ("a mask of offline CPUs alone", [[0, 1, 2, 3], [8, 9]], ((), (), ())),
    ("only offline CPUs", [[8], [9]], (NOT_SET, NOT_SET, NOT_SET)),
    ("none", [[], []], (NOT_SET, NOT_SET, NOT_SET)),
]


@pytest.mark.parametrize(
    ("masks", "expected"), [case[1:] for case in MASKS], ids=[case[0] for case in MASKS]
)
def test_masks_are_held_against_the_online_cpus(
    masks: list[list[int]], expected: tuple[Any, Any, Any]
) -> None:
    assert xps(*masks) == expected


def test_an_interrupt_that_may_come_home_is_not_elsewhere() -> None:
    assert xps([1], [2], cpus=[[0, 1], [0, 3]])[2] == (1,)


def test_without_cpus_missing_ones_are_not_known_but_overlaps_are() -> None:
    found = xps([0], [0], cpu={"unavailable": "no /proc/stat"})
    assert found == (Unavailable("no /proc/stat"), (0,), (1,))


def test_a_cpu_that_came_back_is_missing() -> None:
    cpu = processors([0], [1], [5])
    assert xps([0], [1], cpu=cpu)[0] == (5,)


def test_masks_that_cannot_be_read_are_reasons() -> None:
    queues = {"0": {"xps_cpus": [0]}, "1": {"xps_cpus": {"unavailable": "no permission"}}}
    found = layout(cpu=2, nics={"eth0": {"tx_queues": queues}})
    reason = Unavailable("no permission")
    assert (found.xps_missing, found.xps_several, found.xps_elsewhere) == (reason,) * 3
    found = layout(cpu=2, nics={"eth0": {"tx_queues": {"unavailable": "no /sys"}}})
    assert found.xps_missing == Unavailable("no /sys")
