"""How runs lie on top of each other, setting by setting: what to restore when one is undone.

A run that changes a setting puts its value on top of what is there: an older run's value, which
it names (`over`), or a value that is nobody's. Undoing a run takes its layer out. If a younger run
has the setting, nothing is written: its value stays. If not, the value below appears again, and
that is not simply the value that the run had found: if that was an older run's, and this has been
undone in the meantime, it is what was below that one.

Only runs of this boot and namespace count: the values of others are not in this kernel. Everything
here is pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from advisor.changes import ids
from advisor.model.address import Address
from advisor.model.receipt import Held, Operation, Origin, Receipt, State, Value


class Place(Enum):
    """Where a run has changed settings, as seen from here."""

    HERE = "here"
    EARLIER_BOOT = "before the last boot"
    OTHER_NAMESPACE = "in another network namespace"
    OTHER_HOST = "on another host"


@dataclass(frozen=True, slots=True)
class Layer:
    """A run's value of a setting.

    Attributes:
        run: Its id.
        value: The value, as it was read back.
    """

    run: str
    value: Value


@dataclass(frozen=True, slots=True)
class Undo:
    """What undoing one operation means, as far as the records tell.

    Attributes:
        operation: Index of the operation.
        address: The setting.
        value: What to restore.
        ours: Values that this run may have left, or found. Another one is somebody else's.
        above: Id of the youngest run that has the setting on top of this one: then nothing must be
            written. None if there is none.
        certain: Whether it is known that the operation was carried out. If not, it may have been
            carried out in part, and `ours` cannot tell whose a value is.
        dependent: Settings that undoing may destroy, and what they should be afterwards.
    """

    operation: int
    address: Address
    value: Value
    ours: tuple[Value, ...]
    above: str | None
    certain: bool
    dependent: tuple[tuple[Address, Value], ...]


def place_of(then: Origin, here: Origin) -> Place:
    """Where something was done, as seen from here.

    A host may get another name at any time, and those made from one image may have the same. A
    machine without an id goes by its name.
    """
    if then.boot_id == here.boot_id:
        return Place.HERE if then.netns == here.netns else Place.OTHER_NAMESPACE
    if then.machine and here.machine:
        same_host = then.machine == here.machine
    else:
        same_host = then.hostname == here.hostname
    return Place.EARLIER_BOOT if same_host else Place.OTHER_HOST


def standing(receipts: Iterable[Receipt], here: Origin) -> dict[Address, tuple[Layer, ...]]:
    """Setting → the layers on it, the lowest first.

    Args:
        receipts: All runs, oldest first.
        here: This boot and namespace.
    """
    layers: dict[Address, tuple[Layer, ...]] = {}
    for receipt in receipts:
        if place_of(receipt.transaction.origin, here) is not Place.HERE:
            continue
        for index, operation in enumerate(receipt.transaction.operations):
            if receipt.stands(index):
                layer = Layer(receipt.id, _value(receipt, index))
                layers[operation.address] = (*layers.get(operation.address, ()), layer)
    return layers


def owner(
    layers: Mapping[Address, tuple[Layer, ...]], address: Address, found: Value
) -> str | None:
    """Whose value a setting has: the id of a run, to be recorded as `over`, or None for nobody's.

    Args:
        layers: As `standing` returns them.
        address: The setting.
        found: Its value now.
    """
    on_top = layers.get(address, ())[-1:]
    return next((layer.run for layer in on_top if layer.value == found), None)


def undo(receipts: Sequence[Receipt], run: str, here: Origin) -> tuple[Undo, ...]:
    """What undoing a run means: its operations in reverse order, without those that do not stand.

    Empty for a run of another boot, host or namespace: its values are not in this kernel, and what
    was there before must not be written either.

    Args:
        receipts: All runs.
        run: Id of the one to undo.
        here: This boot and namespace.
    """
    by_id = {each.id: each for each in receipts}
    receipt = by_id[run]
    if place_of(receipt.transaction.origin, here) is not Place.HERE:
        return ()
    layers = standing(receipts, here)
    held_now = {each.address: each.value for each in receipt.held}
    steps = []
    for index, operation in reversed(list(enumerate(receipt.transaction.operations))):
        if not receipt.stands(index):
            continue
        value = _below(by_id, operation.address, operation.before, operation.over, here)
        above = _above(layers, operation.address, run)
        steps.append(
            Undo(
                operation=index,
                address=operation.address,
                value=value,
                ours=_distinct(_value(receipt, index), operation.after, operation.before),
                above=None if above is None else above.run,
                certain=index < len(receipt.applied),
                dependent=tuple(
                    (
                        each.address,
                        held_now[each.address]
                        if each.address in held_now
                        else _restored(by_id, layers, each, run, here),
                    )
                    for each in operation.dependent
                ),
            )
        )
    return tuple(steps)


def persistent(receipts: Iterable[Receipt]) -> dict[Address, Value]:
    """Setting → value that configuration files should hold, after all runs that persisted it.

    A run that is being persisted counts, one that is being undone does not. A run of an earlier
    boot counts as well: files outlive it.

    Args:
        receipts: The runs of this host, oldest first.
    """
    return {
        operation.address: operation.after
        for receipt in receipts
        if receipt.state in (State.PERSISTING, State.PERSISTED)
        for operation in receipt.transaction.operations
    }


def _value(receipt: Receipt, index: int) -> Value:
    """What an operation has left: as read back, if that is known."""
    if index < len(receipt.applied):
        return receipt.applied[index].read
    return receipt.transaction.operations[index].after


def _below(
    by_id: Mapping[str, Receipt], address: Address, before: Value, over: str | None, here: Origin
) -> Value:
    """What lies below a layer. Ids only lead to older runs, so this comes to an end."""
    while over is not None:
        older = by_id.get(over)
        found = None if older is None else _operation(older, address)
        if older is None or found is None:
            break  # forgotten: what it had put there is all that is known
        index, operation = found
        if older.stands(index) or place_of(older.transaction.origin, here) is not Place.HERE:
            break
        before, over = operation.before, operation.over
    return before


def _restored(
    by_id: Mapping[str, Receipt],
    layers: Mapping[Address, tuple[Layer, ...]],
    held: Held,
    run: str,
    here: Origin,
) -> Value:
    above = _above(layers, held.address, run)
    if above is not None:
        return above.value
    return _below(by_id, held.address, held.value, held.over, here)


def _above(layers: Mapping[Address, tuple[Layer, ...]], address: Address, run: str) -> Layer | None:
    """The topmost layer of a run that came later."""
    top = layers.get(address, ())[-1:]
    return next((layer for layer in top if ids.order(layer.run) > ids.order(run)), None)


def _operation(receipt: Receipt, address: Address) -> tuple[int, Operation] | None:
    for index, operation in enumerate(receipt.transaction.operations):
        if operation.address == address:
            return index, operation
    return None


def _distinct(*values: Value) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(values))
