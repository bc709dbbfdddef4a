"""When a person has looked last: remembered for good, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.changes.lock import acquire
from advisor.changes.looked import NAME, Looked, read_looked, write_looked
from advisor.errors import AdvisorError
from tests.unit.changes.runs import NOW, confirmed, journal_in, opened

RUN = "000002-20251121T104500Z"


def test_nobody_has_looked_at_first(tmp_path: Path) -> None:
    with opened(tmp_path) as state:
        assert read_looked(state) is None


def test_the_last_look_counts(tmp_path: Path) -> None:
    with opened(tmp_path) as state, acquire(state, "test") as lock:
        write_looked(lock, "000001-20251121T104500Z", NOW)
        write_looked(lock, RUN, NOW)
        assert read_looked(state) == Looked(RUN, "2025-11-21T10:46:40.250Z")
        assert state.names() == ["lock", NAME]


def test_a_look_that_was_cut_off_is_none_and_is_in_nobodys_way(tmp_path: Path) -> None:
    with opened(tmp_path) as state, acquire(state, "test") as lock:
        (tmp_path / "state" / f"{NAME}.new").write_text("{")
        assert read_looked(state) is None
        write_looked(lock, RUN, NOW)
        assert state.names() == ["lock", NAME]


def test_runs_go_on_beside_it(tmp_path: Path) -> None:
    with opened(tmp_path) as state, acquire(state, "test") as lock:
        write_looked(lock, RUN, NOW)
    with journal_in(tmp_path) as journal:
        run = confirmed(journal)
    with opened(tmp_path) as state:
        looked = read_looked(state)
        assert looked is not None
        assert (looked.run, run[:6]) == (RUN, "000001")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"run": 2, "at": "x"}',
        '{"run": "2", "at": "x"}',
        '{"run": "../x", "at": ""}',
        "[" * 4000,
    ],
)
def test_what_cannot_be_understood_counts_as_not_looked(tmp_path: Path, text: str) -> None:
    with opened(tmp_path) as state:
        path = tmp_path / "state" / NAME
        path.write_text(text)
        path.chmod(0o600)
        assert read_looked(state) is None


def test_a_link_somewhere_else_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as state:
        (tmp_path / "state" / NAME).symlink_to("/etc/hostname")
        with pytest.raises(AdvisorError, match="symbolic link"):
            read_looked(state)
