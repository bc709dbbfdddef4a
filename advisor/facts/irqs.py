"""Interrupts: where they were handled, where they may go, and which belong to a NIC."""

from __future__ import annotations

import re
from dataclasses import replace

from advisor.facts.cpulist import read_cpu_list
from advisor.facts.files import Files, MiB, malformed
from advisor.facts.nics.nic_irqs import nics_by_irq
from advisor.model.system import Irq
from advisor.model.unavailable import NOT_READ, Unavailable

INTERRUPTS = "/proc/interrupts"

# A column of eleven characters for each CPU: 512 CPUs and 4,000 lines make 23 MB.
_LIMIT = 256 * MiB

# What follows the counts (show_interrupts in kernel/irq/proc.c): chip, hardware number, trigger
# and flow handler as far as there are, then the actions.
_ABOUT = re.compile(
    r"\s*\S+(?:\s+\d+)?(?:\s+(?:Level|Edge)\b)?\s*(?:-\S+)?(?:\s+(?P<actions>\S.*?))?\s*"
)


def read_irqs(files: Files) -> dict[str, Irq] | Unavailable:
    """Interrupt number → interrupt. Affinity is read for the interrupts of NICs alone.

    NICs are those that sysfs shows: of the namespace that mounted it.
    """
    text = files.read_text(INTERRUPTS, _LIMIT)
    irqs = text if isinstance(text, Unavailable) else parse_interrupts(text)
    if isinstance(irqs, Unavailable):
        return irqs
    for number, nic in nics_by_irq(files, {name: irq.name for name, irq in irqs.items()}).items():
        directory = f"/proc/irq/{number}"
        irqs[number] = replace(
            irqs[number],
            nic=nic,
            affinity=read_cpu_list(files, f"{directory}/smp_affinity_list"),
            effective=read_cpu_list(files, f"{directory}/effective_affinity_list"),
        )
    return irqs


def parse_interrupts(text: str) -> dict[str, Irq] | Unavailable:
    """The numbered interrupts; those of the architecture (NMI, LOC) are left out.

    Names of actions may hold spaces, several are joined by ", ".
    """
    if not text.strip():
        return Unavailable(f"{INTERRUPTS} is empty (masked in a container)")
    header, *lines = text.splitlines()
    cpus = [word.removeprefix("CPU") for word in header.split()]
    if not cpus or not all(cpu.isdecimal() for cpu in cpus):
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
        match = _ABOUT.fullmatch(about)
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
