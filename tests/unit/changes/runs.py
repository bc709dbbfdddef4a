"""Runs for tests: small transactions, and a state directory to record them in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from advisor.changes.entry import Entry
from advisor.changes.journal import Damaged, Journal, history
from advisor.changes.lock import acquire
from advisor.changes.state_dir import VARIABLE, StateDir, create_state_dir
from advisor.model.address import NicAddress, SysctlAddress
from advisor.model.receipt import (
    Effect,
    Figure,
    Held,
    Operation,
    Origin,
    Outcome,
    PersistedFile,
    Receipt,
    State,
    Verdict,
)

HERE = Origin("0f1e2d3c-4b5a-4697-8879-6a5b4c3d2e1f", "web-1", 4026531833)
DIGEST = "0123456789abcdef" * 4

RMEM = SysctlAddress(("net", "ipv4", "tcp_rmem"))
CHANNELS = NicAddress("eth0.100", ("channels", "combined"))
RPS = NicAddress("eth0.100", ("queue", "rx-1", "rps_cpus"))

OPERATIONS = (
    Operation(RMEM, (4096, 131072, 6291456), (4096, 65536, 6291456), ("RCV002",)),
    Operation(CHANNELS, 4, 2, ("NIC001", "NIC002"), dependent=(Held(RPS, (0, 1)),)),
)
FILES = (PersistedFile("/etc/sysctl.d/90-advisor.conf", None, DIGEST),)
OUTCOME = Outcome(30.0, (Figure("RCV002", "pruned", "rate", 12.5, 0.0, Effect.BETTER),))

NOW = 1_763_722_000.25
"""21 November 2025."""


@contextmanager
def opened(folder: Path) -> Iterator[StateDir]:
    """The state directory in a folder."""
    with create_state_dir({VARIABLE: str(folder / "state")}) as state:
        yield state


@contextmanager
def journal_in(folder: Path, now: float = NOW) -> Iterator[Journal]:
    """The journal in a folder, locked."""
    with opened(folder) as state, acquire(state, "test") as lock:
        yield Journal(lock, clock=lambda: now)


def begin(journal: Journal, operations: Sequence[Operation] = OPERATIONS) -> Entry:
    """A run that has begun."""
    return journal.begin(HERE, "server", DIGEST, tuple(operations))


def carry_out(entry: Entry) -> None:
    """Everything that a run set out to do is done."""
    for index, operation in enumerate(entry.receipt.transaction.operations):
        entry.did(index, Verdict.DONE, operation.after)
    entry.enter(State.APPLIED)


def confirmed(journal: Journal, operations: Sequence[Operation] = OPERATIONS) -> str:
    """The id of a new run that is done and confirmed."""
    with begin(journal, operations) as entry:
        carry_out(entry)
        entry.enter(State.CONFIRMED)
        return entry.receipt.id


def roll_back(entry: Entry, note: str | None = None) -> None:
    """A run is undone entirely."""
    entry.enter(State.ROLLING_BACK, note=note)
    receipt = entry.receipt
    for index, operation in reversed(list(enumerate(receipt.transaction.operations))):
        if receipt.stands(index):
            entry.undid(index, Verdict.DONE, operation.before)
    entry.enter(State.ROLLED_BACK)


def whole_life(journal: Journal) -> str:
    """The id of a run with records of every kind."""
    with begin(journal) as entry:
        entry.enter(State.ARMED, until=NOW + 120)
        carry_out(entry)
        entry.observed(OUTCOME)
        entry.enter(State.CONFIRMED, note="by hand")
        entry.enter(State.PERSISTING, files=FILES)
        entry.enter(State.PERSISTED)
        entry.enter(State.ROLLING_BACK, note="asked to")
        entry.undid(1, Verdict.CONFLICT, 8, "somebody has set it to 8")
        entry.enter(State.FAILED)
        roll_back(entry)
        return entry.receipt.id


def runs(state: StateDir) -> list[Receipt]:
    """All runs, oldest first; none of them is damaged."""
    read = list(history(state))[::-1]
    damaged = [each.problem for each in read if isinstance(each, Damaged)]
    assert not damaged, damaged
    return [each for each in read if isinstance(each, Receipt)]
