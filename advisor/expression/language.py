"""The expression language: what may be written, and the limits.

Python's expression syntax, parsed with `ast`, restricted to data lookups, arithmetic on numbers,
comparisons, three-valued logic and a closed list of functions. See docs/rules.md for its grammar.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from advisor.errors import AdvisorError
from advisor.expression.compiler import build
from advisor.expression.functions import CONSTANTS, FUNCTIONS, OF_PATH, OVER_GENERATOR
from advisor.expression.lookup import Node
from advisor.expression.values import Frame

MAX_LENGTH = 400
MAX_DEPTH = 30
MAX_NUMBER = 2**64

_NEWLINE = re.compile(r"\r\n?|\n")
_LOOKUPS = (ast.Name, ast.Attribute, ast.Subscript)
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod)
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)


class ExpressionError(AdvisorError):
    """The text is not an expression of the language.

    Attributes:
        column: Where in the text, from 0.
    """

    def __init__(self, message: str, column: int = 0, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.column = column


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    Attributes:
        text: As it was written.
        tree: Its syntax tree, for static checks. Its columns count the characters of `text`.
    """

    text: str
    tree: ast.expr = field(compare=False, repr=False)
    _node: Node = field(compare=False, repr=False)

    def evaluate(self, frame: Frame) -> Any:
        """Its value: plain data, or `Unknown`. Never raises."""
        return self._node(frame)


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Parse and check `text`.

    Raises:
        ExpressionError: It is too long, too deep, not valid syntax or uses what is not allowed.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"the expression has {len(text)} characters; the limit is {MAX_LENGTH}",
            hint="split it with `let:`",
        )
    try:
        with warnings.catch_warnings():
            # Python only warns about "\\d" and "1if", and would do so in the middle of a report.
            warnings.simplefilter("error")
            tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"not an expression: {error.msg}", _place(text, error)) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("not an expression: it is malformed or nested too deeply") from None
    if text[:1].isspace() or not text.isascii() or _NEWLINE.search(text):
        _relocate(tree, text)
    _check(tree, 0)
    return Expression(text, tree, build(tree))


def _relocate(tree: ast.expr, text: str) -> None:
    """Make columns count characters of `text`; `ast` counts bytes of a line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.expr):
            start = _line_start(text, node.lineno)
            node.col_offset = start + _characters(text[start:], node.col_offset)
            start = _line_start(text, node.end_lineno or node.lineno)
            node.end_col_offset = start + _characters(text[start:], node.end_col_offset or 0)


def _place(text: str, error: SyntaxError) -> int:
    if error.lineno and error.offset:
        return _line_start(text, error.lineno) + error.offset - 1
    return len(text.rstrip())


def _line_start(text: str, line: int) -> int:
    first = len(text) - len(text.lstrip())
    return [first, *(match.end() for match in _NEWLINE.finditer(text, first))][line - 1]


def _characters(text: str, size: int) -> int:
    return len(text.encode()[:size].decode(errors="ignore"))


def _check(tree: ast.expr, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ExpressionError(f"nested more than {MAX_DEPTH} deep", tree.col_offset)
    for child in _children(tree):
        _check(child, depth + 1)


def _children(tree: ast.expr) -> list[ast.expr]:
    """The sub-expressions of an allowed node; raises for one that is not allowed."""
    if isinstance(tree, ast.Name):
        return []
    if isinstance(tree, ast.Attribute):
        return _base(tree, tree.value)
    if isinstance(tree, ast.Constant):
        return _literal(tree)
    if isinstance(tree, ast.Subscript):
        if isinstance(tree.slice, (ast.Slice, ast.Tuple)):
            raise ExpressionError("slices are not allowed", tree.col_offset)
        return [*_base(tree, tree.value), tree.slice]
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, _OPERATORS):
        for side in (tree.left, tree.right):
            if isinstance(side, ast.Constant) and type(side.value) not in (int, float):
                raise ExpressionError("arithmetic is for numbers only", side.col_offset)
        return [tree.left, tree.right]
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, (ast.Not, ast.USub, ast.UAdd)):
        return [tree.operand]
    if isinstance(tree, ast.BoolOp):
        return list(tree.values)
    if isinstance(tree, ast.IfExp):
        return [tree.test, tree.body, tree.orelse]
    if isinstance(tree, ast.Compare) and all(isinstance(op, _COMPARISONS) for op in tree.ops):
        return [tree.left, *tree.comparators]
    if isinstance(tree, (ast.Tuple, ast.List)):
        return list(tree.elts)
    if isinstance(tree, ast.Call):
        return _call(tree)
    raise ExpressionError(f"{_name_of(tree)} is not allowed here", tree.col_offset)


def _base(tree: ast.expr, base: ast.expr) -> list[ast.expr]:
    if not isinstance(base, _LOOKUPS):
        raise ExpressionError("only facts can be looked into", tree.col_offset)
    return [base]


def _literal(tree: ast.Constant) -> list[ast.expr]:
    value = tree.value
    if isinstance(value, (bool, str)):
        return []
    if isinstance(value, (int, float)):
        if abs(value) <= MAX_NUMBER:
            return []
        raise ExpressionError("the number is too large", tree.col_offset)
    raise ExpressionError(f"{value!r} is not allowed", tree.col_offset)


def _call(tree: ast.Call) -> list[ast.expr]:
    if not isinstance(tree.func, ast.Name):
        raise ExpressionError("only the listed functions can be called", tree.col_offset)
    name = tree.func.id
    if name not in FUNCTIONS and name not in OVER_GENERATOR and name not in OF_PATH:
        raise ExpressionError(
            f"there is no function {name!r}",
            tree.col_offset,
            hint="functions: " + ", ".join(sorted({*FUNCTIONS, *OVER_GENERATOR, *OF_PATH})),
        )
    if tree.keywords or any(isinstance(argument, ast.Starred) for argument in tree.args):
        raise ExpressionError("functions take plain arguments only", tree.col_offset)
    if name in OF_PATH:
        if len(tree.args) != 1 or not isinstance(tree.args[0], _LOOKUPS):
            raise ExpressionError(f"{name}() takes one fact, such as a counter", tree.col_offset)
        return list(tree.args)
    if len(tree.args) == 1 and isinstance(tree.args[0], ast.GeneratorExp):
        if name in OVER_GENERATOR:
            return _generator(tree.args[0])
        raise ExpressionError(f"{name}() does not take a loop", tree.col_offset)
    if name not in FUNCTIONS:
        raise ExpressionError(f"{name}() takes a loop: {name}(… for x in …)", tree.col_offset)
    _, fewest, most = FUNCTIONS[name]
    if not fewest <= len(tree.args) <= most:
        wanted = str(fewest) if fewest == most else f"{fewest} to {most}"
        raise ExpressionError(f"{name}() takes {wanted} arguments", tree.col_offset)
    return list(tree.args)


def _generator(tree: ast.GeneratorExp) -> list[ast.expr]:
    loop = tree.generators[0]
    if len(tree.generators) > 1 or loop.is_async or not isinstance(loop.target, ast.Name):
        raise ExpressionError("one simple loop at a time: (… for x in …)", tree.col_offset)
    if loop.target.id in CONSTANTS:
        raise ExpressionError(f"{loop.target.id} is a number already", loop.target.col_offset)
    if not isinstance(loop.iter, _LOOKUPS):
        raise ExpressionError("a loop goes through facts only", loop.iter.col_offset)
    for part in (tree.elt, loop.iter, *loop.ifs):
        if any(isinstance(inner, ast.GeneratorExp) for inner in ast.walk(part)):
            raise ExpressionError("a loop inside a loop is not allowed", part.col_offset)
    return [tree.elt, loop.iter, *loop.ifs]


def _name_of(tree: ast.expr) -> str:
    names = {ast.Pow: "**", ast.MatMult: "@", ast.BitOr: "|", ast.BitAnd: "&", ast.LShift: "<<"}
    if isinstance(tree, ast.BinOp):
        return repr(names.get(type(tree.op), type(tree.op).__name__))
    return type(tree).__name__
