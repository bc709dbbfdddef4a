"""Which interrupts belong to which interface."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.facts.files import Files
from advisor.facts.nics.nic_irqs import nics_by_irq
from tests.unit.facts.host_tree import Link, host

PCI = "pci0000:3a/0000:3a:00.0/0000:3b:00.0"


def nic(name: str, index: int, device: str) -> dict[str, str | bytes | Link]:
    """An interface on a device, given by its directory below /sys/devices."""
    return {
        f"/sys/devices/{device}/net/{name}/ifindex": f"{index}\n",
        f"/sys/class/net/{name}": Link(f"../../devices/{device}/net/{name}"),
    }


def vectors(device: str, *irqs: int) -> dict[str, str | bytes | Link]:
    return {f"/sys/devices/{device}/msi_irqs/{irq}": "msix\n" for irq in irqs}


def test_the_devices_own_list_decides_whatever_the_names_are(tmp_path: Path) -> None:
    files = host(tmp_path, nic("eth0", 2, PCI) | vectors(PCI, 24, 25))
    actions = {"24": "mlx5_async0@pci:0000:3b:00.0", "25": "", "26": "eth0-TxRx-0"}
    assert nics_by_irq(files, actions) == {"24": "eth0", "25": "eth0"}


def test_a_virtio_device_uses_the_vectors_of_its_pci_function(tmp_path: Path) -> None:
    function = "pci0000:00/0000:00:03.0"
    files = host(tmp_path, nic("eth0", 2, f"{function}/virtio2") | vectors(function, 38, 39))
    actions = {"38": "virtio2-input.0", "39": "virtio2-output.0", "41": "virtio3-rx"}
    assert nics_by_irq(files, actions) == {"38": "eth0", "39": "eth0"}


def test_vectors_of_a_bridge_above_are_not_the_nics(tmp_path: Path) -> None:
    bridge, device = PCI.rsplit("/", 1)
    files = host(tmp_path, nic("eth0", 2, f"{bridge}/{device}") | vectors(bridge, 24))
    assert nics_by_irq(files, {"24": "PCIe PME"}) == {}


def test_vectors_that_the_kernel_does_not_show_are_left_out(tmp_path: Path) -> None:
    files = host(tmp_path, nic("eth0", 2, PCI) | vectors(PCI, 24, 25))
    assert nics_by_irq(files, {"24": "eth0-TxRx-0"}) == {"24": "eth0"}


def test_a_port_goes_before_the_representors_that_share_its_device(tmp_path: Path) -> None:
    files = host(
        tmp_path,
        nic("a_representor", 9, PCI) | nic("uplink", 2, PCI) | vectors(PCI, 24),
    )
    assert nics_by_irq(files, {"24": "mlx5_comp0@pci:0000:3b:00.0"}) == {"24": "uplink"}


def test_the_standby_goes_before_the_master_of_a_failover_pair(tmp_path: Path) -> None:
    # net_failover_create gives the master the device of the standby, and registers it first.
    function = "pci0000:00/0000:00:03.0"
    device = f"{function}/virtio2"
    files = host(
        tmp_path,
        nic("eth0", 2, device)
        | nic("eth0nsby", 3, device)
        | {f"/sys/devices/{device}/net/eth0nsby/master": Link("../eth0")}
        | vectors(function, 38),
    )
    assert nics_by_irq(files, {"38": "virtio2-input.0"}) == {"38": "eth0nsby"}


@pytest.mark.parametrize(
    ("name", "device", "action"),
    [
        ("eth0", PCI, "eth0"),
        ("eth0", PCI, "eth0-TxRx-0"),
        ("eth0", PCI, "eth0:tx-1"),
        ("ens1f0", PCI, "i40e-ens1f0-TxRx-3"),
        ("ens1f0", PCI, "ice-ens1f0-TxRx-12"),
        ("eth0", PCI, "mlx5_comp0@pci:0000:3b:00.0"),
        ("eth0", PCI, "mlx4-1@0000:3b:00.0"),
        ("eth0", PCI, "gve-ntfy-blk0@pci:0000:3b:00.0"),
        ("eth0", PCI, "mana_q0@pci:0000:3b:00.0"),
        ("eth0", PCI, "ehci_hcd:usb1, eth0"),
        ("eth0", "pci0000:00/0000:00:03.0/virtio2", "virtio2-input.0"),
        ("eth0", "vif-0", "eth0-q0-tx"),
        ("enX0", "vif-0", "vif0-q3-rx"),
        ("end0", "platform/ff0e0000.ethernet", "ff0e0000.ethernet"),
    ],
)
def test_without_a_list_the_drivers_names_tell(
    tmp_path: Path, name: str, device: str, action: str
) -> None:
    assert nics_by_irq(host(tmp_path, nic(name, 2, device)), {"24": action}) == {"24": name}


@pytest.mark.parametrize(
    "action",
    [
        *["", "timer0", "eth01", "eth00-TxRx-0", "i40e-eth01-TxRx-0", "virtio20-input.0"],
        "mlx5_comp0@pci:0000:3b:00.1",
    ],
)
def test_names_of_others_do_not_match(tmp_path: Path, action: str) -> None:
    files = host(tmp_path, nic("eth0", 2, "pci0000:00/0000:3b:00.0/virtio2"))
    assert nics_by_irq(files, {"24": action}) == {}


def test_software_interfaces_have_no_interrupts(tmp_path: Path) -> None:
    files = host(tmp_path, nic("br0", 3, "virtual"))
    assert nics_by_irq(files, {"24": "br0-0"}) == {}


def test_without_sysfs_no_interrupt_is_a_nics(tmp_path: Path) -> None:
    assert nics_by_irq(Files(tmp_path), {"24": "eth0-TxRx-0"}) == {}
