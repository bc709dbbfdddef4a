"""The lock: one at a time, gone with its holder, and it tells who has it."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.changes.lock import NAME, acquire, holder
from advisor.changes.state_dir import VARIABLE, StateDir, create_state_dir
from advisor.errors import AdvisorError, Exit
from tests.unit.changes.runs import NOW, opened


@contextmanager
def held_by_another_process(state: StateDir, *, forks: bool = False) -> Iterator[int]:
    """The pid of a process that holds the lock, or, with `forks`, has left it to its child."""
    ready, says = os.pipe()
    wait, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            lock = acquire(state, "advisor apply plan.json", clock=lambda: NOW)
            if forks and os.fork():
                os._exit(0)
            os.write(says, b"x")
            os.close(go)
            os.read(wait, 1)
            lock.release()
        finally:
            os._exit(0)
    os.close(wait)
    try:
        assert os.read(ready, 1) == b"x"
        if forks:
            os.waitpid(pid, 0)
        yield pid
    finally:
        os.close(go)
        if not forks:
            os.waitpid(pid, 0)
        os.close(ready)
        os.close(says)


def test_while_it_is_held_nobody_else_gets_it(tmp_path: Path) -> None:
    with opened(tmp_path) as state:
        with acquire(state, "advisor apply") as lock:
            assert lock.held
            with pytest.raises(AdvisorError, match="another advisor is at work") as raised:
                acquire(state, "advisor rollback")
            assert raised.value.exit_code is Exit.REFUSED
        assert not lock.held
        acquire(state, "advisor rollback").release()


def test_who_holds_it_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as state, held_by_another_process(state) as pid:
        with pytest.raises(AdvisorError) as raised:
            acquire(state, "advisor rollback")
        assert raised.value.message == (
            f"another advisor is at work: process {pid} (advisor apply plan.json), "
            "since 2025-11-21T10:46:40.250Z"
        )


def test_it_is_gone_when_its_holder_is_killed(tmp_path: Path) -> None:
    with opened(tmp_path) as state:
        with held_by_another_process(state) as pid:
            os.kill(pid, signal.SIGKILL)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            acquire(state, "advisor recover").release()
        text = (tmp_path / "state" / NAME).read_text()
        assert "advisor recover" in text
        assert "plan.json" not in text, "the shorter text leaves part of the longer one"


def test_a_holder_that_is_gone_but_has_a_child_is_told(tmp_path: Path) -> None:
    with opened(tmp_path) as state, held_by_another_process(state, forks=True) as pid:
        with pytest.raises(AdvisorError, match=f"process {pid} .* not to be seen") as raised:
            acquire(state, "advisor rollback")
        assert raised.value.hint is not None
        assert "fuser" in raised.value.hint


def test_a_later_process_of_the_same_number_is_not_taken_for_the_holder(tmp_path: Path) -> None:
    with opened(tmp_path) as state, acquire(state, "test"):
        now = holder(state)
        assert now is not None
        assert now.pid == os.getpid()
        assert now.alive
        path = tmp_path / "state" / NAME
        path.write_text(path.read_text().replace('"start": ', '"start": 1'))
        later = holder(state)
        assert later is not None
        assert not later.alive


def test_a_lock_on_a_file_that_has_just_been_removed_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state" / NAME
    really, removals = fcntl.flock, iter([path.unlink])

    def flock(descriptor: int, operation: int) -> None:
        for remove in removals:
            remove()
        really(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", flock)
    with (
        opened(tmp_path) as state,
        acquire(state, "first"),
        pytest.raises(AdvisorError, match="first"),
    ):
        acquire(state, "second")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.binary(max_size=300)
    | st.builds(
        lambda pid, start, since, command: (
            f'{{"pid": {pid}, "start": {start}, "since": {since}, "command": {command}}}'
        ).encode(),
        *[st.sampled_from(["1", "-1", "0", "null", '"x"', "[]", "1e999", "9" * 5000])] * 4,
    )
)
def test_whatever_the_file_says_the_lock_works(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "state" / NAME
    with create_state_dir({VARIABLE: str(path.parent)}) as state, acquire(state, "first") as lock:
        path.write_bytes(contents)
        with pytest.raises(AdvisorError) as raised:
            acquire(state, "second")
        assert raised.value.exit_code is Exit.REFUSED
        lock.release()
        acquire(state, "second").release()


def test_a_lock_without_a_signature_is_still_a_lock(tmp_path: Path) -> None:
    with opened(tmp_path) as state, acquire(state, "first"):
        (tmp_path / "state" / NAME).write_bytes(b"")
        with pytest.raises(AdvisorError, match="has not said which"):
            acquire(state, "second")
