"""Drift: settings that are not as the last run has left them.

Runs of this boot and namespace count, and of them those that were decided to stay. Everything but
`current_values` is pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from advisor.changes import ids
from advisor.changes.interfaces import Names
from advisor.changes.layers import Layer, standing
from advisor.model.address import Address
from advisor.model.receipt import Origin, Receipt, State, Value
from advisor.model.remediation import Drift
from advisor.model.unavailable import Unavailable
from advisor.settings.live import Live, same

_STAYS = frozenset({State.CONFIRMED, State.PERSISTING, State.PERSISTED})


def drifted(
    receipts: Sequence[Receipt],
    here: Origin,
    current: Mapping[Address, Value | Unavailable],
    seen: str | None = None,
) -> tuple[Drift, ...]:
    """The settings that differ from what the last run has left, and those that cannot be read.

    Args:
        receipts: All runs, oldest first.
        here: This boot and namespace.
        current: Setting → its value now; what is not in it was not looked at.
        seen: Id of the last run that a person has looked at: what was found until then does not
            count.
    """
    found = []
    unexpected = _unexpected(receipts, seen)
    for address, layers in _layers(receipts, here).items():
        if address not in current:
            continue
        top, now = layers[-1], current[address]
        unknown = isinstance(now, Unavailable)
        if unknown or not same(address, top.value, now, exact=True):
            # The first layer lies on what was nobody's anyway.
            earlier = sum((layer.run, address) in unexpected for layer in layers[1:])
            times = earlier + (not unknown)
            found.append(Drift(address, top.run, top.value, now, times))
    return tuple(found)


def current_values(
    receipts: Sequence[Receipt], here: Origin, live: Live
) -> dict[Address, Value | Unavailable]:
    """The values now of all settings that `drifted` asks for.

    A setting of an interface that was renamed is read under its present name.

    Args:
        receipts: All runs, oldest first.
        here: This boot and namespace.
        live: The settings of this kernel.
    """
    devices = {each.id: each.transaction.devices for each in receipts}
    indexes = live.interfaces()
    values: dict[Address, Value | Unavailable] = {}
    for address, layers in _layers(receipts, here).items():
        present = Names(devices[layers[-1].run], indexes).now(address)
        gone = Unavailable("the interface is not there any more")
        values[address] = gone if present is None else live.read(present)
    return values


def _layers(receipts: Sequence[Receipt], here: Origin) -> dict[Address, tuple[Layer, ...]]:
    """Setting → its layers, where the topmost is that of a run that was decided to stay."""
    staying = {each.id for each in receipts if each.state in _STAYS}
    return {
        address: layers
        for address, layers in standing(receipts, here).items()
        if layers[-1].run in staying
    }


def _unexpected(receipts: Iterable[Receipt], seen: str | None) -> set[tuple[str, Address]]:
    """Runs, and settings that they have found with nobody's value.

    A run that finds the value of an older one says so (`over`). Where it lies on top of an older
    run's nevertheless, somebody else had changed the setting in between.
    """
    return {
        (each.id, operation.address)
        for each in receipts
        if seen is None or ids.order(each.id) > ids.order(seen)
        for operation in each.transaction.operations
        if operation.over is None
    }
