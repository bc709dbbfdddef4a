"""Parsed knowledge is kept, and read again when a file changes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from advisor.knowledge import compiled


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that counts as shipped, with a cache of its own."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "one.yaml").write_text("1")
    monkeypatch.setattr(compiled, "rules_dir", lambda: rules)
    monkeypatch.setattr(compiled, "_CACHE", tmp_path / "cache")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return rules


class Counting:
    """A reader that counts what it reads."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self, path: Path) -> Any:
        self.reads += 1
        return {"text": path.read_text()}


def read(folder: Path, reader: Counting) -> dict[str, Any]:
    return compiled.read_all(folder, sorted(folder.glob("*.yaml")), reader)


def test_a_second_start_reads_no_file(folder: Path) -> None:
    reader = Counting()
    assert read(folder, reader) == read(folder, reader) == {"one.yaml": {"text": "1"}}
    assert reader.reads == 1


def test_a_change_is_seen(folder: Path) -> None:
    reader = Counting()
    read(folder, reader)
    path = folder / "one.yaml"
    path.write_text("2")
    os.utime(path, ns=(1, 1))
    assert read(folder, reader) == {"one.yaml": {"text": "2"}}


def test_another_version_reads_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Counting()
    read(folder, reader)
    monkeypatch.setattr(compiled, "__version__", "99")
    read(folder, reader)
    assert reader.reads == 2


def test_new_and_removed_files_are_seen(folder: Path) -> None:
    reader = Counting()
    read(folder, reader)
    (folder / "two.yaml").write_text("2")
    assert sorted(read(folder, reader)) == ["one.yaml", "two.yaml"]
    (folder / "one.yaml").unlink()
    assert sorted(read(folder, reader)) == ["two.yaml"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"signature": []}', b"\xff"])
def test_a_damaged_cache_is_not_used(folder: Path, tmp_path: Path, content: bytes) -> None:
    reader = Counting()
    read(folder, reader)
    (tmp_path / "cache" / "knowledge-rules.json").write_bytes(content)
    assert read(folder, reader) == {"one.yaml": {"text": "1"}}
    assert reader.reads == 2


def test_nothing_is_written_where_python_writes_no_bytecode(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    read(folder, Counting())
    assert not (tmp_path / "cache").exists()


def test_a_package_that_cannot_be_written_to_works(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("not a folder")
    assert read(folder, Counting()) == {"one.yaml": {"text": "1"}}


def test_other_folders_are_not_kept(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "site"
    other.mkdir()
    (other / "x.yaml").write_text("3")
    assert read(other, Counting()) == {"x.yaml": {"text": "3"}}
    assert not (tmp_path / "cache").exists()


def test_the_cache_of_the_shipped_knowledge_equals_the_files() -> None:
    from advisor.knowledge.locations import rules_dir
    from advisor.knowledge.rules import read_rules
    from advisor.knowledge.yaml_reader import read_file

    kept = json.loads(json.dumps(read_rules(rules_dir())))
    for path in rules_dir().rglob("[A-Z]*.yaml"):
        fresh = read_file(path).data
        del fresh["tests"]
        assert kept[path.name] == fresh
