"""The shape of the package: imports go one way, modules stay small, what is public is explained.

Everything is read from the source by ``ast``, so a test here fails also for code that no other
test runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "advisor"
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 400

_BASE = {"errors", "units"}
_PURE = _BASE | {"model", "layout", "expression", "knowledge", "settings", "engine"}

# Each layer, from the bottom up, and what it may import beside itself. `facts` stands aside from
# the engine: it fills the model and knows nothing about what is done with it.
LAYERS: dict[str, set[str]] = {
    "errors": set(),
    "units": {"errors"},
    "model": _BASE,
    "layout": {"model"},
    "expression": _BASE | {"model"},
    "knowledge": _BASE | {"model", "expression"},
    # Its part that writes to the kernel reads it too; nothing of that is imported by the engine.
    "settings": _BASE | {"model", "expression", "knowledge", "facts"},
    "engine": _BASE | {"model", "layout", "expression", "knowledge", "settings"},
    "facts": {"errors", "model"},
    "changes": _PURE | {"facts"},
    "fleet": {"errors", "model"},
    "report": _PURE,
    "lab": _PURE | {"facts", "changes", "report"},
    "cli": _PURE | {"facts", "changes", "fleet", "report", "lab"},
    "__main__": {"cli"},
}

# What these cost at import (60 to 150 ms each) is paid only by the function that needs them.
HEAVY = {"duckdb", "jsonschema", "pydantic", "pyroute2", "rich"}

# Layers that only compute, and what would let them touch the host.
COMPUTING = {"errors", "units", "model", "layout", "expression", "knowledge", "engine", "report"}
TOUCHING = {"ctypes", "ethtool", "fcntl", "pyroute2", "socket", "subprocess"}


def test_the_package_is_found() -> None:
    assert len(MODULES) > 10, f"{PACKAGE} holds no package: every other test here would be empty"


def test_every_part_of_the_package_has_a_place_in_the_layers() -> None:
    assert {layer for module in MODULES if (layer := _layer(_dotted(module)))} <= LAYERS.keys()


def test_a_module_imports_only_from_the_layers_below_it() -> None:
    upward = [
        f"{_name(module)} imports {imported}"
        for module in MODULES
        for imported in _own_imports(module)
        if not _may_import(_layer(_dotted(module)), _layer(imported))
    ]
    assert not upward, "\n".join(upward)


def test_heavy_packages_are_imported_only_inside_functions() -> None:
    at_start = [
        f"{_name(module)} imports {imported} whenever it is imported itself"
        for module in MODULES
        for imported in _imports(_run_at_import(_tree(module)), "")
        if _root(imported) in HEAVY
    ]
    assert not at_start, "\n".join(at_start)


def test_layers_that_compute_have_no_means_to_touch_the_host() -> None:
    touching = [
        f"{_name(module)} imports {imported}"
        for module in MODULES
        if _layer(_dotted(module)) in COMPUTING
        for imported in _imports(ast.walk(_tree(module)), "")
        if _root(imported) in TOUCHING
    ]
    assert not touching, "\n".join(touching)


def test_a_module_is_short_enough_to_be_one_thing() -> None:
    lines = {_name(module): len(module.read_bytes().splitlines()) for module in MODULES}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


def test_modules_and_public_functions_and_classes_say_what_they_are_for() -> None:
    silent = [
        f"{_name(module)}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', '')}"
        for module in MODULES
        for node in _public(_tree(module))
        if not ast.get_docstring(node)
    ]
    assert not silent, "no docstring:\n" + "\n".join(silent)


@pytest.mark.parametrize(
    ("source", "imported"),
    [
        ("import advisor.facts.cpu", {"advisor.facts.cpu"}),
        ("from advisor.facts import cpu", {"advisor.facts.cpu"}),
        ("from advisor import facts", {"advisor.facts"}),
        ("from . import nic", {"advisor.model.nic"}),
        ("from .nic import Nic", {"advisor.model.nic.Nic"}),
        ("from ..facts import cpu", {"advisor.facts.cpu"}),
        ("def f():\n    import advisor.facts", {"advisor.facts"}),
        ("import os", {"os"}),
    ],
)
def test_every_form_of_import_is_seen(source: str, imported: set[str]) -> None:
    assert set(_imports(ast.walk(ast.parse(source)), "advisor.model")) == imported


@pytest.mark.parametrize(
    ("source", "imported"),
    [
        ("import rich", {"rich"}),
        ("try:\n    import rich\nexcept ImportError:\n    rich = None", {"rich"}),
        ("class C:\n    import rich", {"rich"}),
        ("def f():\n    import rich", set()),
        (
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import rich",
            {"typing.TYPE_CHECKING"},
        ),
    ],
)
def test_an_import_counts_as_heavy_only_where_it_runs_at_start(
    source: str, imported: set[str]
) -> None:
    assert set(_imports(_run_at_import(ast.parse(source)), "")) == imported


def _name(module: Path) -> str:
    return module.relative_to(PACKAGE.parent).as_posix()


def _dotted(module: Path) -> str:
    return ".".join(module.relative_to(PACKAGE.parent).with_suffix("").parts)


def _layer(dotted: str) -> str | None:
    """``advisor.facts.cpu`` → ``facts``; None outside the package and for its ``__init__``."""
    parts = dotted.split(".")
    if parts[0] != "advisor" or len(parts) < 2 or parts[1].startswith("__version"):
        return None
    return None if parts[1] == "__init__" else parts[1]


def _may_import(importer: str | None, imported: str | None) -> bool:
    # advisor/__init__.py is part of every start, so it imports nothing; anyone may import it.
    return imported is None or (importer is not None and imported in LAYERS[importer] | {importer})


def _tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def _public(
    tree: ast.Module,
) -> Iterator[ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    if tree.body:
        yield tree
    for node in tree.body:
        if isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ) and not node.name.startswith("_"):
            yield node


def _root(dotted: str) -> str:
    return dotted.partition(".")[0]


def _own_imports(module: Path) -> set[str]:
    package = ".".join(module.parent.relative_to(PACKAGE.parent).parts)
    return {name for name in _imports(ast.walk(_tree(module)), package) if _root(name) == "advisor"}


def _imports(nodes: Iterator[ast.AST], package: str) -> Iterator[str]:
    """Full names of what is imported; `package` is what relative imports start from."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package.split(".")[: len(package.split(".")) + 1 - node.level]
            origin = ".".join([*(start if node.level else []), *filter(None, [node.module])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _run_at_import(child)
