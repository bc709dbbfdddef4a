"""Decompresses an archive with limits: on what comes out, on how much more than what goes in."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from typing import BinaryIO, Protocol

from advisor.errors import AdvisorError
from advisor.facts.files import MiB

UNPACKED_MAX = 8 << 30
"""Bytes of an unpacked report. Those of hosts with long logs come to some gigabytes."""

RATIO_MAX = 1000
"""How many times its size a report may unpack to. The files of /proc/sys alone come to 200 with xz,
and gzip cannot pack zeros smaller than this."""

_RATIO_FROM = 64 * MiB
"""Less than this is no harm, whatever it was packed into."""

_XZ_MEMORY = 128 * MiB
"""`xz -9` needs 65 MiB to unpack; what wants more was not made by sos."""

_CHUNK = 1 << 16

COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\x00": "xz", b"BZh": "bzip2"}
"""First bytes of a file → how it is compressed."""


class _Reader(Protocol):
    """What hands out unpacked bytes."""

    def read(self, size: int = -1, /) -> bytes: ...


class Unpacked(io.RawIOBase):
    """The unpacked bytes of an archive, for `tarfile` to read.

    Attributes:
        count: Bytes handed out so far.
        limit: Where reading has to stop: raised before each step of `tarfile`, so that a header
            that never ends does not fill the memory.
    """

    def __init__(self, packed: BinaryIO, name: str) -> None:
        """
        Args:
            packed: The file, at its beginning; it must be seekable.
            name: What to call it in errors.
        """
        super().__init__()
        self.count = 0
        self.limit = UNPACKED_MAX
        self._name = name
        self._packed = packed
        self._compression = compression_of(packed)
        self._reader = _OPENERS[self._compression](packed)

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end.

        Raises:
            AdvisorError: More comes out than a sosreport holds.
            OSError, EOFError, lzma.LZMAError, zlib.error: The file is damaged or cut off.
        """
        data = self._reader.read(size)
        self.count += len(data)
        if self.count > UNPACKED_MAX:
            raise self._refusal(f"unpacks to more than {UNPACKED_MAX >> 30} GiB")
        if self.count > self.limit:
            raise self._refusal("has a header of more than a megabyte")
        if self._compression is not None and self.count > _RATIO_FROM:
            ratio = self.count // max(1, self._packed.tell())
            if ratio > RATIO_MAX:
                raise self._refusal(f"unpacks to more than {RATIO_MAX} times its size")
        return data

    def _refusal(self, what: str) -> AdvisorError:
        return AdvisorError(f"{self._name}: {what}, which no sosreport does")


def compression_of(file: BinaryIO) -> str | None:
    """How a file is compressed: "gzip", "xz", "bzip2"; None for not at all. Leaves it rewound."""
    file.seek(0)
    head = file.read(max(map(len, COMPRESSIONS)))
    file.seek(0)
    return next((kind for magic, kind in COMPRESSIONS.items() if head.startswith(magic)), None)


class _Xz:
    """Unpacks xz with a limit on memory, which lzma.LZMAFile does not have."""

    def __init__(self, packed: BinaryIO) -> None:
        self._packed = packed
        self._stream = _xz_stream()
        self._rest = b""

    def read(self, size: int = -1, /) -> bytes:
        while True:
            if self._stream.eof and not self._next_stream():
                return b""
            if self._stream.needs_input and not self._rest:
                self._rest = self._packed.read(_CHUNK)
                if not self._rest:
                    raise EOFError("the end of the compressed data is missing")
            data = self._stream.decompress(self._rest, size)
            self._rest = b""
            if data:
                return data

    def _next_stream(self) -> bool:
        """Goes on to the stream that follows, as there can be several; False at the end."""
        following = (self._stream.unused_data or self._packed.read(_CHUNK)).lstrip(b"\0")
        if not following:
            return False
        self._stream, self._rest = _xz_stream(), following
        return True


def _xz_stream() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)


def _gzip(packed: BinaryIO) -> _Reader:
    return gzip.GzipFile(fileobj=packed, mode="rb")


_OPENERS: dict[str | None, Callable[[BinaryIO], _Reader]] = {
    None: lambda packed: packed,
    "gzip": _gzip,
    "xz": _Xz,
    "bzip2": bz2.BZ2File,
}
