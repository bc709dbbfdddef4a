"""What a change may destroy, of a recorded host: what its files and interrupts say."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.files import Files
from advisor.model.address import IrqAddress, NicAddress, parse_address
from advisor.settings.live import STATE, Live

INTERRUPTS = """\
           CPU0       CPU1
 45:       1000          0  PCI-MSI 524289-edge      eth0-TxRx-0
 46:          0       1000  PCI-MSI 524290-edge      eth0-TxRx-1
 50:          0       1000  PCI-MSI 524999-edge      other
"""
DEVICE = "sys/devices/pci0000:00/0000:00:03.0"
QUEUES = f"{DEVICE}/net/eth0/queues"


@pytest.fixture
def live(tmp_path: Path) -> Live:
    for name, text in {
        "proc/interrupts": INTERRUPTS,
        f"{DEVICE}/msi_irqs/45": "msix\n",
        f"{DEVICE}/msi_irqs/46": "msix\n",
        f"{DEVICE}/net/eth0/ifindex": "2\n",
        f"{QUEUES}/rx-0/rps_cpus": "0\n",
        f"{QUEUES}/rx-1/rps_cpus": "0\n",
        f"{QUEUES}/tx-0/xps_cpus": "0\n",
        f"{QUEUES}/tx-1/xps_cpus": "0\n",
        "proc/sys/net/ipv4/conf/all/forwarding": "0\n",
        "proc/sys/net/ipv4/conf/default/forwarding": "0\n",
        "proc/sys/net/ipv4/conf/eth0.100/forwarding": "0\n",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    net = tmp_path / "sys/class/net"
    net.mkdir(parents=True)
    (net / "eth0").symlink_to(f"../../../{DEVICE}/net/eth0")
    (tmp_path / DEVICE / "net/eth0/device").symlink_to("../../")
    return Live(Files(tmp_path))


@pytest.mark.parametrize("text", ["nic:eth0/channels.combined", "nic:eth0/ring.rx", "nic:eth0/mtu"])
def test_a_reset_of_the_device_can_cost_queues_interrupts_and_routes(live: Live, text: str) -> None:
    found = live.dependents(parse_address(text))
    queues = [
        *(NicAddress("eth0", ("queue", f"rx-{each}", "rps_cpus")) for each in (0, 1)),
        *(NicAddress("eth0", ("queue", f"rx-{each}", "rps_flow_cnt")) for each in (0, 1)),
        *(NicAddress("eth0", ("queue", f"tx-{each}", "xps_cpus")) for each in (0, 1)),
        *(NicAddress("eth0", ("queue", f"tx-{each}", "xps_rxqs")) for each in (0, 1)),
    ]
    state = [NicAddress("eth0", (name,)) for name in STATE]
    rss = NicAddress("eth0", ("rss", "indirection"))
    assert {IrqAddress(45), IrqAddress(46), rss, *queues, *state} <= set(found)
    assert IrqAddress(50) not in found
    assert len(set(found)) == len(found)
    assert parse_address(text) not in found
    assert found[-3:] == state, "addresses before the routes that need them"
    # Flow tables first: RPS that is on without them would spread flows at random.
    assert found.index(queues[2]) < found.index(queues[0])


@pytest.mark.parametrize(
    "text",
    [
        "sysctl:net.core.somaxconn",
        "sysctl:net.ipv4.conf.default.forwarding",
        "irq:45/affinity",
        "nic:eth0/txqueuelen",
        "nic:eth0/qdisc",
        "nic:eth0/queue.rx-0.rps_cpus",
        "nic:eth0/rss.indirection",
        "nic:eth0/gro_flush_timeout",
    ],
)
def test_most_settings_change_nothing_else(live: Live, text: str) -> None:
    assert live.dependents(parse_address(text)) == []


def test_forwarding_is_that_of_every_interface(live: Live) -> None:
    found = live.dependents(parse_address("sysctl:net.ipv4.ip_forward"))
    for key in (
        "net.ipv4.conf.all.forwarding",
        "net.ipv4.conf.default.forwarding",
        "net.ipv4.conf.eth0/100.forwarding",
        "net.ipv4.conf.all.accept_redirects",
    ):
        assert parse_address(f"sysctl:{key}") in found
    # Forwarding turns LRO off (dev_disable_lro) on the interfaces that there are.
    assert NicAddress("lo", ("feature", "rx-lro")) in found


def test_the_default_congestion_control_becomes_one_for_everybody(live: Live) -> None:
    found = live.dependents(parse_address("sysctl:net.ipv4.tcp_congestion_control"))
    assert found == [parse_address("sysctl:net.ipv4.tcp_allowed_congestion_control")]
