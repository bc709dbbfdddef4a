"""Counters that an expression reads as totals since boot, which no window can be told of."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from advisor.engine.frames import COLLECTIONS, is_counter
from advisor.expression import parse
from advisor.expression.functions import OF_PATH
from advisor.expression.values import Path, text
from advisor.model.rule import Rule, Scope

_Places = Mapping[str, Path]


def totals_read(rule: Rule, expression: str) -> set[str]:
    """The counters that an expression of a rule, or what it uses of `let`, reads as they are.

    What it takes the `delta()` or `rate()` of is not among them. An element of a collection is
    written with a star: `nics["*"].rx_ring_full`.
    """
    places: dict[str, Path] = {}
    if rule.scope is not Scope.HOST:
        places[rule.scope.value] = (*COLLECTIONS[rule.scope], "*")
    return {text(path) for path in _totals(parse(expression).tree, places, rule.let)}


def _totals(tree: ast.AST, places: _Places, let: Mapping[str, str]) -> Iterator[Path]:
    if isinstance(tree, ast.Call):
        if isinstance(tree.func, ast.Name) and tree.func.id in OF_PATH:
            return
        for part in tree.args:
            yield from _totals(part, places, let)
    elif isinstance(tree, (ast.Name, ast.Attribute, ast.Subscript)):
        path = _path(tree, places)
        name = str(path[0])
        if name in let and name not in places:
            # Without itself: a rule that is being written may name it in a circle.
            others = {key: value for key, value in let.items() if key != name}
            yield from _totals(parse(let[name]).tree, places, others)
        elif is_counter(path):
            yield path
    elif isinstance(tree, ast.GeneratorExp):
        loop = tree.generators[0]
        assert isinstance(loop.target, ast.Name)
        inner = {**places, loop.target.id: (*_path(loop.iter, places), "*")}
        for part in (tree.elt, *loop.ifs):
            yield from _totals(part, inner, let)
    else:
        for child in ast.iter_child_nodes(tree):
            yield from _totals(child, places, let)


def _path(tree: ast.expr, places: _Places) -> Path:
    """Where a lookup leads; a key that has to be computed is a star."""
    if isinstance(tree, ast.Attribute):
        return (*_path(tree.value, places), tree.attr)
    if isinstance(tree, ast.Subscript):
        key = tree.slice.value if isinstance(tree.slice, ast.Constant) else None
        return (*_path(tree.value, places), key if isinstance(key, (str, int)) else "*")
    # The language accepts nothing else as the base of a lookup.
    assert isinstance(tree, ast.Name)
    return places.get(tree.id, (tree.id,))
