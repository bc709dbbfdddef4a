"""Reads from a host the figures that tell whether a change helped.

They are the items of the rules' evidence that say `better: lower` or `better: higher`, and a few
that must not get worse whatever is changed (`guards`). All of them are evaluated on a host with a
sample, where `delta()` and `rate()` cover just that window.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from advisor import settings
from advisor.engine.evidence import counted, uses, using
from advisor.engine.frames import View
from advisor.engine.guards import CONNECTIONS, GUARDS, OCTETS
from advisor.expression import Frame, parse
from advisor.expression.values import Path, is_number
from advisor.model.address import BOUND, Address, NicAddress
from advisor.model.host import Host
from advisor.model.receipt import ALWAYS
from advisor.model.rule import Rule, Scope, Shown

# Unit of a level → a smaller difference than this matters to nobody.
_FLOORS = {"percent": 0.05, "count": 10, "us": 50, "ms": 0.05, "s": 0.00005}

Key = tuple[str, str, str]
"""Names a figure: id of the rule or `ALWAYS`, what it was counted at, label."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A rule whose figures are to be read.

    Attributes:
        rule: The rule.
        targets: The things of its scope to read them of; None for all that the rule is about.
    """

    rule: Rule
    targets: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A figure in one window.

    Attributes:
        value: How many events there were, or the level.
        unit: Unit of a level (advisor.units.FORMATS); "rate" for events.
        better: "lower" or "higher".
        events: Whether it counts events.
        per: Of how many these events are a share; None for events that are told per second.
        floor: A smaller difference matters to nobody: events per second, or a share.
    """

    value: float
    unit: str
    better: str
    events: bool
    per: float | None = None
    floor: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What was read in one window.

    Attributes:
        seconds: Its length.
        octets: Octets that IP received and sent, None if not known.
        connections: TCP connections that were opened and accepted, None if not known.
        readings: The figures. One that could not be read, or began anew, is not there.
    """

    seconds: float
    octets: float | None
    connections: float | None
    readings: dict[Key, Reading]


def subjects(
    changes: Iterable[tuple[Address, Collection[str]]], rules: Iterable[Rule]
) -> tuple[Subject, ...]:
    """Whose figures tell what changes did, each rule once.

    Args:
        changes: Each setting that is changed, and the ids of the rules that want it.
        rules: The rules; those that want none of the changes are left out.
    """
    named: dict[str, set[str] | None] = {}
    for address, ids in changes:
        for rule in ids:
            known = named.setdefault(rule, set())
            if isinstance(address, NicAddress) and known is not None:
                known.add(address.nic)
            else:
                named[rule] = None
    return tuple(
        Subject(rule, _targets(rule, named[rule.id])) for rule in rules if rule.id in named
    )


def measure(host: Host, about: Sequence[Subject], params: dict[str, Any]) -> Window:
    """The figures of a host in the window of its sample.

    Args:
        host: The facts.
        about: Whose figures: `subjects`.
        params: Values of the profile's parameters.

    Raises:
        ValueError: The host has no sample.
    """
    if host.sample is None:
        raise ValueError("counters of a host without a sample cover no window")
    view = View(host, params)
    readings: dict[Key, Reading] = {}
    for each in about:
        rule = each.rule
        growth = counted(rule.let)
        own = using(rule.let, {rule.scope.value, "layout", "actual"})
        for target, frame in _frames(view, each):
            for shown in figures(rule):
                # What is the same for every interface is told once.
                place = target if uses(shown.value, own) else "host"
                reading = _read(shown, frame, growth)
                if reading is not None:
                    readings[rule.id, place, shown.label] = reading
    frame = view.frame()
    for guard in GUARDS:
        value = _number(guard.value, frame)
        per = _number(guard.per, frame) if guard.per else None
        if value is not None and (per is not None or not guard.per):
            key = (ALWAYS, "host", guard.label)
            readings[key] = Reading(value, "rate", "lower", True, per, guard.floor)
    seconds = host.sample.seconds
    return Window(seconds, _number(OCTETS, frame), _number(CONNECTIONS, frame), readings)


def figures(rule: Rule) -> list[Shown]:
    """The items of a rule's evidence that tell whether changing its setting helped."""
    return [shown for shown in rule.symptom.show if shown.better] if rule.symptom else []


def _targets(rule: Rule, named: set[str] | None) -> frozenset[str] | None:
    return None if named is None or rule.scope is not Scope.NIC else frozenset(named)


def _frames(view: View, about: Subject) -> Iterator[tuple[str, Frame]]:
    """Each thing that the rule's figures are read of, with the names that they can use."""
    rule = about.rule
    bound: dict[str, dict[str, tuple[Any, Path]]] = {}
    if rule.scope is Scope.HOST:
        bound["host"] = {}
    else:
        things = view.concerned(rule.scope, rule.each.when if rule.each else "true")
        for name, thing, _ in things if isinstance(things, list) else ():
            if about.targets is None or name in about.targets:
                bound[name] = {rule.scope.value: thing}
    for name, names in bound.items():
        frame = view.frame(**names)
        frame.trace = None
        frame.pending |= {key: partial(_value, text) for key, text in rule.let.items()}
        address = rule.check.setting
        if isinstance(address, NicAddress) and address.nic == BOUND:
            address = replace(address, nic=name)
        if address is not None:
            frame.names["actual"] = (settings.read(view.host, address), ())
        yield name, frame


def _read(shown: Shown, frame: Frame, growth: Set[str]) -> Reading | None:
    value = _number(shown.value, frame)
    if value is None:
        return None
    if counts_events(shown, growth):
        events = value * frame.seconds if shown.unit == "rate" else value
        return Reading(events, "rate", shown.better, events=True)
    floor = _FLOORS.get(shown.unit, 0.0)
    return Reading(value, shown.unit, shown.better, events=False, floor=floor)


def counts_events(shown: Shown, growth: Set[str]) -> bool:
    """Whether an item counts events: a count or a rate that is computed from growing counters.

    Args:
        shown: The item.
        growth: Names that stand for the growth of counters: `evidence.counted`.
    """
    return shown.unit in ("count", "rate") and uses(shown.value, growth)


def _number(text: str, frame: Frame) -> float | None:
    value = parse(text).evaluate(frame)
    return value if is_number(value) else None


def _value(text: str, frame: Frame) -> Any:
    return parse(text).evaluate(frame)
