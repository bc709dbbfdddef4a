"""What `advisor remediate` is decided by: the policy, the plan, former runs, the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from advisor.changes.drift import current_values, drifted
from advisor.changes.journal import Damaged, history
from advisor.changes.looked import read_looked
from advisor.changes.origin import this_origin
from advisor.changes.remediation import Situation
from advisor.changes.remediation.rivals import rivals
from advisor.changes.session import Session
from advisor.changes.state_dir import StateDir, find_state_dir
from advisor.cli import applying
from advisor.cli.planning import Choice, Planned, make
from advisor.engine.selection import select
from advisor.errors import AdvisorError
from advisor.knowledge.catalogue import all_rules
from advisor.knowledge.remediation import FILE, load_policy
from advisor.knowledge.site import site_dirs, site_files
from advisor.model.finding import Status
from advisor.model.plan import Change
from advisor.model.receipt import Origin, Receipt
from advisor.model.remediation import Decision, Policy, Reason, Skipped
from advisor.settings.live import Live


def find_policy(given: Path | None) -> Policy | None:
    """The policy of a file, or of the site; None where there is none.

    Raises:
        AdvisorError: It is not valid; with file, line and column.
    """
    if given is not None:
        return load_policy(given)
    found = site_files(site_dirs(), FILE)
    return load_policy(found[0]) if found else None


def allowed_rules(policy: Policy) -> frozenset[str]:
    """Ids of the rules that the policy does not leave to people.

    Raises:
        AdvisorError: It names rules that there are not; with file, line and column.
    """
    rules = all_rules()
    for selector in (*policy.select, *policy.ignore):
        try:
            select(rules, [selector.text])
        except AdvisorError as error:
            raise AdvisorError(f"{selector.place}: {error.message}", error.hint) from None
    wanted = [each.text for each in policy.select]
    unwanted = [each.text for each in policy.ignore]
    return frozenset(rule.id for rule in select(rules, wanted, unwanted))


def plan_of(policy: Policy, source: str | None = None) -> Planned:
    """The plan that a person would get: rules that the policy leaves to people have a say in it,
    too, so that nothing is set to what they object to."""
    return make(Choice(policy.profile, source=source))


def elsewhere(policy: Policy, planned: Planned) -> Situation:
    """The situation of a host that is not this one: nothing is known of what was done there."""
    return Situation(
        plan=planned.plan,
        findings=planned.findings,
        allowed=allowed_rules(policy),
        now=datetime.now(timezone.utc),
    )


def here_now(policy: Policy, planned: Planned, session: Session) -> Situation:
    """The situation of this host, for whoever holds the lock."""
    damaged = [each.problem for each in session.journal.damaged]
    known = _Known(session.state, session.live, session.here, session.journal.receipts, damaged)
    return _of_host(policy, planned, known)


def looked_at(policy: Policy, planned: Planned) -> Situation:
    """The situation of this host, without the lock: it may change at any time.

    Raises:
        AdvisorError: The state directory is not safe, or may not be read.
    """
    found = find_state_dir()
    if found is None:
        return _with_scope(policy, elsewhere(policy, planned))
    with found as state, Live() as live:
        runs = list(history(state))[::-1]
        receipts = tuple(each for each in runs if isinstance(each, Receipt))
        damaged = [each.problem for each in runs if isinstance(each, Damaged)]
        known = _Known(state, live, this_origin(), receipts, damaged)
        return _of_host(policy, planned, known)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of former runs, and where to look for more."""

    state: StateDir
    live: Live
    here: Origin
    receipts: tuple[Receipt, ...]
    damaged: Sequence[str]


def _of_host(policy: Policy, planned: Planned, known: _Known) -> Situation:
    looked = read_looked(known.state)
    seen = None if looked is None else looked.run
    current = current_values(known.receipts, known.here, known.live)
    drifts = drifted(known.receipts, known.here, current, seen)
    situation = replace(
        elsewhere(policy, planned),
        here=known.here,
        uptime_s=planned.host.collection.uptime_s,
        receipts=known.receipts,
        seen=seen,
        drifts=drifts,
        rivals=rivals(planned.host.config, [each.address for each in drifts]),
        trouble=known.damaged[0] if known.damaged else None,
    )
    return _with_scope(policy, situation)


def _with_scope(policy: Policy, situation: Situation) -> Situation:
    """With what must not be changed on this host: nobody is there to confirm it."""
    allow = {"link"} if policy.allow_link else set()
    scope = applying.scope_of(situation.plan, allow, guarded=False)
    return replace(situation, omitted={each.change.address: each.reason for each in scope.omitted})


def without_harm(planned: Planned, decision: Decision) -> Decision:
    """The decision, or one to do nothing if only these changes would make another rule fail.

    The plan was simulated as a whole, and what is chosen of it is a part.
    """
    if not decision.changes or len(decision.changes) == len(planned.plan.changes):
        return decision
    spoiled = _newly_failing(planned, decision.changes)
    if not spoiled:
        return decision
    text = f"{', '.join(spoiled)} would fail if only a part of the plan were carried out"
    return replace(
        decision,
        changes=(),
        skipped=(
            *decision.skipped,
            *(Skipped(each, Reason.TOGETHER, text) for each in decision.changes),
        ),
        left_today=decision.left_today + len(decision.changes),
    )


def _newly_failing(planned: Planned, changes: Sequence[Change]) -> list[str]:
    from advisor.cli.judge import judge
    from advisor.engine.plan import simulated

    after = simulated(planned.host, {each.address: each.after for each in changes})
    later = judge(after, planned.profile, planned.rules).findings
    failing = (Status.FAIL, Status.WAIVED)
    before = {(each.rule.id, each.target) for each in planned.findings if each.status in failing}
    now = {(each.rule.id, each.target) for each in later if each.status in failing}
    return sorted({rule for rule, _ in now - before})
