"""Reads files of /proc and /sys: what cannot be read says why, as a value."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from pathlib import Path

from advisor.model.unavailable import Unavailable

MiB = 1 << 20
READ_LIMIT = 8 * MiB
_CHUNK = 1 << 16

# Non-blocking: a FIFO in a foreign root must not hang the reader.
OPEN_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a host. Paths are absolute as on that host: "/proc/meminfo".

    Attributes:
        root: Directory that stands for the host's "/": the running host by default, a directory
            of recorded files in tests.
    """

    root: Path = Path("/")
    _prefix: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_prefix", str(self.root).rstrip("/"))

    @property
    def live(self) -> bool:
        """Whether these are the files of the running host, so that system calls agree with them."""
        return self._prefix == ""

    def locate(self, path: str, *, follow: bool = True) -> str:
        """Where `path` of the host is for this process.

        Args:
            path: The path.
            follow: Whether the caller wants what a link at its end points to.
        """
        return self._prefix + path

    def read_text(self, path: str, limit: int = READ_LIMIT) -> str | Unavailable:
        """The whole file, or why it could not be read; larger than `limit` bytes counts as that."""
        data = self.read_bytes(path, limit)
        return data.decode(errors="replace") if isinstance(data, bytes) else data

    def read_bytes(self, path: str, limit: int = READ_LIMIT) -> bytes | Unavailable:
        """The whole file undecoded, or why it could not be read."""
        data = self._read(path, limit + 1)
        if isinstance(data, bytes) and len(data) > limit:
            return Unavailable(f"{path} is larger than {limit} bytes")
        return data

    def read_head(self, path: str, size: int) -> str | Unavailable:
        """At most the first `size` bytes of the file."""
        data = self._read(path, size)
        return data.decode(errors="replace") if isinstance(data, bytes) else data

    def read_int(self, path: str) -> int | Unavailable:
        """The one integer that the file holds."""
        text = self.read_text(path)
        if isinstance(text, Unavailable):
            return text
        try:
            return int(text)
        except ValueError:
            return Unavailable(f"{path} does not hold a number")

    def list_dir(self, path: str) -> list[str] | Unavailable:
        """The names in a directory, sorted."""
        try:
            with os.scandir(self.locate(path)) as entries:
                return sorted(entry.name for entry in entries)
        except OSError as error:
            return unreadable(path, error)

    def read_link(self, path: str) -> str | Unavailable:
        """Where a symbolic link points, as it is written there."""
        try:
            return str(os.readlink(self.locate(path, follow=False)))  # noqa: PTH115 - Path() drops "./" and "//"
        except OSError as error:
            return unreadable(path, error)

    def exists(self, path: str) -> bool:
        """Whether there is such a file, directory or link."""
        try:
            os.lstat(self.locate(path, follow=False))
        except (OSError, ValueError):
            return False
        return True

    def net(self, name: str) -> str:
        """The path of a file of /proc/net for the network namespace of the calling thread.

        /proc/net is a link to self/net, the namespace of the process's first thread: another
        thread that entered a namespace would read the wrong one (proc(5); thread-self since 3.17).
        """
        directory = "/proc/thread-self/net"
        return f"{directory if self.exists(directory) else '/proc/net'}/{name}"

    def _read(self, path: str, limit: int) -> bytes | Unavailable:
        try:
            descriptor = os.open(self.locate(path), OPEN_FLAGS)
        except OSError as error:
            return unreadable(path, error)
        try:
            # seq_file hands out about a page per read(): only an empty read is the end.
            chunks = []
            left = limit
            while left > 0 and (chunk := os.read(descriptor, min(left, _CHUNK))):
                chunks.append(chunk)
                left -= len(chunk)
            return b"".join(chunks)
        except OSError as error:
            return unreadable(path, error)
        finally:
            os.close(descriptor)


def unreadable(path: str, error: OSError) -> Unavailable:
    """Says in one sentence why `path` could not be read."""
    if error.errno in (errno.EACCES, errno.EPERM):
        return Unavailable(f"no permission to read {path}")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return Unavailable(f"{path} does not exist (not in this kernel, or hidden by a container)")
    return Unavailable(f"cannot read {path}: {os.strerror(error.errno or 0)}")


def malformed(path: str, line: int, what: str) -> Unavailable:
    """Says that a file is not as the kernel writes it."""
    return Unavailable(f"{path} line {line}: {what}")
