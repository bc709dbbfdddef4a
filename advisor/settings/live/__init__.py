"""Settings of the running kernel: read, checked against bounds of our own, written, read back.

    with Live() as live:
        before = live.read(address)
        live.check(address, value, before)
        live.write(address, value)
        done = same(address, value, live.read(address))

This is the only part of advisor that changes anything. Modules by what they reach: `sysctl`, `irq`,
`nic_*`; what a value may be: `sysctl_bounds`, `nic_bounds`, `nic_undoable`; whether it is what was
wanted: `values`; what else it changes: `dependents`.
"""

from advisor.settings.live.kind import Value, WriteError
from advisor.settings.live.setting import Live, batch
from advisor.settings.live.values import STATE, outcome, same

__all__ = ["STATE", "Live", "Value", "WriteError", "batch", "outcome", "same"]
