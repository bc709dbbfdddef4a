"""Where in an interface's layout a failure sits."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.expression import Frame, parse
from advisor.model.address import Address, IrqAddress, NicAddress
from advisor.model.finding import Place
from advisor.model.rule import Rule

_PARTS = {
    "mtu": "link",
    "pause": "link",
    "channels": "completion",
    "ring": "ring",
    "coalesce": "interrupts",
    "napi_defer_hard_irqs": "interrupts",
    "gro_flush_timeout": "interrupts",
    "threaded": "interrupts",
    "feature": "offload",
    "private": "offload",
    "rss": "rss",
    "qdisc": "qdisc",
    "txqueuelen": "qdisc",
}


def places(rule: Rule, setting: Address | None, frame: Frame) -> tuple[Place, ...]:
    """What the rule's `at` names, else what its setting belongs to; () for neither.

    Numbers that are not known are left out: the failure itself stands on other expressions.
    """
    return tuple(_named(rule, frame)) or tuple(_of(setting))


def _named(rule: Rule, frame: Frame) -> Iterator[Place]:
    for part, source in rule.at.items():
        if part == "part":
            yield Place(source)
            continue
        value = parse(source).evaluate(frame)
        for number in value if isinstance(value, tuple) else (value,):
            if type(number) is int:
                yield Place(part, number)


def _of(setting: Address | None) -> Iterator[Place]:
    if isinstance(setting, IrqAddress):
        yield Place("irq", setting.irq)
    elif isinstance(setting, NicAddress):
        first, *rest = setting.attribute
        if first == "queue" and rest:
            way, _, number = rest[0].partition("-")
            if way in ("rx", "tx") and number.isdecimal():
                yield Place(way, int(number))
        elif first in _PARTS:
            yield Place(_PARTS[first])
