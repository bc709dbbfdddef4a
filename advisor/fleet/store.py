"""Where the tables are kept: in DuckDB for fleets of any size, in SQLite where that is missing."""

from __future__ import annotations

import csv
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from advisor.errors import AdvisorError
from advisor.fleet.plain import Row
from advisor.fleet.tables import COLUMNS, SUMMED_UP

if TYPE_CHECKING:
    import duckdb

WITHOUT_DUCKDB = 10_000
"""Most hosts that are put into SQLite: it is several times slower, and keeps them in memory."""

_MEMORY = "640MB"
_FILE_ROWS = 500_000


class Store(Protocol):
    """Tables that are filled once, and asked then."""

    most: int | None
    """Most lines that it takes, None for any number."""

    def add(self, table: str, rows: Sequence[Row]) -> None:
        """Put rows into one of the tables."""

    def sum_up(self) -> None:
        """Work out what the questions build upon; nothing is added any more."""

    def ask(self, query: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        """The rows that answer a query."""

    def parquet(self, path: Path) -> Iterator[bytes]:
        """The rows of a Parquet file as lines of JSON."""


@contextmanager
def open_store(wanted: str | None = None) -> Iterator[Store]:
    """An empty store that goes away with everything in it.

    Args:
        wanted: "duckdb" or "sqlite", None for the best that there is.

    Raises:
        AdvisorError: It is not installed.
    """
    if wanted != "sqlite":
        try:
            import duckdb  # noqa: F401 - whether it loads; a broken installation is found, too
        except ImportError as error:
            if wanted is not None:
                raise AdvisorError(f"DuckDB cannot be loaded: {error}", install_hint()) from None
            wanted = "sqlite"
    with tempfile.TemporaryDirectory(prefix="advisor-fleet-") as folder:
        store = _Sqlite() if wanted == "sqlite" else _Duck(Path(folder))
        try:
            yield store
        finally:
            store.close()


def install_hint() -> str:
    """How to get DuckDB."""
    return "install it: pip install 'nettune-advisor[fleet]'"


class _Sqlite:
    most: int | None = 2 * WITHOUT_DUCKDB

    def __init__(self) -> None:
        self._base = sqlite3.connect(":memory:")
        for table, columns in COLUMNS.items():
            self._base.execute(f"CREATE TABLE {table} ({columns})")

    def add(self, table: str, rows: Sequence[Row]) -> None:
        marks = ", ".join("?" * (COLUMNS[table].count(",") + 1))
        self._base.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def sum_up(self) -> None:
        for statement in SUMMED_UP:
            self._base.execute(statement)

    def ask(self, query: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        return self._base.execute(query, tuple(values)).fetchall()

    def parquet(self, path: Path) -> Iterator[bytes]:
        raise OSError("Parquet needs DuckDB: " + install_hint())

    def close(self) -> None:
        self._base.close()


class _Duck:
    """Rows go through files of a bounded size, which DuckDB reads far faster than single rows.

    Its database is a file, too, so that neither Python nor DuckDB holds a fleet in memory.
    """

    most: int | None = None

    def __init__(self, folder: Path) -> None:
        import duckdb

        self._folder = folder
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": _MEMORY,
            "temp_directory": str(folder / "spill"),
            # What lines say is data: nothing may be loaded, and nothing fetched.
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        try:
            self._base: duckdb.DuckDBPyConnection = duckdb.connect(
                str(folder / "fleet.duckdb"), config=settings
            )
        except duckdb.Error as error:
            raise AdvisorError(f"DuckDB does not start: {error}") from None
        self._waiting: dict[str, _Rows] = {}
        for table, columns in COLUMNS.items():
            self._base.execute(f"CREATE TABLE {table} ({columns})")
            self._waiting[table] = _Rows(folder / f"{table}.csv")

    def add(self, table: str, rows: Sequence[Row]) -> None:
        waiting = self._waiting[table]
        waiting.write(rows)
        if waiting.count > _FILE_ROWS:
            self._load(table)

    def sum_up(self) -> None:
        for table in COLUMNS:
            self._load(table)
        for statement in SUMMED_UP:
            self._base.execute(statement)

    def ask(self, query: str, values: Sequence[str | int] = ()) -> list[tuple[Any, ...]]:
        return self._base.execute(query, list(values)).fetchall()

    def parquet(self, path: Path) -> Iterator[bytes]:
        import duckdb

        # By a name of ours: DuckDB would take "*" and "[" in another for patterns.
        packed, unpacked = self._folder / "packed.parquet", self._folder / "unpacked.ndjson"
        packed.symlink_to(path.absolute())
        try:
            self._base.execute("SET TimeZone = 'UTC'")
            self._base.execute(
                f"COPY (FROM '{_quoted(packed)}') TO '{_quoted(unpacked)}' (FORMAT json)"
            )
            with unpacked.open("rb") as file:
                yield from file
        except duckdb.Error as error:
            raise OSError(str(error).partition("\n")[0]) from None
        finally:
            packed.unlink()
            unpacked.unlink(missing_ok=True)

    def close(self) -> None:
        for waiting in self._waiting.values():
            waiting.close()
        self._base.close()

    def _load(self, table: str) -> None:
        path = self._waiting[table].take()
        self._base.execute(
            f"COPY {table} FROM '{_quoted(path)}' (FORMAT csv, HEADER false, DELIMITER ',',"
            " QUOTE '\"', ESCAPE '\"', NULLSTR '\\N', AUTO_DETECT false)"
        )
        path.unlink()


class _Rows:
    """A file of rows that grows until it is taken away."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()

    def write(self, rows: Sequence[Row]) -> None:
        self._writer.writerows(rows)
        self.count += len(rows)

    def take(self) -> Path:
        """The file, which a new one takes the place of."""
        self._file.close()
        taken = self._path.with_suffix(".taken")
        self._path.replace(taken)
        self._open()
        return taken

    def close(self) -> None:
        self._file.close()

    def _open(self) -> None:
        self.count = 0
        self._file = self._path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
