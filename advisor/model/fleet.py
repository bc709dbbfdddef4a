"""A fleet: what the lines of many hosts say together."""

from __future__ import annotations

from dataclasses import dataclass

SEVERITIES = ("", "info", "warning", "error")
"""Names of severities by rank; 0 stands for "nothing failed"."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A line or file that could not be used.

    Attributes:
        place: File and line.
        kind: What is wrong, the same words for all of its kind.
        detail: More about this one, "" for nothing.
    """

    place: str
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read.

    Attributes:
        files: How many files.
        lines: How many lines.
        used: How many of them count.
        problems: Kind of problem → how many lines have it.
        examples: The first of them.
    """

    files: int
    lines: int
    used: int
    problems: dict[str, int]
    examples: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """How many hosts there are of each sort; a host counts by its newest line.

    Attributes:
        hosts: All of them, however they answered.
        checked: Whose newest line is a check; the other numbers but two are about these.
        failed: Whose newest line says that the check failed.
        unreachable: Whose newest line says that the host could not be reached.
        worst: Number of hosts by the rank of their worst failure, see `SEVERITIES`.
        active: With a failure that hurts now.
        waived: With a waived failure.
        unknown: Where something could not be judged.
        waiting: With a run that is not finished.
        drifted: With settings that are not as the last run left them.
        cut: Whose line leaves findings out.
        silent: Checked, but long before the newest line; see `Fleet.silent`.
        first: Time of the oldest line that counts.
        last: Time of the newest.
    """

    hosts: int
    checked: int
    failed: int
    unreachable: int
    worst: tuple[int, int, int, int]
    active: int
    waived: int
    unknown: int
    waiting: int
    drifted: int
    cut: int
    silent: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host that was checked.

    Attributes:
        host: Its name.
        at: When it was checked.
        group: Its group.
        site: Its site.
        profile: What it was judged by.
        kernel: Its kernel.
        platform: What it runs on.
        advisor: The version that judged it.
        worst: Rank of its worst failure.
        errors: How many failures are errors.
        warnings: How many are warnings.
        infos: How many are infos.
        active: How many hurt now.
        waived: How many are waived.
        unknown: What could not be judged.
        waiting: The run that is not finished, "" for none.
        drifted: Settings that are not as the last run left them.
        rules: The rules that fail.
    """

    host: str
    at: str
    group: str
    site: str
    profile: str
    kernel: str
    platform: str
    advisor: str
    worst: int
    errors: int
    warnings: int
    infos: int
    active: int
    waived: int
    unknown: int
    waiting: str
    drifted: int
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule that fails somewhere.

    Attributes:
        rule: Its id.
        title: What it says, "" when it is not known here.
        severity: The highest rank that it has on a host.
        hosts: Hosts on which it fails.
        active: Hosts on which it hurts.
        waived: Hosts on which it is waived.
        groups: Groups with such hosts.
        setting: The setting that it is about on most of them, "" for none.
        actual: The most frequent value of it.
        wanted: What it should be there.
        example: One of the hosts.
    """

    rule: str
    title: str
    severity: int
    hosts: int
    active: int
    waived: int
    groups: int
    setting: str
    actual: str
    wanted: str
    example: str


@dataclass(frozen=True, slots=True)
class Share:
    """Hosts that have something in common.

    Attributes:
        name: What they have in common.
        hosts: How many.
        errors: How many of them have an error.
        warnings: How many have a warning, and no error.
        active: How many have a failure that hurts now.
        failures: Failures of all of them.
    """

    name: str
    hosts: int
    errors: int
    warnings: int
    active: int
    failures: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """On how many hosts of each group each rule fails.

    Attributes:
        groups: Names and sizes of the groups, the largest first.
        rules: Rules that fail on most hosts, the most frequent first.
        cells: For every rule, the hosts of every group.
        more_groups: Groups that are left out.
        more_rules: Rules that are left out.
    """

    groups: tuple[tuple[str, int], ...]
    rules: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    more_groups: int
    more_rules: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in which a host differs from its group.

    Attributes:
        kind: "fails" what hardly any other does, "passes" what nearly all others fail; or
            "kernel", "profile", "driver", "advisor" that hardly any other has.
        name: The rule, or the value.
        alike: How many hosts of the group are like this one in it, itself included.
    """

    kind: str
    name: str
    alike: int


@dataclass(frozen=True, slots=True)
class Outlier:
    """A host that differs from its group.

    Attributes:
        host: Its name.
        group: Its group.
        size: Hosts in the group.
        count: In how many things it differs.
        differences: The first of them, the rarest first.
    """

    host: str
    group: str
    size: int
    count: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """How a rule's failures changed from the check before to the newest one.

    Attributes:
        rule: Its id.
        appeared: Hosts on which it fails now and did not before.
        gone: Hosts on which it failed before.
    """

    rule: str
    appeared: int
    gone: int


@dataclass(frozen=True, slots=True)
class ChangedHost:
    """A host whose failures changed.

    Attributes:
        host: Its name.
        group: Its group.
        before: Time of the check before.
        at: Time of the newest one.
        appeared: Rules that fail now and did not before.
        gone: Rules that failed before.
    """

    host: str
    group: str
    before: str
    at: str
    appeared: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed since the check before, on the hosts that have two.

    Attributes:
        compared: Hosts with two checks.
        changed: How many of them have other failures now.
        worse: How many have more than before among them.
        rules: The rules concerned, those that appeared most often first.
        hosts: The hosts, those with most new failures first, the first of many.
    """

    compared: int
    changed: int
    worse: int
    rules: tuple[Change, ...]
    hosts: tuple[ChangedHost, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A host without a current check.

    Attributes:
        host: Its name.
        group: Its group, as far as it is known.
        at: Time of its newest line.
        state: "unreachable", "failed" or "silent".
        error: Why, "" when it is silent.
        checked: Time of its last check, "" if there is none.
    """

    host: str
    group: str
    at: str
    state: str
    error: str
    checked: str


@dataclass(frozen=True, slots=True)
class RolloutHost:
    """A host on which a rollout went wrong, and which can be checked all the same.

    Attributes:
        host: Its name.
        group: Its group.
        at: Time of its newest line.
        state: "rolled-back" or "failed".
        changes: How many settings were to be changed.
        problem: Why, "" when that is not told.
    """

    host: str
    group: str
    at: str
    state: str
    changes: int
    problem: str


@dataclass(frozen=True, slots=True)
class Rollout:
    """What rollouts did, as the newest lines tell; all zero where lines come from checks alone.

    Attributes:
        applied: Hosts whose settings were changed.
        rolled_back: Hosts on which that was undone.
        failed: Hosts on which it failed; those that could not be checked are not among them.
        reboot: Hosts on which a change needs a reboot.
        settings: Settings that were changed, on all hosts.
        hosts: Those on which it was undone or failed, the first of many.
    """

    applied: int
    rolled_back: int
    failed: int
    reboot: int
    settings: int
    hosts: tuple[RolloutHost, ...]


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything that a report about a fleet tells. Lists are cut; the totals are not.

    Attributes:
        intake: What was read.
        by: The label that makes groups.
        totals: Numbers of hosts.
        hosts: The hosts with failures, the worst first.
        rules: The rules that fail, by number of hosts.
        groups: Hosts by group.
        shares: "profile", "kernel", "driver", "platform", "site", "advisor" → hosts by it.
        heat: Rules by group.
        outliers: Hosts that differ from their group, those that do most first.
        outlier_hosts: How many there are.
        drift: What changed since the check before.
        missing: Hosts without a current check.
        rollout: What rollouts did.
    """

    intake: Intake
    by: str
    totals: Totals
    hosts: tuple[HostRow, ...]
    rules: tuple[RuleRow, ...]
    groups: tuple[Share, ...]
    shares: dict[str, tuple[Share, ...]]
    heat: HeatMap
    outliers: tuple[Outlier, ...]
    outlier_hosts: int
    drift: Drift
    missing: tuple[Missing, ...]
    rollout: Rollout
