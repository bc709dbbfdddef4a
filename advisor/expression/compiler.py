"""Turns a checked syntax tree into small functions. Nothing is ever passed to eval or compile.

Each node of the tree becomes one function `node(frame) -> value`. A lookup becomes a function that
also knows where the value stands, so that counters can be found again in the earlier reading.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Generator
from typing import Any

from advisor.expression.compare import compare_two, truth
from advisor.expression.functions import FUNCTIONS, OF_PATH, OVER_GENERATOR
from advisor.expression.lookup import OF_PATH_NODES, Node, fact, path_of
from advisor.expression.values import (
    Frame,
    Path,
    Unknown,
    below,
    compute,
    describe,
    is_number,
    missing,
    text,
)
from advisor.model.unavailable import Unavailable

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}

Items = Callable[[Frame], "Generator[Any, None, None] | Unknown"]
"""A loop: the values of its body, or why there are none."""


def build(tree: ast.expr) -> Node:
    """The function for a syntax tree that `language.parse` has accepted."""
    return _BUILDERS[type(tree)](tree)


def _fact(tree: ast.expr) -> Node:
    return fact(tree, build)


def _constant(tree: ast.Constant) -> Node:
    value = tree.value
    return lambda frame: value


def _binary(tree: ast.BinOp) -> Node:
    left, right = build(tree.left), build(tree.right)
    operation = _ARITHMETIC[type(tree.op)]

    def apply(frame: Frame) -> Any:
        a = left(frame)
        if type(a) is Unknown:
            return a
        b = right(frame)
        if type(b) is Unknown:
            return b
        for value in (a, b):
            if not is_number(value):
                return Unknown("", f"expected a number, found {describe(value)}")
        return compute(operation, a, b)

    return apply


def _unary(tree: ast.UnaryOp) -> Node:
    operand = build(tree.operand)
    if isinstance(tree.op, ast.Not):

        def negate(frame: Frame) -> Any:
            value = truth(operand(frame))
            return value if type(value) is Unknown else not value

        return negate
    sign = -1 if isinstance(tree.op, ast.USub) else 1

    def signed(frame: Frame) -> Any:
        value = operand(frame)
        if type(value) is Unknown:
            return value
        if not is_number(value):
            return Unknown("", f"expected a number, found {describe(value)}")
        return sign * value

    return signed


def _boolean(tree: ast.BoolOp) -> Node:
    parts = [build(value) for value in tree.values]
    decisive = isinstance(tree.op, ast.Or)

    def decide(frame: Frame) -> Any:
        undecided: Unknown | None = None
        for part in parts:
            value = part(frame)
            if type(value) is not bool:
                value = truth(value)
            if value is decisive:
                return decisive
            if type(value) is Unknown:
                undecided = undecided or value
        return (not decisive) if undecided is None else undecided

    return decide


def _conditional(tree: ast.IfExp) -> Node:
    condition, yes, no = build(tree.test), build(tree.body), build(tree.orelse)

    def choose(frame: Frame) -> Any:
        value = truth(condition(frame))
        if type(value) is Unknown:
            return value
        return yes(frame) if value else no(frame)

    return choose


def _compare(tree: ast.Compare) -> Node:
    operands = [build(tree.left), *(build(part) for part in tree.comparators)]
    operators = [type(op) for op in tree.ops]
    if len(operators) == 1:
        left, right, single = operands[0], operands[1], operators[0]
        return lambda frame: compare_two(single, left(frame), right(frame))

    def compare(frame: Frame) -> Any:
        undecided: Unknown | None = None
        a = operands[0](frame)
        for op, operand in zip(operators, operands[1:], strict=True):
            b = operand(frame)
            result = compare_two(op, a, b)
            if result is False:
                return False
            if type(result) is Unknown:
                undecided = undecided or result
            a = b
        return True if undecided is None else undecided

    return compare


def _sequence(tree: ast.Tuple | ast.List) -> Node:
    parts = [build(part) for part in tree.elts]

    def collect(frame: Frame) -> Any:
        values = tuple(part(frame) for part in parts)
        return next((value for value in values if type(value) is Unknown), values)

    return collect


def _call(tree: ast.Call) -> Node:
    assert isinstance(tree.func, ast.Name)
    name = tree.func.id
    if name in OF_PATH:
        return OF_PATH_NODES[name](path_of(tree.args[0], build))
    if len(tree.args) == 1 and isinstance(tree.args[0], ast.GeneratorExp):
        items, reduce = _generator(tree.args[0]), OVER_GENERATOR[name]
        return lambda frame: _reduce(frame, items, reduce)
    arguments = [build(argument) for argument in tree.args]
    function = FUNCTIONS[name][0]

    def call(frame: Frame) -> Any:
        return function(*[argument(frame) for argument in arguments])

    return call


def _reduce(frame: Frame, items: Items, reduce: Callable[[Any], Any]) -> Any:
    trace, frame.trace = frame.trace, None
    try:
        values = items(frame)
        if isinstance(values, Unknown):
            return values
        result = reduce(values)
        # A decided any() or all() leaves the loop early, with its variable still bound.
        values.close()
        return result
    finally:
        frame.trace = trace


def _generator(tree: ast.GeneratorExp) -> Items:
    loop = tree.generators[0]
    assert isinstance(loop.target, ast.Name)
    name = loop.target.id
    collection, body = path_of(loop.iter, build), build(tree.elt)
    conditions = [build(condition) for condition in loop.ifs]

    def generate(frame: Frame) -> Generator[Any, None, None] | Unknown:
        values, path = collection(frame)
        if type(values) is Unknown:
            return values
        if isinstance(values, dict):
            return iterate(frame, values.items(), path)
        if isinstance(values, (tuple, list)):
            return iterate(frame, enumerate(values), path)
        return Unknown(text(path), f"{describe(values)} cannot be gone through")

    def iterate(frame: Frame, items: Any, path: Path) -> Generator[Any, None, None]:
        outer = frame.names.get(name)
        try:
            for key, value in items:
                frame.budget -= 1
                if frame.budget < 0:
                    yield Unknown(text(path), "too many elements to go through")
                    return
                place = below(path, key)
                if value is None or type(value) is Unavailable:
                    value = missing(value, place)
                frame.names[name] = (value, place)
                verdict = _all_true(frame, conditions)
                if verdict is True:
                    yield body(frame)
                elif type(verdict) is Unknown:
                    yield verdict
        finally:
            if outer is None:
                frame.names.pop(name, None)
            else:
                frame.names[name] = outer

    return generate


def _all_true(frame: Frame, conditions: list[Node]) -> Any:
    for condition in conditions:
        value = truth(condition(frame))
        if value is not True:
            return value
    return True


_BUILDERS: dict[type[ast.expr], Callable[[Any], Node]] = {
    ast.Constant: _constant,
    ast.Name: _fact,
    ast.Attribute: _fact,
    ast.Subscript: _fact,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.IfExp: _conditional,
    ast.Compare: _compare,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Call: _call,
}
