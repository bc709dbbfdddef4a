"""What the commands that change something have in common: the plan, the scope, the outcome."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from advisor.changes.apply import NotApplied
from advisor.changes.journal import history
from advisor.changes.keeping import Kept, keep
from advisor.changes.layers import Place
from advisor.changes.links import read_links_now
from advisor.changes.management import management_interfaces
from advisor.changes.origin import this_origin
from advisor.changes.plan_file import load_plan
from advisor.changes.preflight import Prepared, prepare
from advisor.changes.recover import Pending, Recovered, recover
from advisor.changes.rollback import RolledBack
from advisor.changes.scope import Scope, choose
from advisor.changes.session import Session
from advisor.changes.state_dir import find_state_dir
from advisor.changes.transaction import Observer, Wishes, carry_through
from advisor.changes.watchdog import alive
from advisor.cli import options
from advisor.errors import AdvisorError, Exit
from advisor.facts.files import Files
from advisor.model.address import Address
from advisor.model.plan import Plan
from advisor.model.receipt import Receipt, State
from advisor.report import runs
from advisor.report.applied import Applied, applied_json, applied_text, settings_text
from advisor.report.outcome import outcome_lines
from advisor.report.style import TextStyle, safe
from advisor.settings.live import Live


def saved_plan(path: Path) -> Plan:
    """A plan that was saved, of this host.

    Raises:
        AdvisorError: It cannot be read, is not a plan, or is another host's (exit code 6).
    """
    plan = load_plan(path)
    if plan.hostname != os.uname().nodename:
        raise AdvisorError(
            f"{path}: the plan is for {plan.hostname}, and this is {os.uname().nodename}",
            "nothing was changed; make a plan here: advisor plan",
            exit_code=Exit.REFUSED,
        )
    return plan


def finish_former(session: Session) -> None:
    """Undoes a run that has ended midway; one that waits to be confirmed is in the way.

    Raises:
        AdvisorError: A run waits to be confirmed, or could not be undone (exit code 6).
    """
    done = recover(session, alive)
    if done is None:
        return
    run = done.receipt.id
    if done.pending in (Pending.WAITS, Pending.ELSEWHERE):
        raise AdvisorError(
            f"run {run} {done.pending.value}: nothing was changed",
            "advisor confirm, or advisor rollback",
            exit_code=Exit.REFUSED,
        )
    if done.files or (done.undone is not None and not done.undone.complete):
        raise AdvisorError(
            f"run {run} {done.pending.value}, and could not be undone entirely",
            f"advisor history show {run}",
            exit_code=Exit.ROLLBACK_INCOMPLETE,
        )
    options.note(recovered_text(done))


def recovered_text(done: Recovered) -> str:
    """What was done about a run that has ended midway."""
    why = f"run {done.receipt.id} {done.pending.value}"
    if done.pending is Pending.FILES:
        return f"{why}: they are as before, and bring nothing of it at the next boot"
    return f"{why}: {'left alone' if done.undone is None else 'it is rolled back'}"


def scope_of(plan: Plan, allow: Collection[str], *, guarded: bool) -> Scope:
    """The changes of a plan that may be made.

    Raises:
        AdvisorError: The links cannot be read.
    """
    try:
        links = read_links_now()
    except OSError as error:
        raise AdvisorError(f"the links cannot be read: {error.strerror}") from error
    path = management_interfaces(Files())
    return choose(plan.changes, allow, links, path.may_carry, guarded=guarded)


def observer_for(
    plan: Plan, seconds: float, params: dict[str, str], *, rollback_if_worse: bool
) -> Observer:
    """What measures the figures of the rules that a plan is for.

    Raises:
        AdvisorError: The profile or the rules cannot be read.
    """
    from advisor.cli.observing import Observer as Looking
    from advisor.knowledge.catalogue import all_rules, find_profile

    wanted = {rule for change in plan.changes for rule in change.rules}
    rules = [rule for rule in all_rules() if rule.id in wanted]
    return Looking(
        seconds, find_profile(plan.profile), params, rules, rollback_if_worse=rollback_if_worse
    )


@dataclass(frozen=True, slots=True)
class Manner:
    """How a command behaves towards whoever runs it.

    Attributes:
        yes: Whether it does not ask.
        json: Whether its answer is a document.
    """

    yes: bool = False
    json: bool = False


def try_out(scope: Scope, manner: Manner) -> None:
    """Says what would be changed, after making sure that it can be. Touches nothing, not even the
    state directory.

    Raises:
        AdvisorError: It could not be done.
    """
    with ExitStack() as stack:
        live = stack.enter_context(Live())
        state = find_state_dir()
        runs_so_far = [] if state is None else list(history(stack.enter_context(state)))
        receipts = [each for each in reversed(runs_so_far) if isinstance(each, Receipt)]
        waiting = next((each for each in receipts if each.unfinished), None)
        if waiting is not None:
            options.note(f"run {waiting.id} {runs.state_text(waiting)}: it would come first")
        prepared = prepare(scope.changes, live, receipts, this_origin())
    _answer(_asked(scope, prepared, dry_run=True), manner)


def carry_out(session: Session, scope: Scope, wishes: Wishes, manner: Manner) -> Exit:
    """Prepares, asks, applies, and says what came of it; returns the exit code.

    Raises:
        AdvisorError: It could not begin. Nothing was changed.
    """
    prepared = prepare(scope.changes, session.live, session.journal.receipts, session.here)
    done = _asked(scope, prepared)
    if not prepared.operations:
        _answer(done, manner)
        return Exit.OK
    if not manner.yes:
        _ask(len(prepared.operations))
    try:
        receipt = carry_through(session, prepared, wishes, _progress)
    except NotApplied as error:
        return _not_applied(error, done, manner)
    kept, problem = kept_of(session, receipt)
    done = replace(done, receipt=kept.receipt, lost=lost_of(kept), boot=kept.problems)
    _answer(done, manner)
    if problem is not None:
        raise problem
    return Exit.OK


def kept_of(session: Session, receipt: Receipt) -> tuple[Kept, AdvisorError | None]:
    """Writes a confirmed run to configuration files unless it is not to last; and why that failed.

    The run stays as it is then: its values last until the next boot.
    """
    if receipt.state is not State.CONFIRMED or receipt.transaction.runtime_only:
        return Kept(receipt, (), ()), None
    try:
        return keep(session, receipt.id), None
    except AdvisorError as error:
        now = next(each for each in session.journal.receipts if each.id == receipt.id)
        return Kept(now, (), ()), error


def lost_of(kept: Kept) -> tuple[tuple[Address, str, str | None], ...]:
    """The settings that the next boot loses: address, why, what makes them last instead."""
    return tuple((each.address, each.reason, each.instead) for each in kept.left)


def rolled_back_text(why: str, undone: RolledBack) -> str:
    """What came of undoing a run."""
    outcomes = [(address, each.verdict, each.problem) for address, each in undone.outcomes]
    text = runs.undone_text(why, outcomes, undone.files)
    if undone.place is Place.EARLIER_BOOT:
        text += "its values were those of an earlier boot, which the kernel has forgotten\n"
    if undone.journal is not None:
        text += f"this could not be recorded: {safe(undone.journal)}\n"
    return text


def _asked(scope: Scope, prepared: Prepared, *, dry_run: bool = False) -> Applied:
    """What was asked for, and what is left of it to do."""
    for each in scope.omitted:
        options.note(f"left out: {each.change.address}: {each.reason} ({each.hint})")
    for address in prepared.present:
        options.note(f"{address} has its value already")
    return Applied(prepared.operations, prepared.present, scope.omitted, dry_run=dry_run)


def _answer(done: Applied, manner: Manner) -> None:
    style = TextStyle(colour=options.want_colour(), width=options.text_width())
    options.write(applied_json(done) if manner.json else applied_text(done, style), None)


def _not_applied(error: NotApplied, done: Applied, manner: Manner) -> Exit:
    undone = error.undone
    if manner.json:
        found = replace(done, receipt=undone.receipt, problem=error.why, complete=undone.complete)
        options.write(applied_json(found), None)
    else:
        text = rolled_back_text(f"not applied: {safe(error.why)}", undone)
        outcome = undone.receipt.outcome
        if outcome is not None:
            style = TextStyle(colour=options.want_colour(), width=options.text_width())
            text = "\n".join([*outcome_lines(outcome, style), "", text])
        options.write(text, None)
    if not undone.complete:
        return Exit.ROLLBACK_INCOMPLETE
    return Exit.INTERRUPTED if error.stopped else Exit.ROLLED_BACK


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise AdvisorError(
            f"{settings_text(count)} would be changed, and there is nobody to ask",
            "say --yes to go ahead, or --dry-run to try",
        )
    if not typer.confirm(f"Change {settings_text(count)}?", err=True):
        raise AdvisorError("nothing was changed", exit_code=Exit.REFUSED)


def _progress(text: str) -> None:
    """A lost terminal must not be why a change fails."""
    with suppress(OSError, ValueError):
        options.note(text)
