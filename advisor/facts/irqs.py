"""Interrupts: where they were handled, where they may go, and which belong to a NIC."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from advisor.facts.cpulist import parse_cpu_mask, read_cpu_list
from advisor.facts.files import Files, MiB, malformed
from advisor.facts.nics.nic_irqs import nics_by_irq
from advisor.model.system import Irq
from advisor.model.unavailable import NOT_READ, Unavailable

INTERRUPTS = "/proc/interrupts"

# One file for each interrupt; there are none without CONFIG_GENERIC_IRQ_DEBUGFS, and for root only.
_DEBUG = "/sys/kernel/debug/irq/irqs"
_MANAGED = "IRQD_AFFINITY_MANAGED"

# A column of eleven characters for each CPU: 512 CPUs and 4,000 lines make 23 MB.
_LIMIT = 256 * MiB

# What follows the counts (show_interrupts in kernel/irq/proc.c): chip, hardware number, trigger
# and flow handler as far as there are, then the actions. A chip of several words ("Hyper-V PCIe
# MSI") is told from actions by the number and trigger or handler behind it.
_NUMBERED = re.compile(
    r"\s*\S+(?: \S+)*?\s+\d+(?:\s+(?:Level|Edge)\b\s*(?:-\S+)?|-\S+)(?:\s+(?P<actions>\S.*?))?\s*"
)
_OTHER = re.compile(r"\s*\S+(?:\s+\d+)?\s*(?:-\S+)?(?:\s+(?P<actions>\S.*?))?\s*")
_CPU = re.compile(r"CPU(\d{1,7})")


def read_irqs(files: Files) -> dict[str, Irq] | Unavailable:
    """Interrupt number → interrupt. How it is placed is read for the interrupts of NICs alone.

    NICs are those that sysfs shows: of the namespace that mounted it.
    """
    text = files.read_text(INTERRUPTS, _LIMIT)
    if isinstance(text, Unavailable):
        return text
    irqs = parse_interrupts(text)
    if isinstance(irqs, Unavailable):
        return irqs
    online = _columns(text.partition("\n")[0])
    debugging = files.exists(_DEBUG)
    for number, nic in nics_by_irq(files, {name: irq.name for name, irq in irqs.items()}).items():
        directory = f"/proc/irq/{number}"
        irqs[number] = replace(
            irqs[number],
            nic=nic,
            affinity=read_cpu_list(files, f"{directory}/smp_affinity_list"),
            effective=read_cpu_list(files, f"{directory}/effective_affinity_list"),
            hint=_hint(files, f"{directory}/affinity_hint", online),
            managed=_managed(files, number) if debugging else None,
        )
    return irqs


def parse_interrupts(text: str) -> dict[str, Irq] | Unavailable:
    """The numbered interrupts; those of the architecture (NMI, LOC) are left out.

    Names of actions may hold spaces, several are joined by ", ".
    """
    if not text.strip():
        return Unavailable(f"{INTERRUPTS} is empty (masked in a container)")
    header, *lines = text.splitlines()
    cpus = [str(cpu) for cpu in _columns(header)]
    if not cpus:
        return malformed(INTERRUPTS, 1, "is not a list of CPUs")
    irqs: dict[str, Irq] = {}
    for index, line in enumerate(lines, start=2):
        number, colon, rest = line.partition(":")
        number = number.strip()
        if not colon or not number.isdecimal():
            continue
        *words, about = [*rest.split(None, len(cpus)), ""][: len(cpus) + 1]
        try:
            counts = {cpu: int(word) for cpu, word in zip(cpus, words, strict=True) if word != "0"}
            irq = int(number)
        except ValueError:
            return malformed(INTERRUPTS, index, "does not have a number for each CPU")
        match = _NUMBERED.fullmatch(about) or _OTHER.fullmatch(about)
        irqs[number] = Irq(
            irq=irq,
            name=(match["actions"] if match else None) or "",
            nic=None,
            counts=counts,
            total=sum(counts.values()),
            affinity=NOT_READ,
            effective=NOT_READ,
        )
    return irqs


def _columns(header: str) -> tuple[int, ...]:
    """The CPUs that have a column: those that are online; () when it is not a list of CPUs."""
    cpus = [_CPU.fullmatch(word) for word in header.split()]
    return tuple(int(cpu[1]) for cpu in cpus if cpu) if all(cpus) else ()


def _hint(files: Files, path: str, online: Sequence[int]) -> tuple[int, ...] | None:
    """The CPUs that the driver would like; all online ones when it has no wish.

    No wish is a mask of zeros (irq_affinity_hint_proc_show), or one with every CPU that the kernel
    was built or booted for.
    """
    text = files.read_text(path)
    cpus = text if isinstance(text, Unavailable) else parse_cpu_mask(text)
    if isinstance(cpus, Unavailable):
        return None
    return cpus if cpus and not set(cpus).issuperset(online) else tuple(online)


def _managed(files: Files, number: str) -> bool | None:
    """Whether the kernel places it (irq_debug_show in kernel/irq/debugfs.c)."""
    text = files.read_text(f"{_DEBUG}/{number}")
    return None if isinstance(text, Unavailable) else _MANAGED in text
