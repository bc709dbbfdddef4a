"""The commands, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from advisor import __version__
from advisor.cli import (
    apply,
    check,
    doctor,
    explain,
    export,
    fleet,
    plan,
    profiles,
    remediate,
    rules,
    runs,
    schema,
    snapshot,
)
from advisor.cli import map as map_command

app = typer.Typer(
    name="advisor",
    help="Explains how this host's network settings fit its workload, with evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 advisor could not do its "
    "job, 3 unknown results and --strict, 4 rolled back, 5 rolled back in part, 6 refused and "
    "nothing changed, 130 interrupted.",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"advisor {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass


app.command("check")(check.check)
app.command("explain")(explain.explain)
app.command("map")(map_command.draw)
app.command("plan")(plan.plan)
app.command("apply")(apply.apply)
app.command("confirm")(runs.confirm)
app.command("rollback")(runs.rollback)
app.command("recover")(runs.recover)
app.command("status")(runs.status)
app.command("boot", hidden=True)(runs.boot)
app.command("remediate")(remediate.remediate)
app.command("export")(export.export)
app.command("snapshot")(snapshot.snapshot)
app.command("schema")(schema.schema)
app.command("doctor")(doctor.doctor)
app.add_typer(fleet.app, name="fleet", help="What the checks of many hosts say together.")
app.add_typer(runs.app, name="history", help="All runs that changed something; show one.")
app.add_typer(rules.app, name="rules", help="List, lint and test rules.")
app.add_typer(profiles.app, name="profile", help="List, show and detect workload profiles.")
