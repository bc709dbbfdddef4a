"""`advisor remediate`: fix what the site's policy allows, without a person."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli import options
from advisor.errors import AdvisorError, Exit

if TYPE_CHECKING:
    from advisor.changes.session import Session
    from advisor.model.remediation import Policy
    from advisor.report.remediation import Remediation


class Format(str, Enum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"


def remediate(
    policy: Annotated[
        Path | None,
        typer.Option(
            "--policy", metavar="FILE", help="The policy. [default: the site's remediation.yaml]"
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done now, and why not the rest.")
    ] = False,
    check_policy: Annotated[
        bool, typer.Option("--check-policy", help="Only check the policy, and say what it allows.")
    ] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="A person has looked at what went wrong: go on next time."),
    ] = False,
    source: options.Source = None,
    format: Annotated[
        Format, typer.Option("--format", "-f", help="What goes to standard output.")
    ] = Format.TEXT,
) -> None:
    """Fix what a policy allows, without a person: for a timer. Off until there is a policy.

    Stops after a run was rolled back, until a person has looked: --resume.
    """
    from advisor.cli import remediating

    if sum((dry_run, check_policy, resume)) > 1:
        raise AdvisorError("--dry-run, --check-policy and --resume do not go together")
    if source is not None and not dry_run:
        raise AdvisorError("--from is about another host: it goes with --dry-run only")
    if resume:
        _resume(format)
        return
    found = remediating.find_policy(policy)
    if found is None or not (found.enabled or dry_run or check_policy):
        _off(found, format)
        return
    if check_policy:
        _check(found)
        return
    done = _Done(_looked_at(found, source)) if dry_run else _run(found)
    _show(done, format)
    if done.made.decision.stopped is not None and found.enabled:
        raise typer.Exit(Exit.REFUSED)
    raise typer.Exit(done.code)


@dataclass(frozen=True, slots=True)
class _Done:
    """What a run has come to.

    Attributes:
        made: What was decided and done.
        code: How the process ends.
        text: What else people should know.
    """

    made: Remediation
    code: Exit = Exit.OK
    text: str = ""


def _looked_at(policy: Policy, source: str | None) -> Remediation:
    """What would be done now."""
    from advisor.changes.remediation import decide
    from advisor.cli import remediating
    from advisor.report.remediation import Remediation

    planned = remediating.plan_of(policy, source)
    look = remediating.elsewhere if source is not None else remediating.looked_at
    decision = remediating.without_harm(planned, decide(policy, look(policy, planned)))
    return Remediation(policy, planned.plan, decision)


def _run(policy: Policy) -> _Done:
    """Decides and acts under one lock, so that two runs at once cannot exceed the limits."""
    from advisor.changes.remediation import decide
    from advisor.changes.session import session
    from advisor.cli import applying, remediating
    from advisor.report.remediation import Remediation

    with session("remediate") as here:
        applying.finish_former(here)
        planned = remediating.plan_of(policy)
        situation = remediating.here_now(policy, planned, here)
        decision = remediating.without_harm(planned, decide(policy, situation))
        made = Remediation(policy, planned.plan, decision)
        return _carry_out(here, made) if decision.changes else _Done(made)


def _carry_out(here: Session, made: Remediation) -> _Done:
    """Makes the changes, the same way as `advisor apply` does."""
    from advisor.changes.apply import NotApplied
    from advisor.changes.preflight import prepare
    from advisor.changes.probe import parse_probe
    from advisor.changes.transaction import Wishes, carry_through
    from advisor.cli import applying
    from advisor.model.receipt import Trigger
    from advisor.report.plan import digest_of

    policy, changes = made.policy, made.decision.changes
    chosen = replace(made.plan, changes=changes)
    prepared = prepare(changes, here.live, here.journal.receipts, here.here)
    if not prepared.operations:
        return _Done(made, text="every setting has its value already\n")
    wishes = Wishes(
        profile=made.plan.profile,
        plan=digest_of(chosen),
        probes=tuple(parse_probe(text) for text in policy.probes),
        observer=applying.observer_for(
            chosen, float(policy.observe), {}, rollback_if_worse=policy.rollback_if_worse
        )
        if policy.observe
        else None,
        runtime_only=not policy.persist,
        trigger=Trigger.REMEDIATE,
    )
    try:
        receipt = carry_through(here, prepared, wishes, _progress)
    except NotApplied as error:
        undone = error.undone
        code = Exit.INTERRUPTED if error.stopped else Exit.ROLLED_BACK
        return _Done(
            replace(made, run=undone.receipt),
            code if undone.complete else Exit.ROLLBACK_INCOMPLETE,
            applying.rolled_back_text(f"not applied: {error.why}", undone),
        )
    kept, problem = applying.kept_of(here, receipt)
    made = replace(made, run=kept.receipt, lost=applying.lost_of(kept), boot=kept.problems)
    if problem is None:
        return _Done(made)
    return _Done(made, problem.exit_code, f"{options.error_text(problem)}\n")


def _show(done: _Done, format: Format) -> None:
    from advisor.report.remediation import to_json, to_text
    from advisor.report.style import TextStyle

    if format is Format.JSON:
        options.write(to_json(done.made, datetime.now(timezone.utc)), None)
        return
    style = TextStyle(colour=options.want_colour(), width=options.text_width())
    options.write(to_text(done.made, style) + done.text, None)


def _off(policy: Policy | None, format: Format) -> None:
    from advisor.report.remediation import SCHEMA, safe_lines

    file = None if policy is None else policy.file
    if format is Format.JSON:
        options.say(json.dumps({"schema": SCHEMA, "policy": file, "enabled": False}))
        return
    why = "there is no remediation.yaml" if file is None else f"{file} says enabled: false"
    options.write(safe_lines([f"nothing is changed without a person: {why}"]), None)


def _check(policy: Policy) -> None:
    from advisor.changes.probe import parse_probe
    from advisor.changes.remediation.windows import next_opening
    from advisor.cli.remediating import allowed_rules
    from advisor.knowledge.catalogue import all_rules, find_profile
    from advisor.report.remediation import policy_text

    allowed = allowed_rules(policy)
    for text in policy.probes:
        parse_probe(text)
    if policy.profile not in (None, "auto"):
        find_profile(policy.profile)
    opening = next_opening(policy.windows, datetime.now(timezone.utc))
    options.write(policy_text(policy, len(allowed), len(all_rules()), opening), None)


def _resume(format: Format) -> None:
    """Remembers that a person has looked at all runs up to now."""
    from advisor.changes.journal import Journal
    from advisor.changes.lock import acquire
    from advisor.changes.looked import read_looked, write_looked
    from advisor.changes.remediation import unseen_failures
    from advisor.changes.state_dir import find_state_dir
    from advisor.report.remediation import SCHEMA, safe_lines

    lines, failed = ["nothing was ever changed here"], list[str]()
    found = find_state_dir()
    if found is not None:
        with found as state, acquire(state, "remediate --resume") as lock:
            receipts = Journal(lock).receipts
            looked = read_looked(state)
            failures = unseen_failures(receipts, None if looked is None else looked.run)
            failed = [each.id for each in failures]
            if receipts:
                write_looked(lock, receipts[-1].id, time.time())
                lines = [f"looked at: run {each.id} ({each.state.value})" for each in failures]
                lines.append("unattended runs go on next time")
    if format is Format.JSON:
        options.say(json.dumps({"schema": SCHEMA, "looked_at": failed}))
    else:
        options.write(safe_lines(lines), None)


def _progress(text: str) -> None:
    """A lost standard error must not be why a change fails."""
    with suppress(OSError, ValueError):
        options.note(text)
