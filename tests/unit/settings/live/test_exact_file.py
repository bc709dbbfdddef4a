"""Files below a directory: nothing leads out of it, and one write() says what happened."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from advisor.settings.live.exact_file import is_component, read_beneath, write_beneath


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[int]:
    below = tmp_path / "below"
    (below / "a" / "b").mkdir(parents=True)
    (below / "a" / "b" / "value").write_text("1\n")
    (below / "a" / "dotted.name").write_text("2\n")
    (tmp_path / "outside").write_text("secret\n")
    (below / "link").symlink_to("a/b/value")
    (below / "way").symlink_to("a")
    (below / "out").symlink_to(tmp_path)
    os.mkfifo(below / "fifo")
    directory = os.open(below, os.O_PATH | os.O_DIRECTORY)
    yield directory
    os.close(directory)


OUTSIDE = [
    ((), errno.EINVAL),
    (("..", "outside"), errno.EINVAL),
    (("a", "..", "..", "outside"), errno.EINVAL),
    (("a/../../outside",), errno.EINVAL),
    (("/etc/hostname",), errno.EINVAL),
    (("", "a"), errno.EINVAL),
    (("a", ".", "dotted.name"), errno.EINVAL),
    (("a\0b",), errno.EINVAL),
    (("link",), errno.ELOOP),
    (("way", "dotted.name"), errno.ENOTDIR),
    (("out", "outside"), errno.ENOTDIR),
    (("a", "missing"), errno.ENOENT),
    (("missing", "value"), errno.ENOENT),
    (("a", "dotted.name", "value"), errno.ENOTDIR),
]


@pytest.mark.parametrize(("components", "number"), OUTSIDE)
def test_no_name_leads_out_of_the_directory(
    tree: int, tmp_path: Path, components: tuple[str, ...], number: int
) -> None:
    with pytest.raises(OSError) as read:
        read_beneath(tree, components)
    with pytest.raises(OSError) as written:
        write_beneath(tree, components, "9")
    assert (read.value.errno, written.value.errno) == (number, number)
    assert (tmp_path / "outside").read_text() == "secret\n"
    assert (tmp_path / "below/a/b/value").read_text() == "1\n"


def test_what_is_no_file_is_neither_read_nor_written(tree: int) -> None:
    for components in (("fifo",), ("a",)):
        with pytest.raises(OSError):
            read_beneath(tree, components)
        with pytest.raises(OSError):
            write_beneath(tree, components, "9")


def test_a_value_goes_into_the_file_that_is_there(tree: int, tmp_path: Path) -> None:
    write_beneath(tree, ("a", "b", "value"), "8")
    assert (tmp_path / "below/a/b/value").read_text() == "8\n"
    assert read_beneath(tree, ("a", "b", "value")) == "8\n"
    with pytest.raises(FileNotFoundError):
        write_beneath(tree, ("a", "b", "new"), "8")
    assert not (tmp_path / "below/a/b/new").exists()


def test_a_value_that_was_taken_in_part_is_an_error(tree: int) -> None:
    # The kernel takes fewer bytes of a vector that is too long, and says so only by their number.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3, before[1]))
    try:
        with pytest.raises(OSError, match="only 3 of 6 bytes"):
            write_beneath(tree, ("a", "b", "value"), "1 2 3")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_fills_the_first_read_is_read_whole(tree: int, tmp_path: Path) -> None:
    text = ",".join(map(str, range(2000)))
    (tmp_path / "below/a/b/value").write_text(text)
    assert read_beneath(tree, ("a", "b", "value")) == text


def test_nothing_stays_open(tree: int) -> None:
    before = sorted(Path("/proc/self/fd").iterdir())
    read_beneath(tree, ("a", "b", "value"))
    for components, _number in OUTSIDE:
        with pytest.raises(OSError):
            write_beneath(tree, components, "9")
    assert sorted(Path("/proc/self/fd").iterdir()) == before


@pytest.mark.parametrize("name", ["eth0.100", "-x", "a..b", "$(id)", "é", "...", "\udcff", " "])
def test_odd_names_are_names(name: str) -> None:
    assert is_component(name)
