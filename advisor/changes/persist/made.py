"""The directories that advisor has made for its files, remembered so that they go with them."""

from __future__ import annotations

import json
import os

from advisor.changes.entry import write_all
from advisor.changes.persist.tree import Tree
from advisor.changes.state_dir import StateDir, refusing

_NAME = "directories"
_NEW = "directories.new"
_SIZE_MAX = 1 << 16


def make(path: str, state: StateDir, tree: Tree) -> None:
    """Makes the directories that a file needs, each remembered before it is there."""
    missing = tree.missing(path)
    if missing:
        known = _read(state)
        _write(state, [*known, *(each for each in missing if each not in known)])
    for directory in missing:
        tree.make_directory(directory)


def remove_empty(state: StateDir, tree: Tree) -> None:
    """Removes those that are empty by now. Others stay, and stay remembered."""
    known = _read(state)
    left = [each for each in sorted(known, reverse=True) if not tree.remove_directory(each)]
    if len(left) != len(known):
        _write(state, left)


def _read(state: StateDir) -> list[str]:
    data = state.read(_NAME, _SIZE_MAX)
    try:
        found = json.loads(data or b"[]")
    except (ValueError, RecursionError):
        return []
    return [each for each in found if _is_below_etc(each)] if type(found) is list else []


def _is_below_etc(path: object) -> bool:
    return type(path) is str and path.startswith("/etc/") and os.path.normpath(path) == path


def _write(state: StateDir, directories: list[str]) -> None:
    path = state.locate(_NAME)
    with refusing(path, "cannot be written"):
        descriptor = state.open(_NEW, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        if descriptor is None:
            raise FileNotFoundError(2, "the state directory is gone")
        try:
            write_all(descriptor, json.dumps(directories).encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    state.rename(_NEW, _NAME)
    state.sync()
