"""Queues and places of devices from trees that look like /sys."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.nics.napis import QueueFacts
from advisor.facts.nics.queues import Place, read_place, read_rx_queues, read_tx_queues
from advisor.model.nic_queues import Bql, RxQueue, TxQueue
from advisor.model.unavailable import Unavailable
from tests.unit.facts.host_tree import Link, host

QUEUES = "/sys/class/net/eth0/queues"
PCI = "/sys/devices/pci0000:00/0000:00:03.0"


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
    assert read_rx_queues(files, "eth0", facts, irqs=(38, 39)) == {
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
    files = host(tmp_path, {f"{QUEUES}/rx-{n}/rps_cpus": "0" for n in range(12)})
    queues = read_rx_queues(files, "eth0", {})
    assert isinstance(queues, dict)
    assert list(queues) == [str(number) for number in range(12)]


def test_fewer_interrupts_than_queues_are_not_dealt_out(tmp_path: Path) -> None:
    files = host(tmp_path, {f"{QUEUES}/rx-{n}/rps_cpus": "0" for n in range(4)})
    queues = read_rx_queues(files, "eth0", {}, irqs=(38, 39))
    assert isinstance(queues, dict)
    assert {queue.irq for queue in queues.values()} == {None}


def test_a_kernel_without_rps_says_so_for_each_queue(tmp_path: Path) -> None:
    files = host(tmp_path, {f"{QUEUES}/rx-0/other": ""})
    queues = read_rx_queues(files, "eth0", {})
    assert isinstance(queues, dict)
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
        },
    )
    assert read_tx_queues(files, "eth0", {}, hardware=True) == {
        "0": TxQueue(queue=0, xps_cpus=(0, 1), bql=Bql(limit=1784, inflight=90)),
        "1": TxQueue(queue=1, xps_cpus=(2, 3)),
    }


def test_stalls_are_read_where_the_kernel_counts_them(tmp_path: Path) -> None:
    numbers = {"limit": 1, "inflight": 2, "stall_thrs": 3, "stall_cnt": 4, "stall_max": 5}
    limits = f"{QUEUES}/tx-0/byte_queue_limits"
    files = host(tmp_path, {f"{limits}/{name}": str(value) for name, value in numbers.items()})
    queues = read_tx_queues(files, "eth0", {}, hardware=True)
    assert isinstance(queues, dict)
    assert queues["0"].bql == Bql(**numbers)


def test_software_interfaces_have_no_byte_queue_limits(tmp_path: Path) -> None:
    limits = f"{QUEUES}/tx-0/byte_queue_limits"
    files = host(tmp_path, {f"{limits}/limit": "0", f"{limits}/inflight": "0"})
    queues = read_tx_queues(files, "eth0", {}, hardware=False)
    assert isinstance(queues, dict)
    assert queues["0"].bql is None


def test_a_single_transmit_queue_has_no_xps(tmp_path: Path) -> None:
    # Reading xps_cpus fails then, which is not a fact that is missing.
    files = host(tmp_path, {f"{QUEUES}/tx-0/tx_timeout": "0"})
    queues = read_tx_queues(files, "eth0", {}, hardware=True)
    assert queues == {"0": TxQueue(queue=0, xps_cpus=())}


def test_an_interface_that_is_gone_has_no_queues_and_says_why(tmp_path: Path) -> None:
    files = host(tmp_path, {})
    for queues in (
        read_rx_queues(files, "eth0", {}),
        read_tx_queues(files, "eth0", {}, hardware=True),
    ):
        assert isinstance(queues, Unavailable)
        assert "/sys/class/net/eth0" in queues.reason


@pytest.mark.parametrize(
    ("node", "cpus", "expected"),
    [
        ("1\n", "8-15\n", Place(1, tuple(range(8, 16)), "0x16d7")),
        ("-1\n", "0-1\n", Place(None, (0, 1), "0x16d7")),
        ("garbage", "garbage", Place(None, (), "0x16d7")),
    ],
)
def test_a_pci_device_tells_its_place(
    tmp_path: Path, node: str, cpus: str, expected: Place
) -> None:
    files = host(
        tmp_path,
        {
            f"{PCI}/numa_node": node,
            f"{PCI}/local_cpulist": cpus,
            f"{PCI}/device": "0x16d7\n",
            "/sys/class/net/eth0/device": Link(f"{tmp_path}{PCI}"),
        },
    )
    assert read_place(files, "eth0") == expected


def test_a_virtio_device_is_where_its_pci_function_is(tmp_path: Path) -> None:
    files = host(
        tmp_path,
        {
            f"{PCI}/numa_node": "0\n",
            f"{PCI}/local_cpulist": "0-3\n",
            f"{PCI}/device": "0x1041\n",
            f"{PCI}/virtio2/device": "0x0001\n",
            "/sys/class/net/eth0/device": Link(f"{tmp_path}{PCI}/virtio2"),
        },
    )
    assert read_place(files, "eth0") == Place(0, (0, 1, 2, 3), "0x1041")


def test_a_device_on_a_bus_without_places_has_none(tmp_path: Path) -> None:
    assert read_place(host(tmp_path, {}), "eth0") == Place()
