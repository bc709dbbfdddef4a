"""Static checks: facts that do not exist, kinds that cannot be used together, facts read.

Only for `lint` and for rules from outside: evaluation copes with all of this by itself, with
`Unknown`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from advisor.expression.functions import CONSTANTS, FUNCTIONS
from advisor.expression.kinds import (
    ANYTHING,
    BOOLEAN,
    BOUND,
    NUMBER,
    TEXT,
    Kind,
    Listed,
    Plain,
    Record,
    Several,
    Table,
    child,
    element,
)
from advisor.expression.language import Expression
from advisor.expression.suggest import Key, suggestion

_LOOKUPS = (ast.Name, ast.Attribute, ast.Subscript)
_GROUPS = (Record, Table, Listed)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in an expression that can never work.

    Attributes:
        message: What is wrong.
        column: Where in the expression's text, from 0.
        hint: What was probably meant.
    """

    message: str
    column: int
    hint: str | None = None


def check(
    expression: Expression, scope: Mapping[str, Kind], expects: Kind = ANYTHING
) -> list[Problem]:
    """What is wrong with an expression, as far as that shows before there are any facts.

    Args:
        expression: The expression.
        scope: Names that it can use: `kinds.rule_scope`.
        expects: What its value is used as: `kinds.BOOLEAN` for a condition.
    """
    checker = _Checker(expression.text, dict(scope))
    checker.expect(expression.tree, expects)
    return sorted(checker.problems, key=lambda problem: problem.column)


def facts_read(expression: Expression) -> set[tuple[str, ...]]:
    """The places an expression looks at: ("nstat", "TcpExt", "PruneCalled"), ("nics",).

    A place ends before an index or a computed key: `tcp_rmem[2]` reads the whole vector. What a
    loop goes through is covered by the place of the whole collection. Names that are no facts
    (params, let) are among the places; the caller knows which they are.
    """
    return set(_places(expression.tree, frozenset(CONSTANTS)))


def _places(tree: ast.AST, ignored: frozenset[str]) -> Iterator[tuple[str, ...]]:
    if isinstance(tree, _LOOKUPS):
        root, steps = _steps(tree)
        for step in steps:
            if isinstance(step, ast.Subscript):
                yield from _places(step.slice, ignored)
        if root.id not in ignored:
            place = [root.id]
            for key in map(_key, steps):
                if not isinstance(key, str):
                    break
                place.append(key)
            yield tuple(place)
    elif isinstance(tree, ast.GeneratorExp):
        loop = tree.generators[0]
        assert isinstance(loop.target, ast.Name)
        yield from _places(loop.iter, ignored)
        for inner in (tree.elt, *loop.ifs):
            yield from _places(inner, ignored | {loop.target.id})
    else:
        parts = tree.args if isinstance(tree, ast.Call) else ast.iter_child_nodes(tree)
        for part in parts:
            yield from _places(part, ignored)


def _steps(tree: ast.expr) -> tuple[ast.Name, list[ast.Attribute | ast.Subscript]]:
    """A lookup's root and its steps: `nics["eth0"].mtu` → `nics`, [`nics["eth0"]`, itself]."""
    steps: list[ast.Attribute | ast.Subscript] = []
    while isinstance(tree, (ast.Attribute, ast.Subscript)):
        steps.insert(0, tree)
        tree = tree.value
    # `language.parse` accepts nothing else as the base of a lookup.
    assert isinstance(tree, ast.Name)
    return tree, steps


def _key(step: ast.Attribute | ast.Subscript) -> Key:
    if isinstance(step, ast.Attribute):
        return step.attr
    value = step.slice.value if isinstance(step.slice, ast.Constant) else None
    return value if isinstance(value, (str, int)) else None


class _Checker:
    """Finds the kind of every part of an expression, and the problems on the way."""

    def __init__(self, text: str, scope: dict[str, Kind]) -> None:
        self.text = text
        self.scope = scope
        self.problems: list[Problem] = []

    def expect(self, tree: ast.expr, *wanted: Kind) -> None:
        """Check `tree`, and that its value is of one of the `wanted` kinds."""
        kind = self.kind(tree)
        if kind is ANYTHING or ANYTHING in wanted or kind in wanted:
            return
        hint = None
        if kind == NUMBER and wanted == (BOOLEAN,):
            hint = f"compare it, as in {self.source(tree)} > 0"
        names = " or ".join(option.name for option in wanted)
        self.report(f"{self.source(tree)} is {kind.name}, where {names} is needed", tree, hint)

    def kind(self, tree: ast.expr) -> Kind:
        """Kind of the value of `tree`; `ANYTHING` after a problem, which is noted."""
        match tree:
            case ast.Constant(value=value):
                return {bool: BOOLEAN, str: TEXT}.get(type(value), NUMBER)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                return self.lookup(tree)
            case ast.UnaryOp(op=sign, operand=operand):
                wanted = BOOLEAN if isinstance(sign, ast.Not) else NUMBER
                self.expect(operand, wanted)
                return wanted
            case ast.BinOp(left=left, right=right):
                self.expect(left, NUMBER)
                self.expect(right, NUMBER)
                return NUMBER
            case ast.BoolOp(values=values):
                for part in values:
                    self.expect(part, BOOLEAN)
                return BOOLEAN
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.expect(test, BOOLEAN)
                return _common([self.kind(body), self.kind(orelse)])
            case ast.Compare():
                return self.comparison(tree)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return Several(_common([self.kind(part) for part in parts]))
            case ast.Call(func=ast.Name(id=name), args=[ast.GeneratorExp() as loop]):
                return self.loop(name, loop)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self.call(name, arguments)
        raise AssertionError(f"{type(tree).__name__} is not in the language")

    def lookup(self, tree: ast.expr) -> Kind:
        root, steps = _steps(tree)
        kind = self.scope.get(root.id)
        if root.id in CONSTANTS:
            kind = BOOLEAN if isinstance(CONSTANTS[root.id], bool) else NUMBER
        if kind is None:
            self.report(f"there is no fact {root.id}", root, self.other_name(root.id))
            return ANYTHING
        kinds: list[Kind] = [kind]
        for step in steps:
            key = _key(step)
            if key is None and isinstance(step, ast.Subscript):
                self.expect(step.slice, TEXT, NUMBER)
            found = element(kinds[-1]) if key is None else child(kinds[-1], key)
            if found is None:
                self.missing(root, steps, kinds)
                return ANYTHING
            kinds.append(found)
        return kinds[-1]

    def missing(
        self, root: ast.Name, steps: list[ast.Attribute | ast.Subscript], kinds: list[Kind]
    ) -> None:
        position, kind = len(kinds) - 1, kinds[-1]
        step = steps[position]
        column = step.slice.col_offset if isinstance(step, ast.Subscript) else _after_dot(step)
        if isinstance(kind, (Plain, Several)):
            message = f"{self.source(step.value)} is {kind.name} without {_key(step)!r} in it"
            self.problems.append(Problem(message, column))
            return
        ends = [part.end_col_offset or 0 for part in (root, *steps)]
        sources = [self.text[a:b] for a, b in pairwise(ends)]
        instead = suggestion(kinds, [_key(step) for step in steps], sources, position)
        hint = f"did you mean {root.id}{instead}?" if instead else None
        message = f"there is no fact {self.source(steps[-1])}"
        self.problems.append(Problem(message, column, hint))

    def other_name(self, name: str) -> str | None:
        from difflib import get_close_matches

        if name in BOUND:
            return f"{name} is there in rules with `scope: {name}`"
        if name in FUNCTIONS:
            return f"{name} is a function: {name}(…)"
        close = get_close_matches(name, [*self.scope, *CONSTANTS], 1)
        return f"did you mean {close[0]}?" if close else None

    def comparison(self, tree: ast.Compare) -> Kind:
        operands = [tree.left, *tree.comparators]
        kinds = [self.kind(operand) for operand in operands]
        for i, operator in enumerate(tree.ops):
            if not _comparable(operator, kinds[i], kinds[i + 1]):
                one, other = (f"{self.source(operands[j])} is {kinds[j].name}" for j in (i, i + 1))
                self.report(f"these cannot be compared: {one}, {other}", operands[i])
        return BOOLEAN

    def loop(self, function: str, tree: ast.GeneratorExp) -> Kind:
        loop = tree.generators[0]
        assert isinstance(loop.target, ast.Name)
        collection = self.kind(loop.iter)
        item = None if isinstance(collection, Record) else element(collection)
        if item is None:
            message = f"{self.source(loop.iter)} is {collection.name} without elements"
            self.report(message, loop.iter)
        outer = dict(self.scope)
        self.scope[loop.target.id] = item or ANYTHING
        for condition in loop.ifs:
            self.expect(condition, BOOLEAN)
        if function == "list":
            kind: Kind = Several(self.kind(tree.elt))
        else:
            self.expect(tree.elt, BOOLEAN if function in ("any", "all", "count") else NUMBER)
            kind = BOOLEAN if function in ("any", "all") else NUMBER
        self.scope = outer
        return kind

    def call(self, function: str, arguments: list[ast.expr]) -> Kind:
        if function in ("exists", "known"):
            self.kind(arguments[0])
            return BOOLEAN
        if function == "starts_with":
            wanted: tuple[Kind, ...] = (TEXT,)
        elif function == "len":
            wanted = (ANYTHING,)
        elif function in ("min", "max", "sum", "median") and len(arguments) == 1:
            wanted = (NUMBER, Several(NUMBER))
        else:
            wanted = (NUMBER,)
        for argument in arguments:
            self.expect(argument, *wanted)
        return BOOLEAN if function == "starts_with" else NUMBER

    def report(self, message: str, tree: ast.expr, hint: str | None = None) -> None:
        self.problems.append(Problem(message, tree.col_offset, hint))

    def source(self, tree: ast.expr) -> str:
        return self.text[tree.col_offset : tree.end_col_offset]


def _after_dot(step: ast.Attribute) -> int:
    return (step.end_col_offset or 0) - len(step.attr)


def _common(kinds: list[Kind]) -> Kind:
    return kinds[0] if kinds and all(kind == kinds[0] for kind in kinds) else ANYTHING


def _comparable(operator: ast.cmpop, one: Kind, other: Kind) -> bool:
    """Whether evaluation can ever find `one operator other` true or false."""
    if isinstance(operator, (ast.In, ast.NotIn)):
        if isinstance(other, Several):
            return _comparable(ast.Eq(), one, other.element)
        if isinstance(other, (Table, Listed)):
            return one in (TEXT, NUMBER, ANYTHING)
        return other is ANYTHING or (other == TEXT and one in (TEXT, ANYTHING))
    if isinstance(one, _GROUPS) or isinstance(other, _GROUPS):
        return False
    ordered = not isinstance(operator, (ast.Eq, ast.NotEq))
    if ordered and any(kind in (TEXT, BOOLEAN) for kind in (one, other)):
        return False
    if ANYTHING in (one, other):
        return True
    return one == other or (isinstance(one, Several) and isinstance(other, Several))
