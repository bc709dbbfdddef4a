"""`advisor confirm`, `rollback`, `recover`, `history` and `status`: what becomes of runs."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli import options
from advisor.errors import AdvisorError, Exit

if TYPE_CHECKING:
    from advisor.model.receipt import Receipt


class Format(str, Enum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"


RunId = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="A run, or its number. [default: the last]")
]
FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="What goes to standard output.")
]

app = typer.Typer(no_args_is_help=False)


def confirm(run: RunId = None, format: FormatOption = Format.TEXT) -> None:
    """Keep a run that was applied with --confirm-within: the watchdog is disarmed.

    As JSON it says what `apply` would have said, had it not waited.
    """
    from advisor.changes.confirm import confirm as confirm_run
    from advisor.changes.session import session
    from advisor.cli.applying import kept_of, lost_of
    from advisor.report.applied import Applied, applied_json, lasting_lines
    from advisor.report.runs import state_text

    with session("confirm") as here:
        kept, problem = kept_of(here, confirm_run(here, run))
    if format is Format.JSON:
        made = kept.receipt.transaction.operations
        done = Applied(made, (), (), receipt=kept.receipt, lost=lost_of(kept), boot=kept.problems)
        options.write(applied_json(done), None)
    else:
        lines = [f"run {kept.receipt.id} {state_text(kept.receipt)}"]
        lines += lasting_lines(lost_of(kept), kept.problems)
        options.say("\n".join(lines))
    if problem is not None:
        raise problem


def rollback(
    run: RunId = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Write over values that somebody else has put there, too."),
    ] = False,
    format: FormatOption = Format.TEXT,
) -> None:
    """Undo a run: every setting gets the value back that lies below the run's.

    Values that somebody else has changed since are left alone, and listed (exit code 5).
    """
    from advisor.changes.confirm import roll_back_by_hand
    from advisor.changes.session import session
    from advisor.cli.applying import rolled_back_text
    from advisor.report.runs import receipt_json

    with session("rollback") as here:
        undone = roll_back_by_hand(here, run, force=force)
    if format is Format.JSON:
        options.write(receipt_json(undone.receipt), None)
    else:
        options.write(rolled_back_text(f"run {undone.receipt.id}", undone), None)
    if not undone.complete:
        raise typer.Exit(Exit.ROLLBACK_INCOMPLETE)


def recover() -> None:
    """Undo a run that has ended midway: after a crash, and at boot. Can be repeated."""
    from advisor.changes.recover import recover as recover_run
    from advisor.changes.session import session
    from advisor.changes.state_dir import find_state_dir
    from advisor.changes.watchdog import alive
    from advisor.cli.applying import recovered_text, rolled_back_text

    found = find_state_dir()
    if found is None:
        options.say("nothing to recover")
        return
    found.close()
    with session("recover") as here:
        done = recover_run(here, alive)
    if done is None:
        options.say("nothing to recover")
    elif done.undone is None:
        options.say("\n".join((recovered_text(done), *done.files)))
    else:
        why = f"run {done.receipt.id} {done.pending.value}"
        options.write(rolled_back_text(why, done.undone), None)
    if done is not None and (done.files or (done.undone and not done.undone.complete)):
        raise typer.Exit(Exit.ROLLBACK_INCOMPLETE)


def boot(
    activated: Annotated[
        str | None,
        typer.Option("--activated", metavar="NIC", help="Only this interface, which is in use."),
    ] = None,
) -> None:
    """Bring the settings that no configuration file can hold: for the unit that runs at boot."""
    from advisor.changes.booting import boot as bring
    from advisor.changes.booting import failed
    from advisor.changes.session import session

    with session("boot") as here:
        results = bring(here, activated)
    for each in results:
        problem = f": {each.problem}" if each.problem else ""
        options.say(f"{each.setting}  {each.brought.value}{problem}")
    if failed(results):
        raise typer.Exit(Exit.ERROR)


@app.callback(invoke_without_command=True)
def history(
    context: typer.Context,
    format: FormatOption = Format.TEXT,
) -> None:
    """All runs, the youngest first."""
    if context.invoked_subcommand is not None:
        return
    import json

    from advisor.report import runs

    receipts, damaged = _history()
    if format is Format.JSON:
        data = {
            "schema": runs.HISTORY_SCHEMA,
            "runs": [runs.receipt_data(each) for each in receipts],
            "damaged": [{"id": run, "problem": problem} for run, problem in damaged],
        }
        options.write(json.dumps(data, ensure_ascii=True) + "\n", None)
    else:
        options.write(runs.history_text(receipts, damaged), None)


@app.command("show")
def show(
    run: RunId = None,
    format: FormatOption = Format.TEXT,
) -> None:
    """One run, with everything that became of it."""
    from advisor.changes.journal import find, history, read_receipt
    from advisor.changes.state_dir import find_state_dir
    from advisor.report import runs
    from advisor.report.style import TextStyle

    state = find_state_dir()
    if state is None:
        raise AdvisorError("there is no run yet", exit_code=Exit.REFUSED)
    with state:
        named = next((each.id for each in history(state)), "") if run is None else find(state, run)
        receipt = read_receipt(state, named)
    if receipt is None:
        raise AdvisorError("there is no run yet", exit_code=Exit.REFUSED)
    if format is Format.JSON:
        options.write(runs.receipt_json(receipt), None)
    else:
        style = TextStyle(colour=options.want_colour(), width=options.text_width())
        options.write(runs.receipt_text(receipt, style), None)


def status(format: FormatOption = Format.TEXT) -> None:
    """What waits for a decision, and which settings somebody else has changed since."""
    import json

    from advisor.changes.overview import overview
    from advisor.report import runs

    found = overview()
    if format is Format.JSON:
        options.write(json.dumps(runs.status_data(found), ensure_ascii=True) + "\n", None)
    else:
        options.write(runs.status_text(found), None)


def _history() -> tuple[list[Receipt], list[tuple[str, str]]]:
    """All runs, the youngest first, and those whose journals are damaged."""
    from advisor.changes.journal import Damaged, history
    from advisor.changes.state_dir import find_state_dir

    state = find_state_dir()
    if state is None:
        return [], []
    with state:
        runs = list(history(state))
    damaged = [(each.id, each.problem) for each in runs if isinstance(each, Damaged)]
    return [each for each in runs if not isinstance(each, Damaged)], damaged
