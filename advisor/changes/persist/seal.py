"""The line by which advisor knows its own files, and knows whether somebody has edited them.

It holds the SHA-256 of the file, with zeros in its own place. No list of written files is needed,
and none can be lost. It guards against mistakes: whoever may write to /etc is root.
"""

from __future__ import annotations

import re
from enum import Enum
from hashlib import sha256

_ZEROS = "0" * 64
LINE = f"written by advisor, sha256:{_ZEROS}; `advisor rollback` takes it back, edited it stays"
"""To be put near the start of a text, in a comment, before `sealed` fills it in."""

_SEAL = re.compile(rb"written by advisor, sha256:([0-9a-f]{64})")
_SEARCHED = 512
_LINK = b"symbolic link to "


class Kept(Enum):
    """Whose a file is."""

    OURS = "as advisor wrote it"
    EDITED = "written by advisor, and edited since"
    FOREIGN = "not written by advisor"


def sealed(text: str) -> bytes:
    """The text as a file, with the digest in its place.

    Raises:
        ValueError: There is no `LINE` in it.
    """
    data = text.encode("ascii")
    start, end = _span(data)
    if data[start:end] != _ZEROS.encode():
        raise ValueError("there is no place for the digest")
    return data[:start] + sha256(data).hexdigest().encode() + data[end:]


def kept(data: bytes) -> Kept:
    """Whose a file is, by what is in it."""
    start, end = _span(data)
    if start == end:
        return Kept.FOREIGN
    plain = data[:start] + _ZEROS.encode() + data[end:]
    return Kept.OURS if sha256(plain).hexdigest().encode() == data[start:end] else Kept.EDITED


def link_text(target: str) -> bytes:
    """What stands for the contents of a symbolic link."""
    return _LINK + target.encode(errors="surrogateescape")


def digest(data: bytes) -> str:
    """SHA-256 of contents."""
    return sha256(data).hexdigest()


def _span(data: bytes) -> tuple[int, int]:
    match = _SEAL.search(data[:_SEARCHED])
    return (0, 0) if match is None else match.span(1)
