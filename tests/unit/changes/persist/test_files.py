"""Files are written all or none, put back byte for byte, and never those of others."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from advisor.changes.persist import names
from advisor.changes.persist.files import forget, prepare, restore, write
from advisor.changes.persist.model import Wanted
from advisor.changes.persist.plan import plan_files
from advisor.changes.persist.seal import digest
from advisor.changes.persist.tree import Tree
from advisor.changes.state_dir import StateDir
from advisor.errors import AdvisorError
from advisor.model.address import Address, NicAddress, SysctlAddress
from advisor.model.receipt import PersistedFile, Value
from tests.unit.changes.persist.means import means
from tests.unit.changes.runs import opened

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")

MEANS = means({"nics": {"eth0": {"link": "10-eth0.link", "managed": True}}})
SYSCTLS: dict[Address, Value] = {
    SysctlAddress(("net", "core", "somaxconn")): 4096,
    SysctlAddress(("net", "netfilter", "nf_conntrack_max")): 1048576,
}
RING: dict[Address, Value] = {NicAddress("eth0", ("ring", "rx")): 4096}
QDISC: dict[Address, Value] = {NicAddress("eth0", ("qdisc",)): "fq"}

NONE = Wanted()
ONE = plan_files({**SYSCTLS, **QDISC}, MEANS)
OTHER = plan_files({**dict.fromkeys(SYSCTLS, 2048), **RING, **QDISC}, MEANS)
WITHOUT_INTERFACES = plan_files(dict.fromkeys(SYSCTLS, 512), MEANS)
STEPS = [(NONE, ONE), (ONE, OTHER), (OTHER, WITHOUT_INTERFACES), (OTHER, NONE), (NONE, OTHER)]

# What changes files or makes changes last.
CALLS = ("open", "write", "fsync", "rename", "unlink", "mkdir", "chmod", "rmdir", "symlink")


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here looks at what a power cut would leave, and there are thousands of files."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_files_become_those_that_are_wanted_and_are_put_back_byte_for_byte(
    tmp_path: Path, before: Wanted, after: Wanted
) -> None:
    with _host(tmp_path, before) as (state, tree):
        start = _snapshot(tmp_path)
        prepared = prepare(after, state, tree)
        assert _snapshot(tmp_path) == start
        write(after, prepared.changes, state, tree)
        assert _files(tmp_path) == {each.path: each.content for each in after.files}
        assert not prepared.problems
        assert not prepare(after, state, tree).changes
        assert restore(prepared.changes, state, tree) == []
        assert _snapshot(tmp_path) == start


def test_what_is_recorded_says_what_was_there_and_what_will_be(tmp_path: Path) -> None:
    with _host(tmp_path, NONE) as (state, tree):
        first = prepare(ONE, state, tree).changes
        assert [each.path for each in first] == [each.path for each in ONE.files]
        assert all(each.before is None and each.after is not None for each in first)
        write(ONE, first, state, tree)
        again = {each.path: each for each in prepare(OTHER, state, tree).changes}
        for each in first:
            if each.path in again:
                assert again[each.path].before == each.after
        last = prepare(NONE, state, tree).changes
        assert [each.path for each in last] == [each.path for each in reversed(first)]
        assert all(each.after is None for each in last)


def test_everybody_may_read_the_files_and_only_the_script_is_run(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        with _host(tmp_path, OTHER):
            modes = {
                each.path: _mode(tmp_path, each.path) for each in OTHER.files if not each.target
            }
            directories = {_mode(tmp_path, each.path.rpartition("/")[0]) for each in OTHER.files}
    finally:
        os.umask(before)
    assert modes.pop(names.DISPATCHER) == 0o755
    assert set(modes.values()) == {0o644}
    assert directories == {0o755}


def test_a_changed_mode_is_set_right(tmp_path: Path) -> None:
    with _host(tmp_path, ONE) as (state, tree):
        (tmp_path / names.SYSCTL[1:]).chmod(0o600)
        prepared = prepare(ONE, state, tree)
        assert [each.path for each in prepared.changes] == [names.SYSCTL]
        write(ONE, prepared.changes, state, tree)
        assert _mode(tmp_path, names.SYSCTL) == 0o644


def test_directories_go_with_the_files_unless_somebody_else_needs_them(tmp_path: Path) -> None:
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    with _host(tmp_path, OTHER) as (state, tree):
        (tmp_path / "etc/advisor/site.yaml").touch()
        write(NONE, prepare(NONE, state, tree).changes, state, tree)
        found = sorted(str(each.relative_to(tmp_path)) for each in (tmp_path / "etc").rglob("*"))
        assert found == ["etc/advisor", "etc/advisor/site.yaml", "etc/sysctl.d"]
        (tmp_path / "etc/advisor/site.yaml").unlink()
        write(ONE, prepare(ONE, state, tree).changes, state, tree)
        write(NONE, prepare(NONE, state, tree).changes, state, tree)
        assert [each.name for each in (tmp_path / "etc").iterdir()] == ["sysctl.d"]


@pytest.mark.parametrize(("before", "after"), STEPS)
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_failure_at_any_step_leaves_everything_as_it_was(
    tmp_path: Path, before: Wanted, after: Wanted, number: int
) -> None:
    step = 0
    reached = True
    while reached:
        folder = tmp_path / str(step)
        folder.mkdir()
        with _host(folder, before) as (state, tree):
            start = _snapshot(folder)
            with failing(step, OSError(number, os.strerror(number))) as failed:
                try:
                    prepared = prepare(after, state, tree)
                    write(after, prepared.changes, state, tree)
                except AdvisorError as error:
                    assert os.strerror(number) in error.message
                    assert "could not be put back" not in error.message
                    assert _snapshot(folder) == start, f"step {step}"
                else:
                    assert _files(folder) == {each.path: each.content for each in after.files}
            reached = bool(failed)
        step += 1
    assert step > 15


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_after_an_end_at_any_step_everything_can_be_put_back_or_finished(
    tmp_path: Path, before: Wanted, after: Wanted
) -> None:
    step = 0
    reached = True
    while reached:
        for finish in (False, True):
            folder = tmp_path / f"{step}-{finish}"
            folder.mkdir()
            with _host(folder, before) as (state, tree):
                start = _snapshot(folder)
                changes = prepare(after, state, tree).changes
                with failing(step, _Ended(), for_good=True) as failed, suppress(_Ended):
                    write(after, changes, state, tree)
                if finish:
                    write(after, changes, state, tree)
                    assert _files(folder) == {each.path: each.content for each in after.files}
                else:
                    assert restore(changes, state, tree) == []
                    assert _snapshot(folder) == start, f"step {step}"
                reached = bool(failed)
        step += 1
    assert step > 15


@pytest.mark.parametrize(("before", "after"), STEPS)
def test_putting_back_can_be_ended_at_any_step_and_done_once_more(
    tmp_path: Path, before: Wanted, after: Wanted
) -> None:
    step = 0
    reached = True
    while reached:
        folder = tmp_path / str(step)
        folder.mkdir()
        with _host(folder, before) as (state, tree):
            start = _snapshot(folder)
            changes = prepare(after, state, tree).changes
            write(after, changes, state, tree)
            with failing(step, _Ended(), for_good=True) as failed, suppress(_Ended):
                restore(changes, state, tree)
            assert restore(changes, state, tree) == []
            assert _snapshot(folder) == start, f"step {step}"
            reached = bool(failed)
        step += 1
    assert step > 15


def test_what_somebody_has_changed_since_is_left_alone_and_the_rest_is_put_back(
    tmp_path: Path,
) -> None:
    with _host(tmp_path, NONE) as (state, tree):
        changes = prepare(ONE, state, tree).changes
        write(ONE, changes, state, tree)
        edited = tmp_path / names.SYSCTL[1:]
        edited.write_text(edited.read_text() + "net.ipv4.tcp_sack = 0\n")
        problems = restore(changes, state, tree)
        assert [names.SYSCTL in each and "left" in each for each in problems] == [True]
        assert _files(tmp_path).keys() == {names.SYSCTL}


def test_lost_former_contents_are_a_problem_and_nothing_else_is_put_there(tmp_path: Path) -> None:
    with _host(tmp_path, ONE) as (state, tree):
        changes = prepare(OTHER, state, tree).changes
        write(OTHER, changes, state, tree)
        for path in (tmp_path / "state").glob("*.file"):
            path.write_bytes(b"something else")
        problems = restore(changes, state, tree)
        assert any(f"{names.SYSCTL}: its former contents are lost" == each for each in problems)
        assert _files(tmp_path)[names.SYSCTL] == _content(OTHER, names.SYSCTL)


def test_former_contents_are_kept_as_long_as_they_may_be_needed(tmp_path: Path) -> None:
    with _host(tmp_path, ONE) as (state, tree):
        changes = prepare(OTHER, state, tree).changes
        kept = {name for name in state.names() if name.endswith(".file")}
        assert {f"{each.before}.file" for each in changes if each.before} >= kept > set()
        forget(changes, state)
        assert kept <= set(state.names())
        forget((), state)
        assert not kept & set(state.names())


def _foreign(path: Path) -> None:
    path.write_text("net.core.somaxconn = 1\n")


def _link(path: Path) -> None:
    path.symlink_to(path.with_name("elsewhere"))


def _link_to_a_file(path: Path) -> None:
    path.with_name("elsewhere").write_text("keep me\n")
    path.symlink_to("elsewhere")


def _directory(path: Path) -> None:
    path.mkdir()


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _edited(path: Path) -> None:
    path.write_bytes(_content(ONE, names.SYSCTL) + b"net.ipv4.tcp_sack = 0\n")


def _writable(path: Path) -> None:
    path.write_bytes(_content(ONE, names.SYSCTL))
    path.chmod(0o666)


def _strangers(path: Path) -> None:
    path.write_bytes(_content(ONE, names.SYSCTL))
    os.chown(path, 54321, 54321)


IN_THE_WAY = [
    (_foreign, "not written by advisor"),
    (_link, "is not advisor's"),
    (_link_to_a_file, "is not advisor's"),
    (_directory, "neither a file nor a link"),
    (_fifo, "neither a file nor a link"),
    (_edited, "edited since"),
    (_writable, "others may write there"),
    pytest.param(_strangers, "belongs to user 54321", marks=needs_root),
]


@pytest.mark.parametrize(("put", "why"), IN_THE_WAY)
@pytest.mark.parametrize("wanted", [OTHER, NONE])
def test_a_file_that_is_not_advisors_is_never_touched(
    tmp_path: Path, put: Callable[[Path], None], why: str, wanted: Wanted
) -> None:
    directory = tmp_path / "etc/sysctl.d"
    directory.mkdir(parents=True)
    put(directory / "99-z-advisor.conf")
    with _host(tmp_path, NONE) as (state, tree):
        start = _snapshot(tmp_path)
        gone = wanted is NONE and why in ("not written by advisor", "is not advisor's")
        if gone:  # what is there is somebody's own by now: nothing of advisor's is left
            assert not prepare(wanted, state, tree).changes
        else:
            with pytest.raises(AdvisorError, match=why):
                prepare(wanted, state, tree)
        prepared = prepare(wanted, state, tree, leave_edited=True)
        assert names.SYSCTL not in {each.path for each in prepared.changes}
        assert [why in each for each in prepared.problems] == ([] if gone else [True])
        assert _snapshot(tmp_path) == start


def _swap_for_link(directory: Path) -> None:
    real = directory.with_name("real")
    directory.rename(real)
    directory.symlink_to(real)


def _open_to_all(directory: Path) -> None:
    directory.chmod(0o777)


def _give_away(directory: Path) -> None:
    os.chown(directory, 54321, 54321)


@pytest.mark.parametrize("path", ["etc", "etc/sysctl.d"])
@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_swap_for_link, "is a symbolic link"),
        (_open_to_all, "others may write there"),
        pytest.param(_give_away, "belongs to user 54321", marks=needs_root),
    ],
)
def test_a_directory_that_others_may_have_a_hand_in_is_refused(
    tmp_path: Path, path: str, spoil: Callable[[Path], None], why: str
) -> None:
    (tmp_path / "etc/sysctl.d").mkdir(parents=True)
    spoil(tmp_path / path)
    with _host(tmp_path, NONE) as (state, tree), pytest.raises(AdvisorError, match=why):
        prepare(ONE, state, tree)


def test_a_file_that_changes_between_planning_and_writing_is_not_overwritten(
    tmp_path: Path,
) -> None:
    with _host(tmp_path, ONE) as (state, tree):
        changes = prepare(OTHER, state, tree).changes
        _foreign(tmp_path / names.SYSCTL[1:])
        start = _snapshot(tmp_path)
        with pytest.raises(AdvisorError, match="somebody has just changed it"):
            write(OTHER, changes, state, tree)
        assert _snapshot(tmp_path) == start


def test_a_journal_cannot_have_another_file_written(tmp_path: Path) -> None:
    shadow = tmp_path / "etc/shadow"
    with _host(tmp_path, ONE) as (state, tree):
        shadow.write_text("root:x\n")
        change = PersistedFile("/etc/shadow", None, digest(shadow.read_bytes()))
        assert restore([change], state, tree) == ["/etc/shadow: is no file of advisor's"]
        assert shadow.read_text() == "root:x\n"


def test_what_an_ended_run_has_left_behind_is_swept_up(tmp_path: Path) -> None:
    directory = tmp_path / "etc/sysctl.d"
    directory.mkdir(parents=True)
    leftover = directory / ".99-z-advisor.conf.advisor-new"
    leftover.symlink_to(tmp_path / "elsewhere")
    with _host(tmp_path, ONE):
        assert not leftover.is_symlink()
        assert not (tmp_path / "elsewhere").exists()


class _Ended(BaseException):
    """The process was ended."""


@contextmanager
def failing(step: int, error: BaseException, *, for_good: bool = False) -> Iterator[list[str]]:
    """Lets one call that changes files fail, or all from there on; tells which was the first."""
    failed: list[str] = []
    left = step

    def wrapped(name: str, really: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            reads = name == "open" and not args[1] & (os.O_WRONLY | os.O_RDWR)
            if not reads:
                left -= 1
                if left == -1 or (for_good and left < 0):
                    failed.append(name)
                    raise error
            return really(*args, **kwargs)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name in CALLS:
            patch.setattr(os, name, wrapped(name, getattr(os, name)))
        yield failed


@contextmanager
def _host(folder: Path, has: Wanted) -> Iterator[tuple[StateDir, Tree]]:
    """A host with some files of advisor's already there."""
    with opened(folder) as state, Tree(folder) as tree:
        (folder / "etc").mkdir(exist_ok=True)
        if has.files:
            write(has, prepare(has, state, tree).changes, state, tree)
        yield state, tree


def _snapshot(folder: Path) -> dict[str, tuple[int, bytes | Path | None]]:
    """Everything below /etc: paths, kinds, modes, contents."""
    found: dict[str, tuple[int, bytes | Path | None]] = {}
    for path in sorted((folder / "etc").rglob("*")):
        mode = path.lstat().st_mode
        content: bytes | Path | None = None
        if stat.S_ISLNK(mode):
            content = path.readlink()
        elif stat.S_ISREG(mode):
            content = path.read_bytes()
        found[str(path.relative_to(folder))] = (mode, content)
    return found


def _files(folder: Path) -> dict[str, bytes]:
    """Path → contents, of the files and links below /etc."""
    return {
        f"/{path}": b"symbolic link to " + os.fsencode(content)
        if isinstance(content, Path)
        else content
        for path, (_, content) in _snapshot(folder).items()
        if content is not None
    }


def _content(wanted: Wanted, path: str) -> bytes:
    return next(each.content for each in wanted.files if each.path == path)


def _mode(folder: Path, path: str) -> int:
    return stat.S_IMODE((folder / path[1:]).stat().st_mode)
