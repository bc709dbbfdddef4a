"""The journal: what is recorded is read again, in order, whatever the clock and other runs do."""

from __future__ import annotations

import json
import os
import random
import time
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from advisor.changes import ids
from advisor.changes.journal import Journal, find, read_receipt
from advisor.changes.lock import acquire
from advisor.errors import AdvisorError, Exit
from advisor.model.address import IrqAddress
from advisor.model.receipt import FOLLOWS, UNFINISHED, Operation, State, Verdict
from tests.unit.changes.runs import (
    DIGEST,
    FILES,
    HERE,
    NOW,
    OPERATIONS,
    OUTCOME,
    begin,
    carry_out,
    confirmed,
    journal_in,
    opened,
    roll_back,
    runs,
    whole_life,
)

CLOCKS = [NOW, NOW - 86400, 0.0, -1e18, 1e18, 253402300799.5, NOW + 1e9, NOW, NOW]


def test_a_whole_life_is_read_as_it_was_written(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        run = whole_life(journal)
        written = journal.receipts
    with opened(tmp_path) as state:
        assert tuple(runs(state)) == written
        receipt = read_receipt(state, run)
    assert receipt is not None
    assert receipt.transaction.operations == OPERATIONS
    assert receipt.transaction.origin == HERE
    assert receipt.transaction.plan == DIGEST
    assert [event.state.value for event in receipt.events] == [
        *("begun", "armed", "applied", "confirmed", "persisting", "persisted"),
        *("rolling-back", "failed", "rolling-back", "rolled-back"),
    ]
    assert receipt.events[1].until == "2025-11-21T10:48:40.250Z"
    assert [each.read for each in receipt.applied] == [each.after for each in OPERATIONS]
    assert [(each.operation, each.verdict.value) for each in receipt.undone] == [
        (1, "conflict"),
        (1, "done"),
        (0, "done"),
    ]
    assert receipt.outcome == OUTCOME
    assert receipt.files == FILES


def test_what_is_in_the_file_can_be_read_and_checked_by_hand(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        run = whole_life(journal)
    before = run
    lines = (tmp_path / "state" / f"{run}.journal").read_text("ascii").splitlines()
    for line in lines:
        digits, _, text = line.partition(" ")
        assert digits == sha256(f"{before}{text}".encode()).hexdigest()[:16]
        assert json.loads(text)
        before = digits
    assert '"before":[4096,131072,6291456]' in lines[0]
    assert '"setting":{"nic":"eth0.100","property":["channels","combined"]}' in lines[0]


def test_a_record_is_readable_by_others_as_soon_as_it_is_added(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, opened(tmp_path) as state, begin(journal) as entry:
        assert runs(state) == [entry.receipt]
        entry.did(0, Verdict.DONE, OPERATIONS[0].after)
        assert runs(state) == [entry.receipt]
        assert entry.receipt.next_operation == 1


def test_a_run_goes_on_in_another_process(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, begin(journal) as entry:
        carry_out(entry)
        run = entry.receipt.id
    with journal_in(tmp_path) as journal:
        assert journal.unfinished is not None
        assert journal.unfinished.id == run
        with journal.reopen(run) as entry:
            entry.enter(State.CONFIRMED)
        assert journal.unfinished is None
        assert journal.receipts[0].state is State.CONFIRMED
    with opened(tmp_path) as state:
        assert runs(state)[0].state is State.CONFIRMED


def test_while_a_run_is_unfinished_no_other_begins(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        with begin(journal) as entry:
            with pytest.raises(AdvisorError, match="is begun, and not finished") as raised:
                begin(journal)
            carry_out(entry)
        assert raised.value.exit_code is Exit.REFUSED
    with journal_in(tmp_path) as journal:
        with pytest.raises(AdvisorError, match="is applied, and not finished"):
            begin(journal)
        with journal.reopen(journal.receipts[0].id) as entry:
            roll_back(entry)
        confirmed(journal)


def test_nothing_is_added_without_the_lock(tmp_path: Path) -> None:
    with opened(tmp_path) as state:
        with acquire(state, "test") as lock:
            journal = Journal(lock)
            entry = begin(journal)
        for action in (lambda: entry.enter(State.ARMED), lambda: begin(journal)):
            with pytest.raises(AdvisorError):
                action()
        assert [each.state for each in runs(state)] == [State.BEGUN]
        assert len(state.names()) == 2


def test_what_somebody_else_has_added_is_not_built_upon(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, begin(journal) as entry:
        with (tmp_path / "state" / f"{entry.receipt.id}.journal").open("a") as file:
            file.write("x")
        with pytest.raises(AdvisorError, match="somebody else has written"):
            entry.enter(State.ARMED)


@pytest.mark.parametrize("state", State)
def test_only_a_state_that_may_follow_is_recorded(tmp_path: Path, state: State) -> None:
    """From every state, by the shortest way there."""
    for origin in State:
        folder = tmp_path / origin.value
        folder.mkdir()
        with journal_in(folder) as journal, begin(journal) as entry:
            for step in _way_to(origin):
                if step is State.APPLIED:
                    carry_out(entry)
                else:
                    entry.enter(step, files=FILES if step is State.PERSISTING else ())
            before = entry.receipt
            files = FILES if state is State.PERSISTING else ()
            allowed = state in FOLLOWS[origin] and (
                state is not State.APPLIED or entry.receipt.next_operation is None
            )
            if allowed:
                entry.enter(state, files=files)
                assert entry.receipt.state is state
            else:
                with pytest.raises(AdvisorError):
                    entry.enter(state, files=files)
                assert entry.receipt == before
            expected = entry.receipt
        with opened(folder) as directory:
            assert runs(directory) == [expected]


def test_every_unfinished_state_can_be_left_by_rolling_back() -> None:
    for state in UNFINISHED:
        assert State.ROLLING_BACK in FOLLOWS[state]
    assert FOLLOWS.keys() == set(State)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda entry: entry.did(1, Verdict.DONE, 1),
        lambda entry: entry.did(2, Verdict.DONE, 1),
        lambda entry: entry.undid(0, Verdict.DONE, 1),
        lambda entry: entry.observed(OUTCOME),
        lambda entry: entry.enter(State.APPLIED),
        lambda entry: entry.enter(State.ARMED, files=FILES),
        lambda entry: entry.enter(State.ROLLING_BACK, until=NOW),
        lambda entry: entry.enter(State.ROLLING_BACK, watchdog="process:1:1"),
        lambda entry: (
            entry.did(0, Verdict.FAILED, 1),
            entry.did(1, Verdict.DONE, 1),
        ),
        lambda entry: (entry.enter(State.ROLLING_BACK), entry.did(0, Verdict.DONE, 1)),
        lambda entry: (entry.enter(State.ROLLING_BACK), entry.undid(2, Verdict.DONE, 1)),
        lambda entry: (carry_out(entry), entry.did(2, Verdict.DONE, 1)),
        lambda entry: (carry_out(entry), entry.enter(State.CONFIRMED), carry_out(entry)),
        lambda entry: (
            carry_out(entry),
            entry.enter(State.CONFIRMED),
            entry.enter(State.PERSISTED),
        ),
    ],
)
def test_what_makes_no_sense_is_not_recorded(tmp_path: Path, wrong: object) -> None:
    assert callable(wrong)
    with journal_in(tmp_path) as journal, begin(journal) as entry:
        with pytest.raises(AdvisorError):
            wrong(entry)
        expected = entry.receipt
    with opened(tmp_path) as state:
        assert runs(state) == [expected]


def test_a_long_message_is_cut_rather_than_refused(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal, begin(journal) as entry:
        entry.did(0, Verdict.FAILED, None, "no " * 10_000)
        entry.enter(State.ROLLING_BACK, note="x" * 10_000)
        expected = entry.receipt
    with opened(tmp_path) as state:
        assert runs(state) == [expected]


def test_a_record_that_is_too_large_is_refused_before_anything_is_begun(tmp_path: Path) -> None:
    operations = [
        Operation(IrqAddress(number), tuple(range(10_000, 60_000)), ()) for number in range(20)
    ]
    with journal_in(tmp_path) as journal:
        with pytest.raises(AdvisorError, match="too many for one record"):
            begin(journal, operations)
        assert journal.receipts == ()
        confirmed(journal, operations[:5])


def test_ids_are_unique_and_sorted_whatever_the_clock_does(tmp_path: Path) -> None:
    made = []
    for now in CLOCKS:
        with journal_in(tmp_path, now) as journal:
            made += [confirmed(journal), confirmed(journal)]
            assert [each.id for each in journal.receipts] == made
    assert sorted(made) == made
    assert len(set(made)) == len(made)
    assert all(map(ids.is_id, made))
    with opened(tmp_path) as state:
        assert [each.id for each in runs(state)] == made


def test_numbers_do_not_come_back_when_runs_are_removed(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        first = [confirmed(journal) for _ in range(3)]
        assert journal.prune(0) == tuple(first[:2])
    with journal_in(tmp_path) as journal:
        assert confirmed(journal).startswith("000004-")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "42",
        "42-20251121T104501Z",
        "000042-20251121T104501Z\n",
        "0000042-20251121T104501Z",
        "000042-20251121T104501",
        "٠٠٠٠٤٢-20251121T104501Z",
        "../000042-20251121T104501Z",
    ],
)
def test_what_is_no_id_is_not_taken_for_one(text: str) -> None:
    assert not ids.is_id(text)


@pytest.mark.parametrize("number", [1, 42, 999_999, 1_000_000, 123_456_789])
def test_ids_of_any_size_are_ids_and_sort(number: int) -> None:
    run = ids.next_id([f"{number - 1:06}-x"], NOW)
    assert ids.is_id(run)
    assert ids.number(run) == number
    assert ids.order(run) > ids.order(f"{number - 1:06}-20991231T235959Z")


def test_a_run_is_found_by_its_id_and_by_its_number(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        first, second = confirmed(journal), confirmed(journal)
    with opened(tmp_path) as state:
        for text in (second, "2", "02", "000002"):
            assert find(state, text) == second
        for text in (
            "",
            "3",
            "-1",
            "x",
            "²",
            "9" * 5000,
            first[:10],
            f"{first}.journal",
            "../lock",
        ):
            with pytest.raises(AdvisorError, match="there is no run") as raised:
                find(state, text)
            assert raised.value.exit_code is Exit.REFUSED
            assert second in raised.value.message


def test_a_run_that_is_not_there_cannot_be_reopened(tmp_path: Path) -> None:
    with journal_in(tmp_path) as journal:
        confirmed(journal)
        for run in ("000009-20251121T104501Z", "../lock", ""):
            with pytest.raises(AdvisorError, match="no run"):
                journal.reopen(run)


def test_prune_keeps_what_is_young_and_what_is_not_settled(tmp_path: Path) -> None:
    other = [Operation(IrqAddress(9), 1, 2)]
    with journal_in(tmp_path) as journal:
        old = [confirmed(journal), whole_life(journal)]
        with journal.reopen(confirmed(journal)) as entry:
            entry.enter(State.ROLLING_BACK)
            entry.undid(0, Verdict.FAILED, None, "the device is gone")
            entry.enter(State.FAILED)
            failed = entry.receipt.id
        with journal.reopen(confirmed(journal, other)) as entry:
            entry.enter(State.PERSISTING, files=FILES)
            entry.enter(State.PERSISTED)
            persisted = entry.receipt.id
        young = [confirmed(journal) for _ in range(2)]
        with journal.reopen(old[0]) as entry:
            entry.enter(State.ROLLING_BACK)
        assert journal.prune(2) == (old[1],), "an unfinished run is removed"
        with journal.reopen(old[0]) as entry:
            entry.enter(State.ROLLED_BACK)
        assert journal.prune(2) == (old[0],)
        assert journal.prune(2) == ()
        assert [each.id for each in journal.receipts] == [failed, persisted, *young]
    with opened(tmp_path) as state:
        assert [each.id for each in runs(state)] == [failed, persisted, *young]


def test_a_persisted_run_may_go_when_younger_ones_have_persisted_all_its_settings(
    tmp_path: Path,
) -> None:
    both = list(OPERATIONS)
    with journal_in(tmp_path) as journal:
        made = []
        for operations in (both, both[:1], both[1:], [Operation(IrqAddress(9), 1, 2)]):
            with journal.reopen(confirmed(journal, operations)) as entry:
                entry.enter(State.PERSISTING, files=FILES)
                entry.enter(State.PERSISTED)
                made.append(entry.receipt.id)
        assert journal.prune(1) == (made[0],)
        with journal.reopen(made[1]) as entry:
            roll_back(entry)
        assert journal.prune(1) == (made[1],)


def test_two_processes_at_once_never_get_in_each_others_way(tmp_path: Path) -> None:
    processes, each = 4, 12
    children = []
    for number in range(processes):
        pid = os.fork()
        if pid == 0:
            os._exit(_compete(tmp_path, each, random.Random(number)))
        children.append(pid)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
    assert codes == [0] * processes
    with opened(tmp_path) as state:
        made = runs(state)
    assert [ids.number(run.id) for run in made] == list(range(1, processes * each + 1))
    assert {run.state for run in made} == {State.CONFIRMED}


def test_a_reader_sees_whole_runs_while_another_process_writes_and_prunes(tmp_path: Path) -> None:
    with opened(tmp_path) as state:
        pid = os.fork()
        if pid == 0:
            os._exit(_compete(tmp_path, 60, random.Random(1), keep=3))
        reads = 0
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            numbers = [ids.number(each.id) for each in runs(state)]
            assert numbers == sorted(numbers)
            reads += 1
        assert reads > 5
        assert len(runs(state)) == 3


def _way_to(goal: State) -> list[State]:
    ways = {State.BEGUN: list[State]()}
    while goal not in ways:
        for state, way in list(ways.items()):
            for following in sorted(FOLLOWS[state], key=lambda each: each.value):
                ways.setdefault(following, [*way, following])
    return ways[goal]


def _compete(folder: Path, count: int, choose: random.Random, keep: int | None = None) -> int:
    """In a child: exit code 0 when all runs are done."""
    done = 0
    deadline = time.monotonic() + 60
    with opened(folder) as state:
        while done < count and time.monotonic() < deadline:
            with suppress(AdvisorError), acquire(state, f"number {done}") as lock:
                journal = Journal(lock)
                confirmed(journal, [replace(OPERATIONS[0], rules=("X",) * choose.randint(1, 9))])
                done += 1
                if keep is not None:
                    journal.prune(keep)
            time.sleep(choose.uniform(0, 0.001))
    return 0 if done == count else 1
