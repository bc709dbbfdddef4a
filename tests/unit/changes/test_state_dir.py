"""The state directory: made safely, and refused when anybody else may have been there."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.changes.journal import history
from advisor.changes.lock import NAME, acquire
from advisor.changes.state_dir import DEFAULT, VARIABLE, create_state_dir, find_state_dir
from advisor.errors import AdvisorError, Exit
from tests.unit.changes.runs import confirmed, journal_in, opened

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
STRANGER = 54321

Spoil = Callable[[Path], None]


def _link(path: Path) -> None:
    real = path.with_name("elsewhere")
    path.rename(real)
    path.symlink_to(real)


def _fifo(path: Path) -> None:
    _away(path)
    os.mkfifo(path)


def _socket(path: Path) -> None:
    _away(path)
    os.mknod(path, stat.S_IFSOCK | 0o600)  # bind() takes 107 characters only


def _device(path: Path) -> None:
    _away(path)
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))  # /dev/null


def _other_kind(path: Path) -> None:
    was_dir = path.is_dir()
    _away(path)
    if was_dir:
        path.touch()
    else:
        path.mkdir()


def _of_a_stranger(path: Path) -> None:
    os.chown(path, STRANGER, STRANGER)


def _for_the_group(path: Path) -> None:
    path.chmod(path.stat().st_mode | stat.S_IWGRP)


def _for_the_world(path: Path) -> None:
    path.chmod(path.stat().st_mode | stat.S_IWOTH)


def _away(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


SPOILT = [
    pytest.param(_link, "is a symbolic link", id="a symbolic link"),
    pytest.param(_fifo, "is a FIFO", id="a FIFO"),
    pytest.param(_socket, "is a socket", id="a socket"),
    pytest.param(_other_kind, "not a", id="a file for a directory, and the reverse"),
    pytest.param(_for_the_group, "others may write", id="group writable"),
    pytest.param(_for_the_world, "others may write", id="world writable"),
    pytest.param(_device, "is a device", id="a device", marks=needs_root),
    pytest.param(_of_a_stranger, "belongs to user 54321", id="a stranger's", marks=needs_root),
]


def test_it_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        with opened(tmp_path) as state, acquire(state, "test"):
            assert state.names() == [NAME]
    finally:
        os.umask(previous)
    with journal_in(tmp_path) as journal:
        confirmed(journal)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes.pop("state") == 0o700
    assert set(modes.values()) == {0o600}


def test_without_a_change_there_is_none_and_looking_does_not_make_one(tmp_path: Path) -> None:
    for path in ("state", "not/there/either"):
        assert find_state_dir({VARIABLE: str(tmp_path / path)}) is None
    assert list(tmp_path.iterdir()) == []


def test_what_is_above_it_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError, match="no directory to create it in") as raised:
        create_state_dir({VARIABLE: str(tmp_path / "not" / "there")})
    assert raised.value.exit_code is Exit.REFUSED
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["state", "./state", "/", "//tmp/x", "/tmp/../x", "/tmp/x/", "~/x"]
)
def test_a_path_that_is_not_plain_is_refused(path: str) -> None:
    for open_it in (create_state_dir, find_state_dir):
        with pytest.raises(AdvisorError, match="not an absolute path") as raised:
            open_it({VARIABLE: path})
        assert raised.value.exit_code is Exit.REFUSED


def test_an_empty_variable_means_the_usual_place(monkeypatch: pytest.MonkeyPatch) -> None:
    if Path(DEFAULT).exists():
        pytest.skip(f"there is a {DEFAULT} here")
    for environment in ({}, {VARIABLE: ""}):
        assert find_state_dir(environment) is None
    monkeypatch.setenv(VARIABLE, "relative")
    with pytest.raises(AdvisorError, match=VARIABLE):
        find_state_dir()


@pytest.mark.parametrize(("spoil", "says"), SPOILT)
def test_a_directory_that_others_have_a_say_in_is_refused(
    tmp_path: Path, spoil: Spoil, says: str
) -> None:
    path = tmp_path / "state"
    path.mkdir(mode=0o700)
    spoil(path)
    before = _listing(tmp_path)
    for open_it in (create_state_dir, find_state_dir):
        with pytest.raises(AdvisorError, match=says) as raised:
            open_it({VARIABLE: str(path)})
        assert raised.value.exit_code is Exit.REFUSED
        assert str(path) in raised.value.message
    assert _listing(tmp_path) == before


@pytest.mark.parametrize(("spoil", "says"), SPOILT)
def test_a_way_there_that_others_have_a_say_in_is_refused(
    tmp_path: Path, spoil: Spoil, says: str
) -> None:
    above = tmp_path / "above"
    (above / "state").mkdir(parents=True, mode=0o700)
    spoil(above)
    for open_it in (create_state_dir, find_state_dir):
        with pytest.raises(AdvisorError, match=says):
            open_it({VARIABLE: str(above / "state")})


def test_a_way_through_a_directory_like_tmp_is_fine(tmp_path: Path) -> None:
    above = tmp_path / "tmp"
    above.mkdir()
    above.chmod(0o1777)
    with opened(above) as state:
        assert state.names() == []


@pytest.mark.parametrize(("spoil", "says"), SPOILT)
def test_a_journal_that_others_have_a_say_in_is_refused(
    tmp_path: Path, spoil: Spoil, says: str
) -> None:
    with journal_in(tmp_path) as journal:
        run = confirmed(journal)
    spoil(tmp_path / "state" / f"{run}.journal")
    before = _listing(tmp_path / "state")
    with journal_in(tmp_path) as journal:
        assert [each.id for each in journal.damaged] == [run]
        assert says in journal.damaged[0].problem
        with pytest.raises(AdvisorError, match=says) as raised:
            confirmed(journal)
        assert raised.value.exit_code is Exit.REFUSED
        with pytest.raises(AdvisorError, match=says):
            journal.reopen(run)
    assert _listing(tmp_path / "state") == before


@pytest.mark.parametrize(("spoil", "says"), SPOILT)
def test_a_lock_that_others_have_a_say_in_is_refused(
    tmp_path: Path, spoil: Spoil, says: str
) -> None:
    with opened(tmp_path) as state:
        acquire(state, "test").release()
        spoil(tmp_path / "state" / NAME)
        before = _listing(tmp_path / "state")
        with pytest.raises(AdvisorError, match=says) as raised:
            acquire(state, "test")
        assert raised.value.exit_code is Exit.REFUSED
        assert _listing(tmp_path / "state") == before


@needs_root
@pytest.mark.parametrize("mode", [0o755, 0o700], ids=["may look", "may not even look"])
def test_who_is_not_root_is_told_to_be(mode: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with opened(Path(folder)):
            pass
        Path(folder).chmod(mode)
        os.seteuid(STRANGER)
        try:
            with pytest.raises(AdvisorError) as raised:
                find_state_dir({VARIABLE: f"{folder}/state"})
        finally:
            os.seteuid(0)
    assert raised.value.hint == "run it as root"
    assert raised.value.exit_code is Exit.REFUSED


def test_files_of_others_in_it_are_left_alone(tmp_path: Path) -> None:
    names = ["notes.txt", "000007-20251121T104501Z.journal.damaged", ".journal", "x.journal"]
    with journal_in(tmp_path) as journal:
        first = confirmed(journal)
    for name in names:
        (tmp_path / "state" / name).write_text("not ours")
    with journal_in(tmp_path) as journal:
        assert [each.id for each in journal.receipts] == [first]
        assert confirmed(journal).startswith("000008-"), "a number that was used comes back"
        journal.prune(1)
    with opened(tmp_path) as state:
        assert set(names) < set(state.names())
        assert len(list(history(state))) == 1


def _listing(folder: Path) -> list[tuple[str, int, bytes]]:
    """Names, types and contents."""
    found = []
    for path in sorted(folder.iterdir()):
        status = path.lstat()
        regular = stat.S_ISREG(status.st_mode) and path.name != NAME
        found.append((path.name, status.st_mode, path.read_bytes() if regular else b""))
    return found
