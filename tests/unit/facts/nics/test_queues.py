"""Queues from trees that look like /sys."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.files import Files
from advisor.facts.nics.napis import QueueFacts
from advisor.facts.nics.queues import (
    QueueNumbers,
    list_queues,
    read_rx_queues,
    read_tx_queues,
    read_tx_timeouts,
)
from advisor.model.nic_queues import Bql, RxQueue, TxQueue
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import host

QUEUES = "/sys/class/net/eth0/queues"


def test_receive_queues_are_read_with_what_is_known_from_elsewhere(tmp_path: Path) -> None:
    files = host(
        tmp_path,
        {
            f"{QUEUES}/rx-0/rps_cpus": "00000000,0000000f\n",
            f"{QUEUES}/rx-0/rps_flow_cnt": "4096\n",
            f"{QUEUES}/rx-1/rps_cpus": "0\n",
            f"{QUEUES}/rx-1/rps_flow_cnt": "0\n",
            f"{QUEUES}/tx-0/xps_cpus": "1\n",
        },
    )
    facts = {0: QueueFacts(packets=5, bytes=500, drops=1, napi=257, irq=40)}
    assert read_rx_queues(files, "eth0", (0, 1), facts, irqs=(38, 39)) == {
        "0": RxQueue(
            queue=0,
            rps_cpus=(0, 1, 2, 3),
            rps_flow_cnt=4096,
            packets=5,
            bytes=500,
            drops=1,
            napi=257,
            irq=40,
        ),
        "1": RxQueue(queue=1, rps_cpus=(), rps_flow_cnt=0, irq=39),
    }


def test_queues_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    names = [*(f"rx-{n}" for n in range(12)), "tx-1", "tx-0", "rx-x", "other"]
    files = host(tmp_path, {f"{QUEUES}/{name}/rps_cpus": "0" for name in names})
    assert list_queues(files, "eth0") == QueueNumbers(rx=tuple(range(12)), tx=(0, 1))


def test_fewer_interrupts_than_queues_are_not_dealt_out(tmp_path: Path) -> None:
    files = host(tmp_path, {f"{QUEUES}/rx-{n}/rps_cpus": "0" for n in range(4)})
    queues = read_rx_queues(files, "eth0", range(4), {}, irqs=(38, 39))
    assert {queue.irq for queue in queues.values()} == {None}


def test_a_single_interrupt_serves_all_queues(tmp_path: Path) -> None:
    files = host(tmp_path, {f"{QUEUES}/rx-{n}/rps_cpus": "0" for n in range(4)})
    queues = read_rx_queues(files, "eth0", range(4), {}, irqs=(38,))
    assert {queue.irq for queue in queues.values()} == {38}


def test_a_kernel_without_rps_says_so_for_each_queue(tmp_path: Path) -> None:
    files = host(tmp_path, {f"{QUEUES}/rx-0/other": ""})
    queues = read_rx_queues(files, "eth0", (0,), {})
    assert isinstance(queues["0"].rps_cpus, Unavailable)
    assert isinstance(queues["0"].rps_flow_cnt, Unavailable)


def test_transmit_queues_have_xps_and_byte_queue_limits(tmp_path: Path) -> None:
    limits = f"{QUEUES}/tx-0/byte_queue_limits"
    files = host(
        tmp_path,
        {
            f"{QUEUES}/tx-0/xps_cpus": "3",
            f"{QUEUES}/tx-1/xps_cpus": "c",
            f"{limits}/limit": "1784\n",
            f"{limits}/inflight": "90\n",
            f"{QUEUES}/tx-1/xps_rxqs": "5",
        },
    )
    assert read_tx_queues(files, "eth0", (0, 1), {}, hardware=True) == {
        "0": TxQueue(queue=0, xps_cpus=(0, 1), bql=Bql(limit=1784, inflight=90)),
        "1": TxQueue(queue=1, xps_cpus=(2, 3), xps_rxqs=(0, 2)),
    }


def test_stalls_are_read_where_the_kernel_counts_them(tmp_path: Path) -> None:
    names = ("limit", "inflight", "limit_max", "limit_min", "stall_thrs", "stall_cnt", "stall_max")
    numbers = dict(zip(names, range(1, 8), strict=True))
    limits = f"{QUEUES}/tx-0/byte_queue_limits"
    files = host(tmp_path, {f"{limits}/{name}": str(value) for name, value in numbers.items()})
    queues = read_tx_queues(files, "eth0", (0,), {}, hardware=True)
    assert queues["0"].bql == Bql(**numbers)


def test_every_queue_has_the_files_that_the_first_one_has(tmp_path: Path) -> None:
    files = host(
        tmp_path,
        {
            f"{QUEUES}/tx-{queue}/byte_queue_limits/{name}": f"{queue}"
            for queue in range(3)
            for name in ("limit", "inflight", "limit_max", "limit_min")
        },
    )
    queues = read_tx_queues(files, "eth0", range(3), {}, hardware=True)
    assert [queue.bql for queue in queues.values()] == [
        Bql(limit=queue, inflight=queue, limit_max=queue, limit_min=queue) for queue in range(3)
    ]


def test_software_interfaces_have_no_byte_queue_limits(tmp_path: Path) -> None:
    limits = f"{QUEUES}/tx-0/byte_queue_limits"
    files = host(tmp_path, {f"{limits}/limit": "0", f"{limits}/inflight": "0"})
    queues = read_tx_queues(files, "eth0", (0,), {}, hardware=False)
    assert queues["0"].bql is None


def test_a_single_transmit_queue_has_no_xps(tmp_path: Path) -> None:
    # Reading xps_cpus fails then, which is not a fact that is missing.
    files = host(tmp_path, {f"{QUEUES}/tx-0/tx_timeout": "0"})
    queues = read_tx_queues(files, "eth0", (0,), {}, hardware=True)
    assert queues == {"0": TxQueue(queue=0, xps_cpus=())}


@pytest.mark.parametrize(
    ("counts", "expected"),
    [({0: "2\n", 1: "3\n"}, 5), ({0: "0\n", 1: "0\n"}, 0), ({1: "3\n"}, 3), ({}, None)],
)
def test_the_watchdog_counts_for_every_driver(
    tmp_path: Path, counts: dict[int, str], expected: int | None
) -> None:
    entries = {f"{QUEUES}/tx-{queue}/tx_timeout": count for queue, count in counts.items()}
    assert read_tx_timeouts(host(tmp_path, entries), "eth0", (0, 1)) == expected


@pytest.mark.parametrize("mask", ["ffffffff,ffffffff,ffffffff\n", "80000000,00000000\n"])
def test_a_mask_may_be_wider_than_the_machine(tmp_path: Path, mask: str) -> None:
    files = host(tmp_path, {f"{QUEUES}/rx-0/rps_cpus": mask})
    cpus = read_rx_queues(files, "eth0", (0,), {})["0"].rps_cpus
    assert isinstance(cpus, tuple)
    assert 63 in cpus


def test_an_interface_that_is_gone_has_no_queues_and_says_why(tmp_path: Path) -> None:
    found = list_queues(Files(tmp_path), "eth0")
    assert isinstance(found, Unavailable)
    assert "/sys/class/net/eth0" in found.reason
