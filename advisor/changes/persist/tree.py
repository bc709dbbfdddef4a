"""Files below /etc, reached step by step without following a link, and replaced at once.

Every error is an AdvisorError that names the path; nothing of it is a reason to go on.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from advisor.changes.entry import write_all
from advisor.changes.opened import Opened
from advisor.changes.persist.seal import link_text
from advisor.changes.state_dir import refusing
from advisor.errors import AdvisorError, Exit

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_SIZE_MAX = 16 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """What is there under a path.

    Attributes:
        content: Its bytes; of a symbolic link what `link_text` makes of the target.
        mode: Its permissions, 0o777 for a link.
        is_link: Whether it is a symbolic link.
    """

    content: bytes
    mode: int
    is_link: bool


class Tree(Opened):
    """The file system below a directory: / on a host, another one in tests.

    Use it as a context manager, which opens the directory.

    Attributes:
        root: The directory.
    """

    __slots__ = ("root",)

    def __init__(self, root: Path = Path("/")) -> None:
        super().__init__(-1)
        self.root = root

    def __enter__(self) -> Tree:
        with refusing(str(self.root), "cannot be opened"):
            self._descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return self

    def read(self, path: str) -> Found | None:
        """What is there, None for nothing. Anything but a file of ours or a link is refused."""
        with self._parent(path) as parent, refusing(path, "cannot be read"):
            return None if parent is None else _read(parent, _name(path), path)

    def names(self, path: str) -> list[str]:
        """The names in a directory, sorted; none if it is not there."""
        with self._parent(f"{path}/.") as parent, refusing(path, "cannot be listed"):
            return [] if parent is None else sorted(os.listdir(parent))  # noqa: PTH208 - by descriptor

    def missing(self, path: str) -> list[str]:
        """The directories that this path needs and that are not there, the upper one first."""
        found = []
        for directory in _above(path):
            with self._parent(f"{directory}/.") as parent:
                if parent is None:
                    found.append(directory)
        return found

    def make_directory(self, path: str) -> None:
        """Makes a directory for everybody to read, on the disk when this returns."""
        with self._parent(path) as parent, refusing(path, "cannot be created"):
            if parent is None:
                raise FileNotFoundError(2, "the directory above is not there")
            with suppress(FileExistsError):
                os.mkdir(_name(path), 0o755, dir_fd=parent)
                os.chmod(_name(path), 0o755, dir_fd=parent)
                os.fsync(parent)

    def remove_directory(self, path: str) -> bool:
        """Whether an empty directory could be removed, or is not there any more."""
        with self._parent(path) as parent:
            if parent is None:
                return True
            try:
                os.rmdir(_name(path), dir_fd=parent)
                os.fsync(parent)
            except FileNotFoundError:
                return True
            except OSError:
                return False
            return True

    def put(self, path: str, content: bytes, mode: int) -> None:
        """Puts a file in place of whatever is there, on the disk when this returns."""
        with self._new(path) as (parent, temporary):
            descriptor = os.open(temporary, _NEW, 0o600, dir_fd=parent)
            try:
                write_all(descriptor, content)
                os.fchmod(descriptor, mode)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def put_link(self, path: str, target: str) -> None:
        """The same with a symbolic link."""
        with self._new(path) as (parent, temporary):
            os.symlink(target, temporary, dir_fd=parent)

    def remove(self, path: str) -> None:
        """Removes a file or link, on the disk when this returns; nothing if it is not there."""
        with self._parent(path) as parent, refusing(path, "cannot be removed"):
            if parent is not None:
                with suppress(FileNotFoundError):
                    os.unlink(_name(path), dir_fd=parent)
                    os.fsync(parent)

    def sweep(self, path: str) -> None:
        """Removes what a run that was ended in the middle has left beside the path."""
        with self._parent(path) as parent, refusing(path, "cannot be cleaned up"):
            if parent is not None:
                with suppress(FileNotFoundError):
                    os.unlink(_temporary(path), dir_fd=parent)

    @contextmanager
    def _new(self, path: str) -> Iterator[tuple[int, str]]:
        """A name beside the path for what is put under the path in the end."""
        temporary = _temporary(path)
        with self._parent(path) as parent, refusing(path, "cannot be written"):
            if parent is None:
                raise FileNotFoundError(2, "its directory is not there")
            with suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=parent)
            try:
                yield parent, temporary
                os.rename(temporary, _name(path), src_dir_fd=parent, dst_dir_fd=parent)
            except OSError:
                with suppress(OSError):
                    os.unlink(temporary, dir_fd=parent)
                raise
            os.fsync(parent)

    @contextmanager
    def _parent(self, path: str) -> Iterator[int | None]:
        """A descriptor of the directory that a file is in, None if that is not there."""
        descriptor: int | None = os.dup(self._descriptor)
        try:
            here = ""
            for part in path.split("/")[1:-1]:
                here = f"{here}/{part}"
                step = _step(part, descriptor, here)
                assert descriptor is not None
                os.close(descriptor)
                descriptor = step
                if descriptor is None:
                    break
            yield descriptor
        finally:
            if descriptor is not None:
                os.close(descriptor)


def _step(name: str, directory: int | None, path: str) -> int | None:
    try:
        descriptor = os.open(name, _DIRECTORY, dir_fd=directory)
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        # Also what O_NOFOLLOW says of a link when O_DIRECTORY is there.
        raise _refused(f"{path}: is a symbolic link, or no directory") from None
    except OSError as error:
        raise _refused(f"{path}: cannot be opened: {error.strerror}") from error
    try:
        _check(os.fstat(descriptor), path)
    except AdvisorError:
        os.close(descriptor)
        raise
    return descriptor


def _read(parent: int, name: str, path: str) -> Found | None:
    try:
        found = os.stat(name, dir_fd=parent, follow_symlinks=False)
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        target = os.readlink(name, dir_fd=parent)
        return Found(link_text(target), 0o777, True)
    if not stat.S_ISREG(found.st_mode):
        raise _refused(f"{path}: is neither a file nor a link")
    _check(found, path)
    descriptor = os.open(name, _READ, dir_fd=parent)
    try:
        _check(os.fstat(descriptor), path)
        chunks = []
        size = 0
        while chunk := os.read(descriptor, 1 << 20):
            chunks.append(chunk)
            size += len(chunk)
            if size > _SIZE_MAX:
                raise _refused(f"{path}: longer than any file of advisor's")
    finally:
        os.close(descriptor)
    return Found(b"".join(chunks), stat.S_IMODE(found.st_mode), False)


def _check(found: os.stat_result, path: str) -> None:
    """What others can change must not decide what root does at boot."""
    if found.st_uid not in (0, os.geteuid()):
        raise _refused(f"{path}: belongs to user {found.st_uid}, not to root")
    if found.st_mode & _OTHERS_WRITE and not stat.S_ISLNK(found.st_mode):
        raise _refused(f"{path}: others may write there")


def _above(path: str) -> list[str]:
    parts = path.split("/")[1:-1]
    return ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _temporary(path: str) -> str:
    """No reader of these directories takes a name that begins with a dot."""
    return f".{_name(path)}.advisor-new"


def _refused(message: str) -> AdvisorError:
    return AdvisorError(message, "nothing is written there", exit_code=Exit.REFUSED)
