"""What a change does to other settings: what it is meant to move, and what it merely destroys.

Both are recorded before the change and put back when it is undone. But while it stands, what it is
meant to move stays moved (new channels have interrupts and XPS masks of their own; forwarding is
turned on for every interface), and only the rest is put back at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.receipt import Held, Operation, Value

_SPREAD = ("xps_cpus", "xps_rxqs")


def lost(group: Sequence[Operation]) -> tuple[Held, ...]:
    """What operations merely destroy: to be put back as soon as they are carried out.

    Args:
        group: Operations that are carried out with one request.
    """
    held = {each.address: each for operation in group for each in operation.dependent}
    own = {operation.address for operation in group}
    return tuple(
        each
        for address, each in held.items()
        if address not in own and not any(_moves(operation, each) for operation in group)
    )


def taken_along(operation: Operation) -> tuple[Held, ...]:
    """What an operation is meant to move beside its own setting, or the kernel has to."""
    return tuple(each for each in operation.dependent if _moves(operation, each))


def _moves(operation: Operation, held: Held) -> bool:
    """Whether a change is meant to move another setting, or the kernel has to."""
    if not isinstance(operation.address, NicAddress):
        return True
    other, group = held.address, operation.address.attribute[0]
    if group == "mtu" and _last(other) == "mtu":
        return True
    # An offload takes along those that need it (netdev_fix_features() in net/core/dev.c).
    if group == "feature" and isinstance(other, NicAddress) and other.attribute[0] == "feature":
        return True
    if group != "channels":
        return False
    # Queues are made anew, and the driver spreads them as fits their number.
    if isinstance(other, IrqAddress) or _last(other) in _SPREAD:
        return True
    if _last(other) != "indirection":
        return False
    return _is_even(held.value, operation.before) or _names_more(held.value, operation.after)


def _is_even(table: Value, queues: Value) -> bool:
    """Whether a table serves so many queues alike, as drivers make it themselves: in turn
    (ethtool_rxfh_indir_default), or one after the other (igb_setup_mrqc)."""
    if not isinstance(table, tuple) or not isinstance(queues, int) or queues < 1:
        return False
    slots = Counter(table)
    every = set(range(min(queues, len(table))))
    return set(slots) == every and max(slots.values()) - min(slots.values()) <= 1


def _names_more(table: Value, queues: Value) -> bool:
    """Whether a table names queues that are gone. Then a driver had made it: of one that somebody
    has set, the kernel refuses that (ethnl_set_channels in net/ethtool/channels.c)."""
    return (
        isinstance(table, tuple)
        and isinstance(queues, int)
        and any(isinstance(queue, int) and queue >= queues for queue in table)
    )


def _last(address: Address) -> str:
    if isinstance(address, SysctlAddress):
        return address.key[-1]
    return address.attribute[-1] if isinstance(address, NicAddress) else ""
