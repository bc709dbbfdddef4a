"""Getting the lock at the deadline, also from an apply that has got stuck."""

from __future__ import annotations

import time

from advisor.changes.journal import read_receipt
from advisor.changes.lock import Holder, Lock, acquire, holder
from advisor.changes.processes import end, started
from advisor.changes.state_dir import StateDir
from advisor.errors import AdvisorError
from advisor.model.receipt import Receipt, State

_LOOK_AGAIN_S = 0.25


def is_due(receipt: Receipt | None) -> bool:
    """Whether a run has to be taken back at the deadline.

    Not when its settings were confirmed and it ended while files were written: taking care of
    that is for `advisor recover`.
    """
    return receipt is not None and receipt.unfinished and receipt.state is not State.PERSISTING


def take(
    state: StateDir, run: str, *, patience_s: float = 60.0, grace_s: float = 5.0
) -> Lock | None:
    """The lock; None as soon as the run does not have to be taken back any more.

    The apply that has begun the run is ended if it still holds the lock: it had its time. Another
    command gets time to finish. At the end of it an apply is ended, too; nothing else is.

    Args:
        state: The state directory.
        run: Id of the run.
        patience_s: How long to wait for others.
        grace_s: How long an apply may take to end by itself before it is killed.

    Raises:
        AdvisorError: Somebody does not let go of it, or the run's journal cannot be read.
    """
    deadline = time.monotonic() + patience_s
    before: Holder | None = None
    ended: set[int] = set()
    while is_due(receipt := read_receipt(state, run)):
        assert receipt is not None
        late = time.monotonic() >= deadline
        try:
            return acquire(state, f"watchdog of run {run}")
        except AdvisorError:
            now = holder(state)
            # Twice the same: one that has just taken the lock may not have signed yet.
            stuck = now is not None and now == before and _is_apply(now)
            if (
                now is not None
                and stuck
                and now.pid not in ended
                and (late or _began(receipt, now))
            ):
                ended.add(now.pid)
                _end(state, now, grace_s)
                continue
            if late:
                raise
            before = now
        time.sleep(_LOOK_AGAIN_S)
    return None


def _is_apply(who: Holder) -> bool:
    return who.alive and who.command.split()[:1] == ["apply"]


def _began(receipt: Receipt, who: Holder) -> bool:
    """Whether that has begun the run: it had the lock by then. Both times are texts in UTC."""
    return who.since <= receipt.transaction.started


def _end(state: StateDir, who: Holder, grace_s: float) -> None:
    """End the process that has signed, unless its number has passed to another one."""
    start = started(who.pid)
    if start is not None and holder(state) == who:
        end(who.pid, start, grace_s)
