"""Puts values back: looks first, writes only over what is known, reads back, and goes on.

What is undone must not undo somebody else's work, and one value that cannot be put back must not
keep the others from being.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.changes.interfaces import Names
from advisor.changes.interruption import Interruption
from advisor.changes.layers import Undo
from advisor.errors import AdvisorError
from advisor.model.address import Address, IrqAddress
from advisor.model.receipt import Value, Verdict
from advisor.model.unavailable import Unavailable
from advisor.settings.live import Live, same
from advisor.settings.live.kind import shown

_GONE = "it is gone, and its value with it"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of putting one value back.

    Attributes:
        verdict: How it went.
        read: The value afterwards, None if it cannot be read.
        problem: What went wrong, or is worth knowing, for people.
    """

    verdict: Verdict
    read: Value
    problem: str | None = None


class PuttingBack:
    """Puts back the values of one run.

    Args:
        live: The settings of this kernel.
        names: The names that the run's interfaces have now.
        own: What the run is undone by. Its settings may be dependents of each other: each gets its
            value when it is its turn, and keeps it then.
        force: Write over values that somebody else has put there, too.
    """

    def __init__(
        self, live: Live, names: Names, own: Sequence[Undo] = (), *, force: bool = False
    ) -> None:
        self._live = live
        self._names = names
        self._force = force
        self._to_come = {step.address for step in own}
        self._undone: dict[Address, Value] = {}

    def undo(self, steps: Sequence[Undo]) -> list[Outcome]:
        """Undoes operations that were made with one request; what came of each."""
        kept = self._kept(steps)
        addresses = [self._names.now(step.address) for step in steps]
        outcomes: dict[int, Outcome] = {}
        wanted: dict[Address, Value] = {}
        for number, (step, address) in enumerate(zip(steps, addresses, strict=True)):
            outcome = self._without_write(step, address)
            if outcome is not None:
                outcomes[number] = outcome
            elif address is not None:
                wanted[address] = step.value
        interruption = Interruption(wanted)
        problem = self._written(wanted)
        missing = interruption.wait()
        for number, (step, address) in enumerate(zip(steps, addresses, strict=True)):
            if number not in outcomes and address is not None:
                outcomes[number] = self._read_back(address, step.value, problem, missing)
        for number, step in enumerate(steps):
            self._to_come.discard(step.address)
            self._undone[step.address] = outcomes[number].read
        return [
            self._with_dependents(step, address, outcomes[number], kept)
            for number, (step, address) in enumerate(zip(steps, addresses, strict=True))
        ]

    def holds(self, step: Undo) -> bool:
        """Whether a setting that was put back still is."""
        address = self._names.now(step.address)
        if step.above is not None or address is None or self._live.is_gone(address):
            return True
        return same(address, step.value, self._live.read(address), exact=True)

    def _without_write(self, step: Undo, address: Address | None) -> Outcome | None:
        """What came of it without a write, None if one is needed."""
        if address is None or self._live.is_gone(address):
            return Outcome(Verdict.DONE, None, _GONE)
        now = self._live.read(address)
        if isinstance(now, Unavailable):
            return Outcome(Verdict.FAILED, None, f"it cannot be read: {now.reason}")
        if step.above is not None:
            return Outcome(Verdict.DONE, now, f"kept: run {step.above} has set it since")
        if same(address, step.value, now, exact=True):
            return Outcome(Verdict.DONE, now)
        ours = any(same(address, each, now) for each in step.ours if each is not None)
        if ours or self._force or (not step.certain and _is_half_written(step, now)):
            return None
        return Outcome(
            Verdict.CONFLICT,
            now,
            f"it is {shown(now)} now, which neither this run nor what it found had set: left alone",
        )

    def _written(self, wanted: dict[Address, Value]) -> str | None:
        """Writes values; what went wrong, None if nothing did."""
        values = {address: value for address, value in wanted.items() if value is not None}
        try:
            if len(values) > 1:
                self._live.write_together(values)
            else:
                for address, value in values.items():
                    self._live.write(address, value)
        except AdvisorError as error:
            return error.message
        return None

    def _read_back(
        self, address: Address, value: Value, problem: str | None, missing: str | None = None
    ) -> Outcome:
        if self._live.is_gone(address):
            return Outcome(Verdict.DONE, None, _GONE)
        now = self._live.read(address)
        if isinstance(now, Unavailable):
            return Outcome(Verdict.FAILED, None, problem or f"it cannot be read: {now.reason}")
        if same(address, value, now, exact=True):
            return Outcome(Verdict.DONE if missing is None else Verdict.FAILED, now, missing)
        return Outcome(Verdict.FAILED, now, problem or f"it stays {shown(now)}")

    def _kept(self, steps: Sequence[Undo]) -> dict[Address, Value]:
        """Settings of the run whose turn is still to come, as they are now."""
        found: dict[Address, Value] = {}
        for recorded in {each for step in steps for each, _ in step.dependent} & self._to_come:
            address = self._names.now(recorded)
            value = Unavailable("gone") if address is None else self._live.read(address)
            found[recorded] = None if isinstance(value, Unavailable) else value
        return found

    def _with_dependents(
        self, step: Undo, address: Address | None, outcome: Outcome, kept: Mapping[Address, Value]
    ) -> Outcome:
        """Puts back what the operation, or undoing it, may have changed beside its own setting."""
        gone = outcome.verdict is Verdict.DONE and outcome.read is None
        if address is None or gone or step.above or outcome.verdict is Verdict.CONFLICT:
            return outcome
        wanted = {**dict(step.dependent), **kept}
        wanted |= {each: self._undone[each] for each in wanted if each in self._undone}
        problems = [
            f"{dependent}: {problem}"
            for dependent, value in wanted.items()
            if value is not None
            and (problem := self.put_back(address, dependent, value)) is not None
        ]
        if not problems:
            return outcome
        text = "; ".join(filter(None, (outcome.problem, *problems)))
        return Outcome(Verdict.FAILED, outcome.read, text)

    def put_back(self, of: Address, dependent: Address, value: Value) -> str | None:
        """Puts back what a change has destroyed; what went wrong, None if it is as it was.

        Args:
            of: The setting that was changed, under its present address.
            dependent: The other setting, as the run recorded it.
            value: What it was.
        """
        address = self._names.now(dependent)
        try:
            return None if address is None else self._put_back(of, address, value)
        except AdvisorError as error:
            return error.message

    def _put_back(self, of: Address, address: Address, value: Value) -> str | None:
        now = self._live.read(address)
        if isinstance(now, Unavailable):
            if self._live.is_gone(address):
                return None
        elif same(address, value, now, exact=True):
            return None
        # Interrupts get new numbers when queues are made anew: not one of another device.
        if isinstance(address, IrqAddress) and address not in self._live.dependents(of):
            return None
        problem = self._written({address: value})
        outcome = self._read_back(address, value, problem)
        return None if outcome.verdict is Verdict.DONE else outcome.problem


def _is_half_written(step: Undo, now: Value) -> bool:
    """Whether a vector is what a write that was cut short, or refused midway, leaves behind."""
    vectors = [each for each in step.ours if isinstance(each, tuple)]
    if not isinstance(now, tuple) or any(len(each) != len(now) for each in vectors):
        return False
    return all(field in {each[at] for each in vectors} for at, field in enumerate(now))
