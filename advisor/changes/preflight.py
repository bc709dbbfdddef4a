"""Before anything is written: every change of a plan is possible, in bounds, and can be undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from advisor.changes.interfaces import devices_of
from advisor.changes.layers import Layer, owner, standing
from advisor.errors import AdvisorError, Exit
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.plan import Change
from advisor.model.receipt import Device, Held, Operation, Origin, Receipt
from advisor.model.unavailable import Unavailable
from advisor.settings.live import Live, Value, batch, same

_SHOWN = 3
# To a power of two, or to the CPUs that are not isolated.
_ROUNDED_ONE_WAY = ("rps_sock_flow_entries", "rps_flow_cnt", "rps_cpus")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run will do.

    Attributes:
        operations: The changes, with everything that has to be known to undo them.
        devices: The interfaces that they are about.
        present: Settings that have their value already: nothing is to be done for them.
    """

    operations: tuple[Operation, ...]
    devices: tuple[Device, ...]
    present: tuple[Address, ...]


def prepare(
    changes: Sequence[Change], live: Live, receipts: Iterable[Receipt], here: Origin
) -> Prepared:
    """Makes sure that all changes can be made and undone. Nothing is written.

    Args:
        changes: The changes of a plan, in order.
        live: The settings of this kernel.
        receipts: All former runs, oldest first.
        here: This boot and namespace.

    Raises:
        AdvisorError: A setting has another value than when the plan was made (exit code 6), is
            out of bounds, cannot be read or written, or could not be put back.
    """
    current = _current(changes, live)
    _refuse_stale(changes, current)
    open_changes = [each for each in changes if not _is_there(each, current[each.address])]
    _refuse_vanishing(open_changes, current, live)
    for group in batches(open_changes):
        _check(group, current, live)
    layers = standing(receipts, here)
    operations = tuple(
        replace(_operation(change, current, layers, live), joined=position > 0)
        for group in batches(open_changes)
        for position, change in enumerate(group)
    )
    held = [each.address for operation in operations for each in operation.dependent]
    done = {each.address for each in open_changes}
    return Prepared(
        operations=operations,
        devices=devices_of((*(each.address for each in operations), *held), live.interfaces()),
        present=tuple(each.address for each in changes if each.address not in done),
    )


def batches(changes: Iterable[Change]) -> list[list[Change]]:
    """The changes, with those side by side that are made with one request."""
    found: list[list[Change]] = []
    for change in changes:
        key = batch(change.address)
        if found and key is not None and key == batch(found[-1][-1].address):
            found[-1].append(change)
        else:
            found.append([change])
    return found


def _current(changes: Sequence[Change], live: Live) -> dict[Address, Value]:
    found: dict[Address, Value] = {}
    for change in changes:
        if change.address in found:
            raise AdvisorError(f"{change.address}: changed twice in one plan")
        value = live.read(change.address)
        if isinstance(value, Unavailable):
            raise AdvisorError(
                f"{change.address}: its value cannot be read: {value.reason}",
                "nothing was changed; make a plan of this host as it is now: advisor plan",
            )
        found[change.address] = value
    return found


def _refuse_stale(changes: Sequence[Change], current: Mapping[Address, Value]) -> None:
    """A plan is about the values that it was made from; one that is met already is no problem."""
    stale = [
        f"{each.address} is {_text(current[each.address])}, not {_text(each.before)}"
        for each in changes
        if not same(each.address, each.before, current[each.address], exact=True)
        and not _is_there(each, current[each.address])
    ]
    if stale:
        more = f", and {len(stale) - _SHOWN} more" if len(stale) > _SHOWN else ""
        raise AdvisorError(
            f"the plan is stale: {'; '.join(stale[:_SHOWN])}{more}",
            "nothing was changed; make a new plan: advisor plan -o plan.json",
            exit_code=Exit.REFUSED,
        )


def _refuse_vanishing(
    changes: Sequence[Change], current: Mapping[Address, Value], live: Live
) -> None:
    """With fewer channels queues and interrupts go away, and nothing can be set of them then."""
    for each in changes:
        address, now = each.address, current[each.address]
        if not isinstance(address, NicAddress) or address.attribute[0] != "channels":
            continue
        if not isinstance(now, int) or each.after >= now:
            continue
        taken_along = set(live.dependents(address))
        others = [other.address for other in changes if other.address in taken_along]
        going = [other for other in others if _goes(other, address, each.after, live)]
        if going:
            raise AdvisorError(
                f"{going[0]} may be gone when {address} is {each.after}",
                "nothing was changed; leave one of the two out, and plan again afterwards",
                exit_code=Exit.REFUSED,
            )


def _goes(other: Address, channels: NicAddress, count: int, live: Live) -> bool:
    """Whether a setting may go away with channels; of interrupts nobody knows which ones stay."""
    if isinstance(other, IrqAddress):
        return True
    if not isinstance(other, NicAddress) or other.attribute[0] != "queue":
        return False
    way, _, number = other.attribute[1].partition("-")
    kind = channels.attribute[1]
    if kind not in (way, "combined"):
        return False
    besides = live.read(NicAddress(other.nic, ("channels", "combined" if kind == way else way)))
    return int(number) >= count + (besides if isinstance(besides, int) else 0)


def _is_there(change: Change, now: Value) -> bool:
    """Whether a setting has its value already.

    Where rounding is not told by the value alone (a ring of 256 that reads 512), the kernel or the
    driver can most likely have the value itself, and is asked.
    """
    address = change.address
    name = address.key[-1] if isinstance(address, SysctlAddress) else ""
    name = address.attribute[-1] if isinstance(address, NicAddress) else name
    return same(address, change.after, now, exact=name not in _ROUNDED_ONE_WAY)


def _check(group: Sequence[Change], current: Mapping[Address, Value], live: Live) -> None:
    if len(group) > 1:  # one of them alone may be out of bounds
        live.check_together({each.address: each.after for each in group})
        return
    for each in group:
        live.check(each.address, each.after, current[each.address])


def _operation(
    change: Change,
    current: Mapping[Address, Value],
    layers: Mapping[Address, tuple[Layer, ...]],
    live: Live,
) -> Operation:
    before = current[change.address]
    held = []
    for address in live.dependents(change.address):
        value = live.read(address)
        if not isinstance(value, Unavailable):  # what a device does not have, it cannot lose
            held.append(Held(address, value, owner(layers, address, value)))
    return Operation(
        address=change.address,
        before=before,
        after=change.after,
        rules=change.rules,
        over=owner(layers, change.address, before),
        dependent=tuple(held),
    )


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
