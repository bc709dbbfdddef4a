"""Who has to let go of the lock at the deadline, and who gets time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from advisor.changes.journal import Journal, read_receipt
from advisor.changes.lock import acquire
from advisor.changes.state_dir import StateDir
from advisor.changes.watchdog.take import is_due, take
from advisor.errors import AdvisorError
from advisor.model.receipt import State
from tests.unit.changes.runs import FILES, NOW, begin, carry_out, opened, roll_back

LATER = NOW + 60
EARLIER = NOW - 60


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateDir]:
    with opened(tmp_path) as state:
        yield state


@pytest.fixture
def run(state: StateDir) -> str:
    """A run that has begun."""
    with acquire(state, "apply") as lock, begin(Journal(lock, clock=lambda: NOW)) as entry:
        return entry.receipt.id


@contextmanager
def held(
    state: StateDir,
    command: str,
    since: float,
    *,
    seconds: float = 30,
    stubborn: bool = False,
    lets_go: bool = False,
) -> Iterator[int]:
    """The pid of a process that holds the lock for some time, or has held it and lives on."""
    ready, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if stubborn:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            lock = acquire(state, command, clock=lambda: since)
            if lets_go:
                lock.release()
            os.write(says, b"x")
            time.sleep(seconds)
        finally:
            os._exit(0)
    try:
        assert os.read(ready, 1) == b"x"
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(ready)
        os.close(says)


def ended_by(pid: int) -> int | None:
    """The signal that has ended a child, 0 if it has ended by itself, None if it runs."""
    status = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    if status is None:
        return None
    return 0 if status.si_code == os.CLD_EXITED else status.si_status


@pytest.mark.parametrize(("stubborn", "by"), [(False, signal.SIGTERM), (True, signal.SIGKILL)])
def test_the_apply_that_has_begun_the_run_is_ended(
    state: StateDir, run: str, stubborn: bool, by: int
) -> None:
    with held(state, "apply plan.json", EARLIER, stubborn=stubborn) as pid:
        lock = take(state, run, grace_s=0.3)
        assert lock is not None
        lock.release()
        assert ended_by(pid) == by


@pytest.mark.parametrize("command", ["confirm", "applying", ""])
def test_another_command_gets_time_and_is_never_ended(
    state: StateDir, run: str, command: str
) -> None:
    with held(state, command, EARLIER) as pid:
        with pytest.raises(AdvisorError, match="another advisor is at work"):
            take(state, run, patience_s=0.6)
        assert ended_by(pid) is None


@pytest.mark.parametrize("command", ["confirm", "apply other.json"])
def test_it_waits_until_a_later_command_is_done(state: StateDir, run: str, command: str) -> None:
    with held(state, command, LATER, seconds=0.7) as pid:
        lock = take(state, run)
        assert lock is not None
        lock.release()
        assert ended_by(pid) == 0


def test_a_later_apply_is_ended_only_when_its_time_is_over(state: StateDir, run: str) -> None:
    with held(state, "apply other.json", LATER) as pid:
        start = time.monotonic()
        lock = take(state, run, patience_s=1.0)
        assert lock is not None
        lock.release()
        assert time.monotonic() - start >= 1.0
        assert ended_by(pid) == signal.SIGTERM


def test_a_process_that_has_signed_before_somebody_else_took_the_lock_is_not_ended(
    state: StateDir, run: str, tmp_path: Path
) -> None:
    signature = tmp_path / "state" / "lock"
    with held(state, "apply", EARLIER) as apply:
        text = signature.read_text()
        os.kill(apply, signal.SIGKILL)
        os.waitid(os.P_PID, apply, os.WEXITED | os.WNOWAIT)
        with held(state, "confirm", LATER) as confirm:
            signature.write_text(text)
            with pytest.raises(AdvisorError):
                take(state, run, patience_s=0.6)
            assert ended_by(confirm) is None


def test_an_apply_that_has_let_go_is_not_ended_while_the_next_one_has_yet_to_sign(
    state: StateDir, run: str, tmp_path: Path
) -> None:
    signature = tmp_path / "state" / "lock"
    with held(state, "apply", EARLIER, lets_go=True) as apply:
        earlier = signature.read_text()
        with held(state, "confirm", LATER):
            later = signature.read_text()
            signature.write_text(earlier)
            signs = threading.Timer(0.1, signature.write_text, [later])
            signs.start()
            with pytest.raises(AdvisorError):
                take(state, run, patience_s=0.6)
            signs.join()
        assert ended_by(apply) is None


@pytest.mark.parametrize(
    ("way", "due"),
    [
        ((), True),
        ((State.ARMED,), True),
        ((State.APPLIED,), True),
        ((State.ROLLING_BACK,), True),
        ((State.APPLIED, State.CONFIRMED), False),
        ((State.APPLIED, State.CONFIRMED, State.PERSISTING), False),
        ((State.APPLIED, State.CONFIRMED, State.PERSISTING, State.PERSISTED), False),
        ((State.ROLLED_BACK,), False),
    ],
)
def test_only_a_run_that_nobody_has_decided_upon_is_due(
    state: StateDir, run: str, way: tuple[State, ...], due: bool
) -> None:
    with acquire(state, "test") as lock, Journal(lock).reopen(run) as entry:
        for step in way:
            if step is State.APPLIED:
                carry_out(entry)
            elif step is State.ROLLED_BACK:
                roll_back(entry)
            else:
                entry.enter(step, files=FILES if step is State.PERSISTING else ())
    assert is_due(read_receipt(state, run)) is due
    taken = take(state, run)
    assert (taken is not None) is due
    if taken is not None:
        taken.release()


def test_a_run_that_is_gone_is_not_due(state: StateDir, run: str, tmp_path: Path) -> None:
    (tmp_path / "state" / f"{run}.journal").unlink()
    assert take(state, run) is None


def test_nobody_is_ended_for_a_run_that_is_decided(state: StateDir, run: str) -> None:
    with acquire(state, "test") as lock, Journal(lock).reopen(run) as entry:
        roll_back(entry)
    with held(state, "apply", EARLIER) as pid:
        assert take(state, run) is None
        assert ended_by(pid) is None
