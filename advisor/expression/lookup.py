"""Lookups: how an expression finds a fact, and a counter's growth since the earlier reading."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from advisor.expression.functions import CONSTANTS
from advisor.expression.values import (
    ABSENT,
    Frame,
    Path,
    Unknown,
    below,
    compute,
    describe,
    is_number,
    missing,
    peek,
    step,
    text,
    walk,
)
from advisor.model.unavailable import Unavailable

Node = Callable[[Frame], Any]
"""What a syntax tree becomes: a function from what it sees to its value."""

PathNode = Callable[[Frame], tuple[Any, Path]]
"""A lookup: its value, and where that stands."""

Build = Callable[[ast.expr], Node]


def fact(tree: ast.expr, build: Build) -> Node:
    """Reads a fact and notes it in the trace, which becomes the evidence of a finding."""
    if isinstance(tree, ast.Name) and tree.id in CONSTANTS:
        constant = CONSTANTS[tree.id]
        return lambda frame: constant
    resolve = path_of(tree, build)
    name, keys = _fixed(tree)

    def read(frame: Frame) -> Any:
        if frame.trace is None and name in frame.names:
            # Where it stands matters only for the trace, and for what is not there.
            value = frame.names[name][0]
            for key in keys:
                found = value.get(key) if type(value) is dict else peek(value, key)
                if found is None or found is ABSENT or type(found) is Unavailable:
                    return resolve(frame)[0]
                value = found
            if value is not None and type(value) is not Unavailable:
                return value
        value, path = resolve(frame)
        if frame.trace is not None and path and type(value) is not dict:
            frame.trace["", path] = value
        return value

    return read


def _fixed(tree: ast.expr) -> tuple[str, Path]:
    """A lookup's first name and the keys below it; "" as the name if one has to be computed."""
    keys: list[str | int] = []
    while not isinstance(tree, ast.Name):
        if isinstance(tree, ast.Attribute):
            keys.append(tree.attr)
            tree = tree.value
            continue
        assert isinstance(tree, ast.Subscript)
        key = tree.slice.value if isinstance(tree.slice, ast.Constant) else None
        if not isinstance(key, (str, int)):
            return "", ()
        keys.append(key)
        tree = tree.value
    return tree.id, tuple(reversed(keys))


def path_of(tree: ast.expr, build: Build) -> PathNode:
    """The lookup that `tree` (a name, an attribute or a subscript) describes."""
    name, keys = _fixed(tree)
    if name:
        return _lookup(_named(name), keys) if keys else _named(name)
    if isinstance(tree, ast.Attribute):
        return _lookup(path_of(tree.value, build), (tree.attr,))
    assert isinstance(tree, ast.Subscript)
    return _computed_lookup(path_of(tree.value, build), build(tree.slice))


def _named(name: str) -> PathNode:
    undefined = Unknown(name, "is not defined", absent=True), (name,)

    def resolve(frame: Frame) -> tuple[Any, Path]:
        found = frame.names.get(name)
        if found is None:
            found = frame.compute(name) if name in frame.pending else undefined
        value, path = found
        if value is None or type(value) is Unavailable:
            return missing(value, path), path
        return found

    return resolve


def _lookup(base: PathNode, keys: Path) -> PathNode:
    def resolve(frame: Frame) -> tuple[Any, Path]:
        value, path = base(frame)
        for depth, key in enumerate(keys):
            # Nearly every lookup is of something that is there: `step` is for the others.
            found = peek(value, key)
            if found is None or found is ABSENT or type(found) is Unavailable:
                found = step(value, key, path and (*path, *keys[: depth + 1]))
            value = found
        return value, path and (*path, *keys)

    return resolve


def _computed_lookup(base: PathNode, index: Node) -> PathNode:
    def resolve(frame: Frame) -> tuple[Any, Path]:
        value, path = base(frame)
        key = index(frame)
        if type(key) is Unknown:
            return key, path
        if type(key) not in (str, int):
            return Unknown(text(path), f"cannot be looked up by {describe(key)}"), path
        path = below(path, key)
        return step(value, key, path), path

    return resolve


def _delta(resolve: PathNode) -> Node:
    def change(frame: Frame) -> Any:
        value, path = resolve(frame)
        result = _change(frame, value, path)
        if frame.trace is not None and path:
            frame.trace["delta", path] = result
        return result

    return change


def _rate(resolve: PathNode) -> Node:
    def per_second(frame: Frame) -> Any:
        value, path = resolve(frame)
        result = _change(frame, value, path)
        if type(result) is not Unknown:
            if frame.seconds > 0:
                result = compute(operator.truediv, result, frame.seconds)
            else:
                result = Unknown(text(path), "the length of the measurement is not known")
        if frame.trace is not None and path:
            frame.trace["rate", path] = result
        return result

    return per_second


def _change(frame: Frame, value: Any, path: Path) -> Any:
    """Growth of a counter over the window: since the earlier reading, or since boot."""
    if type(value) is Unknown:
        return value
    if not is_number(value):
        return Unknown(text(path), f"{describe(value)} is not a counter")
    if not path:
        return Unknown("", "a computed value is not a counter")
    if frame.before is None:
        return value
    earlier = walk(frame.before, path)
    if type(earlier) is Unknown:
        reason = "was not there in the first reading"
        return Unknown(text(path), reason if earlier.absent else f"first reading: {earlier.reason}")
    if not is_number(earlier) or earlier > value:
        return Unknown(text(path), "the counter was reset between the two readings")
    return compute(operator.sub, value, earlier)


def _exists(resolve: PathNode) -> Node:
    def exists(frame: Frame) -> Any:
        value, path = resolve(frame)
        result = (False if value.absent else value) if isinstance(value, Unknown) else True
        if frame.trace is not None and path:
            frame.trace["exists", path] = result
        return result

    return exists


def _known(resolve: PathNode) -> Node:
    return lambda frame: type(resolve(frame)[0]) is not Unknown


OF_PATH_NODES: dict[str, Callable[[PathNode], Node]] = {
    "rate": _rate,
    "delta": _delta,
    "exists": _exists,
    "known": _known,
}
"""Functions that take a fact itself: what each makes of the lookup."""
