"""Records runs on a small tmpfs that is full or read-only, and prints what came of it as JSON.

Runs in a mount namespace of its own. Argument: an empty directory.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from advisor.changes.journal import history
from advisor.errors import AdvisorError, Exit
from advisor.model.receipt import Receipt, State, Verdict
from tests.unit.changes.runs import (
    OPERATIONS,
    begin,
    carry_out,
    confirmed,
    journal_in,
    opened,
    roll_back,
    runs,
)

PAGE = 4096
SIZE = 32 * PAGE
LONG = "x" * 1500  # so that a few records fill a page


def main(folder: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", str(folder)], check=True)
    result = {
        "full": [full(folder, pages) for pages in range(6)],
        "no names left": no_names_left(folder),
        "read-only": read_only(folder),
    }
    json.dump(result, sys.stdout)


def full(folder: Path, free: int) -> list[str]:
    """What is refused on a disk with so many free pages, until a run has been undone."""
    with journal_in(folder) as journal:
        confirmed(journal)
    filler = folder / "filler"
    _fill(filler, folder, free)
    said = []
    with journal_in(folder) as journal:
        before = journal.receipts
        try:
            entry = begin(journal)
        except AdvisorError as error:
            _agrees(folder, before)
            filler.unlink()
            return ["begin", *_refused(error)]
        with entry:
            for _ in range(40):
                receipt = entry.receipt
                try:
                    entry.enter(State.ARMED, note=LONG)
                except AdvisorError as error:
                    said = ["armed", *_refused(error)]
                    assert entry.receipt == receipt
                    break
            _agrees(folder, journal.receipts)
            filler.unlink()
            entry.did(0, Verdict.DONE, OPERATIONS[0].after)
            roll_back(entry)
        _agrees(folder, journal.receipts)
        journal.prune(1)
    return said


def no_names_left(folder: Path) -> list[str]:
    """The same for a disk that can hold no more files."""
    subprocess.run(["mount", "-o", "remount,nr_inodes=8", str(folder)], check=True)
    with journal_in(folder) as journal:
        before = journal.receipts
        others = []
        try:
            for number in range(20):
                (folder / f"other-{number}").touch()
                others.append(folder / f"other-{number}")
        except OSError:
            pass
        try:
            begin(journal)
            said = ["nothing"]
        except AdvisorError as error:
            said = _refused(error)
        _agrees(folder, before)
        for other in others:
            other.unlink()
        confirmed(journal)
    return said


def read_only(folder: Path) -> list[str]:
    """What can still be read, and what is refused."""
    with journal_in(folder) as journal, begin(journal) as entry:
        carry_out(entry)
    with opened(folder) as state:
        before = runs(state)
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    with opened(folder) as state:
        assert runs(state) == before
    said = _refusal(lambda: journal_in(folder).__enter__())
    subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
    with journal_in(folder) as journal, journal.reopen(before[-1].id) as entry:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        roll_back(entry)
    return said


def _fill(filler: Path, folder: Path, free: int) -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(PAGE))
        except OSError:
            pass
        file.truncate(file.tell() - free * PAGE)


def _agrees(folder: Path, receipts: tuple[Receipt, ...]) -> None:
    with opened(folder) as state:
        assert list(history(state))[::-1] == list(receipts)


def _refusal(action: Callable[[], object]) -> list[str]:
    try:
        action()
    except AdvisorError as error:
        return _refused(error)
    return ["nothing"]


def _refused(error: AdvisorError) -> list[str]:
    assert error.exit_code is Exit.REFUSED
    return [error.message.rpartition(": ")[2]]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
