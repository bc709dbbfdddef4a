"""The lines of files, however long, half-written or compressed, and the places they stand at."""

from __future__ import annotations

import gzip
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from advisor.errors import AdvisorError
from advisor.fleet.line import MAX_BYTES
from advisor.model.fleet import Problem

SUFFIXES = (".json", ".jsonl", ".ndjson", ".line")
"""Names that are looked for in a directory, with or without .gz; and PARQUET."""

PARQUET = ".parquet"

Unpack = Callable[[Path], Iterator[bytes]]
"""Turns a Parquet file into lines."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of lines.

    Attributes:
        name: What it is called in messages.
        path: Its path, None for standard input.
    """

    name: str
    path: Path | None


def sources(given: Sequence[Path]) -> list[Source]:
    """The files that are meant, those of directories and what is below them in order of name.

    Raises:
        AdvisorError: There is nothing of that name, or no file of lines in any directory.
    """
    found: list[Source] = []
    for path in given:
        if str(path) == "-":
            found.append(Source("-", None))
        elif path.is_dir():
            found += [Source(str(each), each) for each in sorted(_files(path))]
        elif path.exists():
            found.append(Source(str(path), path))
        else:
            raise AdvisorError(f"{path}: there is no such file or directory")
    if not found:
        raise AdvisorError(
            f"{', '.join(map(str, given))}: no file named *{', *'.join((*SUFFIXES, PARQUET))}",
            "every host leaves a line there: advisor check -f line",
        )
    return found


def lines(source: Source, unpack: Unpack) -> Iterator[bytes | Problem]:
    """Every line of a file, and a problem at the place where it could not be read on.

    Of a line that is too long there is one byte too many; the next one is the one after it.
    """
    number = 0
    try:
        with _opened(source) as file:
            produced = (
                unpack(source.path)
                if source.path is not None and source.path.suffix == PARQUET
                else _raw(file)
            )
            for raw in produced:
                number += 1
                yield raw
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        yield Problem(f"{source.name}:{number + 1}", "file that cannot be read on", reason)
    else:
        if not number:
            yield Problem(source.name, "empty file")


def written(source: Source) -> str:
    """When a file was written, ISO 8601 in UTC; now, for standard input."""
    try:
        at = time.time() if source.path is None else source.path.stat().st_mtime
    except OSError:
        at = 0.0
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def _files(folder: Path) -> Iterator[Path]:
    for above, _, names in os.walk(folder):
        for name in names:
            plain = name.removesuffix(".gz")
            path = Path(above) / name
            if plain.endswith((*SUFFIXES, PARQUET)) and not name.startswith(".") and path.is_file():
                yield path


def _opened(source: Source) -> IO[bytes]:
    if source.path is None:
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    if not source.path.is_file() and not source.path.is_fifo():
        raise OSError("neither a file nor a pipe")
    if source.path.suffix == ".gz":
        # Without a larger buffer around it, which would lose what comes right before damage.
        return cast("IO[bytes]", gzip.open(source.path))
    return source.path.open("rb", buffering=1 << 20)


def _raw(file: IO[bytes]) -> Iterator[bytes]:
    while raw := file.readline(MAX_BYTES + 1):
        rest = raw
        while len(rest) > MAX_BYTES and not rest.endswith(b"\n"):
            rest = file.readline(MAX_BYTES + 1)
        yield raw
