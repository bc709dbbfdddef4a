"""A sosreport as a source of facts: `advisor check --from REPORT`."""

from __future__ import annotations

import gc
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError
from advisor.model.host import Host
from advisor.model.unavailable import Unavailable

_SUFFIXES = (".tar", ".tgz", ".txz", ".tbz2", ".tar.gz", ".tar.xz", ".tar.bz2")
_UNREADABLE = {
    ".gpg": "decrypt it first: gpg --decrypt --output REPORT.tar.xz REPORT.tar.xz.gpg",
    ".zst": "unpack it first: zstd --decompress REPORT.tar.zst",
}
_MAKE_ONE = "make one with: sos report --batch; or name the directory that has sos_commands in it"


def is_sosreport(source: str) -> bool:
    """Whether to take a source for a sosreport: a directory, or an archive by name or content."""
    path = Path(source)
    try:
        if source and (path.is_dir() or source.endswith(_SUFFIXES)):
            return True
        if path.suffix in _UNREADABLE and path.stem.endswith(_SUFFIXES):
            return True
        if not path.is_file():  # a pipe cannot be rewound; what it holds is a snapshot
            return False
        with path.open("rb") as file:
            if file.read(1).lstrip() in (b"", b"{", b"["):  # as snapshots begin: nothing to import
                return False
            from advisor.facts.sosreport.archive import holds_tar

            return holds_tar(file)
    except (OSError, ValueError):  # ValueError: a null character in the name
        return False


def load(source: str) -> Host:
    """The Host that a sosreport is about.

    It is read by a child process with limits on memory and processor time: a report may come from
    anybody.

    Raises:
        AdvisorError: It cannot be read, is not a sosreport, or larger than any.
    """
    path = Path(source)
    hint = _UNREADABLE.get(path.suffix)
    if hint is not None and path.is_file():
        raise AdvisorError(f"{source}: encrypted, or packed in a way that is not read", hint)

    from advisor.facts import snapshot
    from advisor.facts.sosreport.confined import run_confined

    return snapshot.decode(run_confined(lambda: _read(path), source), source)


def _read(path: Path) -> bytes:
    """What the child does: the facts, as a snapshot."""
    from advisor.facts.sosreport.archive import read_archive
    from advisor.facts.sosreport.directory import read_directory
    from advisor.facts.sosreport.host import read_host

    gc.enable()  # the parent is short-lived and does without; a foreign file may make much garbage
    try:
        members = read_directory(path) if path.is_dir() else read_archive(path)
    except OSError as error:
        raise AdvisorError(f"{path}: cannot be read: {error.strerror}") from None
    if not members.marked:
        raise AdvisorError(f"{path}: not a sosreport: there is no sos_commands in it", _MAKE_ONE)
    return as_document(read_host(members, path.resolve().name))


def as_document(host: Host) -> bytes:
    """The facts as a snapshot, without sections that it has no form for.

    A damaged report can hold numbers that no kernel writes, which fit nothing.
    """
    from advisor.facts import snapshot

    document = snapshot.encode(host).encode()
    try:
        snapshot.decode(document, "damaged")
        return document
    except AdvisorError:
        pass
    misfits: dict[str, Any] = {}
    for name in [each.name for each in fields(host) if each.name not in ("collection", "sample")]:
        part: dict[str, Any] = {name: getattr(host, name)}
        try:
            snapshot.decode(snapshot.encode(Host(host.collection, **part)).encode(), "damaged")
        except AdvisorError as error:
            misfits[name] = Unavailable(error.message)
    return snapshot.encode(replace(host, **misfits)).encode()
