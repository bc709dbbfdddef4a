"""From the values that are to last to the files that make them last. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from advisor.changes.persist import names
from advisor.changes.persist.interface_files import interface_files
from advisor.changes.persist.model import Means, NotPersistable, Source, Wanted
from advisor.changes.persist.sysctl_file import sysctl_files
from advisor.engine.order import in_order
from advisor.model.address import Address, SysctlAddress
from advisor.model.receipt import Receipt, State, Value


def plan_files(
    values: Mapping[Address, Value],
    means: Means,
    sources: Mapping[Address, Source] | None = None,
) -> Wanted:
    """The files that bring the values at the next boot. The same arguments give the same bytes.

    Args:
        values: Setting → value, from `layers.persistent`. None at all: no files.
        means: What the host has, from `read_means`.
        sources: Setting → where its value comes from, from `sources`: named in the files.
    """
    sources = {} if sources is None else sources
    if means.nowhere is not None:
        return Wanted((), tuple(NotPersistable(each, means.nowhere) for each in values))
    empty = [NotPersistable(each, "it has no value") for each in values if values[each] is None]
    # From the kernel's own values, whatever they were when the runs were made.
    ordered = in_order(
        {each: (value, value) for each, value in values.items() if value is not None}
    )
    sysctls, left = sysctl_files(
        {each: values[each] for each in ordered if isinstance(each, SysctlAddress)},
        means,
        {each: source for each, source in sources.items() if isinstance(each, SysctlAddress)},
    )
    others, also_left = interface_files(
        {each: values[each] for each in ordered if not isinstance(each, SysctlAddress)},
        means,
        sources,
    )
    files = sorted((*sysctls, *others), key=lambda file: (names.place_of(file.path), file.path))
    return Wanted(tuple(files), (*empty, *left, *also_left))


def sources(receipts: Iterable[Receipt]) -> dict[Address, Source]:
    """Setting → the run whose value the files should hold, beside `layers.persistent`.

    Args:
        receipts: The runs of this host, oldest first.
    """
    return {
        operation.address: Source(receipt.id, operation.rules, receipt.transaction.origin.boot_id)
        for receipt in receipts
        if receipt.state in (State.PERSISTING, State.PERSISTED)
        for operation in receipt.transaction.operations
    }
