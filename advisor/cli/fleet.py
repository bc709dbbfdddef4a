"""`advisor fleet report`: what the lines of many hosts say together."""

from __future__ import annotations

import atexit
import gc
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from advisor.cli import options

app = typer.Typer(no_args_is_help=True)


class Format(str, Enum):
    """Output formats."""

    TEXT = "text"
    HTML = "html"
    JSON = "json"
    MARKDOWN = "markdown"


class Engine(str, Enum):
    """What the lines are put into."""

    DUCKDB = "duckdb"
    SQLITE = "sqlite"


@app.callback()
def _fleet() -> None:
    pass


@app.command("report")
def report(
    given: Annotated[
        list[Path],
        typer.Argument(metavar="DIR|FILE|-…", help="Lines of `advisor check -f line`, or Parquet."),
    ],
    format: Annotated[Format, typer.Option("--format", "-f", help="Output format.")] = Format.TEXT,
    by: Annotated[
        str, typer.Option("--by", metavar="LABEL", help="The label that makes groups.")
    ] = "group",
    engine: Annotated[
        Engine | None, typer.Option("--engine", help="[default: DuckDB where it is installed]")
    ] = None,
    output: options.Output = None,
) -> None:
    """Which hosts are worst, what is found most often, who differs, what changed, who is missing.

    A host counts by its newest line. Lines that cannot be used are counted and named.
    """
    from advisor.fleet.files import sources
    from advisor.fleet.picture import picture
    from advisor.fleet.store import open_store
    from advisor.fleet.take_in import take_in
    from advisor.report.fleet import writer

    found = sources(given)
    # main() hides all objects from the cycle collector before the exit, and DuckDB's binding would
    # complain on standard error that it cannot let go of its own.
    atexit.register(gc.unfreeze)
    with open_store(engine.value if engine else None) as store:
        intake = take_in(found, store, by)
        fleet = picture(store, intake, by, _titles())
    write = writer(format.value, width=options.text_width(), colour=options.want_colour(output))
    options.write(write(fleet), output)


def _titles() -> dict[str, str]:
    """The titles of the rules that are known here, the site's own included."""
    from advisor.knowledge.catalogue import all_rules

    return {rule.id: rule.title for rule in all_rules()}
