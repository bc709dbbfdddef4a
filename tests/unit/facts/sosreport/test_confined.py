"""Whatever the child does, the parent ends with an answer or an error that says why."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.facts.sosreport import confined
from advisor.facts.sosreport.confined import run_confined


def test_the_answer_comes_back() -> None:
    assert run_confined(lambda: b"answer" * 100_000, "x") == b"answer" * 100_000


def test_an_error_for_people_comes_back_with_its_hint() -> None:
    def work() -> bytes:
        raise AdvisorError("no", "try this")

    with pytest.raises(AdvisorError, match="no") as raised:
        run_confined(work, "x")
    assert raised.value.hint == "try this"


def test_an_unforeseen_error_is_named() -> None:
    def work() -> bytes:
        raise KeyError("odd")

    with pytest.raises(AdvisorError, match="x: could not be read: KeyError: 'odd'"):
        run_confined(work, "x")


def test_too_much_memory_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "MEMORY", 64 << 20)
    with pytest.raises(AdvisorError, match="x: needs more than 64 MiB"):
        run_confined(lambda: bytes(256 << 20), "x")


def test_too_much_processor_time_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "CPU_S", 1)

    def work() -> bytes:
        while True:
            pass

    with pytest.raises(AdvisorError, match="x: takes more than 1 s of processor time"):
        run_confined(work, "x")


def test_too_much_time_altogether_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "TIMEOUT_S", 0.2)

    def work() -> bytes:
        time.sleep(60)
        return b""

    with pytest.raises(AdvisorError, match="x: takes longer than"):
        run_confined(work, "x")


def test_a_child_that_dies_is_an_error() -> None:
    def work() -> bytes:
        os._exit(3)

    with pytest.raises(AdvisorError, match="ended with status 3"):
        run_confined(work, "x")


def test_the_child_cannot_write_files(tmp_path: Path) -> None:
    target = tmp_path / "file"

    def work() -> bytes:
        target.write_bytes(b"content")
        return b""

    with pytest.raises(AdvisorError, match="could not be read: OSError"):
        run_confined(work, "x")
    assert not target.exists() or target.read_bytes() == b""
