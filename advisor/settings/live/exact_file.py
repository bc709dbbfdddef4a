"""Files of /proc and /sys, opened below a directory without following links, written at once.

A kernel file takes a value with the write() that brings it, so there is exactly one, and what it
says counts. Python's buffered files would report an error where nobody looks, after the fact.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_SMALL, _LARGE = 1023, 1 << 20  # the kernel allocates what a read() asks for
_DIRECTORY = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


def is_component(name: str) -> bool:
    """Whether a name leads to an entry of its directory, and nowhere else."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name and is_text(name)


def is_text(name: str) -> bool:
    """Whether a name can be one of a file: JSON can tell of characters that no file name has."""
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return True


def read_beneath(directory: int, components: Sequence[str]) -> str:
    """The text of a file, undecodable bytes as surrogates.

    Args:
        directory: Descriptor of the directory where the path starts.
        components: The path.

    Raises:
        OSError: It cannot be read; ELOOP or ENOTDIR when a link is in the way.
    """
    with _opened(directory, components, os.O_RDONLY) as file:
        data = os.read(file, _SMALL)
        if len(data) == _SMALL:
            data = os.pread(file, _LARGE, 0)
    return data.decode(errors="surrogateescape")


def write_beneath(directory: int, components: Sequence[str], text: str) -> None:
    """Writes a value with one write().

    Args:
        directory: Descriptor of the directory where the path starts.
        components: The path.
        text: The value, without the newline that ends it.

    Raises:
        OSError: The kernel refused; EIO when it took only a part, which may be in force.
    """
    data = f"{text}\n".encode()
    with _opened(directory, components, os.O_WRONLY) as file:
        taken = os.write(file, data)
    if taken != len(data):
        raise OSError(errno.EIO, f"only {taken} of {len(data)} bytes were taken")


def check_writable(directory: int, components: Sequence[str]) -> None:
    """Raises OSError when the file could not be written at all. Nothing is written.

    Opening a file of /proc/sys, /proc/irq or sysfs for writing changes nothing, and asks for the
    same permissions as the write.
    """
    with _opened(directory, components, os.O_WRONLY):
        pass


@contextmanager
def _opened(directory: int, components: Sequence[str], flags: int) -> Iterator[int]:
    if not components or not all(map(is_component, components)):
        raise OSError(errno.EINVAL, "not a name of a file")
    *parents, name = components
    opened: list[int] = []
    try:
        for parent in parents:
            directory = os.open(parent, _DIRECTORY, dir_fd=directory)
            opened.append(directory)
        file = os.open(name, flags | _FILE, dir_fd=directory)
        opened.append(file)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        yield file
    finally:
        for descriptor in opened:
            os.close(descriptor)
