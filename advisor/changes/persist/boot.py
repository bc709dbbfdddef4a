"""Brings the settings of advisor's own file: at boot, and when an interface is activated again."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from advisor.changes.dependence import lost
from advisor.changes.interfaces import Names
from advisor.changes.interruption import Interruption
from advisor.changes.links import resets_link
from advisor.changes.persist import names
from advisor.changes.persist.boot_file import from_file
from advisor.changes.persist.devices import find, read_devices, vectors
from advisor.changes.persist.model import Settings, Vector
from advisor.changes.persist.seal import Kept, kept
from advisor.changes.persist.tree import Tree
from advisor.changes.putting_back import PuttingBack
from advisor.engine.order import in_order
from advisor.errors import AdvisorError, Exit
from advisor.facts.files import Files
from advisor.facts.irqs import read_irqs
from advisor.model.address import Address, IrqAddress, NicAddress
from advisor.model.receipt import Held, Operation, Value
from advisor.model.unavailable import Unavailable
from advisor.settings.live import Live, batch, same
from advisor.settings.live.kind import shown

# Counted by what comes before them: channels make interrupts, and interrupts may move XPS.
_AFTER_INTERRUPTS = ("queue", "gro_flush_timeout", "napi_defer_hard_irqs")
_NUMBERS = str.maketrans("0123456789", "##########")


class Brought(Enum):
    """What came of a setting."""

    SET = "set"
    WAS_SO = "was so already"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one setting.

    Attributes:
        setting: The setting, as the file has it.
        brought: What came of it.
        problem: Why not, for people; None if it is as it should be.
    """

    setting: str
    brought: Brought
    problem: str | None = None


def read_settings(tree: Tree) -> Settings | None:
    """What the file holds, None if there is none.

    Raises:
        AdvisorError: It is not as advisor wrote it, or others could have written it.
    """
    found = tree.read(names.SETTINGS)
    if found is None:
        return None
    if found.is_link or kept(found.content) is not Kept.OURS:
        raise AdvisorError(
            f"{names.SETTINGS}: is not as advisor wrote it, and root would do what it says",
            "advisor rollback, or advisor apply once more, after moving it away",
            exit_code=Exit.REFUSED,
        )
    try:
        return from_file(found.content)
    except ValueError as error:
        raise AdvisorError(f"{names.SETTINGS}: {error}", exit_code=Exit.REFUSED) from None


def apply_persistent(
    settings: Settings,
    live: Live,
    files: Files,
    *,
    activated: str | None = None,
    held: Collection[Address] = (),
) -> list[Result]:
    """Sets what is not so already, each within the same bounds as in a run; goes on after failures.

    Args:
        settings: From `read_settings`.
        live: The settings of this kernel.
        files: The host's files.
        activated: The one interface that it is about, which is in use: what takes a link down is
            skipped. None at boot, for all.
        held: Settings that a run has changed in this boot and that is not persisted: not touched.
    """
    present = read_devices(files)
    now = {
        nic: find(settings.devices.get(nic), nic, present)
        for nic in {each.nic for each in settings.values}
        | {vector.nic for vector, _ in settings.interrupts.values()}
    }
    results: list[Result] = []
    first: dict[Address, Value] = {}
    last: dict[Address, Value] = {}
    for address, value in settings.values.items():
        name = now[address.nic]
        if name is None:
            results.append(_gone(str(address), address.nic))
        elif activated in (None, name):
            here = NicAddress(name, address.attribute)
            late = address.attribute[0] in _AFTER_INTERRUPTS
            (last if late else first)[here] = value
    bringing = _Bringing(live, held, links_stay=activated is not None)
    results += bringing.bring(first)
    placed: dict[Address, Value] = {}
    if settings.interrupts:
        for vector, value in settings.interrupts.values():
            name = now[vector.nic]
            if name is not None and activated in (None, name):
                irq = _irq(vector, name, files)
                if irq is None:
                    results.append(_other_interrupts(vector))
                else:
                    placed[irq] = value
            elif name is None:
                results.append(_gone(_shown(vector), vector.nic))
    results += bringing.bring(placed)
    results += bringing.bring(last)
    return results


class _Bringing:
    """Sets values, and puts back at once what that has destroyed."""

    def __init__(self, live: Live, held: Collection[Address], *, links_stay: bool) -> None:
        self._live = live
        self._held = frozenset(held)
        self._links_stay = links_stay
        self._back = PuttingBack(live, Names((), {}))

    def bring(self, values: Mapping[Address, Value]) -> Iterator[Result]:
        """What came of each, in the order of changing them."""
        group: dict[Address, Value] = {}
        for address in in_order({each: (value, value) for each, value in values.items()}):
            skipped = self._skipped(address)
            if skipped is not None:
                yield Result(str(address), Brought.SKIPPED, skipped)
                continue
            last = next(reversed(group), None)
            if last is not None and (batch(address) is None or batch(address) != batch(last)):
                yield from self._bring_group(group)
                group = {}
            group[address] = values[address]
        yield from self._bring_group(group)

    def _skipped(self, address: Address) -> str | None:
        if address in self._held:
            return "a run has changed it, and decides"
        if self._links_stay and isinstance(address, NicAddress) and resets_link(address):
            return "it would take the link down, which is in use"
        return None

    def _bring_group(self, group: Mapping[Address, Value]) -> Iterator[Result]:
        """Settings that are written with one request."""
        before: dict[Address, Value] = {}
        for address, value in group.items():
            try:
                now = self._live.read(address)
            except AdvisorError as error:
                yield Result(str(address), Brought.FAILED, error.message)
                continue
            if isinstance(now, Unavailable):
                yield Result(str(address), Brought.FAILED, now.reason)
            elif same(address, value, now, exact=True):
                yield Result(str(address), Brought.WAS_SO)
            else:
                before[address] = now
        if before:
            problem = self._change({address: group[address] for address in before}, before)
            for address in before:
                yield self._result(address, group[address], problem)

    def _change(
        self, wanted: Mapping[Address, Value], before: Mapping[Address, Value]
    ) -> str | None:
        """Checks and writes; what went wrong, None if nothing did."""
        try:
            operations = [self._operation(each, before[each], wanted[each]) for each in wanted]
            interruption = Interruption(wanted)
            self._write(wanted, before)
            missing = interruption.wait()
        except AdvisorError as error:
            return error.message
        problems = [] if missing is None else [missing]
        of = next(iter(wanted))
        for other in lost(operations):
            problem = self._back.put_back(of, other.address, other.value)
            if problem is not None:
                problems.append(f"{other.address}: {problem}")
        return "; ".join(problems) or None

    def _operation(self, address: Address, before: Value, after: Value) -> Operation:
        held = []
        for other in self._live.dependents(address):
            value = self._live.read(other)
            if not isinstance(value, Unavailable):
                held.append(Held(other, value))
        return Operation(address, before, after, dependent=tuple(held))

    def _write(self, wanted: Mapping[Address, Value], before: Mapping[Address, Value]) -> None:
        values = {address: value for address, value in wanted.items() if value is not None}
        if len(values) > 1:
            self._live.check_together(values)
            self._live.write_together(values)
            return
        for address, value in values.items():
            found = before[address]
            assert found is not None
            self._live.check(address, value, found)
            self._live.write(address, value)

    def _result(self, address: Address, value: Value, problem: str | None) -> Result:
        now = self._live.read(address)
        if not isinstance(now, Unavailable) and same(address, value, now):
            return Result(str(address), Brought.SET if problem is None else Brought.FAILED, problem)
        text = now.reason if isinstance(now, Unavailable) else f"it is {shown(now)}"
        return Result(str(address), Brought.FAILED, problem or text)


def _irq(vector: Vector, nic: str, files: Files) -> IrqAddress | None:
    """The number that an interrupt has now, None if the interface has others than it had."""
    irqs = read_irqs(files)
    for irq, found in vectors({} if isinstance(irqs, Unavailable) else irqs).items():
        if (found.nic, found.position, found.count) == (nic, vector.position, vector.count):
            alike = _pattern(found.name, nic) == _pattern(vector.name, vector.nic)
            return IrqAddress(irq) if alike else None
    return None


def _pattern(name: str, nic: str) -> str:
    """What drivers call an interrupt, without names and numbers that change: "@-TxRx-#"."""
    return name.replace(nic, "@").translate(_NUMBERS)


def _shown(vector: Vector) -> str:
    return f"interrupt {vector.position + 1} of {vector.nic}"


def _gone(setting: str, nic: str) -> Result:
    problem = f"{nic} is not there, or another device has its name"
    return Result(setting, Brought.FAILED, problem)


def _other_interrupts(vector: Vector) -> Result:
    problem = f"the interface does not have the {vector.count} interrupts that it had"
    return Result(_shown(vector), Brought.FAILED, problem)
