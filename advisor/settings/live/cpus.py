"""Sets of CPUs as values."""

from __future__ import annotations

from advisor.facts.cpulist import read_cpu_list
from advisor.facts.files import Files
from advisor.model.address import Address
from advisor.model.unavailable import Unavailable
from advisor.settings.live.kind import Value, numbers, refusal

_ONLINE = "/sys/devices/system/cpu/online"


def check_cpus(files: Files, address: Address, value: Value) -> None:
    """Raises AdvisorError unless the value is a set of CPUs that are online.

    The kernel forgets the others (netdev_rx_queue_set_rps_mask), or keeps them for nothing.
    """
    cpus = numbers(address, value)
    online = read_cpu_list(files, _ONLINE)
    if isinstance(online, Unavailable):
        raise refusal(address, value, online.reason)
    offline = sorted(set(cpus) - set(online))
    if offline:
        raise refusal(address, value, f"CPU {offline[0]} is not online")
    if len(set(cpus)) != len(cpus):
        raise refusal(address, value, "it names a CPU twice")
