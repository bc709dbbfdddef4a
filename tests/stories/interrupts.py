"""The interrupts of a story's host."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from advisor.model.system import Irq
from tests.stories.kernels import version
from tests.stories.readings import Reading
from tests.stories.sections import absent

# How the drivers name the interrupt of a queue.
_INTERRUPT = {
    "igb": "{nic}-TxRx-{queue}",
    "igc": "{nic}-TxRx-{queue}",
    "ixgbe": "{nic}-TxRx-{queue}",
    "ice": "ice-{nic}-TxRx-{queue}",
    "bnxt_en": "{nic}-TxRx-{queue}",
    "mlx5_core": "mlx5_comp{queue}@pci:{bus}",
}


def queue_interrupts(
    at: Reading,
    kernel: str,
    nic: str,
    driver: str,
    bus: str,
    per_second: Sequence[float],
    *,
    first: int,
    on_cpus: Sequence[int] | None = None,
    may_go_to: Sequence[int] | None = None,
) -> dict[str, Irq]:
    """One interrupt for each queue of a NIC.

    Args:
        at: The reading.
        kernel: A column of the kernels' tables.
        nic: Interface name.
        driver: Its driver, which names them.
        bus: Its bus address.
        per_second: How often each fires.
        first: Number of the first.
        on_cpus: CPU that each goes to; queue n to CPU n by default.
        may_go_to: CPUs that each may go to; only the one that it does by default.
    """
    cpus = on_cpus or range(len(per_second))
    found = {}
    for queue, (rate, cpu) in enumerate(zip(per_second, cpus, strict=True)):
        name = _INTERRUPT[driver].format(nic=nic, queue=queue, bus=bus)
        irq = interrupt(at, kernel, first + queue, name, nic, rate, cpu)
        found[str(irq.irq)] = replace(irq, affinity=tuple(may_go_to)) if may_go_to else irq
    return found


def virtio_interrupts(
    at: Reading,
    kernel: str,
    nic: str,
    device: str,
    per_second: Sequence[tuple[float, float]],
    *,
    first: int,
    cpus: int,
) -> dict[str, Irq]:
    """The interrupts of a virtio NIC: its configuration, and two for each pair of queues.

    Each pair gets its share of the CPUs (virtnet_set_affinity).

    Args:
        at: The reading.
        kernel: A column of the kernels' tables.
        nic: Interface name.
        device: The virtio device, which names them: "virtio1".
        per_second: How often those of each pair fire: receive, transmit.
        first: Number of the first.
        cpus: CPUs of the guest.
    """
    found = [interrupt(at, kernel, first, f"{device}-config", nic, 0, 0)]
    share = cpus // len(per_second)
    for pair, rates in enumerate(per_second):
        for way, rate in zip(("input", "output"), rates, strict=True):
            name, cpu = f"{device}-{way}.{pair}", pair * share
            irq = interrupt(at, kernel, first + len(found), name, nic, rate, cpu)
            own = tuple(range(cpu, cpu + share))
            found.append(replace(irq, affinity=own, hint=own))
    return {str(irq.irq): irq for irq in found}


def interrupt(
    at: Reading, kernel: str, number: int, name: str, nic: str | None, per_second: float, cpu: int
) -> Irq:
    """One interrupt, handled by one CPU."""
    total = at.count(per_second)
    file = f"/proc/irq/{number}/effective_affinity_list"
    return Irq(
        irq=number,
        name=name,
        nic=nic,
        counts={str(cpu): total} if total else {},
        total=total,
        affinity=(cpu,),
        effective=(cpu,) if version(kernel) >= (4, 13) else absent(file),
    )
