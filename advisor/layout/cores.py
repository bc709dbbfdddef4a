"""CPUs, the cores they are threads of, and the nodes they are on."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.model.nic import Nic
from advisor.model.system import Cpu
from advisor.model.unavailable import Unavailable

_NOTHING = Unavailable("the CPUs are not known")
_NOT_SHOWN = Unavailable("which CPUs share a core is not shown")


class Cores:
    """Answers for CPU numbers, also of CPUs that are offline or that nothing is known of.

    Args:
        cpu: The CPUs.
    """

    def __init__(self, cpu: Cpu | Unavailable) -> None:
        self._each = {} if isinstance(cpu, Unavailable) else cpu.each
        self._why = cpu if isinstance(cpu, Unavailable) else _NOTHING

    def is_online(self, cpu: int) -> bool:
        """Whether the CPU is online; true where nothing is known of any."""
        return not self._each or str(cpu) in self._each

    def node(self, cpu: int) -> int | None:
        """Its NUMA node, None when that is not known."""
        found = self._each.get(str(cpu))
        return None if found is None else found.node

    def core(self, cpu: int) -> int:
        """Its core, as the lowest CPU number on it; the CPU itself where no siblings are shown."""
        found = self._each.get(str(cpu))
        return cpu if found is None else min(found.siblings, default=cpu)

    def online(self) -> tuple[int, ...] | Unavailable:
        """Every online CPU."""
        if not self._each:
            return self._why
        return tuple(sorted(processor.cpu for processor in self._each.values()))

    def of(self, cpus: Iterable[int]) -> tuple[int, ...] | Unavailable:
        """Cores of those of the CPUs that are online."""
        if not self._each:
            return self._why
        found = [self._each[str(cpu)] for cpu in cpus if str(cpu) in self._each]
        if not all(processor.siblings for processor in found):
            return _NOT_SHOWN
        return tuple(sorted({min(processor.siblings) for processor in found}))

    def near(self, nic: Nic) -> tuple[int, ...] | Unavailable:
        """Online CPUs of the device's node; all of them when it has no node, or one without."""
        online = self.online()
        if isinstance(online, Unavailable):
            return online
        if nic.local_cpus:
            near = tuple(cpu for cpu in online if cpu in nic.local_cpus)
        elif nic.numa_node is not None:
            near = self.on_node(nic.numa_node)
        else:
            near = ()
        return near or online

    def on_node(self, node: int) -> tuple[int, ...]:
        """Online CPUs of a NUMA node, as far as it is known which are."""
        return tuple(
            sorted(processor.cpu for processor in self._each.values() if processor.node == node)
        )
