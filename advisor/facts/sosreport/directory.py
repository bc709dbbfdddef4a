"""Reads a sosreport that somebody has unpacked into a directory."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from advisor.errors import AdvisorError
from advisor.facts.files import OPEN_FLAGS
from advisor.facts.sosreport.archive import MEMBERS_MAX
from advisor.facts.sosreport.members import DEPTH_MAX, MARKS, Members, plain_name

_CHUNK = 1 << 20

# Of the directories that sos fills these hold nothing that is read, and are the largest.
_PASSED_OVER = frozenset({"var", "usr", "sys/module", "sys/kernel", "sys/fs", "sys/firmware"})


def read_directory(path: Path) -> Members:
    """What is read of the sosreport in a directory.

    Symbolic links are not followed here: they are resolved within the report, as in an archive.
    What may not be read is noted, with the reason.

    Raises:
        AdvisorError: There are more files than in any sosreport.
        OSError: The directory cannot be read.
    """
    with os.scandir(path):
        pass  # os.fwalk would pass over an error
    members = Members()
    seen = 0
    for directory, folders, files, descriptor in os.fwalk(path, follow_symlinks=False):
        inside = os.path.relpath(directory, path)
        inside = "" if inside == "." else f"{inside}/"
        seen += len(folders) + len(files)
        if seen > MEMBERS_MAX:
            raise AdvisorError(
                f"{path}: has more than {MEMBERS_MAX} files, which no sosreport does"
            )
        for name in (*folders, *files):
            member = plain_name(inside + name)
            if member is not None:
                members.marked |= f"{member}/".startswith(MARKS)
                _keep(descriptor, name, member, members)
        folders[:] = [
            name
            for name in folders
            if inside + name not in _PASSED_OVER and inside.count("/") < DEPTH_MAX
        ]
    return members


def _keep(directory: int, name: str, member: str, members: Members) -> None:
    try:
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            members.link(member, os.readlink(name, dir_fd=directory))
        elif stat.S_ISREG(status.st_mode) and members.room_for(member, status.st_size):
            members.keep(member, _content(directory, name, status.st_size))
    except OSError as error:
        members.leave_out(member, f"cannot read /{member} of this sosreport: {error.strerror}")


def _content(directory: int, name: str, size: int) -> bytes:
    """At most `size` bytes: more is not accounted for, if the file grows meanwhile."""
    descriptor = os.open(name, OPEN_FLAGS | os.O_NOFOLLOW, dir_fd=directory)
    try:
        chunks = []
        while size > 0 and (chunk := os.read(descriptor, min(size, _CHUNK))):
            chunks.append(chunk)
            size -= len(chunk)
        return b"".join(chunks)
    finally:
        os.close(descriptor)
