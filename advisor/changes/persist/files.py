"""Writing advisor's files, and putting back what was there.

Order of use: `prepare`, then the journal gets what it returns, then `write`. After a crash in
between, or an error, `restore` with what the journal has puts everything back, whether it was
written already or not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from advisor.changes.entry import write_all
from advisor.changes.persist import made, names
from advisor.changes.persist.model import Wanted, WantedFile
from advisor.changes.persist.seal import Kept, digest, kept, link_text
from advisor.changes.persist.tree import Found, Tree
from advisor.changes.state_dir import StateDir
from advisor.errors import AdvisorError, Exit
from advisor.model.receipt import PersistedFile

_SUFFIX = ".file"
_NEW = ".new"  # the journal sweeps these
_SIZE_MAX = 16 << 20
_LOOK = "look at it, and move it away if it is not needed"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is about to be written.

    Attributes:
        changes: The files that become others, in order. Former contents are kept.
        problems: Files that somebody has edited and that are left as they are, for people.
    """

    changes: tuple[PersistedFile, ...]
    problems: tuple[str, ...] = ()


def prepare(wanted: Wanted, state: StateDir, tree: Tree, *, leave_edited: bool = False) -> Prepared:
    """What has to be written, with former contents on the disk in the state directory.

    Args:
        wanted: The files as they should be.
        state: The state directory.
        tree: Where the files are.
        leave_edited: Whether a file of advisor's that somebody has edited is left alone and
            reported, as is right when values are taken back, instead of being an error.

    Raises:
        AdvisorError: A file is not advisor's or was edited, a path is not safe, or former contents
            cannot be kept. Nothing was changed.
    """
    files = {each.path: each for each in wanted.files}
    changes = []
    problems = []
    for path in (*files, *sorted(_written(tree) - files.keys(), key=names.place_of, reverse=True)):
        after = files.get(path)
        try:
            found = tree.read(path)
        except AdvisorError as error:
            if not leave_edited:
                raise
            problems.append(error.message)
            continue
        problem = _not_ours(path, found)
        if problem is not None and after is None and not _is_edited(found):
            continue  # somebody has put a file of their own there: nothing of ours is left
        if problem is not None:
            if not leave_edited:
                raise AdvisorError(problem, _LOOK, exit_code=Exit.REFUSED)
            problems.append(problem)
            continue
        if found is not None and after is not None and _is_as(found, after):
            continue
        if found is not None and not found.is_link:
            _keep(state, found.content)
        wanted_digest = None if after is None else digest(after.content)
        changes.append(PersistedFile(path, _digest(found), wanted_digest))
    return Prepared(tuple(changes), tuple(problems))


def write(wanted: Wanted, changes: Sequence[PersistedFile], state: StateDir, tree: Tree) -> None:
    """Writes the files, all or none. What is as it should be already is left so.

    Args:
        wanted: The files as they should be.
        changes: What `prepare` has returned for them.
        state: The state directory.
        tree: Where the files go.

    Raises:
        AdvisorError: One could not be written; the message says which. Everything is as it was,
            or the message says what is not.
    """
    files = {each.path: each for each in wanted.files}
    try:
        for each in changes:
            _write_one(each, files.get(each.path), state, tree)
    except (AdvisorError, OSError) as error:
        problems = restore(changes, state, tree)
        text = error.message if isinstance(error, AdvisorError) else str(error)
        left = f", and this could not be put back: {'; '.join(problems)}" if problems else ""
        raise AdvisorError(
            f"settings were not persisted: {text}{left}",
            None if problems else "all files are as they were; the settings hold until the reboot",
        ) from error


def restore(changes: Sequence[PersistedFile], state: StateDir, tree: Tree) -> list[str]:
    """Puts back what was there before `changes`, and says what could not be put back.

    Files that are neither as before nor as written are somebody else's by now, and left alone.
    """
    problems = []
    for each in reversed(changes):
        try:
            _restore_one(each, state, tree)
        except (AdvisorError, OSError) as error:
            text = error.message if isinstance(error, AdvisorError) else f"{each.path}: {error}"
            problems.append(text)
    with suppress(AdvisorError, OSError):
        made.remove_empty(state, tree)  # they are in nobody's way, and the next time removes them
    return problems


def forget(needed: Iterable[PersistedFile], state: StateDir) -> None:
    """Removes former contents that are not needed any more.

    Args:
        needed: What may still have to be restored: of the runs that are being persisted.
        state: The state directory.
    """
    keep = {f"{each.before}{_SUFFIX}" for each in needed}
    for name in state.names():
        if name.endswith(_SUFFIX) and name not in keep:
            state.remove(name)


def _write_one(
    change: PersistedFile, after: WantedFile | None, state: StateDir, tree: Tree
) -> None:
    found = tree.read(change.path)
    now = _digest(found)
    if (change.after is None) != (after is None):
        raise AdvisorError(f"{change.path}: is not what was planned", exit_code=Exit.REFUSED)
    if now == change.after and (found is None or after is None or _is_as(found, after)):
        return
    if now not in (change.before, change.after):
        raise AdvisorError(
            f"{change.path}: somebody has just changed it", _LOOK, exit_code=Exit.REFUSED
        )
    if after is None:
        tree.remove(change.path)
        made.remove_empty(state, tree)
        return
    made.make(change.path, state, tree)
    if after.target is None:
        tree.put(change.path, after.content, names.mode_of(change.path))
    else:
        tree.put_link(change.path, after.target)


def _restore_one(change: PersistedFile, state: StateDir, tree: Tree) -> None:
    if not names.is_ours(change.path):
        raise AdvisorError(f"{change.path}: is no file of advisor's")
    tree.sweep(change.path)
    now = _digest(tree.read(change.path))
    if now == change.before:
        return
    if now != change.after:
        raise AdvisorError(f"{change.path}: somebody has changed it since, so it is left as it is")
    if change.before is None:
        tree.remove(change.path)
        return
    made.make(change.path, state, tree)
    if change.path == names.WANTS:
        tree.put_link(change.path, names.UNIT)
        return
    content = state.read(f"{change.before}{_SUFFIX}", _SIZE_MAX)
    if content is None or digest(content) != change.before:
        raise AdvisorError(f"{change.path}: its former contents are lost")
    tree.put(change.path, content, names.mode_of(change.path))


def _written(tree: Tree) -> set[str]:
    """All paths where advisor may have written a file."""
    links = _names(tree, names.LINK_DIRECTORY)
    drop_ins = {
        names.drop_in(name.removesuffix(".d"))
        for name in links
        if name.endswith(".d") and names.is_link_file(name.removesuffix(".d"))
    }
    return {path for path in (*names.FIXED, *drop_ins) if _exists(tree, path)}


def _exists(tree: Tree, path: str) -> bool:
    directory, _, name = path.rpartition("/")
    return name in _names(tree, directory)


def _names(tree: Tree, directory: str) -> list[str]:
    """The names in a directory; none where it is not safe: advisor has not written there."""
    try:
        return tree.names(directory)
    except AdvisorError:
        return []


def _not_ours(path: str, found: Found | None) -> str | None:
    """Why a file must not be touched, None if it may be."""
    if found is None:
        return None
    if path == names.WANTS or found.is_link:
        right = found.is_link and path == names.WANTS and found.content == link_text(names.UNIT)
        return None if right else f"{path}: is there already, and is not advisor's"
    whose = kept(found.content)
    return None if whose is Kept.OURS else f"{path}: is there already, and was {whose.value}"


def _is_edited(found: Found | None) -> bool:
    return found is not None and not found.is_link and kept(found.content) is Kept.EDITED


def _is_as(found: Found, wanted: WantedFile) -> bool:
    same = found.content == wanted.content and found.is_link == (wanted.target is not None)
    return same and (found.is_link or found.mode == names.mode_of(wanted.path))


def _digest(found: Found | None) -> str | None:
    return None if found is None else digest(found.content)


def _keep(state: StateDir, content: bytes) -> None:
    """Former contents, on the disk when this returns."""
    name = f"{digest(content)}{_SUFFIX}"
    if state.read(name, _SIZE_MAX) == content:
        return
    temporary = name + _NEW
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    descriptor = state.open(temporary, flags)
    if descriptor is None:
        raise AdvisorError(f"{state.locate(name)}: cannot be created")
    try:
        write_all(descriptor, content)
        os.fsync(descriptor)
    except OSError as error:
        raise AdvisorError(f"{state.locate(name)}: cannot be written: {error.strerror}") from error
    finally:
        os.close(descriptor)
    state.rename(temporary, name)
    state.sync()
