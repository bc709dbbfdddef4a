"""What happens at the deadline, with an undoing that only notes that it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.changes.journal import Journal, read_receipt
from advisor.changes.layers import Place
from advisor.changes.lock import Lock, acquire
from advisor.changes.rollback import RolledBack
from advisor.changes.state_dir import StateDir
from advisor.changes.watchdog.body import main
from advisor.model.receipt import Receipt, State
from tests.unit.changes.runs import begin, carry_out, opened, roll_back


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateDir]:
    with opened(tmp_path) as state:
        yield state


@pytest.fixture
def run(state: StateDir) -> str:
    """A run that waits to be confirmed, and its zip."""
    with acquire(state, "test") as lock, begin(Journal(lock)) as entry:
        carry_out(entry)
        run = entry.receipt.id
    Path(state.path, f"{run}.watchdog.zip").write_bytes(b"")
    return run


@pytest.fixture
def confirmed_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is confirmed after the watchdog has looked, and before it has the lock."""

    def take(state: StateDir, run: str) -> Lock:
        with acquire(state, "confirm") as lock, Journal(lock).reopen(run) as entry:
            entry.enter(State.CONFIRMED)
        return acquire(state, "watchdog")

    monkeypatch.setattr("advisor.changes.watchdog.body.take", take)


class Undo:
    """Undoes a run in its journal, and in fact nothing."""

    def __init__(self, *, files: tuple[str, ...] = (), journal: str | None = None) -> None:
        self.asked: list[str] = []
        self._files = files
        self._journal = journal

    def __call__(self, journal: Journal, run: str) -> RolledBack:
        self.asked.append(run)
        with journal.reopen(run) as entry:
            roll_back(entry)
            return RolledBack(entry.receipt, Place.HERE, (), self._files, self._journal)


def receipt_of(state: StateDir, run: str) -> Receipt:
    receipt = read_receipt(state, run)
    assert receipt is not None
    return receipt


def test_a_run_that_nobody_has_confirmed_is_taken_back(
    state: StateDir, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    undo = Undo()
    assert main(["now", state.path, run], undo) == 0
    assert undo.asked == [run]
    assert receipt_of(state, run).state is State.ROLLED_BACK
    assert f"{run}.watchdog.zip" not in state.names()
    assert "everything is as before" in capsys.readouterr().err
    acquire(state, "test").release()


def test_a_run_that_is_confirmed_stays(
    state: StateDir, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with acquire(state, "confirm") as lock, Journal(lock).reopen(run) as entry:
        entry.enter(State.CONFIRMED)
    undo = Undo()
    assert main(["now", state.path, run], undo) == 0
    assert not undo.asked
    assert f"{run}.watchdog.zip" not in state.names()
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("confirmed_meanwhile")
def test_a_run_that_is_confirmed_at_the_last_moment_stays(state: StateDir, run: str) -> None:
    undo = Undo()
    assert main(["now", state.path, run], undo) == 0
    assert not undo.asked


@pytest.mark.parametrize(
    ("undo", "said"),
    [
        (Undo(files=("/etc/x: full",)), "not everything could be undone"),
        (Undo(journal="no space"), "could not be recorded: no space"),
    ],
)
def test_what_is_left_or_not_recorded_is_told(
    state: StateDir, run: str, undo: Undo, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["now", state.path, run], undo) == 1
    assert said in capsys.readouterr().err


def test_an_error_is_told_and_nothing_is_kept(
    state: StateDir, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def undo(journal: Journal, run: str) -> RolledBack:
        raise ZeroDivisionError("a mistake")

    assert main(["now", state.path, run], undo) == 1
    assert "a mistake" in capsys.readouterr().err
    assert f"{run}.watchdog.zip" not in state.names()
    acquire(state, "test").release()


def test_a_damaged_journal_is_not_acted_upon(
    state: StateDir, run: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(state.path, f"{run}.journal")
    path.write_bytes(b"x" + path.read_bytes()[1:])
    undo = Undo()
    assert main(["now", state.path, run], undo) == 1
    assert not undo.asked
    assert "damaged" in capsys.readouterr().err


def test_without_a_state_directory_there_is_nothing_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    undo = Undo()
    assert main(["now", str(tmp_path / "gone"), "000001-20251121T104501Z"], undo) == 0
    assert not undo.asked
    assert capsys.readouterr().err == ""


def test_a_check_says_that_everything_can_be_imported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "/nowhere", "000001-20251121T104501Z"]) == 0
    assert capsys.readouterr().out == "ready\n"
