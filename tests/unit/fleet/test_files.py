"""Lines are read from whatever brings them; what is damaged is a problem at a place, no error."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.fleet.files import Source, lines, sources, written
from advisor.fleet.line import MAX_BYTES
from advisor.model.fleet import Problem


def no_parquet(path: Path) -> Iterator[bytes]:
    raise OSError("no Parquet here")


def read(path: Path) -> list[bytes | Problem]:
    return list(lines(Source(path.name, path), no_parquet))


def test_a_directory_means_the_files_of_lines_below_it(tmp_path: Path) -> None:
    for name in ("b.ndjson", "a.json.gz", "day=1/c.jsonl", "x.txt", ".hidden.json", "d.parquet"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    os.mkfifo(tmp_path / "pipe.json")
    found = [Path(source.name).relative_to(tmp_path).as_posix() for source in sources([tmp_path])]
    assert found == ["a.json.gz", "b.ndjson", "d.parquet", "day=1/c.jsonl"]


def test_a_file_that_is_named_may_be_called_anything(tmp_path: Path) -> None:
    path = tmp_path / "messages"
    path.write_text("one\n")
    assert sources([path]) == [Source(str(path), path)]


@pytest.mark.parametrize("name", ["nothing-there", "."])
def test_without_files_there_is_nothing_to_report(tmp_path: Path, name: str) -> None:
    with pytest.raises(AdvisorError) as caught:
        sources([tmp_path / name])
    assert name in caught.value.message or "*.ndjson" in caught.value.message


def test_lines_are_what_newlines_end_and_the_last_may_lack_one(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"one\n\ntwo\r\nthree")
    assert read(path) == [b"one\n", b"\n", b"two\r\n", b"three"]


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(b"x" * (3 * MAX_BYTES) + b"\nnext\n" + b"y" * MAX_BYTES + b"\nlast\n")
    found = read(path)
    assert [len(each) for each in found if isinstance(each, bytes)] == [
        MAX_BYTES + 1,
        len(b"next\n"),
        MAX_BYTES + 1,
        len(b"last\n"),
    ]


def test_compressed_lines_are_read_up_to_where_they_were_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson.gz"
    whole = gzip.compress(
        b"".join(b"%d %s\n" % (n, os.urandom(40).hex().encode()) for n in range(999))
    )
    path.write_bytes(whole)
    assert len(read(path)) == 999
    path.write_bytes(whole[: len(whole) // 2])
    *some, problem = read(path)
    assert 100 < len(some) < 999
    assert isinstance(problem, Problem)
    assert problem.place == f"a.ndjson.gz:{len(some) + 1}"
    assert problem.kind == "file that cannot be read on"


@pytest.mark.parametrize("content", [b"not gzip at all", b"\x1f\x8b\x08\x00garbage" * 9])
def test_what_is_no_gzip_is_a_problem(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.ndjson.gz"
    path.write_bytes(content)
    (problem,) = read(path)
    assert isinstance(problem, Problem)
    assert problem.kind == "file that cannot be read on"
    assert problem.detail


def test_an_empty_file_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.touch()
    assert read(path) == [Problem("a.ndjson", "empty file")]


def test_a_directory_that_is_called_like_a_file_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.mkdir()
    (problem,) = read(path)
    assert isinstance(problem, Problem)
    assert "neither a file nor a pipe" in problem.detail


def test_a_file_tells_when_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.touch()
    os.utime(path, (1_767_225_600, 1_767_225_600))
    assert written(Source("a", path)) == "2026-01-01T00:00:00Z"
    assert written(Source("b", tmp_path / "gone")) == "1970-01-01T00:00:00Z"
