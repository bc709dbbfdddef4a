"""The journal of `advisor/changes/` and SQLite: what a record costs, and what damage does.

Run it with `.venv/bin/python bench/journal.py [DIRECTORY]`; the directory says which disk is
measured. Nothing here judges: the figures are for docs/architecture.md.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from advisor.changes.journal import Damaged, Journal, history
from advisor.changes.lock import acquire
from advisor.changes.origin import this_origin
from advisor.changes.state_dir import VARIABLE, StateDir, create_state_dir
from advisor.errors import AdvisorError
from advisor.model.address import SysctlAddress
from advisor.model.receipt import Operation, Receipt, State, Verdict

OPERATIONS = 24
RUNS = 40
FLIPS = 1000
BEFORE, AFTER = (4096, 131072, 6291456), (4096, 65536, 6291456)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as name:
        folder = Path(name)
        os.environ[VARIABLE] = f"{folder}/state"
        with create_state_dir() as state:
            costs(state, folder)
            (folder / "state" / "lock").unlink()
            survey("journal", folder / "state", lambda: receipts(state))
        for mode in ("delete", "wal"):
            target = filled(folder, mode)
            survey(f"SQLite, {mode}", target, lambda: rows(folder))


def costs(state: StateDir, folder: Path) -> None:
    """Times of single records, in turn, because machines drift."""
    times: dict[str, list[float]] = {}
    databases = {mode: database(folder / mode, mode) for mode in ("delete", "wal")}
    with acquire(state, "bench") as lock:
        journal = Journal(lock)
        for number in range(RUNS):
            one_run(journal, times)
            for mode, connection in databases.items():
                into_database(connection, number, times.setdefault(f"SQLite, {mode}", []))
        times["journal, reading all runs again"] = list(timed(lambda: Journal(lock), 5))
        journal.prune(1)
    for name, each in times.items():
        show(name, each)


def one_run(journal: Journal, times: dict[str, list[float]]) -> None:
    """One run with 24 changes, as apply records it."""
    names = [f"key_{number}" for number in range(OPERATIONS)]
    operations = tuple(
        Operation(SysctlAddress(("net", "ipv4", name)), BEFORE, AFTER, ("RCV002",))
        for name in names
    )
    start = time.perf_counter()
    entry = journal.begin(this_origin(), "server", "0" * 64, operations)
    times.setdefault("journal, the beginning of a run", []).append(time.perf_counter() - start)
    with entry:
        entry.enter(State.ARMED, until=time.time() + 120)
        for number in range(OPERATIONS):
            start = time.perf_counter()
            entry.did(number, Verdict.DONE, AFTER)
            times.setdefault("journal", []).append(time.perf_counter() - start)
        entry.enter(State.APPLIED)
        entry.enter(State.CONFIRMED)


def into_database(connection: sqlite3.Connection, run: int, times: list[float]) -> None:
    """The same records, one transaction each."""
    for number in range(OPERATIONS):
        start = time.perf_counter()
        record = json.dumps({"operation": number, "read": AFTER, "verdict": "done"})
        connection.execute("INSERT INTO record VALUES (?, ?, ?)", (run, number, record))
        times.append(time.perf_counter() - start)


def database(path: Path, mode: str) -> sqlite3.Connection:
    """A database that is as durable as the journal."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE record (run, number, record, PRIMARY KEY (run, number))")
    return connection


def filled(folder: Path, mode: str) -> Path:
    """A folder with the files of a database, as a process leaves them that was killed."""
    target = folder / f"filled-{mode}"
    target.mkdir()
    with closing(database(folder / f"open-{mode}", mode)) as connection:
        into_database(connection, 1, [])
        for suffix in ("", "-wal"):
            if (file := folder / f"open-{mode}{suffix}").exists():
                shutil.copy(file, target / f"db{suffix}")
    return target


def survey(name: str, source: Path, read: Callable[[], list[Any]]) -> None:
    """One flipped bit at a time, in bytes all over the files: is it noticed?"""
    files = {file.name: file.read_bytes() for file in source.iterdir()}
    places = [(file, offset) for file, data in files.items() for offset in range(len(data))]
    found: Counter[str] = Counter()
    put(source.parent, source, files)
    original = read()
    for file, offset in random.Random(1).sample(places, min(FLIPS, len(places))):
        bad = bytearray(files[file])
        bad[offset] ^= 1 << random.Random(offset).randrange(8)
        put(source.parent, source, {**files, file: bytes(bad)})
        try:
            found["harmless" if read() == original else "MISREAD"] += 1
        except (sqlite3.Error, AdvisorError, UnicodeDecodeError):
            found["noticed"] += 1
    put(source.parent, source, files)
    print(f"{name + ', one bit flipped:':<34} {dict(found)}")


def put(folder: Path, source: Path, files: dict[str, bytes]) -> None:
    """The files where they are read; SQLite gets a copy, as reading changes its files."""
    target = source if source.name == "state" else folder / "copy"
    target.mkdir(exist_ok=True)
    for suffix in ("", "-wal", "-shm", "-journal"):
        (folder / "copy" / f"db{suffix}").unlink(missing_ok=True)
    for name, data in files.items():
        (target / name).write_bytes(data)


def receipts(state: StateDir) -> list[Receipt]:
    """All runs; an error if one is damaged."""
    runs = list(history(state))
    for each in runs:
        if isinstance(each, Damaged):
            raise AdvisorError(each.problem)
    return [each for each in runs if isinstance(each, Receipt)]


def rows(folder: Path) -> list[Any]:
    """All that the damaged copy has to say, after SQLite's own check."""
    with closing(sqlite3.connect(folder / "copy" / "db")) as connection:
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise sqlite3.DatabaseError("the check failed")
        return connection.execute("SELECT * FROM record ORDER BY run, number").fetchall()


def timed(action: Callable[[], object], times: int) -> Iterator[float]:
    """Seconds of each call."""
    for _ in range(times):
        start = time.perf_counter()
        action()
        yield time.perf_counter() - start


def show(name: str, times: list[float]) -> None:
    """Median and 99th percentile in milliseconds."""
    last = sorted(times)[int(len(times) * 0.99)]
    print(f"{name:<34} median {statistics.median(times) * 1e3:6.3f} ms, 99 % {last * 1e3:6.3f} ms")


if __name__ == "__main__":
    main()
