"""CPUs, the cores they are threads of, and the nodes they are on."""

from __future__ import annotations

from advisor.model.system import Cpu, Processor
from advisor.model.unavailable import Unavailable


class Cores:
    """Answers for CPU numbers, also of CPUs that are offline or that nothing is known of.

    Args:
        cpu: The CPUs.

    Attributes:
        known: Whether anything is known of the CPUs.
    """

    def __init__(self, cpu: Cpu | Unavailable) -> None:
        self._cpu = cpu
        self._each = {} if isinstance(cpu, Unavailable) else cpu.each
        self.known = bool(self._each)

    def online(self, cpu: int) -> bool:
        """Whether the CPU is online; true where nothing is known of any."""
        return not self.known or str(cpu) in self._each

    def node(self, cpu: int) -> int | None:
        """Its NUMA node, None when that is not known."""
        found = self._each.get(str(cpu))
        return None if found is None else found.node

    def core(self, cpu: int) -> int:
        """Its core, as the lowest CPU number on it; the CPU itself where no siblings are shown."""
        found = self._each.get(str(cpu))
        return cpu if found is None else _core(found)

    def all_online(self) -> tuple[int, ...] | Unavailable:
        """Every online CPU."""
        if isinstance(self._cpu, Unavailable):
            return self._cpu
        return tuple(sorted(processor.cpu for processor in self._each.values()))

    def of(self, cpus: tuple[int, ...] | Unavailable) -> tuple[int, ...] | Unavailable:
        """Cores of the CPUs."""
        if isinstance(cpus, Unavailable):
            return cpus
        return tuple(sorted({self.core(cpu) for cpu in cpus}))

    def local(self, cpus: tuple[int, ...]) -> tuple[int, ...] | Unavailable:
        """Cores of those of the CPUs that are online; of all online CPUs when there are none."""
        online = self.all_online()
        if isinstance(online, Unavailable):
            return online
        near = tuple(cpu for cpu in online if cpu in cpus)
        return self.of(near or online)


def _core(processor: Processor) -> int:
    return min(processor.siblings, default=processor.cpu)
