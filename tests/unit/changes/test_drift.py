"""Drift: settings that are not as the last run has left them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from advisor.changes.drift import drifted
from advisor.model.address import Address, IrqAddress, NicAddress, SysctlAddress
from advisor.model.receipt import Operation, Receipt, State, Value
from advisor.model.unavailable import Unavailable
from tests.unit.changes.runs import HERE
from tests.unit.changes.test_layers import NEXT_BOOT, done, run_id, started, to, undone

A = SysctlAddress(("net", "core", "somaxconn"))
B = SysctlAddress(("net", "ipv4", "tcp_rmem"))
CPUS = NicAddress("eth0", ("queue", "rx-0", "rps_cpus"))


def told(
    receipts: list[Receipt],
    current: Mapping[Address, Value | Unavailable],
    seen: str | None = None,
) -> dict[Address, tuple[str, Value, Value | Unavailable, int]]:
    """Setting → run, what it left, what is there, how often."""
    return {
        each.address: (each.run, each.left, each.now, each.times)
        for each in drifted(receipts, HERE, current, seen)
    }


@pytest.mark.parametrize(
    ("receipts", "now", "expected"),
    [
        ([], 3, None),
        ([done(1, Operation(A, 1, 2))], 2, None),
        ([done(1, Operation(A, 1, 2))], 3, (run_id(1), 2, 3, 1)),
        # The former value is drift, too: somebody has put it back past advisor.
        ([done(1, Operation(A, 1, 2))], 1, (run_id(1), 2, 1, 1)),
        ([undone(done(1, Operation(A, 1, 2)))], 1, None),
        ([done(1, Operation(A, 1, 2), origin=NEXT_BOOT)], 3, None),
        ([done(1, Operation(A, 1, 2), origin=replace(HERE, netns=1))], 3, None),
        # Not decided yet, or not undone entirely: that is told elsewhere.
        ([started(1, Operation(A, 1, 2))], 3, None),
        ([undone(done(1, Operation(A, 1, 2), Operation(B, 1, 2)), 1, end=State.FAILED)], 3, None),
        # The younger one counts.
        (
            [done(1, Operation(A, 1, 2)), done(2, Operation(A, 2, 4, over=run_id(1)))],
            4,
            None,
        ),
        (
            [done(1, Operation(A, 1, 2)), done(2, Operation(A, 2, 4, over=run_id(1)))],
            2,
            (run_id(2), 4, 2, 1),
        ),
        # The younger one had found somebody else's value already.
        (
            [done(1, Operation(A, 1, 2)), done(2, Operation(A, 7, 2))],
            7,
            (run_id(2), 2, 7, 2),
        ),
        (
            [
                done(1, Operation(A, 1, 2)),
                done(2, Operation(A, 7, 2)),
                done(3, Operation(A, 7, 2)),
            ],
            7,
            (run_id(3), 2, 7, 3),
        ),
        # What lay below an older run that was undone since is no stranger's doing.
        (
            [undone(done(1, Operation(A, 1, 2))), done(2, Operation(A, 1, 2))],
            5,
            (run_id(2), 2, 5, 1),
        ),
    ],
)
def test_drift_is_told_with_the_run_that_had_left_it(
    receipts: list[Receipt], now: Value, expected: tuple[str, Value, Value, int] | None
) -> None:
    assert told(receipts, {A: now}).get(A) == expected


def test_what_a_person_has_looked_at_is_not_counted_again() -> None:
    receipts = [
        done(1, Operation(A, 1, 2)),
        done(2, Operation(A, 7, 2)),
        done(3, Operation(A, 7, 2)),
    ]
    assert told(receipts, {A: 7}, run_id(2))[A][-1] == 2
    assert told(receipts, {A: 7}, run_id(3))[A][-1] == 1
    assert told(receipts, {A: 7}, run_id(9))[A][-1] == 1


def test_one_value_written_in_two_ways_is_no_drift() -> None:
    receipts = [done(1, Operation(CPUS, (0,), (0, 1)), Operation(B, (1, 2, 3), (4, 5, 6)))]
    assert told(receipts, {CPUS: (1, 0), B: (4, 5, 6)}) == {}
    assert told(receipts, {CPUS: (1, 2), B: (4, 5, 7)}).keys() == {CPUS, B}


def test_a_setting_that_cannot_be_read_is_told_but_not_as_changed() -> None:
    receipts = [done(1, Operation(A, 1, 2))]
    (drift,) = drifted(receipts, HERE, {A: Unavailable("no permission")})
    assert (drift.known, drift.times) == (False, 0)


def test_only_what_was_looked_at_is_told() -> None:
    receipts = [done(1, Operation(A, 1, 2), Operation(IrqAddress(4), (0,), (1,)))]
    assert told(receipts, {A: 3}).keys() == {A}


def test_a_run_that_is_writing_its_files_is_decided() -> None:
    receipt = to(done(1, Operation(A, 1, 2)), State.PERSISTING)
    assert told([receipt], {A: 3}).keys() == {A}
