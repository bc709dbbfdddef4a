"""A disk in memory that may lose, at a power cut, whatever it was not told to keep.

What a process does to the files of one directory is recorded and played on it. Its rules are no
stricter than POSIX: what a file holds lasts after fsync() of the file, and which files there are
after fsync() of the directory. Until then any part may be on the disk: names in the order in which
they were changed (every file system with a journal keeps to that), data cut off anywhere, or with
zeros where only the length was written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.unit.changes.faults import CALLS

Names = dict[str, int]
Step = tuple[Any, ...]
FINISHED: Step = ("finished",)


class Trace:
    """What this process does to a directory, recorded while it does it for real."""

    def __init__(self, folder: Path) -> None:
        self.steps: list[Step] = []
        self._folder = folder
        self._open: dict[int, int] = {}  # descriptor → number of the file
        self._names: Names = {}

    def install(self, patch: pytest.MonkeyPatch) -> None:
        """Watch every call that changes files."""
        notes = {name: getattr(self, f"_{name}") for name in (*CALLS, "close") if name != "open"}
        for name, note in {**notes, "open": self._opened}.items():
            patch.setattr(os, name, self._watched(getattr(os, name), note))

    def finished(self) -> None:
        """The process relies on all that it has done so far."""
        self.steps.append(FINISHED)

    @staticmethod
    def _watched(really: Callable[..., Any], note: Callable[..., None]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = really(*args, **kwargs)
            note(result, *args, **kwargs)
            return result

        return call

    def _opened(self, descriptor: int, name: str, flags: int, *_: int, **__: int) -> None:
        if flags & os.O_EXCL:
            self._names[name] = number = len(self.steps)
            self._open[descriptor] = number
            self.steps.append(("create", name, number))
        elif name in self._names and flags & os.O_WRONLY:
            self._open[descriptor] = self._names[name]

    def _write(self, count: int, descriptor: int, data: bytes) -> None:
        if descriptor in self._open:
            self.steps.append(("write", self._open[descriptor], bytes(data[:count])))

    def _pwrite(self, *_: object) -> None:
        """Only the lock is written so; what it says does not have to last."""

    def _ftruncate(self, _: None, descriptor: int, length: int) -> None:
        if descriptor in self._open:
            self.steps.append(("truncate", self._open[descriptor], length))

    def _fsync(self, _: None, descriptor: int) -> None:
        if descriptor in self._open:
            self.steps.append(("keep file", self._open[descriptor]))
        else:
            assert stat.S_ISDIR(os.fstat(descriptor).st_mode)
            own = os.path.samestat(os.fstat(descriptor), self._folder.stat())
            self.steps.append(("keep names",) if own else ("keep directory",))

    def _rename(self, _: None, old: str, new: str, **__: int) -> None:
        self._names[new] = self._names.pop(old)
        self.steps.append(("rename", old, new))

    def _unlink(self, _: None, name: str, **__: int) -> None:
        del self._names[name]
        self.steps.append(("unlink", name))

    def _mkdir(self, *_: object, **__: int) -> None:
        self.steps.append(("mkdir",))

    def _close(self, _: None, descriptor: int) -> None:
        self._open.pop(descriptor, None)


@dataclass
class _File:
    """What a file holds, and what of that is on the disk."""

    data: bytes = b""
    kept: bytes = b""

    def remains(self) -> set[bytes]:
        appended = self.data.startswith(self.kept)
        start = len(self.kept) if appended else 0
        new = len(self.data) - start
        left = {self.kept, self.data}
        for length in {*range(0, new, 3), 1, 16, 17, new - 2, new - 1} & set(range(new)):
            left |= {self.data[: start + length], self.data[: start + length] + bytes(new - length)}
        # Where the end of a line is a zero, something may have overwritten it: that is refused.
        left.discard(self.data[:-1] + b"\0")
        return left


@dataclass
class Disk:
    """The files of one directory.

    Attributes:
        names: Which files there are; None before there is the directory.
        kept: Which of them are on the disk.
        since: What there was after each change that the disk was not told to keep.
        files: The files by number.
    """

    names: Names | None = None
    kept: Names | None = None
    since: list[Names] = field(default_factory=list)
    files: dict[int, _File] = field(default_factory=dict)

    def play(self, steps: list[Step]) -> Iterator[int]:
        """Do one step after the other; tells after each how much was finished by then."""
        finished = 0
        yield finished
        for step in steps:
            finished += step is FINISHED
            self._do(*step)
            yield finished

    def remains(self) -> Iterator[dict[str, bytes] | None]:
        """All that a power cut may leave now: contents by name, None for no directory."""
        for names in [self.kept, *self.since]:
            if names is None:
                yield None
                continue
            settled = {name: self.files[number].kept for name, number in names.items()}
            yield settled
            for name, number in names.items():
                for data in self.files[number].remains() - {settled[name]}:
                    yield {**settled, name: data}

    def _do(self, what: str, *of: Any) -> None:
        names = dict(self.names or {})
        if what == "create":
            self.files[of[1]] = _File()
            self._change({**names, of[0]: of[1]})
        elif what == "rename":
            names[of[1]] = names.pop(of[0])
            self._change(names)
        elif what == "unlink":
            del names[of[0]]
            self._change(names)
        elif what == "mkdir":
            self._change({})
        elif what == "write":
            self.files[of[0]].data += of[1]
        elif what == "truncate":
            self.files[of[0]].data = self.files[of[0]].data[: of[1]]
        elif what == "keep file":
            self.files[of[0]].kept = self.files[of[0]].data
        elif what == "keep directory":
            assert not self.names, "the directory's own name is kept before anything is in it"
            self.kept, self.since = self.names, []
        elif what == "keep names":
            self.kept, self.since = self.names, []
        else:
            assert what == "finished"

    def _change(self, names: Names) -> None:
        self.names = names
        self.since.append(names)
