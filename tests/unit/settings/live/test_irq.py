"""The CPUs of an interrupt, in a recorded /proc/irq: never in the real one."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from advisor.errors import AdvisorError
from advisor.facts.files import Files
from advisor.model.address import IrqAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live import Live, WriteError
from advisor.settings.live.irq import hint_for

INTERRUPTS = """\
           CPU0       CPU1       CPU2       CPU3
  8:          0          0          0          0  IO-APIC   8-edge      rtc0
 45:       1000          0          0          0  PCI-MSI 524289-edge      eth0-TxRx-0
 46:          0       1000          0          0  PCI-MSI 524290-edge      eth0-TxRx-1
 47:          0       1000          0          0  PCI-MSI 524291-edge      eth0-TxRx-2
NMI:          0          0          0          0  Non-maskable interrupts
"""
DEVICE = "sys/devices/pci0000:00/0000:00:03.0"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {
        "proc/interrupts": INTERRUPTS,
        "sys/devices/system/cpu/online": "0-2\n",
        **{f"proc/irq/{irq}/smp_affinity_list": "0-3    \n" for irq in (8, 45, 46, 47)},
        **{f"{DEVICE}/msi_irqs/{irq}": "msix\n" for irq in (45, 46, 47)},
        f"{DEVICE}/net/eth0/ifindex": "2\n",
        "sys/kernel/debug/irq/irqs/46": "dstate:   0x01400200\n   IRQD_AFFINITY_MANAGED\n",
        "sys/kernel/debug/irq/irqs/45": "dstate:   0x01400200\n",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    net = tmp_path / "sys/class/net"
    net.mkdir(parents=True)
    (net / "eth0").symlink_to(f"../../../{DEVICE}/net/eth0")
    (tmp_path / DEVICE / "net/eth0/device").symlink_to("../../")
    return tmp_path


def test_the_cpus_are_read_and_written_as_a_list(root: Path) -> None:
    live, address = Live(Files(root)), IrqAddress(45)
    assert live.read(address) == (0, 1, 2, 3)
    live.check(address, (2, 0, 1), (0, 1, 2, 3))
    live.write(address, (2, 0, 1))
    assert (root / "proc/irq/45/smp_affinity_list").read_text().splitlines()[0] == "0-2"


@pytest.mark.parametrize(
    ("irq", "value", "why"),
    [
        (45, (), "at least one"),
        (45, (3,), "CPU 3 is not online"),
        (45, (0, 0), "twice"),
        (45, (-1,), "negative"),
        (45, (True,), "list of numbers"),
        (45, 1, "list of numbers"),
        (45, "0-1", "list of numbers"),
        (8, (0,), "no network interface"),
        (99, (0,), "no network interface"),
        (46, (0,), "managed"),
    ],
)
def test_what_is_not_for_advisor_to_move_is_refused(
    root: Path, irq: int, value: Any, why: str
) -> None:
    with pytest.raises(AdvisorError, match=why):
        Live(Files(root)).check(IrqAddress(irq), value, (0, 1, 2, 3))


def test_an_interrupt_that_is_not_there_cannot_be_read_or_written(root: Path) -> None:
    live, address = Live(Files(root)), IrqAddress(99)
    assert isinstance(live.read(address), Unavailable)
    with pytest.raises(WriteError) as error:
        live.write(address, (0,))
    assert error.value.errno == errno.ENOENT


def test_a_link_is_not_written_through(root: Path) -> None:
    target = root / "target"
    target.write_text("0-3\n")
    file = root / "proc/irq/45/smp_affinity_list"
    file.unlink()
    file.symlink_to(target)
    with pytest.raises(WriteError):
        Live(Files(root)).write(IrqAddress(45), (0,))
    assert target.read_text() == "0-3\n"


@pytest.mark.parametrize(
    ("number", "says"),
    [(errno.EIO, "managed"), (errno.EPERM, "managed"), (errno.ENOSPC, "vector")],
)
def test_the_kernels_refusals_are_explained(number: int, says: str) -> None:
    hint = hint_for(OSError(number, ""))
    assert hint is not None
    assert says in hint
