"""Crashes: at whatever step the process ends, the journal is as it was or one record further."""

from __future__ import annotations

import os
import resource
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.model.receipt import Receipt, State, Verdict
from tests.unit.changes.disk import Disk, Trace
from tests.unit.changes.faults import Acknowledge, killed_at
from tests.unit.changes.runs import (
    FILES,
    OPERATIONS,
    OUTCOME,
    begin,
    carry_out,
    confirmed,
    journal_in,
    opened,
    roll_back,
    runs,
)


def life(folder: Path, done: Acknowledge) -> None:
    """Three runs with records of every kind, and an old one that is removed; `done` after each."""
    with opened(folder):
        done()
    with journal_in(folder) as journal:
        for fate in (_confirmed, _rolled_back, _left_alone):
            with begin(journal) as entry:
                done()
                for action in fate:
                    action(entry)
                    done()
            if fate is _rolled_back:
                journal.prune(1)
                done()


_confirmed: list[Callable[..., object]] = [
    lambda entry: entry.enter(State.ARMED, until=0),
    lambda entry: entry.did(0, Verdict.DONE, OPERATIONS[0].after),
    lambda entry: entry.did(1, Verdict.DONE, OPERATIONS[1].after),
    lambda entry: entry.enter(State.APPLIED),
    lambda entry: entry.observed(OUTCOME),
    lambda entry: entry.enter(State.CONFIRMED),
    lambda entry: entry.enter(State.PERSISTING, files=FILES),
    lambda entry: entry.enter(State.CONFIRMED, note="ENOSPC"),
]
_rolled_back: list[Callable[..., object]] = [
    lambda entry: entry.did(0, Verdict.FAILED, None, "EINVAL"),
    lambda entry: entry.enter(State.ROLLING_BACK),
    lambda entry: entry.undid(0, Verdict.DONE, OPERATIONS[0].before),
    lambda entry: entry.enter(State.ROLLED_BACK),
]
_left_alone: list[Callable[..., object]] = [
    lambda entry: entry.did(0, Verdict.DONE, OPERATIONS[0].after),
]


def recover(folder: Path, done: Acknowledge) -> None:
    """What a later process does: undo what is unfinished, change something, forget what is old."""
    with journal_in(folder) as journal:
        done()
        if journal.unfinished is not None:
            with journal.reopen(journal.unfinished.id) as entry:
                roll_back(entry)
        done()
        confirmed(journal, OPERATIONS[:1])
        journal.prune(2)
        done()


def view(folder: Path) -> tuple[Receipt, ...]:
    """All runs as a later process reads them, with the lock."""
    if not (folder / "state").exists():
        return ()
    with journal_in(folder) as journal:
        assert journal.damaged == ()
        return journal.receipts


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Receipt, ...]]:
    """What the journal says after each step of a life that nothing interrupts."""
    folder = tmp_path_factory.mktemp("course")
    views: list[tuple[Receipt, ...]] = [()]

    def done() -> None:
        with opened(folder) as state:
            views.append(tuple(runs(state)))

    life(folder, done)
    return views


def test_a_kill_at_any_step_leaves_the_last_record_or_the_next(
    tmp_path: Path, course: list[tuple[Receipt, ...]]
) -> None:
    cases = 0
    for folder, finished in _killed_anywhere(tmp_path, life):
        assert view(folder) in course[finished : finished + 2], (cases, finished)
        cases += 1
    assert cases > 150


@pytest.mark.slow
def test_after_a_kill_at_any_step_and_another_one_while_recovering_all_is_well(
    tmp_path: Path,
) -> None:
    """Of the ends of a life that leave the same files, one is enough.

    The second kill comes at every sixth step, at other ones for each end; when ADVISOR_ALL_FAULTS
    is set, at every step, which takes 50 s.
    """
    stride = 1 if os.environ.get("ADVISOR_ALL_FAULTS") else 6
    ends = {}
    for folder, _ in _killed_anywhere(tmp_path / "life", life):
        ends.setdefault(_contents(folder), folder)
    cases = 0
    for number, end in enumerate(ends.values()):
        place, steps = tmp_path / f"recover-{number}", (number % stride, stride)
        for folder, _ in _killed_anywhere(place, recover, end, steps):
            before = {each.id for each in view(folder)}
            recover(folder, lambda: None)
            after = view(folder)
            assert not any(each.unfinished for each in after)
            assert after[-1].id not in before
            assert after[-1].state is State.CONFIRMED
            shutil.rmtree(folder)
            cases += 1
    assert cases > 1000


def test_a_power_cut_at_any_step_loses_nothing_that_was_finished(
    tmp_path: Path, course: list[tuple[Receipt, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a disk that loses whatever it was not told to keep, in every order it may choose."""
    trace = Trace(tmp_path / "real" / "state")
    (tmp_path / "real").mkdir()
    with monkeypatch.context() as patch:
        trace.install(patch)
        life(tmp_path / "real", trace.finished)
    cases = 0
    disk = Disk()
    for number, finished in enumerate(disk.play(trace.steps)):
        for files in disk.remains():
            folder = tmp_path / "after"
            if files is not None:
                _materialise(folder / "state", files)
            else:
                folder.mkdir()
            assert view(folder) in course[finished : finished + 2], (number, finished, files)
            shutil.rmtree(folder)
            cases += 1
    assert cases > 2000


def test_a_disk_that_is_full_at_any_byte_leaves_the_journal_as_it_was(tmp_path: Path) -> None:
    """A limit of the process stands for it: the write ends short, and the next one fails."""
    with journal_in(tmp_path) as journal, begin(journal) as entry:
        carry_out(entry)
        run = entry.receipt.id
    size = (tmp_path / "state" / f"{run}.journal").stat().st_size
    for limit in range(size, size + 200):
        assert _in_child(lambda limit=limit: _full_while_adding(tmp_path, run, limit))
    other = tmp_path / "other"
    other.mkdir()
    for limit in range(0, size + 100, 7):
        assert _in_child(lambda limit=limit: _full_while_beginning(other, limit))


def test_an_interruption_within_an_append_takes_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal's handler may raise between the write and its end."""
    with journal_in(tmp_path) as journal, begin(journal) as entry:
        before = entry.receipt
        really = os.fsync

        def interrupted(descriptor: int) -> None:
            monkeypatch.setattr(os, "fsync", really)
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            entry.enter(State.ARMED)
        assert entry.receipt == before
        with opened(tmp_path) as state:
            assert runs(state) == [before]
        entry.enter(State.ROLLING_BACK)
        with opened(tmp_path) as state:
            assert runs(state) == [entry.receipt]


def test_a_disk_that_fails_makes_no_promise_and_the_entry_takes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with journal_in(tmp_path) as journal, begin(journal) as entry:
        run = entry.receipt.id
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", _fails)
            with pytest.raises(AdvisorError, match="Input/output error"):
                entry.enter(State.ARMED)
        with pytest.raises(AdvisorError, match="nothing can be added"):
            entry.enter(State.ARMED)
    with journal_in(tmp_path) as journal, journal.reopen(run) as entry:
        roll_back(entry)


def test_a_run_that_cannot_be_made_to_last_has_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with journal_in(tmp_path) as journal:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", _fails)
            with pytest.raises(AdvisorError, match="Input/output error"):
                begin(journal)
        assert journal.receipts == ()
        assert [path.name for path in (tmp_path / "state").iterdir()] == ["lock"]
        confirmed(journal)


def _fails(descriptor: int) -> None:
    raise OSError(5, "Input/output error")


def _killed_anywhere(
    folder: Path,
    action: Callable[[Path, Acknowledge], None],
    start: Path | None = None,
    steps: tuple[int, int] = (0, 1),
) -> Iterator[tuple[Path, int]]:
    """Folder after a kill, and how much was finished then: once for each step.

    Args:
        folder: Where to work.
        action: What is killed.
        start: Folder that it finds, None for an empty one.
        steps: The first step, and how many to go on by.
    """
    step, stride = steps
    killed = True
    while killed:
        here = folder / str(step)
        if start is None:
            here.mkdir(parents=True)
        else:
            shutil.copytree(start, here)
        killed, finished = killed_at(step, lambda done, here=here: action(here, done))
        yield here, finished
        step += stride


def _contents(folder: Path) -> tuple[tuple[str, bytes], ...]:
    files = sorted((folder / "state").glob("0*")) if (folder / "state").exists() else []
    return tuple((path.name, path.read_bytes()) for path in files)


def _materialise(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir(parents=True, mode=0o700)
    for name, data in files.items():
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o600)


def _in_child(action: Callable[[], None]) -> bool:
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            action()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@contextmanager
def _files_no_longer_than(limit: int) -> Iterator[None]:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _full_while_adding(folder: Path, run: str, limit: int) -> None:
    path = folder / "state" / f"{run}.journal"
    before = path.read_bytes()
    with journal_in(folder) as journal, journal.reopen(run) as entry:
        receipt = entry.receipt
        with _files_no_longer_than(limit):
            try:
                entry.enter(State.CONFIRMED, note="x" * 100)
            except AdvisorError as error:
                assert "File too large" in error.message
                assert entry.receipt == receipt
                assert path.read_bytes() == before
            else:
                assert len(path.read_bytes()) <= limit
                path.write_bytes(before)
                return
        entry.enter(State.ROLLING_BACK)  # there is space again
        with opened(folder) as state:
            assert runs(state) == [entry.receipt]
    path.write_bytes(before)


def _full_while_beginning(folder: Path, limit: int) -> None:
    with journal_in(folder) as journal:
        with _files_no_longer_than(limit):
            try:
                begin(journal).close()
            except AdvisorError as error:
                assert "File too large" in error.message
                assert journal.receipts == ()
                assert [path.name for path in (folder / "state").iterdir()] == ["lock"]
        if journal.unfinished is None:
            begin(journal).close()
    assert len(view(folder)) == 1
    shutil.rmtree(folder / "state")
