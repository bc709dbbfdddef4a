"""Layers: undoing a run gives back what was below it, whatever other runs did before or since."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from advisor.changes.advance import advance, begun
from advisor.changes.layers import (
    Layer,
    Place,
    owner,
    persistent,
    place_of,
    standing,
    undo,
)
from advisor.changes.retention import removable
from advisor.model.address import Address, IrqAddress
from advisor.model.receipt import (
    Event,
    Held,
    Operation,
    Origin,
    Phase,
    Receipt,
    Result,
    State,
    Transaction,
    Value,
    Verdict,
)
from tests.unit.changes.runs import DIGEST, FILES, HERE

A, B, C = IrqAddress(1), IrqAddress(2), IrqAddress(3)
AT = "2025-11-21T10:45:00.000Z"
NEXT_BOOT = replace(HERE, boot_id="another")


def run_id(number: int) -> str:
    return f"{number:06}-20251121T104500Z"


def started(number: int, *operations: Operation, origin: Origin = HERE) -> Receipt:
    """A run of which nothing is done yet."""
    return begun(Transaction(run_id(number), "1", origin, AT, "server", DIGEST, operations))


def did(receipt: Receipt, *reads: Value, verdict: Verdict = Verdict.DONE) -> Receipt:
    """The next operations are done, and read like this."""
    for read in reads:
        result = Result(len(receipt.applied), Phase.APPLY, verdict, read)
        receipt = advance(receipt, result)
    return receipt


def to(receipt: Receipt, *states: State) -> Receipt:
    for state in states:
        files = FILES if state is State.PERSISTING else ()
        receipt = advance(receipt, Event(state, AT, files=files))
    return receipt


def done(number: int, *operations: Operation, origin: Origin = HERE) -> Receipt:
    """A run that is done and confirmed, everything as wanted."""
    receipt = started(number, *operations, origin=origin)
    receipt = did(receipt, *(operation.after for operation in operations))
    return to(receipt, State.APPLIED, State.CONFIRMED)


def undone(receipt: Receipt, *indexes: int, end: State = State.ROLLED_BACK) -> Receipt:
    """The run with some operations, or all, undone."""
    receipt = to(receipt, State.ROLLING_BACK)
    for index in indexes or range(len(receipt.transaction.operations)):
        before = receipt.transaction.operations[index].before
        receipt = advance(receipt, Result(index, Phase.UNDO, Verdict.DONE, before))
    return to(receipt, end)


def restores(receipts: list[Receipt], number: int) -> dict[Address, Value]:
    """What undoing a run writes."""
    steps = undo(receipts, run_id(number), HERE)
    return {step.address: step.value for step in steps if step.above is None}


@pytest.mark.parametrize(
    ("then", "place"),
    [
        (HERE, Place.HERE),
        (replace(HERE, hostname="renamed"), Place.HERE),
        (replace(HERE, netns=1), Place.OTHER_NAMESPACE),
        (NEXT_BOOT, Place.EARLIER_BOOT),
        (replace(NEXT_BOOT, netns=1), Place.EARLIER_BOOT),
        (replace(NEXT_BOOT, hostname="web-2"), Place.OTHER_HOST),
        (replace(NEXT_BOOT, hostname="web-2", machine="a"), Place.OTHER_HOST),
    ],
)
def test_where_a_run_was_is_told_by_boot_namespace_and_host(then: Origin, place: Place) -> None:
    assert place_of(then, HERE) is place


def test_a_host_is_known_by_its_machine_id_and_not_by_its_name() -> None:
    here = replace(HERE, machine="a")
    renamed = replace(NEXT_BOOT, hostname="localhost", machine="a")
    from_the_same_image = replace(NEXT_BOOT, machine="b")
    assert place_of(renamed, here) is Place.EARLIER_BOOT
    assert place_of(from_the_same_image, here) is Place.OTHER_HOST


def test_undoing_the_only_run_gives_back_what_it_had_found_in_reverse_order() -> None:
    receipts = [done(1, Operation(A, 1, 2), Operation(B, (1, 2), (3, 4)))]
    steps = undo(receipts, run_id(1), HERE)
    assert [(step.operation, step.address, step.value) for step in steps] == [
        (1, B, (1, 2)),
        (0, A, 1),
    ]
    assert all(step.certain and step.above is None for step in steps)
    assert steps[0].ours == ((3, 4), (1, 2))


def test_undoing_the_older_of_two_leaves_the_younger_ones_value() -> None:
    receipts = [done(1, Operation(A, 1, 2)), done(2, Operation(A, 2, 3, over=run_id(1)))]
    (step,) = undo(receipts, run_id(1), HERE)
    assert step.above == run_id(2)
    assert restores(receipts, 2) == {A: 2}


def test_the_younger_one_then_gives_back_what_was_below_both() -> None:
    receipts = [done(1, Operation(A, 1, 2)), done(2, Operation(A, 2, 3, over=run_id(1)))]
    receipts[0] = undone(receipts[0])
    assert restores(receipts, 2) == {A: 1}
    assert standing(receipts, HERE) == {A: (Layer(run_id(2), 3),)}


def test_a_value_that_somebody_else_has_set_in_between_is_what_comes_back() -> None:
    receipts = [done(1, Operation(A, 1, 2)), done(2, Operation(A, 7, 3))]
    receipts[0] = undone(receipts[0])
    assert restores(receipts, 2) == {A: 7}


def test_whose_a_value_is_is_told_by_the_value_on_top() -> None:
    layers = standing(
        [done(1, Operation(A, 1, 2)), done(2, Operation(A, 2, 3, over=run_id(1)))], HERE
    )
    assert layers == {A: (Layer(run_id(1), 2), Layer(run_id(2), 3))}
    assert owner(layers, A, 3) == run_id(2)
    assert owner(layers, A, 2) is None
    assert owner(layers, B, 3) is None


def test_a_rounded_value_is_the_runs_own() -> None:
    receipt = to(did(started(1, Operation(A, 256, 1000)), 1008), State.APPLIED, State.CONFIRMED)
    assert owner(standing([receipt], HERE), A, 1008) == run_id(1)
    (step,) = undo([receipt], run_id(1), HERE)
    assert step.ours == (1008, 1000, 256)


def test_a_run_that_was_forgotten_leaves_its_value_below() -> None:
    assert restores([done(2, Operation(A, 2, 3, over=run_id(1)))], 2) == {A: 2}


def test_an_undone_run_that_tells_what_is_below_another_is_not_forgotten() -> None:
    receipts = [
        undone(done(1, Operation(A, 1, 2))),
        undone(done(2, Operation(B, 1, 2))),
        done(3, Operation(A, 2, 3, over=run_id(1))),
    ]
    assert removable(receipts, 1) == (run_id(2),)
    assert removable([receipts[0], undone(receipts[2])], 1) == (), "the youngest may lie on it"
    settled = [receipts[0], undone(receipts[2]), done(4, Operation(B, 1, 2))]
    assert removable(settled, 1) == (run_id(1), run_id(3))


def test_long_chains_of_undone_runs_lead_to_the_value_below_all() -> None:
    receipts = [done(1, Operation(A, 1, 2))]
    receipts += [
        done(number, Operation(A, number, number + 1, over=run_id(number - 1)))
        for number in range(2, 2000)
    ]
    receipts[:-1] = [undone(each) for each in receipts[:-1]]
    assert restores(receipts, 1999) == {A: 1}


def test_only_what_may_have_been_carried_out_is_undone() -> None:
    """After a crash, the operation in question was carried out, or half, or not at all."""
    plan = started(1, Operation(A, 1, 2), Operation(B, 1, 2), Operation(C, 1, 2))
    (first,) = undo([plan], run_id(1), HERE)
    assert (first.address, first.certain) == (A, False)
    steps = undo([did(plan, 2)], run_id(1), HERE)
    assert [(step.address, step.certain) for step in steps] == [(B, False), (A, True)]
    failed = did(did(plan, 2), None, verdict=Verdict.FAILED)
    steps = undo([failed], run_id(1), HERE)
    assert [(step.address, step.certain) for step in steps] == [(B, True), (A, True)]


def test_undoing_goes_on_where_it_had_stopped() -> None:
    receipt = done(1, Operation(A, 1, 2), Operation(B, 1, 2))
    receipt = undone(receipt, 1, end=State.FAILED)
    assert restores([receipt], 1) == {A: 1}
    assert restores([undone(receipt, 0)], 1) == {}


def test_a_conflict_leaves_the_layer_where_it_is() -> None:
    receipt = to(done(1, Operation(A, 1, 2)), State.ROLLING_BACK)
    receipt = advance(receipt, Result(0, Phase.UNDO, Verdict.CONFLICT, 9))
    assert restores([to(receipt, State.FAILED)], 1) == {A: 1}
    assert restores([to(receipt, State.ROLLED_BACK)], 1) == {}


@pytest.mark.parametrize(
    "origin",
    [NEXT_BOOT, replace(HERE, netns=1), replace(NEXT_BOOT, hostname="web-2")],
    ids=["another boot", "another namespace", "another host"],
)
def test_values_of_another_place_are_neither_restored_nor_in_the_way(origin: Origin) -> None:
    away = done(1, Operation(A, 1, 2), origin=origin)
    assert undo([away], run_id(1), HERE) == ()
    receipts = [away, done(2, Operation(A, 2, 3, over=run_id(1)))]
    assert standing(receipts, HERE) == {A: (Layer(run_id(2), 3),)}
    assert restores(receipts, 2) == {A: 2}
    assert restores([undone(away), receipts[1]], 2) == {A: 2}


def test_dependent_settings_come_back_with_the_values_that_count_now() -> None:
    queues = Operation(
        A, 4, 2, dependent=(Held(B, 7, over=run_id(1)), Held(C, 5), Held(IrqAddress(9), 6))
    )
    receipts = [
        done(1, Operation(B, 1, 7)),
        done(2, queues),
        done(3, Operation(C, 5, 8)),
    ]
    (step,) = undo(receipts, run_id(2), HERE)
    assert dict(step.dependent) == {B: 7, C: 8, IrqAddress(9): 6}
    receipts = [undone(receipts[0]), receipts[1], undone(receipts[2])]
    (step,) = undo(receipts, run_id(2), HERE)
    assert dict(step.dependent) == {B: 1, C: 5, IrqAddress(9): 6}


def test_what_files_should_hold_is_what_the_youngest_persisted_run_wants() -> None:
    receipts = [
        to(done(1, Operation(A, 1, 2), Operation(B, 1, 2)), State.PERSISTING, State.PERSISTED),
        to(done(2, Operation(A, 2, 3)), State.PERSISTING),
        done(3, Operation(B, 2, 9)),
    ]
    assert persistent(receipts) == {A: 3, B: 2}
    assert persistent([receipts[0], undone(receipts[1], 0), receipts[2]]) == {A: 2, B: 2}
    away = done(1, Operation(A, 1, 2), origin=NEXT_BOOT)
    assert persistent([to(away, State.PERSISTING, State.PERSISTED)]) == {A: 2}


ADDRESSES = [A, B, C]


@dataclass
class Stack:
    """The model: layers on one setting, the lowest first. None stands for nobody."""

    layers: list[tuple[int | None, int]] = field(default_factory=lambda: [(None, 0)])

    @property
    def top(self) -> int:
        return self.layers[-1][1]


class Host(RuleBasedStateMachine):
    """Runs, other people's changes, reboots and forgetting, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.kernel = dict.fromkeys(ADDRESSES, 0)
        self.stacks = {address: Stack() for address in ADDRESSES}
        self.receipts: list[Receipt] = []
        self.here = HERE
        self.number = 0

    @rule(
        wanted=st.dictionaries(st.sampled_from(ADDRESSES), st.integers(1, 4), min_size=1),
        reached=st.integers(0, 3),
        rounds=st.booleans(),
    )
    def apply(self, wanted: dict[Address, int], reached: int, rounds: bool) -> None:
        self.number += 1
        layers = standing(self.receipts, self.here)
        operations = tuple(
            Operation(
                address,
                self.kernel[address],
                value,
                over=owner(layers, address, self.kernel[address]),
            )
            for address, value in wanted.items()
        )
        receipt = started(self.number, *operations, origin=self.here)
        for operation in operations[: reached or None]:
            assert type(operation.after) is int
            value = operation.after + 10 * rounds
            stack = self.stacks[operation.address]
            if stack.top != self.kernel[operation.address]:
                stack.layers.append((None, self.kernel[operation.address]))
            stack.layers.append((self.number, value))
            self.kernel[operation.address] = value
            receipt = did(receipt, value)
        if receipt.next_operation is None:
            receipt = to(receipt, State.APPLIED, State.CONFIRMED)
            self.receipts.append(receipt)
        else:
            self.receipts.append(receipt)
            self._roll_back(len(self.receipts) - 1)

    @rule(address=st.sampled_from(ADDRESSES), value=st.integers(0, 4))
    def somebody_else_sets_it(self, address: Address, value: int) -> None:
        self.kernel[address] = value

    @precondition(lambda self: self.receipts)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        self._roll_back(data.draw(st.integers(0, len(self.receipts) - 1)))

    @rule()
    def reboot(self) -> None:
        self.kernel = dict.fromkeys(ADDRESSES, 0)
        self.stacks = {address: Stack() for address in ADDRESSES}
        self.here = replace(HERE, boot_id=f"boot {self.number}")
        self.number += 1

    @rule(keep=st.integers(1, 3))
    def forget(self, keep: int) -> None:
        gone = removable(self.receipts, keep)
        self.receipts = [each for each in self.receipts if each.id not in gone]
        for stack in self.stacks.values():
            # A forgotten run's value is nobody's from now on.
            stack.layers = [
                (None if number is not None and run_id(number) in gone else number, value)
                for number, value in stack.layers
            ]

    @invariant()
    def the_layers_are_those_of_the_model(self) -> None:
        layers = standing(self.receipts, self.here)
        for address, stack in self.stacks.items():
            mine = [(number, value) for number, value in stack.layers if number is not None]
            expected = tuple(Layer(run_id(number), value) for number, value in mine)
            assert layers.get(address, ()) == expected

    def _roll_back(self, index: int) -> None:
        receipt = self.receipts[index]
        if receipt.state is State.ROLLED_BACK:
            return
        number = int(receipt.id.partition("-")[0])
        expected = dict(self.kernel)
        conflicts = set()
        for address, stack in self.stacks.items():
            if number not in [each for each, _ in stack.layers]:
                continue
            position = [each for each, _ in stack.layers].index(number)
            younger = any(each is not None for each, _ in stack.layers[position + 1 :])
            below = stack.layers[position - 1][1]
            if not younger and self.kernel[address] not in self._ours(receipt, address, below):
                conflicts.add(address)
                continue
            if not younger:
                expected[address] = below
            del stack.layers[position]
        changed = to(receipt, State.ROLLING_BACK)
        for step in undo(
            [*self.receipts[:index], changed, *self.receipts[index + 1 :]], receipt.id, self.here
        ):
            verdict = Verdict.DONE
            if step.above is None:
                found = self.kernel[step.address]
                if found in step.ours or found == step.value:
                    assert type(step.value) is int
                    self.kernel[step.address] = step.value
                else:
                    assert step.address in conflicts
                    verdict = Verdict.CONFLICT
            result = Result(step.operation, Phase.UNDO, verdict, self.kernel[step.address])
            changed = advance(changed, result)
        changed = to(changed, State.FAILED if conflicts else State.ROLLED_BACK)
        self.receipts[index] = changed
        assert self.kernel == expected

    def _ours(self, receipt: Receipt, address: Address, below: int) -> list[Value]:
        for index, operation in enumerate(receipt.transaction.operations):
            if operation.address == address:
                return [operation.before, operation.after, receipt.applied[index].read, below]
        raise AssertionError(address)


Host.TestCase.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
test_any_sequence_of_runs_and_roll_backs_agrees_with_a_simple_model = Host.TestCase
