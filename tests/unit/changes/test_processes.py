"""Processes are ended only if they are the ones that are meant."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from advisor.changes.processes import arguments, end, started

_STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
_WAIT = "print(flush=True); import time; time.sleep(60)"


@contextmanager
def running(script: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process that runs a script, and when it started."""
    command = [sys.executable, "-I", "-S", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            start = started(process.pid)
            assert start is not None
            yield process, start
        finally:
            process.kill()


@pytest.mark.parametrize(
    ("script", "by"), [(_WAIT, signal.SIGTERM), (_STUBBORN + _WAIT, signal.SIGKILL)]
)
@pytest.mark.parametrize("pidfd", [True, False])
def test_a_process_is_asked_and_then_killed(
    script: str, by: signal.Signals, pidfd: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not pidfd:

        def missing(*_: int) -> int:
            raise OSError(38, "Function not implemented")

        monkeypatch.setattr(os, "pidfd_open", missing)
    with running(script) as (process, start):
        assert end(process.pid, start, 0.2)
        assert started(process.pid) is None, "one that nobody has waited for is gone all the same"
        assert process.wait() == -by


def test_a_later_process_of_the_same_number_is_left_alone() -> None:
    with running(_WAIT) as (process, start):
        assert end(process.pid, start - 1, 0.1)
        time.sleep(0.05)
        assert process.poll() is None


def test_one_that_is_not_there_is_gone() -> None:
    with running(_WAIT) as (process, start):
        process.kill()
        process.wait()
        assert started(process.pid) is None
        assert arguments(process.pid) == []
        assert end(process.pid, start, 0.1)


def test_the_command_line_is_told_by_its_words() -> None:
    assert arguments(os.getpid())[0] == os.fsencode(sys.orig_argv[0])
