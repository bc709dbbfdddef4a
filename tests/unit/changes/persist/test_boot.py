"""Interrupts found again after a boot that has given them other numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.changes.persist.boot import Brought, apply_persistent
from advisor.changes.persist.model import Device, Settings, Vector
from advisor.facts.files import Files
from advisor.settings.live import Live
from tests.unit.facts.host_tree import Link, host

MAC = "52:54:00:00:00:01"
PCI = "/sys/devices/pci0000:00/0000:00:03.0"
INTERRUPTS = """\
           CPU0       CPU1
  9:          1          0   IO-APIC   9-fasteoi   acpi
 60:          5          0   PCI-MSI 49152-edge      enp3s0
 61:          5          0   PCI-MSI 49153-edge      enp3s0-rx-0
 62:          5          0   PCI-MSI 49154-edge      enp3s0-rx-1
"""


def _host(tmp_path: Path) -> Files:
    """A host whose eth0 of the last boot is enp3s0 now."""
    return host(
        tmp_path,
        {
            "/proc/interrupts": INTERRUPTS,
            "/sys/devices/system/cpu/online": "0-1\n",
            "/sys/class/net/enp3s0": Link("../../devices/pci0000:00/0000:00:03.0/net/enp3s0"),
            f"{PCI}/net/enp3s0/ifindex": "2\n",
            f"{PCI}/net/enp3s0/address": f"{MAC}\n",
            f"{PCI}/net/enp3s0/addr_assign_type": "0\n",
            **{f"{PCI}/msi_irqs/{irq}": "msix\n" for irq in (60, 61, 62)},
            **{f"/proc/irq/{irq}/smp_affinity_list": "0\n" for irq in (60, 61, 62)},
        },
    )


def _apply(files: Files, vector: Vector, cpus: tuple[int, ...] = (1,)) -> tuple[Brought, str]:
    settings = Settings({}, {45: (vector, cpus)}, {"eth0": Device(MAC, "0000:00:09.0/0")})
    with Live(files) as live:
        (result,) = apply_persistent(settings, live, files)
    return result.brought, result.problem or ""


def _affinities(files: Files) -> dict[int, object]:
    texts = {irq: files.read_text(f"/proc/irq/{irq}/smp_affinity_list") for irq in (60, 61, 62)}
    return {irq: text.strip() for irq, text in texts.items() if isinstance(text, str)}


def test_an_interrupt_is_placed_by_its_position_whatever_its_number_and_name(
    tmp_path: Path,
) -> None:
    files = _host(tmp_path)
    wanted = Vector("eth0", 2, 3, "eth0-rx-1")
    assert _apply(files, wanted) == (Brought.SET, "")
    assert _affinities(files) == {60: "0", 61: "0", 62: "1"}
    assert _apply(files, wanted) == (Brought.WAS_SO, "")


@pytest.mark.parametrize(
    ("vector", "cpus", "why"),
    [
        (Vector("eth0", 2, 9, "eth0-rx-1"), (1,), "does not have the 9 interrupts"),
        (Vector("eth0", 2, 3, "eth0-tx-1"), (1,), "does not have the 3 interrupts"),
        (Vector("eth0", 3, 3, "eth0-rx-1"), (1,), "does not have the 3 interrupts"),
        (Vector("eth0", 2, 3, "eth0-rx-1"), (7,), "CPU 7 is not online"),
        (Vector("eth1", 2, 3, "eth1-rx-1"), (1,), "eth1 is not there"),
    ],
    ids=["another count", "another kind", "no such position", "no such CPU", "no such interface"],
)
def test_an_interrupt_that_may_be_another_one_is_left_alone(
    tmp_path: Path, vector: Vector, cpus: tuple[int, ...], why: str
) -> None:
    files = _host(tmp_path)
    brought, problem = _apply(files, vector, cpus)
    assert brought is Brought.FAILED
    assert why in problem
    assert set(_affinities(files).values()) == {"0"}
