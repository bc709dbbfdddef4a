"""Everything that can be used is used; the rest is counted and named with file and line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.fleet import store
from advisor.fleet.files import sources
from advisor.fleet.store import open_store
from advisor.fleet.take_in import take_in
from advisor.model.fleet import Intake
from tests.unit.fleet.fleets import check, lost, report, write

ENGINES = ("duckdb", "sqlite")


def intake(paths: list[Path], engine: str | None = None) -> Intake:
    return report(paths, engine).intake


@pytest.mark.parametrize("engine", ENGINES)
def test_bad_lines_are_counted_and_named_and_the_rest_counts(tmp_path: Path, engine: str) -> None:
    good = check("a", "AAA001")
    first = write(tmp_path / "1.ndjson", good, "", '{"half', good, check("b"), "[1]", '{"half')
    second = write(tmp_path / "2.ndjson", good, {**check("c"), "schema": "advisor.line/v7"})
    (tmp_path / "3.ndjson").touch()
    found = intake([tmp_path], engine)
    assert (found.files, found.lines, found.used) == (3, 9, 2)
    assert found.problems == {
        "half-written line": 2,
        "line that has arrived before": 2,
        "empty line": 1,
        "not a JSON object": 1,
        "line of a version that is not known here": 1,
        "empty file": 1,
    }
    places = {(each.place, each.kind) for each in found.examples}
    assert (f"{first}:3", "half-written line") in places
    assert (f"{first}:4", "line that has arrived before") in places
    assert (f"{second}:1", "line that has arrived before") in places
    assert (f"{second}:2", "line of a version that is not known here") in places


def test_many_problems_of_one_kind_do_not_hide_one_of_another(tmp_path: Path) -> None:
    write(tmp_path / "1.ndjson", *["x"] * 500, check("a"), "[1]")
    found = intake([tmp_path])
    assert found.problems == {"not JSON": 500, "not a JSON object": 1}
    assert len(found.examples) < 30
    assert "not a JSON object" in {each.kind for each in found.examples}


@pytest.mark.parametrize("engine", ENGINES)
def test_where_nothing_can_be_used_that_is_the_error(tmp_path: Path, engine: str) -> None:
    path = write(tmp_path / "1.ndjson", "", "x", "y")
    with pytest.raises(AdvisorError) as caught:
        intake([path], engine)
    assert "not JSON (2), empty line (1)" in caught.value.message
    assert f"{path}:1" in caught.value.message


def test_without_duckdb_a_small_fleet_is_reported_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    path = write(tmp_path / "1.ndjson", check("a"))
    assert intake([path]).used == 1
    with pytest.raises(AdvisorError) as caught:
        intake([path], "duckdb")
    assert "advisor[fleet]" in str(caught.value)


def test_without_duckdb_a_large_fleet_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    monkeypatch.setattr(store._Sqlite, "most", 2)
    path = write(tmp_path / "1.ndjson", *(check(name) for name in "abc"))
    with pytest.raises(AdvisorError) as caught:
        intake([path])
    assert "DuckDB" in caught.value.message
    assert "advisor[fleet]" in str(caught.value)


def test_parquet_files_are_lines_too(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    lines = [check("a", "AAA001"), check("b"), lost("c", at="2026-05-02T00:00:00Z")]
    path = write(tmp_path / "1.ndjson", *lines)
    folder = tmp_path / "it's [1] *"
    folder.mkdir()
    with duckdb.connect() as base:
        base.execute(f"COPY (FROM '{path}') TO '{tmp_path}/1.parquet'")
    (tmp_path / "1.parquet").rename(folder / "1.parquet")
    (folder / "2.parquet").write_text("this is none")
    fleet = report([folder])
    assert fleet.intake.used == 3
    assert [rule.rule for rule in fleet.rules] == ["AAA001"]
    assert (fleet.totals.checked, fleet.totals.failed) == (2, 1)
    assert fleet.intake.problems == {"file that cannot be read on": 1}
    with pytest.raises(AdvisorError) as caught:
        report([folder], "sqlite")
    assert "file that cannot be read on (2)" in caught.value.message


def test_more_rows_than_go_into_one_file_all_arrive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "_FILE_ROWS", 10)
    path = write(tmp_path / "1.ndjson", *(check(f"h{n}", "AAA001", "B,\"'") for n in range(100)))
    fleet = report([path], "duckdb")
    assert [(rule.rule, rule.hosts) for rule in fleet.rules] == [("AAA001", 100), ("B,\"'", 100)]


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    path = write(tmp_path / "1.ndjson", check("a"), "x")
    with open_store(engine) as opened:
        take_in(sources([path]), opened, "group")
        assert list(folder.iterdir())
    assert not list(folder.iterdir())
