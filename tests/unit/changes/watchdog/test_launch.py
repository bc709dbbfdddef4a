"""A program that does not say that it is ready has not been started."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.changes.processes import started
from advisor.changes.state_dir import StateDir
from advisor.changes.watchdog import launch
from advisor.errors import AdvisorError
from tests.unit.changes.runs import opened

RUN = "000042-20251121T104501Z"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateDir]:
    with opened(tmp_path) as state:
        yield state


def python(script: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", script]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("print('noise'); print('ready')", "ready"),
        ("", ""),
        ("raise SystemExit('no')", "no"),
        ("import nonsense", "ModuleNotFoundError: No module named 'nonsense'"),
    ],
)
def test_its_last_line_is_told_wherever_it_was_printed(script: str, said: str) -> None:
    assert launch.answer(python(script)) == said


def test_one_that_takes_too_long_is_killed_with_its_children(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(launch, "_ANSWER_S", 0.5)
    note = tmp_path / "pids"
    script = (
        f"import os, time; os.fork(); open({str(note)!r}, 'a').write(f'{{os.getpid()}}\\n');"
        "time.sleep(30)"
    )
    start = time.monotonic()
    with pytest.raises(AdvisorError, match="did not start within"):
        launch.answer(python(script))
    assert time.monotonic() - start < 5
    pids = [int(line) for line in note.read_text().split()]
    assert len(pids) == 2
    for _ in range(100):
        if not any(map(started, pids)):
            break
        time.sleep(0.02)
    assert not any(map(started, pids))


def test_one_that_is_not_there_is_an_error_for_people() -> None:
    with pytest.raises(AdvisorError, match="cannot be started"):
        launch.answer(["/nowhere/python"])


@pytest.mark.parametrize("executable", ["", "/nowhere/python", None])
def test_without_an_interpreter_nothing_can_be_started(
    state: StateDir, executable: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(AdvisorError, match="where Python is"):
        launch.command(state, RUN, "check")
