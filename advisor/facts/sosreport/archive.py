"""Reads a sosreport from its archive, in one pass and without extracting anything."""

from __future__ import annotations

import lzma
import tarfile
import zlib
from pathlib import Path
from typing import BinaryIO

from advisor.errors import AdvisorError
from advisor.facts.files import MiB
from advisor.facts.sosreport.members import MARKS, Members, plain_name, wanted_size
from advisor.facts.sosreport.unpacking import Unpacked

MEMBERS_MAX = 500_000
"""Members of an archive. Hosts with a thousand interfaces come to two hundred thousand: each has
two hundred files below /proc/sys/net."""

_HEADERS_MAX = MiB
"""Bytes of headers in front of one member: long names, extended attributes."""

_READ_AHEAD = 20 * tarfile.BLOCKSIZE
_MAGIC_AT, _MAGIC = 257, b"ustar"

_COPY_AGAIN = "copy it again, and compare its checksum"


def read_archive(path: Path) -> Members:
    """What is read of the sosreport in a .tar, .tar.gz, .tar.xz or .tar.bz2.

    Devices, FIFOs, hard links, absolute names and names with ".." are ignored.

    Raises:
        AdvisorError: It is damaged, cut off, larger than any sosreport, or not a tar archive.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        try:
            if not _begins_as_tar(file):
                raise AdvisorError(f"{path}: not a tar archive", "name a sosreport")
            return _read(Unpacked(file, str(path)), str(path))
        except EOFError:
            raise AdvisorError(f"{path}: the archive is cut off", _COPY_AGAIN) from None
        except lzma.LZMAError as error:
            what = "wants too much memory" if "limit" in str(error) else f"is damaged: {error}"
            raise AdvisorError(f"{path}: the archive {what}", _COPY_AGAIN) from None
        except (tarfile.TarError, zlib.error, ValueError, OverflowError) as error:
            raise AdvisorError(f"{path}: the archive is damaged: {error}", _COPY_AGAIN) from None
        except OSError as error:  # gzip and bz2 say so of bad data; those have no number
            if error.errno is not None:
                raise
            raise AdvisorError(f"{path}: the archive is damaged: {error}", _COPY_AGAIN) from None


def holds_tar(file: BinaryIO) -> bool:
    """Whether a file is a tar archive, compressed or not; False when it cannot be unpacked."""
    try:
        return _begins_as_tar(file)
    except (OSError, EOFError, lzma.LZMAError, zlib.error):
        return False


def _begins_as_tar(file: BinaryIO) -> bool:
    """Looks at the first block, and rewinds the file."""
    stream = Unpacked(file, "")
    head = b""
    while len(head) < tarfile.BLOCKSIZE and (chunk := stream.read(tarfile.BLOCKSIZE - len(head))):
        head += chunk
    file.seek(0)
    return head[_MAGIC_AT : _MAGIC_AT + len(_MAGIC)] == _MAGIC


def _read(stream: Unpacked, name: str) -> Members:
    members = Members()
    top: str | None = None
    stream.limit = _HEADERS_MAX
    with tarfile.open(fileobj=stream, mode="r|", bufsize=_READ_AHEAD) as archive:
        for _ in range(MEMBERS_MAX + 1):
            # Up to the next header are contents that the archive announced.
            stream.limit = archive.offset + _HEADERS_MAX
            member = archive.next()
            if member is None:
                return members
            # Or every one that was seen stays in memory (the types do not know the list).
            archive.members.clear()  # type: ignore[attr-defined]
            if member.size < 0:
                raise tarfile.ReadError("a member has a negative size")
            path = plain_name(member.name)
            if path is None:
                continue
            if top is None:
                top = _top(path)
            if top is not None and (inner := _below(top, path)):
                members.marked |= inner.startswith(MARKS)
                stream.limit = archive.offset + _HEADERS_MAX
                _keep(archive, member, inner, members)
    raise AdvisorError(f"{name}: has more than {MEMBERS_MAX} members, which no sosreport does")


def _keep(archive: tarfile.TarFile, member: tarfile.TarInfo, path: str, members: Members) -> None:
    if member.issym():
        members.link(path, member.linkname)
    elif member.isreg() and members.room_for(path, member.size):
        file = archive.extractfile(member)
        content = b"" if file is None else file.read()
        if len(content) != member.size:
            raise EOFError
        members.keep(path, content)


def _top(path: str) -> str | None:
    """The directory that everything is in, with a slash; "" for none, None when it cannot be told.

    sos puts all into "sosreport-HOST-…/". Whoever packs a report again may leave that out.
    """
    if wanted_size(path) or f"{path}/".startswith(MARKS):
        return ""
    first, _, rest = path.partition("/")
    return f"{first}/" if wanted_size(rest) or f"{rest}/".startswith(MARKS) else None


def _below(top: str, path: str) -> str | None:
    return path[len(top) :] if path.startswith(top) else None
