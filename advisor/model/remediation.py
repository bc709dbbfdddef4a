"""Unattended remediation: what a policy allows, and what has been decided by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum

from advisor.model.address import Address
from advisor.model.plan import Change
from advisor.model.receipt import Value
from advisor.model.rule import Severity
from advisor.model.unavailable import Unavailable

RISKS = ("low", "medium", "high")
"""What a change risks, least first."""


class OnDrift(Enum):
    """What to do about a setting that somebody has changed after a run."""

    REPORT = "report"
    REAPPLY = "reapply"


@dataclass(frozen=True, slots=True)
class Window:
    """When changes may be made, by the clock on the wall.

    Attributes:
        days: Days on which it begins, 0 for Monday.
        start: Minutes after midnight.
        end: Minutes after midnight at which it is over; if not after `start`, of the next day.
        zone: Time zone of that clock.
        text: As people write it: "sat sun 02:00-04:30 Europe/Berlin".
    """

    days: frozenset[int]
    start: int
    end: int
    zone: tzinfo
    text: str


@dataclass(frozen=True, slots=True)
class Selector:
    """Rules that a policy names.

    Attributes:
        text: Rule id, prefix, name or tag.
        place: File, line and column it stands at.
    """

    text: str
    place: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be fixed without a person. Times are in seconds.

    Attributes:
        file: Where it was read from.
        enabled: Whether anything may be.
        select: Rules that may be fixed; all when empty.
        ignore: Rules that may not.
        severity: Lowest severity of a failure that is fixed.
        active_only: Whether only failures are fixed that measured signs say hurt.
        max_risk: Highest risk of a change.
        allow_link: Whether a change may interrupt a link.
        windows: When changes may be made; always when empty.
        per_run: Most changes of one run.
        per_day: Most changes of unattended runs within 24 hours.
        cooldown: For how long a setting is left alone after a run has changed it.
        drift: What to do about a setting that somebody has changed after a run.
        observe: How long counters are watched before and after, 0 for not at all.
        rollback_if_worse: Whether a run is undone whose rules' counters got worse.
        probes: What has to answer afterwards.
        profile: Profile to judge by, None for the site's choice.
        persist: Whether changes outlive the boot.
    """

    file: str
    enabled: bool
    select: tuple[Selector, ...] = ()
    ignore: tuple[Selector, ...] = ()
    severity: Severity = Severity.WARNING
    active_only: bool = True
    max_risk: str = "low"
    allow_link: bool = False
    windows: tuple[Window, ...] = ()
    per_run: int = 5
    per_day: int = 20
    cooldown: int = 86_400
    drift: OnDrift = OnDrift.REPORT
    observe: int = 30
    rollback_if_worse: bool = True
    probes: tuple[str, ...] = ()
    profile: str | None = None
    persist: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """A setting that is not as the last run has left it.

    Attributes:
        address: The setting.
        run: Id of that run.
        left: The value that it left.
        now: The value now, or why it cannot be told.
        times: How often somebody has changed it after a run, this time included, as far as runs
            that still stand have noticed.
    """

    address: Address
    run: str
    left: Value
    now: Value | Unavailable
    times: int

    @property
    def known(self) -> bool:
        """Whether it is known to differ."""
        return not isinstance(self.now, Unavailable)


class Reason(Enum):
    """Why a change is not made."""

    RULE = "rule"  # the policy leaves one of its rules to people
    SEVERITY = "severity"
    INACTIVE = "inactive"  # nothing says that it hurts
    RISK = "risk"
    DISRUPTS = "disrupts"
    UNDONE = "undone"  # it was made before, and taken back
    CONTESTED = "contested"  # another program keeps changing the setting
    DRIFT = "drift"  # somebody has changed the setting, and the policy only reports that
    COOLDOWN = "cooldown"
    TOGETHER = "together"  # it belongs to one that is not made
    STOPPED = "stopped"
    WINDOW = "window"
    PER_RUN = "per-run"
    PER_DAY = "per-day"


@dataclass(frozen=True, slots=True, eq=False)
class Skipped:
    """A change that is not made now.

    Attributes:
        change: The change.
        reason: Why, in a word.
        text: Why, for people.
    """

    change: Change
    reason: Reason
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What an unattended run does now.

    Attributes:
        changes: The changes to make, in the order of the plan.
        skipped: The others of the plan, in its order.
        stopped: Why nothing is changed until a person has looked, None if that is not so.
        next_window: When changes may be made next; None if they may be now, or never may.
        left_today: How many changes the daily limit still allows, these not counted.
        drifts: Settings that are not as the last run has left them.
    """

    changes: tuple[Change, ...]
    skipped: tuple[Skipped, ...]
    stopped: str | None
    next_window: datetime | None
    left_today: int
    drifts: tuple[Drift, ...] = ()
