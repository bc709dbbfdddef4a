"""Settings of interfaces as files: drop-ins of .link files, and what advisor brings. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from advisor.changes.persist import names
from advisor.changes.persist.boot_file import is_device, to_file
from advisor.changes.persist.boot_unit import boot_files, cannot_run
from advisor.changes.persist.link_options import link_option
from advisor.changes.persist.model import (
    Device,
    Means,
    NotPersistable,
    Settings,
    Source,
    Vector,
    WantedFile,
)
from advisor.changes.persist.profiles import owned
from advisor.changes.persist.seal import LINE, sealed
from advisor.changes.settings_data import address_data, address_from, value_data, value_from
from advisor.model.address import Address, IrqAddress, NicAddress
from advisor.model.receipt import Value
from advisor.settings.live.values import STATE

_IRQBALANCE = (
    "irqbalance places interrupts, and would move it: what it leaves alone is set in its own "
    "configuration"
)


def interface_files(
    values: Mapping[NicAddress | IrqAddress, Value],
    means: Means,
    sources: Mapping[Address, Source],
) -> tuple[list[WantedFile], list[NotPersistable]]:
    """The files for the values, and the values that they cannot bring.

    Args:
        values: Setting → value, in the order of changing them.
        means: What the host has.
        sources: Setting → where its value comes from, as far as that is to be said.
    """
    left: list[NotPersistable] = []
    options: dict[str, dict[str, str]] = defaultdict(dict)
    plain: dict[NicAddress, Value] = {}
    interrupts: dict[int, tuple[Vector, Value]] = {}
    cannot = cannot_run(means)
    for address, value in values.items():
        if isinstance(address, IrqAddress):
            vector = _vector(address, means, sources.get(address))
            if isinstance(vector, str):
                left.append(NotPersistable(address, vector))
            elif cannot is not None:
                left.append(NotPersistable(address, cannot))
            else:
                interrupts[address.irq] = vector, value
            continue
        somebodys = _of_somebody(address, value, means)
        link = _link_option(address, value, means)
        if somebodys is not None:
            left.append(somebodys)
        elif link is not None:
            file, option, text = link
            options[file][option] = text
        elif cannot is not None:
            left.append(NotPersistable(address, cannot))
        else:
            plain[address] = value
    files = [_drop_in(link, found) for link, found in sorted(options.items())]
    if plain or interrupts:
        nics = {address.nic for address in plain} | {each.nic for each, _ in interrupts.values()}
        settings = Settings(plain, interrupts, _devices(nics, plain, means, sources))
        files.append(WantedFile(names.SETTINGS, to_file(settings)))
        managed = any(nic in means.nics and means.nics[nic].managed for nic in nics)
        files += boot_files(means, dispatcher=managed)
    return files, left


def _of_somebody(address: NicAddress, value: Value, means: Means) -> NotPersistable | None:
    """What is not for advisor to bring, with the reason."""
    if address.attribute[0] in STATE:
        return NotPersistable(address, "addresses, routes and neighbours are for others to set up")
    try:
        address_from(address_data(address))
        value_from(value_data(value))
    except ValueError as error:
        return NotPersistable(address, f"it must not be written to a file: {error}")
    found = owned(address, value, means)
    return None if found is None else NotPersistable(address, *found)


def _link_option(address: NicAddress, value: Value, means: Means) -> tuple[str, str, str] | None:
    """(.link file, option, value) for what udev itself can set on this one interface."""
    known = means.nics.get(address.nic)
    if known is None or known.link is None or means.udev is None or not means.systemd:
        return None
    option = link_option(address, value, means.udev)
    if option is None or option[0] in known.link.taken:
        return None
    return known.link.name, *option


def _drop_in(link: str, options: Mapping[str, str]) -> WantedFile:
    lines = "".join(f"{name}={value}\n" for name, value in sorted(options.items()))
    return WantedFile(names.drop_in(link), sealed(f"# {LINE}\n[Link]\n{lines}"))


def _vector(address: IrqAddress, means: Means, source: Source | None) -> Vector | str:
    """What the interrupt is, apart from its number; or why it is not persisted."""
    if means.irqbalance:
        return _IRQBALANCE
    if source is not None and source.boot != means.boot:
        kept = means.kept.interrupts.get(address.irq)
        return "which interrupt had this number is not known any more" if kept is None else kept[0]
    vector = means.vectors.get(address.irq)
    return "no interface is known to have this interrupt" if vector is None else vector


def _devices(
    nics: Iterable[str],
    values: Mapping[NicAddress, Value],
    means: Means,
    sources: Mapping[Address, Source],
) -> dict[str, Device]:
    """Interface → its device: as it was for what was persisted before this boot, else as it is."""
    found = {}
    for nic in nics:
        boots = {
            sources[address].boot for address in values if address.nic == nic and address in sources
        }
        kept = means.kept.devices.get(nic)
        if kept is not None and boots and means.boot not in boots:
            found[nic] = kept
        elif nic in means.nics and is_device(means.nics[nic].device):
            found[nic] = means.nics[nic].device
    return found
