"""Reads remediation policies: /etc/advisor/remediation.yaml, or another file that is named."""

from __future__ import annotations

from datetime import timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from advisor.knowledge.document import Document, Place
from advisor.knowledge.site import check_owner
from advisor.model.remediation import OnDrift, Policy, Selector, Window
from advisor.model.rule import Severity

FILE = "remediation.yaml"
"""Name of the policy in a directory of the site."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST_OBSERVED = 3600
_LONGEST_COOLDOWN = 366 * 86_400
_LOCALTIME = Path("/etc/localtime")


def load_policy(path: Path) -> Policy:
    """The policy of a file.

    Raises:
        AdvisorError: It cannot be read, others than its owner or root could have written it, or it
            is not valid; with file, line and column.
    """
    from advisor.knowledge.schema import validate
    from advisor.knowledge.yaml_reader import read_file

    check_owner(path)
    document = read_file(path)
    if not isinstance(document.data, dict):
        raise document.error((), "a policy is a mapping with the key enabled")
    validate(document, "remediation")
    policy = _policy(document)
    _check(document, policy)
    return policy


def _policy(document: Document) -> Policy:
    data: dict[str, Any] = document.data
    rules, limits = data.get("rules", {}), data.get("limits", {})
    defaults = Policy(document.file, enabled=False)
    return Policy(
        file=document.file,
        enabled=data["enabled"],
        select=_selectors(document, "select"),
        ignore=_selectors(document, "ignore"),
        severity=Severity(rules.get("severity", defaults.severity.value)),
        active_only=rules.get("active_only", defaults.active_only),
        max_risk=data.get("max_risk", defaults.max_risk),
        allow_link="link" in data.get("allow", []),
        windows=tuple(_window(document, index) for index in range(len(data.get("windows", [])))),
        per_run=limits.get("per_run", defaults.per_run),
        per_day=limits.get("per_day", defaults.per_day),
        cooldown=_duration(document, "cooldown", defaults.cooldown, _LONGEST_COOLDOWN),
        drift=OnDrift(data.get("drift", defaults.drift.value)),
        observe=_duration(document, "observe", defaults.observe, _LONGEST_OBSERVED),
        rollback_if_worse=data.get("rollback_if_worse", defaults.rollback_if_worse),
        probes=tuple(data.get("probes", ())),
        profile=data.get("profile"),
        persist=data.get("persist", defaults.persist),
    )


def _check(document: Document, policy: Policy) -> None:
    """What no schema can say: keys that contradict each other."""
    if policy.per_day < policy.per_run:
        raise document.error(
            ("limits",), f"per_run is {policy.per_run}, more than per_day: {policy.per_day}"
        )
    if policy.allow_link and not policy.probes:
        raise document.error(
            ("allow",),
            "allow: [link] needs probes: nobody is there to see that the host does not answer",
            "such as probes: [ping:192.0.2.1], with the address of the gateway",
        )
    if policy.observe == 0 and policy.rollback_if_worse and "observe" in document.data:
        raise document.error(
            ("observe",),
            "without observing, nothing can be seen to get worse",
            "add rollback_if_worse: false, or observe for 30s",
        )


def _selectors(document: Document, name: str) -> tuple[Selector, ...]:
    found = document.data.get("rules", {}).get(name, [])
    return tuple(
        Selector(text, _place(document, ("rules", name, index))) for index, text in enumerate(found)
    )


def _window(document: Document, index: int) -> Window:
    raw = document.data["windows"][index]
    place = ("windows", index)
    start, end = _minutes(raw["from"]), _minutes(raw["to"])
    if start == end:
        raise document.error(
            place, f"a window from {raw['from']} to {raw['to']} has no length", 'to: "24:00" ends'
        )
    names = raw.get("days", list(DAYS))
    zone = raw.get("timezone", "local")
    text = [] if len(names) == len(DAYS) else [day for day in DAYS if day in names]
    return Window(
        days=frozenset(DAYS.index(name) for name in names),
        start=start,
        end=end,
        zone=_zone(document, (*place, "timezone"), zone),
        text=" ".join([*text, f"{raw['from']}-{raw['to']}", zone]),
    )


def _zone(document: Document, place: Place, name: str) -> tzinfo:
    if name == "UTC" or (name == "local" and not _LOCALTIME.exists()):
        return timezone.utc  # the latter as the C library does
    try:
        if name != "local":
            return ZoneInfo(name)
        with _LOCALTIME.open("rb") as stream:
            return ZoneInfo.from_file(stream, key="local")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise document.error(
            place,
            f"the time zone {name} is not known here",
            "use UTC, or install the time zone database (package tzdata)",
        ) from None


def _minutes(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)


def _duration(document: Document, name: str, default: int, longest: int) -> int:
    text = document.data.get(name)
    if text is None:
        return default
    seconds = int(text[:-1]) * _SECONDS[text[-1]]
    if seconds > longest:
        raise document.error((name,), f"{name}: {text} is more than {longest} seconds")
    return seconds


def _place(document: Document, place: Place) -> str:
    line, column = document.marks.get(place, (1, 1))
    return f"{document.file}:{line}:{column}"
