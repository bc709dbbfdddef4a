"""Archives that are read, and archives that somebody made to do harm."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.facts.sosreport import archive as reader
from advisor.facts.sosreport import unpacking
from advisor.facts.sosreport.archive import holds_tar, read_archive
from tests.unit.facts.host_tree import Link
from tests.unit.facts.sosreport.reports import TOP, Entries, add, as_archive

UNAME = "sos_commands/kernel/uname_-a"
SMALL: Entries = {"version.txt": "sosreport: 4.9\n", UNAME: "Linux a 5.4 x\n"}


def archive(path: Path, fill: Callable[[tarfile.TarFile], None]) -> Path:
    mode = {".gz": "w:gz", ".xz": "w:xz"}.get(path.suffix, "w")
    with tarfile.open(path, mode) as tar:
        fill(tar)
    return path


def member(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


class Zeros(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        buffer[:] = bytes(len(buffer))
        return len(buffer)


def zeros(name: str, size: int) -> tuple[tarfile.TarInfo, io.BufferedReader]:
    info = tarfile.TarInfo(name)
    info.size = size
    return info, io.BufferedReader(Zeros())


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tar.xz", "tar.bz2"])
@pytest.mark.parametrize("top", [f"{TOP}/", "host1/", "./host1/", ""])
def test_every_compression_and_every_directory_on_top_is_read(
    tmp_path: Path, suffix: str, top: str
) -> None:
    members = read_archive(as_archive(tmp_path / f"report.{suffix}", SMALL, top))
    assert members.files == {UNAME: b"Linux a 5.4 x\n"}
    assert members.marked


def test_an_archive_of_several_compressed_streams_is_read_to_its_end(tmp_path: Path) -> None:
    plain = as_archive(tmp_path / "report.tar", SMALL).read_bytes()
    for suffix, pack in (("gz", gzip.compress), ("xz", lzma.compress), ("bz2", bz2.compress)):
        path = tmp_path / f"parts.tar.{suffix}"
        path.write_bytes(pack(plain[:700]) + pack(plain[700:]))
        assert UNAME in read_archive(path).files


@pytest.mark.parametrize(
    "name",
    [
        f"{TOP}/../{UNAME}",
        f"../{TOP}/{UNAME}",
        f"/{TOP}/{UNAME}",
        f"{TOP}/sos_commands/../../{UNAME}",
        f"other/{UNAME}",
        f"{TOP}/{'a/' * 3000}{UNAME}",
        f"{TOP}/var/log/messages",
        f"{TOP}/etc/shadow",
    ],
)
def test_names_that_lead_elsewhere_or_that_nobody_reads_are_ignored(
    tmp_path: Path, name: str
) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, f"{TOP}/sos_commands/kernel/lsmod", "x\n")
        add(tar, name, "Linux evil\n")

    assert read_archive(archive(tmp_path / "report.tar", fill)).files == {}


@pytest.mark.parametrize(
    "kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.LNKTYPE]
)
def test_devices_fifos_and_hard_links_are_ignored(tmp_path: Path, kind: bytes) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        tar.addfile(member(f"{TOP}/{UNAME}", kind, "/etc/passwd"))

    members = read_archive(archive(tmp_path / "report.tar", fill))
    assert (members.files, members.links) == ({}, {})


def test_the_first_of_two_members_of_one_name_counts(tmp_path: Path) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        add(tar, f"{TOP}/{UNAME}", "first\n")
        add(tar, f"{TOP}/{UNAME}", "second\n")
        add(tar, f"{TOP}/{UNAME}", Link("/etc/passwd"))

    members = read_archive(archive(tmp_path / "report.tar", fill))
    assert members.files == {UNAME: b"first\n"}
    assert members.links == {}


def bomb_of_zeros(tar: tarfile.TarFile) -> None:
    tar.addfile(*zeros(f"{TOP}/var/log/big", 96 << 20))


def bomb_in_a_header(tar: tarfile.TarFile) -> None:
    info = tarfile.TarInfo(f"{TOP}/{UNAME}")
    info.pax_headers = {"comment": "A" * (8 << 20)}
    tar.addfile(info)


def bomb_in_a_name(tar: tarfile.TarFile) -> None:
    tar.format = tarfile.GNU_FORMAT
    tar.addfile(tarfile.TarInfo("a" * (8 << 20)))


@pytest.mark.parametrize(
    ("name", "fill", "problem"),
    [
        ("zeros.tar.gz", bomb_of_zeros, "unpacks to more than 1000 times its size"),
        ("zeros.tar.xz", bomb_of_zeros, "unpacks to more than 1000 times its size"),
        ("pax.tar.gz", bomb_in_a_header, "has a header of more than a megabyte"),
        ("pax.tar", bomb_in_a_header, "has a header of more than a megabyte"),
        ("name.tar", bomb_in_a_name, "has a header of more than a megabyte"),
    ],
)
def test_bombs_are_refused(
    tmp_path: Path, name: str, fill: Callable[[tarfile.TarFile], None], problem: str
) -> None:
    path = archive(tmp_path / name, fill)
    with pytest.raises(AdvisorError, match=problem):
        read_archive(path)


def test_what_unpacks_to_more_than_any_report_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "UNPACKED_MAX", 1 << 20)
    path = archive(tmp_path / "report.tar", lambda tar: tar.addfile(*zeros("a/b", 2 << 20)))
    with pytest.raises(AdvisorError, match="unpacks to more than"):
        read_archive(path)


def test_more_members_than_any_report_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(tar: tarfile.TarFile) -> None:
        for number in range(21):
            add(tar, f"{TOP}/var/{number}", "")

    path = archive(tmp_path / "report.tar.gz", fill)
    monkeypatch.setattr(reader, "MEMBERS_MAX", 21)
    read_archive(path)
    monkeypatch.setattr(reader, "MEMBERS_MAX", 20)
    with pytest.raises(AdvisorError, match="more than 20 members"):
        read_archive(path)


def test_an_xz_that_wants_gigabytes_of_memory_is_refused(tmp_path: Path) -> None:
    plain = as_archive(tmp_path / "report.tar", SMALL).read_bytes()
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 256 << 20, "mf": lzma.MF_HC3}]
    path = tmp_path / "report.tar.xz"
    try:
        path.write_bytes(lzma.compress(plain, filters=filters))
    except MemoryError:
        pytest.skip("not enough memory to make the archive")
    with pytest.raises(AdvisorError, match="wants too much memory"):
        read_archive(path)


def _cut(data: bytes) -> Iterable[int]:
    return (len(data) // 4, len(data) // 2, len(data) * 3 // 4)


@pytest.mark.parametrize("suffix", ["tar.gz", "tar.xz", "tar.bz2"])
def test_a_compressed_archive_that_is_cut_off_is_an_error_wherever_it_ends(
    tmp_path: Path, suffix: str
) -> None:
    noise = "".join(f"{number * 7919 % 1000003} " for number in range(40_000))
    path = as_archive(tmp_path / f"report.{suffix}", {**SMALL, "proc/meminfo": noise})
    data = path.read_bytes()
    for size in _cut(data):
        path.write_bytes(data[:size])
        with pytest.raises(AdvisorError, match="is cut off"):
            read_archive(path)


def test_a_plain_archive_that_ends_within_a_file_is_an_error(tmp_path: Path) -> None:
    path = as_archive(tmp_path / "report.tar", {UNAME: "x" * 5000})
    path.write_bytes(path.read_bytes()[:2048])
    with pytest.raises(AdvisorError, match=r"is (cut off|damaged)"):
        read_archive(path)


@pytest.mark.parametrize("suffix", ["gz", "xz", "bz2"])
def test_a_damaged_archive_is_an_error(tmp_path: Path, suffix: str) -> None:
    noise = "".join(f"{number * 7919 % 1000003} " for number in range(40_000))
    path = as_archive(tmp_path / f"report.tar.{suffix}", {**SMALL, "proc/meminfo": noise})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    path.write_bytes(data)
    with pytest.raises(AdvisorError, match="is damaged"):
        read_archive(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 5000, b"no archive\n" * 100, gzip.compress(b"no archive\n" * 100, mtime=0)],
)
def test_what_is_no_tar_archive_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.tar.gz"
    path.write_bytes(content)
    with pytest.raises(AdvisorError, match="not a tar archive"):
        read_archive(path)
    with path.open("rb") as file:
        assert not holds_tar(file)


def test_a_size_that_is_negative_is_an_error(tmp_path: Path) -> None:
    path = as_archive(tmp_path / "report.tar", SMALL)
    data = bytearray(path.read_bytes())
    data[124:136] = b"\xff" * 12  # the size of the first member, in base 256: -1
    total = sum(data[:148]) + 8 * 32 + sum(data[156:512])
    data[148:156] = b"%06o\0 " % total
    path.write_bytes(data)
    with pytest.raises(AdvisorError, match="is damaged"):
        read_archive(path)
