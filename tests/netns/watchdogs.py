"""Watchdogs for tests: armed by a process that runs from a copy of the package."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import advisor
from advisor.changes.journal import read_receipt
from advisor.changes.processes import arguments, end, started
from advisor.changes.watchdog.carrier import ProcessCarrier, parse
from advisor.changes.watchdog.deadline import boottime
from advisor.model.receipt import State
from tests.netns.spaces import ROOT
from tests.unit.changes.runs import opened

SOON = 0.7
LATE = 1.5  # how much later than its deadline it may be on a loaded machine

NOTE = """
import json, os, sys
from pathlib import Path
from advisor.changes.watchdog.deadline import boottime
from advisor.model.receipt import State

class RolledBack:
    complete, journal = True, None

def roll_back(journal, live, run, here, *, note):
    with journal.reopen(run) as entry:
        entry.enter(State.ROLLING_BACK, note=note)
        entry.enter(State.ROLLED_BACK)
    said = {"at": boottime(), "pid": os.getpid()}
    target = Path(sys.argv[2]).parent / "fired"
    target.with_suffix(".new").write_text(json.dumps(said))
    target.with_suffix(".new").rename(target)
    return RolledBack()
"""


@dataclass
class Armed:
    """A run with a watchdog.

    Attributes:
        folder: Where the state directory is, and the copied package.
        run: Id of the run.
        carrier: What carries the watchdog.
        deadline: When it fires.
        apply: Pid of the process that has armed it.
        took: Seconds that arming took.
    """

    folder: Path
    run: str
    carrier: str
    deadline: float
    apply: int
    took: float

    @property
    def process(self) -> ProcessCarrier:
        """The process that waits."""
        carrier = parse(self.carrier)
        assert isinstance(carrier, ProcessCarrier)
        return carrier

    def state(self) -> State:
        """Where the run stands."""
        with opened(self.folder) as state:
            receipt = read_receipt(state, self.run)
            assert receipt is not None
            return receipt.state

    @property
    def zips(self) -> list[str]:
        """What is there to run watchdogs from."""
        return [path.name for path in (self.folder / "state").glob("*.watchdog.*")]

    def fires(self) -> dict[str, object]:
        """What it has noted, in time."""
        fired = self.folder / "fired"
        assert wait(fired.exists, self.deadline + LATE + 1), "it did not fire"
        said: dict[str, object] = json.loads(fired.read_text())
        at = said["at"]
        assert isinstance(at, float)
        assert self.deadline <= at <= self.deadline + LATE
        assert self.ends()
        return said

    def ends(self) -> bool:
        """Whether the process ends soon after the deadline."""
        carrier = self.process
        return wait(lambda: started(carrier.pid) != carrier.start, self.deadline + LATE + 1)

    def stays_quiet(self) -> None:
        """It ends without having fired."""
        assert self.ends()
        assert not (self.folder / "fired").exists()


def wait(until: Callable[[], bool], deadline: float) -> bool:
    """Whether that came true before a point in time."""
    while not (done := until()) and boottime() < deadline:
        time.sleep(0.02)
    return done


def copy_package(folder: Path) -> Path:
    """A copy of the package, to be removed, in which undoing leaves a note."""
    home = folder / "home"
    leave = shutil.ignore_patterns("__pycache__", "cli", "report", "lab")
    shutil.copytree(Path(advisor.__file__).parent, home / "advisor", ignore=leave)
    (home / "advisor/changes/rollback.py").write_text(NOTE)
    return home


def probe(package: Path, seconds: float, then: str, *more: str) -> list[str]:
    """The command that arms a watchdog from the copied package."""
    command = [sys.executable, "-m", "tests.netns.watchdog_probe", str(package.parent)]
    return [*command, str(seconds), then, *more]


def surroundings() -> dict[str, str]:
    """The environment of that command, which runs in the copy."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@contextmanager
def armed(package: Path, seconds: float = SOON, then: str = "exit", *more: str) -> Iterator[Armed]:
    """A run with a watchdog that is armed from a copied package; both are gone afterwards."""
    command = probe(package, seconds, then, *more)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=package, env=surroundings()
    ) as process:
        try:
            assert process.stdout is not None
            with guarded(package.parent, process.stdout.readline(), process.pid) as made:
                if then == "exit":
                    assert process.wait() == 0
                yield made
        finally:
            process.kill()


@contextmanager
def guarded(folder: Path, line: str, pid: int) -> Iterator[Armed]:
    """The run that the command has told of; its watchdog is gone afterwards."""
    said = json.loads(line)
    assert Path(said["from"]).is_relative_to(folder), "not from the copied package"
    made = Armed(folder, said["run"], said["carrier"], said["deadline"], pid, said["took"])
    try:
        yield made
    finally:
        if isinstance(carrier := parse(made.carrier), ProcessCarrier):
            end(carrier.pid, carrier.start, 0)


def processes_of(folder: Path) -> list[int]:
    """Watchdogs of a state directory below a folder."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [
        pid
        for pid in pids
        if any(word.startswith(os.fsencode(f"{folder}/state/")) for word in arguments(pid))
    ]
