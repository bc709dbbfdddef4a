"""Interrupts of /proc/interrupts, on several architectures."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.files import Files
from advisor.facts.irqs import parse_interrupts, read_irqs
from advisor.model.system import Irq
from advisor.model.unavailable import NOT_READ, Unavailable
from tests.unit.facts.host_tree import Link, host

INTERRUPTS = """\
           CPU0       CPU1
 26:          0         13  IO-APIC   4-edge      ttyS0
 38:          0       1031 PCI-MSIX-0000:00:03.0   1-edge      virtio2-input.0
 39:       1068          5 PCI-MSIX-0000:00:03.0   2-edge      virtio2-output.0
NMI:          0          0   Non-maskable interrupts
LOC:      25881      30809   Local timer interrupts
ERR:          0
"""
MLX5 = "mlx5_comp1@pci:0000:3b:00.0"


def irqs(text: str) -> dict[str, Irq]:
    found = parse_interrupts(text)
    assert isinstance(found, dict), found
    return found


def test_counts_are_by_cpu_and_sparse() -> None:
    found = irqs(INTERRUPTS)
    assert found["38"].counts == {"1": 1031}
    assert found["39"] == Irq(
        39, "virtio2-output.0", None, {"0": 1068, "1": 5}, 1073, NOT_READ, NOT_READ
    )


def test_only_numbered_interrupts_count() -> None:
    assert list(irqs(INTERRUPTS)) == ["26", "38", "39"]


def test_columns_are_those_of_the_online_cpus() -> None:
    assert irqs(" CPU0 CPU7\n 24: 1 2 IO-APIC 5-edge eth0\n")["24"].counts == {"0": 1, "7": 2}


@pytest.mark.parametrize(
    ("about", "name"),
    [
        ("  IO-APIC   4-edge      ttyS0", "ttyS0"),
        ("   IO-APIC  10-fasteoi   virtio10, ehci_hcd:usb1", "virtio10, ehci_hcd:usb1"),
        (" PCI-MSI 49153-edge      virtio0-input.0", "virtio0-input.0"),
        (" PCI-MSIX-0000:00:03.0   1-edge      virtio2-input.0", "virtio2-input.0"),
        (" IR-PCI-MSIX-0000:3b:00.0  12-edge  mlx5_comp1@pci:0000:3b:00.0", MLX5),
        ("  PCI-MSI-edge      eth0-TxRx-0", "eth0-TxRx-0"),
        ("  xen-dyn    -event     eth0-q0-tx", "eth0-q0-tx"),
        ("     GICv3  27 Level     arch_timer", "arch_timer"),
        ("  ITS-PCI-MSI-0000:01:00.0   3 Edge      eth0-TxRx-2", "eth0-TxRx-2"),
        ("   XIVE-IRQ 1048595 Edge      eth0-rx-1", "eth0-rx-1"),
        (
            " Hyper-V PCIe MSI 4194304-edge      mana_q0@pci:7870:00:00.0",
            "mana_q0@pci:7870:00:00.0",
        ),
        (" Hyper-V PCIe MSI 4194304-edge      ", ""),
        ("  xen-dyn-event     eth0-q0-tx", "eth0-q0-tx"),
        ("     GIC  27  my device 5-edge", "my device 5-edge"),
        ("     GICv3  27 Level     timer 12", "timer 12"),
        ("  DMAR-MSI   0-edge      PCIe PME, aer drv", "PCIe PME, aer drv"),
        ("  IO-APIC   4-edge", ""),
        ("  IO-APIC   4-edge      ", ""),
        ("  None", ""),
        ("", ""),
    ],
)
def test_the_name_is_what_the_drivers_call_it(about: str, name: str) -> None:
    assert irqs(f" CPU0 CPU1\n 24:    0    7 {about}\n")["24"].name == name


@given(
    counts=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=300),
    name=st.from_regex(r"[A-Za-z0-9_.@:]+(-[A-Za-z0-9_. ]*[a-z])?", fullmatch=True),
)
def test_printed_counts_read_back_for_any_number_of_cpus(counts: list[int], name: str) -> None:
    header = "".join(f"CPU{cpu} " for cpu in range(len(counts)))
    cells = "".join(f" {count:10}" for count in counts)
    irq = irqs(f"     {header}\n 24:{cells}  IO-APIC   5-edge      {name}\n")["24"]
    assert irq.counts == {str(cpu): count for cpu, count in enumerate(counts) if count}
    assert (irq.total, irq.name) == (sum(counts), name)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "/proc/interrupts is empty (masked in a container)"),
        ("24: 1 2\n", "/proc/interrupts line 1: is not a list of CPUs"),
        (" CPU0 CPU1\n 24: 1\n", "/proc/interrupts line 2: does not have a number for each CPU"),
        (
            " CPU0 CPU1\n 24: 1 IO-APIC 5-edge eth0\n",
            "/proc/interrupts line 2: does not have a number for each CPU",
        ),
    ],
)
def test_a_malformed_file_says_where(text: str, reason: str) -> None:
    assert parse_interrupts(text) == Unavailable(reason)


def test_affinity_is_read_for_interrupts_of_nics_alone(tmp_path: Path) -> None:
    function = "/sys/devices/pci0000:00/0000:00:03.0"
    found = read_irqs(
        host(
            tmp_path,
            {
                "/proc/interrupts": INTERRUPTS,
                "/proc/irq/26/smp_affinity_list": "0-1\n",
                "/proc/irq/38/smp_affinity_list": "0-1\n",
                "/proc/irq/38/effective_affinity_list": "1\n",
                "/proc/irq/39/smp_affinity_list": "all of them\n",
                "/sys/class/net/eth0": Link(f"../..{function[4:]}/virtio2/net/eth0"),
                f"{function}/virtio2/net/eth0/ifindex": "2\n",
                f"{function}/msi_irqs/38": "msix\n",
                f"{function}/msi_irqs/39": "msix\n",
            },
        )
    )
    assert isinstance(found, dict)
    assert (found["26"].nic, found["26"].affinity) == (None, NOT_READ)
    assert (found["38"].nic, found["38"].affinity, found["38"].effective) == ("eth0", (0, 1), (1,))
    assert found["39"].nic == "eth0"
    assert found["39"].affinity == Unavailable(
        "/proc/irq/39/smp_affinity_list: not a CPU list: 'all of them'"
    )
    assert isinstance(found["39"].effective, Unavailable)


def placed(root: Path, **files: str) -> Irq:
    """Interrupt 38 of eth0, on a host with two CPUs that has these files about it."""
    function = "/sys/devices/pci0000:00/0000:00:03.0"
    debugging = {"debugfs": "/sys/kernel/debug/irq/irqs/38"}
    found = read_irqs(
        host(
            root,
            {
                "/proc/interrupts": INTERRUPTS,
                "/sys/class/net/eth0": Link(f"../..{function[4:]}/net/eth0"),
                f"{function}/net/eth0/ifindex": "2\n",
                f"{function}/msi_irqs/38": "msix\n",
                **{
                    debugging.get(name, f"/proc/irq/38/{name}"): text
                    for name, text in files.items()
                },
            },
        )
    )
    assert isinstance(found, dict)
    return found["38"]


@pytest.mark.parametrize(
    ("mask", "hint"),
    [
        ("2\n", (1,)),
        ("00000000,00000002\n", (1,)),
        # No wish: nothing, all CPUs that are online, all that there could be.
        ("0\n", (0, 1)),
        ("00000000,00000000,00000000\n", (0, 1)),
        ("3\n", (0, 1)),
        ("ffffffff,ffffffff\n", (0, 1)),
        # CPUs that are offline.
        ("c\n", (2, 3)),
        ("nothing of the kind\n", None),
    ],
)
def test_a_driver_may_have_a_wish(tmp_path: Path, mask: str, hint: tuple[int, ...] | None) -> None:
    assert placed(tmp_path, affinity_hint=mask).hint == hint


def test_a_kernel_that_shows_no_wishes_leaves_them_unknown(tmp_path: Path) -> None:
    assert placed(tmp_path).hint is None


@pytest.mark.parametrize(
    ("text", "managed"),
    [
        ("dstate:   0x19400200\n            IRQD_ACTIVATED\n", False),
        ("dstate:   0x19c00200\n            IRQD_AFFINITY_MANAGED\n", True),
    ],
)
def test_debugfs_tells_what_nobody_can_move(tmp_path: Path, text: str, managed: bool) -> None:
    assert placed(tmp_path, debugfs=text).managed is managed


def test_without_debugfs_that_is_not_known(tmp_path: Path) -> None:
    assert placed(tmp_path, affinity_hint="0\n").managed is None


def test_cpus_that_went_offline_stay_in_the_affinity(tmp_path: Path) -> None:
    irq = placed(tmp_path, smp_affinity_list="0-127\n", effective_affinity_list="\n")
    assert irq.affinity == tuple(range(128))
    assert irq.effective == ()


def test_a_host_without_the_file_gives_the_reason(tmp_path: Path) -> None:
    found = read_irqs(Files(tmp_path))
    assert isinstance(found, Unavailable)
    assert found.reason.startswith("/proc/interrupts does not exist")
