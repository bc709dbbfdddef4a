"""Runs a function of a test in a child that has entered a network namespace, with its own /sys.

The child has mounts of its own, too, and may do to itself what it likes: replace functions, get
killed, change its user. Processes that it leaves behind are ended, and reported.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from advisor.facts.namespaces import run_apart
from tests.netns.spaces import Space

T = TypeVar("T")


@dataclass(frozen=True)
class Said:
    """What came of a command.

    Attributes:
        code: Its exit code; of one that a signal has ended, the signal's number, negative.
        out: Its standard output.
        err: Its standard error.
    """

    code: int
    out: str
    err: str


def inside(made: Space, action: Callable[[], T], timeout_s: float = 120) -> T:
    """What a function returns in the namespace; it fails the test where it raises."""

    def work() -> bytes:
        gc.disable()  # or each of its children would copy all that the collector looks at
        try:
            return pickle.dumps((action(), None))
        except BaseException:  # whatever it is: this is how the test hears of it
            return pickle.dumps((None, traceback.format_exc()))

    result, problem = pickle.loads(run_apart(work, netns=made.name, timeout_s=timeout_s))
    if problem is not None:
        pytest.fail(problem, pytrace=False)
    found: T = result
    return found


def advisor(*arguments: str, first: Callable[[], object] = lambda: None) -> Said:
    """The command line, run by a child of this process.

    Args:
        arguments: What follows "advisor".
        first: What the child does before: inject a fault, for example.
    """
    return finish(start(*arguments, first=first))


@dataclass(frozen=True)
class Started:
    """A command that runs.

    Attributes:
        pid: Its process.
        out: The file of its standard output.
        err: The file of its standard error.
    """

    pid: int
    out: Any
    err: Any


def start(*arguments: str, first: Callable[[], object] = lambda: None) -> Started:
    """The same, without waiting for its end: see `finish`."""
    # `finish` closes them.
    out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
    pid = os.fork()
    if pid == 0:
        _command(arguments, first, out.fileno(), err.fileno())
    return Started(pid, out, err)


def finish(started: Started) -> Said:
    """What came of a command that was started."""
    code = os.waitstatus_to_exitcode(os.waitpid(started.pid, 0)[1])
    texts = []
    for file in (started.out, started.err):
        file.seek(0)
        texts.append(file.read().decode(errors="surrogateescape"))
        file.close()
    return Said(code, *texts)


def in_child(action: Callable[[], object]) -> int:
    """How a child ends that runs a function: exit code, or the signal's number, negative."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            action()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def words_of(pid: str) -> list[bytes]:
    """The command line of a process, empty where there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def watchdogs(state: Path) -> list[int]:
    """The processes that run from an archive of a state directory."""
    start = os.fsencode(f"{state}/")
    pids = [each.name for each in Path("/proc").iterdir() if each.name.isdecimal()]
    return [int(pid) for pid in pids if any(word.startswith(start) for word in words_of(pid))]


def _command(arguments: tuple[str, ...], first: Callable[[], object], out: int, err: int) -> None:
    code = 99
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (out, 1), (err, 2)):
            os.dup2(source, target)
        sys.stdout = os.fdopen(1, "w", closefd=False, errors="surrogateescape")
        sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False, errors="surrogateescape")
        sys.argv = ["advisor", *arguments]
        os.environ.update(NO_COLOR="1", COLUMNS="100", ADVISOR_DEBUG="1")
        from advisor.cli import main

        first()
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)
