"""The zip of a watchdog: everything that it may need, of nobody else's, and gone in the end."""

from __future__ import annotations

import ast
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import advisor
from advisor.changes.journal import Journal
from advisor.changes.lock import acquire
from advisor.changes.state_dir import StateDir
from advisor.changes.watchdog import bundle
from advisor.errors import AdvisorError
from tests.unit.changes.runs import begin, confirmed, opened, roll_back
from tests.unit.test_layers import _imports

RUN = "000042-20251121T104501Z"
PACKAGE = Path(advisor.__file__).parent

# Where undoing starts. Whatever is imported from there, also inside functions, has to be there.
STARTS = ("advisor.changes.watchdog.body", "advisor.changes.rollback")
EXTENSIONS = {"ethtool"}

# Not when a waiting process undoes a run: arming, disarming, suggestions for what was mistyped.
ELSEWHERE = {"zipfile", "subprocess", "difflib"}


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateDir]:
    with opened(tmp_path) as state:
        yield state


def zip_of(folder: Path, run: str = RUN) -> Path:
    return folder / "state" / f"{run}.watchdog.zip"


def test_everything_that_undoing_may_import_is_there(state: StateDir, tmp_path: Path) -> None:
    bundle.write(state, RUN)
    with zipfile.ZipFile(zip_of(tmp_path)) as archive:
        names = {_module(name) for name in archive.namelist()}
    missing = {
        f"{importer} imports {name}"
        for importer, name in _reached()
        if name not in names and name.partition(".")[0] not in sys.stdlib_module_names | EXTENSIONS
    }
    assert not missing, "\n".join(sorted(missing))


def test_a_process_that_waits_has_loaded_all_of_it() -> None:
    script = "\n".join(
        ("import sys", f"from {STARTS[0]} import _preload", "_preload()", "print(*sys.modules)")
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    later = {
        f"{importer} imports {name}"
        for importer, name in _reached()
        if loaded.isdisjoint({name, name.rpartition(".")[0]})
        and name.partition(".")[0] not in ELSEWHERE
    }
    assert not later, "\n".join(sorted(later))


def test_what_only_a_command_line_needs_is_not_there(state: StateDir, tmp_path: Path) -> None:
    bundle.write(state, RUN)
    with zipfile.ZipFile(zip_of(tmp_path)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert not [name for name in names if name.startswith(("advisor/cli/", "advisor/report/"))]
    assert not [name for name in names if not name.endswith(("/", ".py", ".pyc"))]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("compiled", [False, True])
def test_it_works_without_the_package_and_without_other_packages(
    state: StateDir, tmp_path: Path, compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "compiled"))
    if compiled:
        command = [sys.executable, "-m", "compileall", "-q", str(PACKAGE)]
        subprocess.run(command, env={"PYTHONPYCACHEPREFIX": str(tmp_path / "compiled")}, check=True)
    monkeypatch.setattr(bundle, "_extension_directories", lambda: [])
    bundle.write(state, RUN)
    with zipfile.ZipFile(zip_of(tmp_path)) as archive:
        found = [name for name in archive.namelist() if name.endswith(".pyc")]
        assert any(name.startswith("advisor/changes/") for name in found) is compiled
    interpreter = os.path.realpath(sys.executable)
    done = subprocess.run(
        [interpreter, "-I", "-S", str(zip_of(tmp_path)), "check", state.path, RUN],
        capture_output=True,
        text=True,
        env={},
        cwd="/",
    )
    assert (done.stdout, done.stderr, done.returncode) == ("ready\n", "", 0)


def test_a_compiled_module_of_another_source_is_not_taken(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("x = 1\n")
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(source)], check=True)
    assert bundle._file("module", str(source))[0] == "module.pyc"
    source.write_text("x = 22\n")
    assert bundle._file("module", str(source)) == ("module.py", b"x = 22\n")


def test_looking_for_the_message_classes_leaves_no_trace() -> None:
    before = dict(sys.modules)
    found = bundle._pyroute2_modules()
    assert {"pyroute2/__init__", "pyroute2/netlink/__init__"} <= {name for name, _ in found}
    assert {name: module for name, module in sys.modules.items() if "pyroute2" in name} == {
        name: module for name, module in before.items() if "pyroute2" in name
    }


def test_it_is_for_its_owner_alone_and_replaces_what_is_there(
    state: StateDir, tmp_path: Path
) -> None:
    zip_of(tmp_path).write_bytes(b"old")
    (tmp_path / "state" / f"{RUN}.watchdog.new").write_bytes(b"left over")
    bundle.write(state, RUN)
    assert zip_of(tmp_path).stat().st_mode & 0o7777 == 0o600
    assert zipfile.is_zipfile(zip_of(tmp_path))
    assert state.names() == [zip_of(tmp_path).name]


def test_nothing_is_written_through_a_symbolic_link(state: StateDir, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in (f"{RUN}.watchdog.new", f"{RUN}.watchdog.zip"):
        (tmp_path / "state" / name).symlink_to(victim)
    bundle.write(state, RUN)
    assert victim.read_text() == "mine"
    assert not zip_of(tmp_path).is_symlink()


def test_a_package_that_cannot_be_copied_is_an_error_for_people(
    state: StateDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisor, "__file__", "/nowhere/advisor/__init__.py")
    with pytest.raises(AdvisorError, match="the watchdog cannot be made"):
        bundle.write(state, RUN)
    assert state.names() == []


def test_zips_of_runs_that_are_finished_or_forgotten_are_removed(
    state: StateDir, tmp_path: Path
) -> None:
    with acquire(state, "test") as lock:
        journal = Journal(lock)
        settled = confirmed(journal)
        with begin(journal) as entry:
            roll_back(entry)
            undone = entry.receipt.id
        with begin(journal) as entry:
            pending = entry.receipt.id
    damaged = "000099-20251121T104501Z"
    (tmp_path / "state" / f"{damaged}.journal").write_text("?\n")
    for run in (settled, undone, pending, damaged, RUN, "notes"):
        zip_of(tmp_path, run).write_bytes(b"")
    bundle.clean(state)
    left = {name for name in state.names() if name.endswith(".zip")}
    assert left == {f"{run}.watchdog.zip" for run in (pending, damaged, "notes")}


def test_one_that_is_not_there_need_not_be_removed(state: StateDir) -> None:
    bundle.remove(state, RUN)


def _module(name: str) -> str:
    return (
        name.rstrip("/")
        .removesuffix(".pyc")
        .removesuffix(".py")
        .removesuffix("/__init__")
        .replace("/", ".")
    )


def _reached() -> Iterator[tuple[str, str]]:
    """Which module imports which, from the starts on, whatever the condition."""
    todo, seen = list(STARTS), set(STARTS)
    while todo:
        importer = todo.pop()
        path = _path(importer)
        assert path is not None, f"there is no {importer}"
        package = importer if path.name == "__init__.py" else importer.rpartition(".")[0]
        for name in _imports(ast.walk(_without_type_checking(path)), package):
            module = name
            if name.startswith("advisor") and _path(name) is None:
                module = name.rpartition(".")[0]  # it was a name in that module
            yield importer, _third_party(module)
            if module.startswith("advisor") and module not in seen and _path(module) is not None:
                seen.add(module)
                todo.append(module)


def _third_party(module: str) -> str:
    """`pyroute2.netlink.nlmsg` is a class: what has to be there is the package around it."""
    return "pyroute2.netlink" if module.startswith("pyroute2.netlink.") else module


def _path(module: str) -> Path | None:
    path = PACKAGE.parent.joinpath(*module.split("."))
    candidates = [path / "__init__.py", path.with_suffix(".py")]
    return next((each for each in candidates if each.is_file()), None)


def _without_type_checking(path: Path) -> ast.Module:
    class Typing(ast.NodeTransformer):
        def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
            if "TYPE_CHECKING" in ast.dump(node.test):
                return node.orelse
            self.generic_visit(node)
            return node

    tree = ast.parse(path.read_bytes())
    visited = Typing().visit(tree)
    assert isinstance(visited, ast.Module)
    return visited


def test_the_search_for_imports_sees_those_inside_functions() -> None:
    reached = {name for _, name in _reached()}
    assert {
        "advisor.settings.live",
        "advisor.changes.origin",
        "ethtool",
        "zipfile.ZipFile",
    } <= reached


def test_an_archive_in_memory_is_complete_before_anything_is_written() -> None:
    assert zipfile.is_zipfile(io.BytesIO(bundle._zip()))
