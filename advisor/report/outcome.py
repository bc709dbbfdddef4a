"""What changes did to a host's figures: for people, and as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from advisor.engine.outcome import CONNECTIONS, TRAFFIC, overall, verdicts
from advisor.model.receipt import ALWAYS, Effect, Figure, Outcome
from advisor.report.style import TextStyle, safe
from advisor.units import FORMATS, format_value

_COLOURS = {Effect.BETTER: ("green",), Effect.SAME: ("dim",), Effect.WORSE: ("bold", "red")}
_LOAD = (TRAFFIC, CONNECTIONS)


def outcome_lines(outcome: Outcome, style: TextStyle, rules: Iterable[str] = ()) -> list[str]:
    """The outcome as lines: each rule with its figures, then what is watched in any case.

    Of the latter only what changed, and how busy the host was; all of it when verbose.

    Args:
        outcome: The outcome.
        style: How to write it.
        rules: Ids of the rules whose settings were changed; those without figures are named.
    """
    head = f"over {format_value(outcome.seconds, 's')} before and after: {overall(outcome).value}"
    lines = [style.paint(head, "bold")]
    effects = verdicts(outcome)
    always = effects.pop(ALWAYS, None)
    for rule, effect in effects.items():
        lines += [f"  {style.paint(rule, 'bold')} {_word(effect, style)}"]
        lines += _table(_of(outcome, rule), style)
    silent = [rule for rule in rules if rule not in effects]
    if silent:
        text = f"{', '.join(silent)}: no counter tells whether it helped, or none could be read"
        lines += style.wrap(text, 2, 2)
    if always is not None:
        lines += [f"  {style.paint('watched in any case', 'bold')} {_word(always, style)}"]
        lines += _table([each for each in _of(outcome, ALWAYS) if _worth(each, style)], style)
    return lines


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """The outcome as plain data: `advisor history show -f json`."""
    effects = verdicts(outcome)
    always = effects.pop(ALWAYS, Effect.SAME)
    return {
        "seconds": outcome.seconds,
        "effect": overall(outcome).value,
        "rules": [
            {"rule": rule, "effect": effect.value, "figures": _data(outcome, rule)}
            for rule, effect in effects.items()
        ],
        "always": {"effect": always.value, "figures": _data(outcome, ALWAYS)},
    }


def _of(outcome: Outcome, rule: str) -> list[Figure]:
    return [figure for figure in outcome.figures if figure.rule == rule]


def _worth(figure: Figure, style: TextStyle) -> bool:
    changed = figure.effect is not Effect.SAME or figure.note is not None
    return style.verbose or changed or _is_load(figure)


def _table(figures: list[Figure], style: TextStyle) -> list[str]:
    """A line for each figure; a note below it."""
    rows = [(_label(figure), _values(figure)) for figure in figures]
    label_width = max((len(label) for label, _ in rows), default=0)
    values_width = max((len(values) for _, values in rows), default=0)
    lines = []
    for figure, (label, values) in zip(figures, rows, strict=True):
        word = "" if _is_load(figure) else _word(figure.effect, style)
        line = f"    {label.ljust(label_width)}  {values.ljust(values_width)}  {word}"
        lines.append(line.rstrip())
        if figure.note:
            lines += style.wrap(figure.note, 6)
    return lines


def _label(figure: Figure) -> str:
    return safe(figure.label if figure.target == "host" else f"{figure.target}: {figure.label}")


def _values(figure: Figure) -> str:
    # A record may be of a version that had other units.
    unit = figure.unit if figure.unit in FORMATS else ""
    return " → ".join(format_value(value, unit) for value in (figure.before, figure.after))


def _is_load(figure: Figure) -> bool:
    return figure.rule == ALWAYS and figure.label in _LOAD


def _word(effect: Effect, style: TextStyle) -> str:
    return style.paint(effect.value, *_COLOURS[effect])


def _data(outcome: Outcome, rule: str) -> list[dict[str, Any]]:
    return [
        {
            "label": figure.label,
            "target": figure.target,
            "unit": figure.unit,
            "before": figure.before,
            "after": figure.after,
            "effect": figure.effect.value,
            "note": figure.note,
        }
        for figure in _of(outcome, rule)
    ]
