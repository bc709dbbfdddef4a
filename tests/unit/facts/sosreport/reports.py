"""Builds sosreports: directories and archives out of names and contents."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from advisor.facts.sosreport.host import read_host
from advisor.facts.sosreport.members import Members
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.host import Host
from tests.unit.facts.host_tree import Link

Entries = Mapping[str, "str | bytes | Link"]
"""Name of a member, without the report's own directory → content."""

TOP = "sosreport-host1-2024-01-03-abcdefg"


def bundle(name: str) -> dict[str, str | bytes | Link]:
    """The members of one of the made-up reports in `reports/`."""
    entries: dict[str, str | bytes | Link] = {}
    text = (Path(__file__).parent / "reports" / f"{name}.txt").read_text()
    for part in text.removeprefix("=== ").split("\n=== "):
        head, _, content = part.partition("\n")
        member, arrow, target = head.partition(" -> ")
        entries[member] = Link(target) if arrow else content.rstrip("\n") + "\n"
    return entries


def kept(entries: Entries) -> Members:
    """What is kept of a report with these members."""
    members = Members()
    for name, content in entries.items():
        if isinstance(content, Link):
            members.link(name, content.target)
        else:
            data = content if isinstance(content, bytes) else content.encode()
            if members.room_for(name, len(data)):
                members.keep(name, data)
    return members


def report(entries: Entries) -> ReportFiles:
    """The files of a report with these members."""
    return ReportFiles(members=kept(entries))


def host_of(entries: Entries, name: str = TOP) -> Host:
    """The facts of a report with these members."""
    return read_host(kept(entries), name)


def as_directory(root: Path, entries: Entries) -> Path:
    """The report as somebody unpacked it."""
    for name, content in entries.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            file.symlink_to(content.target)
        else:
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def as_archive(path: Path, entries: Entries, top: str = f"{TOP}/") -> Path:
    """The report as sos packs it, compressed as the suffix says."""
    compression = path.suffix.removeprefix(".")
    mode = f"w:{compression}" if compression in ("gz", "xz", "bz2") else "w"
    with tarfile.open(path, mode) as archive:
        for name, content in entries.items():
            add(archive, f"{top}{name}", content)
    return path


def add(archive: tarfile.TarFile, name: str, content: str | bytes | Link) -> None:
    """Adds one member."""
    member = tarfile.TarInfo(name)
    if isinstance(content, Link):
        member.type, member.linkname = tarfile.SYMTYPE, content.target
        archive.addfile(member)
        return
    data = content if isinstance(content, bytes) else content.encode()
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))
