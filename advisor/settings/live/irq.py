"""The CPUs that an interrupt may go to, from /proc/irq/N/smp_affinity_list."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from advisor.facts.cpulist import format_cpu_list, read_cpu_list
from advisor.facts.files import Files
from advisor.facts.irqs import read_irqs
from advisor.model.address import IrqAddress
from advisor.model.unavailable import Unavailable
from advisor.settings.live.cpus import check_cpus
from advisor.settings.live.exact_file import check_writable, write_beneath
from advisor.settings.live.kind import Value, WriteError, numbers, refusal

_DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC
_MANAGED = (
    "the kernel places managed interrupts itself (nvme, and drivers that ask for it), and some "
    "cannot be moved at all: number and CPUs follow the device's channels"
)


@dataclass(frozen=True, slots=True)
class IrqSettings:
    """The interrupts of a host.

    Attributes:
        files: The host's files.
    """

    files: Files

    def read(self, address: IrqAddress) -> Value | Unavailable:
        """The CPUs, sorted."""
        return read_cpu_list(self.files, f"/proc/irq/{address.irq}/smp_affinity_list")

    def check(self, address: IrqAddress, value: Value, current: Value) -> None:
        """Raises AdvisorError unless these are CPUs that are online, and it is a NIC's interrupt.

        Interrupts of disks and timers are none of advisor's business.
        """
        del current
        check_cpus(self.files, address, value)
        if not value:
            raise refusal(address, value, "it needs at least one CPU")
        irqs = read_irqs(self.files)
        if isinstance(irqs, Unavailable):
            raise refusal(address, value, irqs.reason)
        irq = irqs.get(str(address.irq))
        if irq is None or irq.nic is None:
            raise refusal(address, value, "no network interface here has this interrupt")
        if irq.managed:
            raise refusal(address, value, "it is a managed interrupt", _MANAGED)
        with self._opened(address) as (directory, path):
            check_writable(directory, path)

    def write(self, address: IrqAddress, value: Value) -> None:
        """Writes the CPUs."""
        text = format_cpu_list(numbers(address, value))
        with self._opened(address) as (directory, path):
            write_beneath(directory, path, text)

    @contextmanager
    def _opened(self, address: IrqAddress) -> Iterator[tuple[int, tuple[str, str]]]:
        """/proc/irq and the path below it; what goes wrong meanwhile is a WriteError."""
        try:
            directory = os.open(self.files.locate("/proc/irq"), _DIRECTORY)
            try:
                yield directory, (str(address.irq), "smp_affinity_list")
            finally:
                os.close(directory)
        except OSError as error:
            raise WriteError(address, error, hint=hint_for(error)) from error


def hint_for(error: OSError) -> str | None:
    """What to make of the kernel's refusal to move an interrupt."""
    # EIO on older kernels, EPERM on newer ones (write_irq_affinity in kernel/irq/proc.c). Without
    # root the file cannot even be opened, which is EACCES.
    if error.errno in (errno.EIO, errno.EPERM):
        return _MANAGED
    if error.errno == errno.ENOSPC:
        return "these CPUs have no interrupt vector left: choose more or other CPUs"
    return None
