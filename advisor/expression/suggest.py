"""What a lookup that finds nothing was probably meant to be."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from advisor.expression.kinds import Kind, Listed, Name, Record, child
from advisor.expression.values import text

Key = str | int | None
"""What one step of a lookup asks for; None when that is computed."""


def suggestion(
    kinds: Sequence[Kind], keys: Sequence[Key], sources: Sequence[str], position: int
) -> str | None:
    """The whole lookup with the step at `position` put right, without its root.

    Args:
        kinds: What each step is taken from, up to the one that fails.
        keys: What each step asks for.
        sources: How each step is written: ".ring", '["eth0"]', "[nic.name]".
        position: The step that fails.
    """
    kind, key = kinds[position], keys[position]
    before, after = "".join(sources[:position]), "".join(sources[position + 1 :])
    if isinstance(kind, Record):
        for field, inner in kind.fields.items():
            if isinstance(inner, (Record, Listed)) and child(inner, key or ""):
                return f"{before}.{field}{sources[position]}{after}"
        close = get_close_matches(str(key), kind.fields, 1)
        return f"{before}.{close[0]}{after}" if close else None
    if isinstance(kind, Listed):
        start = next(i for i, kind in enumerate(kinds) if isinstance(kind, Listed))
        return _listed(kinds[start], keys[start:], sources, start)
    return None


def _listed(kind: Kind, keys: Sequence[Key], sources: Sequence[str], start: int) -> str | None:
    assert isinstance(kind, Listed)
    keys = keys[: max(map(len, kind.names))]
    end = next((i for i, key in enumerate(keys) if isinstance(key, int)), len(keys))
    wanted = ["*" if key is None else str(key) for key in keys[:end]]
    found = _closest(wanted, kind.names)
    if found is None:
        return None
    steps = [
        _step(name, sources[start + i] if len(found) == end else ".all")
        for i, name in enumerate(found)
    ]
    return "".join([*sources[:start], *steps, *sources[start + end :]])


def _closest(wanted: Sequence[str], names: Sequence[Name]) -> Name | None:
    """The name that ends the same way, else one that goes on like it, else a similar one."""
    written = ".".join(wanted)
    dotted = {".".join(name): name for name in names}
    sure = [name for name in dotted if name.split(".")[-1] == wanted[-1]]
    sure = sure or [name for name in dotted if name.startswith(written)]
    close = get_close_matches(written, sure or dotted, 1, 0.0 if sure else 0.6)
    return dotted[close[0]] if close else None


def _step(name: str, written: str) -> str:
    return written if "*" in name else text(("x", name))[1:]
