"""The directory that remembers what was changed: /var/lib/advisor, or $ADVISOR_STATE_DIR.

What is in it decides what root writes to the kernel, so it is opened step by step without following
a symbolic link, and refused if anybody else could have written there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from advisor.changes.opened import Opened
from advisor.errors import AdvisorError, Exit

DEFAULT = "/var/lib/advisor"
VARIABLE = "ADVISOR_STATE_DIR"

_LOOK = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_AS_ROOT = "run it as root"
_KINDS = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFREG: "a file",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a directory",
}


class StateDir(Opened):
    """An open state directory. Close it, or use it as a context manager.

    Every error is an AdvisorError that names the path and ends the process as "refused".

    Attributes:
        path: Its path, for messages; files are reached by descriptor.
    """

    __slots__ = ("path",)

    def __init__(self, descriptor: int, path: str) -> None:
        super().__init__(descriptor)
        self.path = path

    def locate(self, name: str) -> str:
        """The path of a file, for messages."""
        return f"{self.path}/{name}"

    def names(self) -> list[str]:
        """The names of all files, sorted."""
        with refusing(self.path, "cannot be listed"):
            return sorted(os.listdir(self._descriptor))  # noqa: PTH208 - by descriptor

    def open(self, name: str, flags: int) -> int | None:
        """A descriptor of a regular file of ours, None if there is no such file.

        Args:
            name: File name.
            flags: As for os.open(). A new file belongs to its owner alone.
        """
        path = self.locate(name)
        flags |= os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
        with refusing(path, "cannot be opened"):
            # Opening a device may do something, so look first.
            with suppress(FileNotFoundError):
                found = os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
                _check(found, path, stat.S_IFREG)
            try:
                descriptor = os.open(name, flags, 0o600, dir_fd=self._descriptor)
            except FileNotFoundError:
                return None
        try:
            _check(os.fstat(descriptor), path, stat.S_IFREG)
        except AdvisorError:
            os.close(descriptor)
            raise
        return descriptor

    def read(self, name: str, limit: int) -> bytes | None:
        """The contents of a file, None if there is no such file; longer ones are refused."""
        descriptor = self.open(name, os.O_RDONLY)
        if descriptor is None:
            return None
        try:
            with refusing(self.locate(name), "cannot be read"):
                return _read(descriptor, limit, self.locate(name))
        finally:
            os.close(descriptor)

    def is_same(self, name: str, descriptor: int) -> bool:
        """Whether the name still stands for the open file."""
        with refusing(self.locate(name), "cannot be looked at"):
            try:
                found = os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)
            except FileNotFoundError:
                return False
            return os.path.samestat(found, os.fstat(descriptor))

    def rename(self, old: str, new: str) -> None:
        """Give a file another name; `sync` makes it last."""
        here = self._descriptor
        with refusing(self.locate(new), "cannot be created"):
            os.rename(old, new, src_dir_fd=here, dst_dir_fd=here)

    def remove(self, name: str) -> None:
        """Remove a file that is there; `sync` makes it last."""
        with refusing(self.locate(name), "cannot be removed"):
            os.unlink(name, dir_fd=self._descriptor)

    def sync(self) -> None:
        """Return when names that were created, changed or removed are on the disk."""
        with refusing(self.path, "cannot be written to the disk"):
            os.fsync(self._descriptor)


def find_state_dir(environment: Mapping[str, str] | None = None) -> StateDir | None:
    """The state directory, None if nothing was ever changed here.

    Args:
        environment: Where ADVISOR_STATE_DIR is looked up, the process's own by default.

    Raises:
        AdvisorError: It is not safe to use, or may not be read.
    """
    return _open(_path(environment), create=False)


def create_state_dir(environment: Mapping[str, str] | None = None) -> StateDir:
    """The state directory, made (mode 0700) if it is not there. The one above it must be.

    Raises:
        AdvisorError: It is not safe to use, or may not be read.
    """
    path = _path(environment)
    directory = _open(path, create=True)
    if directory is None:
        raise _refused(f"{path}: there is no directory to create it in", _elsewhere())
    return directory


@contextmanager
def refusing(path: str, what: str) -> Iterator[None]:
    """Turns an OSError into the AdvisorError "PATH: cannot be …: reason"."""
    try:
        yield
    except OSError as error:
        hint = _AS_ROOT if isinstance(error, PermissionError) else None
        raise _refused(f"{path}: {what}: {error.strerror}", hint) from error


def _path(environment: Mapping[str, str] | None) -> str:
    path = (os.environ if environment is None else environment).get(VARIABLE) or DEFAULT
    if path == "/" or path[:1] != "/" or path[:2] == "//" or path != os.path.normpath(path):
        raise _refused(f"{VARIABLE}={path}: not an absolute path without '.', '..' and '//'", None)
    return path


def _open(path: str, *, create: bool) -> StateDir | None:
    """Step by step from the root, so that nobody else can have a say in where this leads."""
    *above, last = path.split("/")[1:]
    descriptor = os.open("/", _LOOK)
    here = ""
    try:
        for part in above:
            here = f"{here}/{part}"
            step = _look(part, descriptor, here)
            if step is None:
                return None
            os.close(descriptor)
            descriptor = step
            _check_above(os.fstat(descriptor), here)
        if create:
            _make(last, descriptor, path)
        step = _look(last, descriptor, path)
        if step is None:
            return None
        os.close(descriptor)
        descriptor = step
        _check(os.fstat(descriptor), path, stat.S_IFDIR)
        with refusing(path, "cannot be opened"):
            opened = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=descriptor)
        return StateDir(opened, path)
    finally:
        os.close(descriptor)


def _look(name: str, directory: int, path: str) -> int | None:
    with refusing(path, "cannot be opened"):
        try:
            return os.open(name, _LOOK, dir_fd=directory)
        except FileNotFoundError:
            return None


def _make(name: str, directory: int, path: str) -> None:
    with refusing(path, "cannot be created"):
        try:
            os.mkdir(name, 0o700, dir_fd=directory)
        except FileExistsError:
            return
        # O_PATH descriptors cannot be synced.
        above = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=directory)
        try:
            os.fsync(above)
        finally:
            os.close(above)


def _check_above(found: os.stat_result, path: str) -> None:
    """Whoever may rename a directory on the way could put another one in its place."""
    _check_kind(found, path, stat.S_IFDIR)
    if found.st_uid not in (0, os.geteuid()):
        raise _refused(f"{path}: belongs to user {found.st_uid}", _elsewhere())
    if found.st_mode & _OTHERS_WRITE and not found.st_mode & stat.S_ISVTX:
        raise _refused(f"{path}: others may write there", _elsewhere())


def _check(found: os.stat_result, path: str, kind: int) -> None:
    _check_kind(found, path, kind)
    if found.st_uid != os.geteuid():
        stranger = "find out who put it there: what it says must not be trusted"
        raise _refused(
            f"{path}: belongs to user {found.st_uid}, not to {os.geteuid()}",
            _AS_ROOT if found.st_uid == 0 else stranger,
        )
    if found.st_mode & _OTHERS_WRITE:
        raise _refused(
            f"{path}: others may write there (mode {stat.S_IMODE(found.st_mode):04o})",
            f"if what it says can be trusted: chmod go-w {path}",
        )


def _check_kind(found: os.stat_result, path: str, kind: int) -> None:
    if stat.S_IFMT(found.st_mode) == kind:
        return
    got = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
    hint = _elsewhere() if stat.S_ISLNK(found.st_mode) and kind == stat.S_IFDIR else None
    raise _refused(f"{path}: is {got}, not {_KINDS[kind]}", hint)


def _read(descriptor: int, limit: int, path: str) -> bytes:
    chunks = []
    left = limit + 1
    while left > 0 and (chunk := os.read(descriptor, min(left, 1 << 20))):
        chunks.append(chunk)
        left -= len(chunk)
    if left <= 0:
        raise _refused(f"{path}: longer than {limit} bytes, which none of its kind is", None)
    return b"".join(chunks)


def _elsewhere() -> str:
    return f"set {VARIABLE} to the real path of a directory that only root can reach"


def _refused(message: str, hint: str | None) -> AdvisorError:
    return AdvisorError(message, hint, exit_code=Exit.REFUSED)
