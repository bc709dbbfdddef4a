"""`advisor apply`: make the changes of a plan, all or none, with a way back."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli import options
from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from advisor.model.plan import Plan


class Format(str, Enum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"


class Allowed(str, Enum):
    """What changes may disrupt."""

    LINK = "link"


def apply(
    context: typer.Context,
    plan: Annotated[
        Path | None,
        typer.Argument(metavar="[PLAN]", help="A saved plan. [default: plan now]"),
    ] = None,
    profile: options.Profile = None,
    param: options.Params = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    sample: options.Sample = None,
    waivers: options.Waivers = None,
    baseline: options.Baseline = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check that everything can be done, and do nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    allow: Annotated[
        list[Allowed] | None,
        typer.Option("--allow", help="Also make changes that interrupt a link for a moment."),
    ] = None,
    confirm_within: Annotated[
        str | None,
        typer.Option(
            "--confirm-within",
            metavar="TIME",
            help="Roll back unless confirmed within 120s, 5m …: advisor confirm.",
        ),
    ] = None,
    probe: Annotated[
        list[str] | None,
        typer.Option(
            "--probe",
            metavar="ping:ADDR|tcp:HOST:PORT",
            help="Roll back unless this answers afterwards. Repeatable.",
        ),
    ] = None,
    observe: Annotated[
        str | None,
        typer.Option(
            "--observe",
            metavar="TIME",
            help="Measure the counters of the rules before and after, for 30s, 2m … each.",
        ),
    ] = None,
    rollback_if_worse: Annotated[
        bool,
        typer.Option("--rollback-if-worse", help="With --observe: undo what made things worse."),
    ] = False,
    runtime_only: Annotated[
        bool,
        typer.Option(
            "--runtime-only/--persist",
            help="Leave configuration files alone, or write them once the run is confirmed.",
        ),
    ] = False,
    format: Annotated[
        Format, typer.Option("--format", "-f", help="What goes to standard output.")
    ] = Format.TEXT,
) -> None:
    """Make the changes of a plan: all of them or none, watched, with a way back.

    Every value is read back. When anything is not as it should be, everything is undone.
    """
    from advisor.changes.probe import parse_probe
    from advisor.changes.session import session
    from advisor.changes.transaction import Wishes
    from advisor.cli import applying, planning
    from advisor.report.plan import digest_of, to_text
    from advisor.report.style import TextStyle

    if rollback_if_worse and observe is None:
        raise AdvisorError("--rollback-if-worse needs --observe", "such as --observe 30s")
    seconds = None if confirm_within is None else options.parse_duration(confirm_within)
    probes = tuple(parse_probe(text) for text in probe or ())
    saved = None
    if plan is not None:
        planning.refuse_choice(context)
        saved = applying.saved_plan(plan)
    manner = applying.Manner(yes=yes, json=format is Format.JSON)
    allowed = {each.value for each in allow or ()}

    def planned() -> Plan:
        made = saved
        if made is None:
            choice = planning.Choice(
                profile,
                param,
                select,
                ignore,
                sample=sample,
                waivers=waivers,
                baseline=baseline,
            )
            made = planning.make(choice).plan
        if not manner.json:
            style = TextStyle(colour=options.want_colour(), width=options.text_width())
            options.write(to_text(made, style), None)
        return made

    if dry_run:
        scope = applying.scope_of(planned(), allowed, guarded=seconds is not None)
        applying.try_out(scope, manner)
        return
    with session("apply") as here:
        applying.finish_former(here)
        made = planned()
        scope = applying.scope_of(made, allowed, guarded=seconds is not None)
        wishes = Wishes(
            profile=made.profile,
            plan=digest_of(made),
            confirm_within=seconds,
            probes=probes,
            observer=None
            if observe is None
            else applying.observer_for(
                made,
                options.parse_duration(observe),
                options.parse_params(param),
                rollback_if_worse=rollback_if_worse,
            ),
            runtime_only=runtime_only,
        )
        code = applying.carry_out(here, scope, wishes, manner)
    raise typer.Exit(code)
