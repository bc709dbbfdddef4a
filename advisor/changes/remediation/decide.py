"""Which changes of a plan are made now, and why the others are not."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.changes.remediation.objections import failures_of, judge_with
from advisor.changes.remediation.situation import Situation
from advisor.changes.remediation.together import together
from advisor.changes.remediation.unattended import changes_today, unseen_failures
from advisor.changes.remediation.windows import is_open, next_opening
from advisor.model.plan import Change
from advisor.model.receipt import State
from advisor.model.remediation import Decision, Policy, Reason, Skipped

Group = Sequence[Change]


def decide(policy: Policy, situation: Situation) -> Decision:
    """What an unattended run does now, and why not the rest of the plan.

    Changes that belong together are made together or not at all; where limits leave room for some
    only, the most urgent ones come first.
    """
    skipped: list[Skipped] = []
    groups: list[Group] = []
    judge = judge_with(policy, situation)
    for group in together(situation.plan.changes):
        objections = [found for change in group if (found := judge(change)) is not None]
        if objections:
            skipped += _as_one(group, objections)
        else:
            groups.append(group)
    stopped = _stopped(policy, situation)
    room = max(0, policy.per_day - changes_today(situation))
    chosen: list[Change] = []
    if stopped is not None:
        skipped += _all(groups, Reason.STOPPED, "stopped, see above")
    elif not is_open(policy.windows, situation.now):
        skipped += _all(groups, Reason.WINDOW, "outside of the maintenance windows")
    else:
        by_urgency = sorted(groups, key=lambda group: _urgency(situation, group))
        chosen, too_many = _within_limits(policy, by_urgency, room)
        skipped += too_many
    order = {change.address: place for place, change in enumerate(situation.plan.changes)}
    return Decision(
        changes=tuple(sorted(chosen, key=lambda change: order[change.address])),
        skipped=tuple(sorted(skipped, key=lambda each: order[each.change.address])),
        stopped=stopped,
        next_window=next_opening(policy.windows, situation.now),
        left_today=room - len(chosen),
        drifts=tuple(situation.drifts),
    )


def _stopped(policy: Policy, situation: Situation) -> str | None:
    """Why nothing at all may be changed."""
    if not policy.enabled:
        return "the policy says enabled: false"
    if situation.trouble is not None:
        return situation.trouble
    failures = unseen_failures(situation.receipts, situation.seen)
    if failures:
        last = failures[-1]
        what = "could not be undone entirely" if last.state is State.FAILED else "was rolled back"
        return (
            f"run {last.id} {what}, and no person has looked since "
            f"(advisor history show {last.id}, then advisor remediate --resume)"
        )
    unfinished = next((each for each in situation.receipts if each.unfinished), None)
    if unfinished is not None:
        return f"run {unfinished.id} is {unfinished.state.value}, and not finished"
    return None


def _as_one(group: Group, objections: Sequence[Skipped]) -> list[Skipped]:
    """What speaks against one change speaks against all that belong to it."""
    own = {each.change.address: each for each in objections}
    first = objections[0]
    text = f"it goes together with {first.change.address}, which is not changed"
    return [own.get(each.address, Skipped(each, Reason.TOGETHER, text)) for each in group]


def _all(groups: Sequence[Group], reason: Reason, text: str) -> list[Skipped]:
    return [Skipped(change, reason, text) for group in groups for change in group]


def _urgency(situation: Situation, group: Group) -> int:
    places = [place for change in group for place, _ in failures_of(situation, change)]
    return min(places, default=len(situation.findings))


def _within_limits(
    policy: Policy, groups: Sequence[Group], room: int
) -> tuple[list[Change], list[Skipped]]:
    chosen: list[Change] = []
    skipped: list[Skipped] = []
    for group in groups:
        size = len(group)
        if size > policy.per_run:
            text = f"{size} changes belong together; the policy allows {policy.per_run} in a run"
            skipped += _all([group], Reason.PER_RUN, text)
        elif len(chosen) + size > policy.per_run:
            text = f"the policy allows {policy.per_run} changes in a run: next time"
            skipped += _all([group], Reason.PER_RUN, text)
        elif len(chosen) + size > room:
            text = f"the policy allows {policy.per_day} changes within 24 hours"
            skipped += _all([group], Reason.PER_DAY, text)
        else:
            chosen += group
    return chosen, skipped
