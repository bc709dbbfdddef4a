"""Writes docs/facts.md, the list of every fact, from the docstrings of the model.

Run it after changing advisor/model: `.venv/bin/python scripts/facts_reference.py`.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from advisor.engine.frames import is_counter
from advisor.model import stack
from advisor.model.host import Host
from advisor.model.layout import Layout
from advisor.model.unavailable import Unavailable

PAGE = Path(__file__).resolve().parents[1] / "docs" / "facts.md"

_HEAD = """\
# Facts

What rules can look at, by path. This page is made from the docstrings of `advisor/model/` by
`scripts/facts_reference.py`; `advisor snapshot` writes the facts of a host.

- `nics[…]` stands for each interface: `nics["eth0"].mtu`, `any(n.mtu < 1500 for n in nics)`, and
  `nic.mtu` in a rule of scope `nic`. `listener` and `qdisc` work in the same way.
- *counter*: it only grows. Use `rate()` and `delta()`.
- *or not reported*: devices or kernels may lack it. Guard it with `known()`.
- *or unreadable*: where it cannot be read, the rule becomes unknown. That goes for every section,
  too.
"""

_LAYOUT = """
## layout

In rules of scope `nic`: where the work of the interface is done. Derived from the facts above.
"""

# Sections whose names the kernel chooses: path, type, meaning. `lint` knows the names in
# advisor/knowledge/names/.
_GROUPS = {
    "sysctl": (
        "sysctl.net.….KEY",
        "number, text or list of numbers; or unreadable",
        "As `sysctl KEY` prints it: `sysctl.net.ipv4.tcp_rmem[2]`, "
        '`sysctl.net.ipv4.conf["eth0.100"].rp_filter`. `exists()`: does this kernel have it.',
    ),
    "nstat": (
        "nstat.GROUP.COUNTER",
        "counter",
        "As /proc/net/snmp, snmp6 and netstat name it: `nstat.Tcp.PassiveOpens`.",
    ),
    "sockstat": (
        "sockstat.GROUP.NAME",
        "number",
        "As /proc/net/sockstat and sockstat6 name it: `sockstat.TCP.tw`; `mem` counts pages.",
    ),
}
_PLAIN = {int: "number", float: "number", str: "text", bool: "true or false"}


def render() -> str:
    """The page."""
    parts = [_HEAD]
    hints = _hints(Host)
    meanings = attributes(Host)
    for field in dataclasses.fields(Host):
        if field.name == "sample":
            continue
        parts.append(f"\n## {field.name}\n\n{meanings[field.name]}\n")
        if field.name in _GROUPS:
            rows = [_GROUPS[field.name]]
        else:
            rows = list(_rows((field.name,), hints[field.name], ""))
        parts += _table(rows)
    parts += [_LAYOUT, *_table(_rows(("layout",), Layout, ""))]
    return "".join(parts)


def _table(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    lines = [f"| `{path}` | {kind} | {_cell(meaning)} |\n" for path, kind, meaning in rows]
    return ["\n| fact | type | meaning |\n|---|---|---|\n", *lines]


def attributes(cls: type) -> dict[str, str]:
    """What the "Attributes:" of a class's docstring say about each field, on one line."""
    found: dict[str, str] = {}
    _, _, section = (inspect.getdoc(cls) or "").partition("\nAttributes:\n")
    name = ""
    for line in section.splitlines():
        match = re.fullmatch(r" {4}(\w+): (.+)", line)
        if match:
            name = match[1]
            found[name] = match[2]
        elif line.startswith(" " * 8) and name:
            found[name] += f" {line.strip()}"
        elif line.strip():
            break
    return found


def _rows(path: tuple[str, ...], hint: Any, meaning: str) -> Iterator[tuple[str, str, str]]:
    kinds, absent = _split(hint)
    kind = kinds[0]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        if meaning:
            yield _text(path), "group" + absent, meaning
        inner, meanings = _hints(kind), attributes(kind)
        for field in dataclasses.fields(kind):
            yield from _rows((*path, field.name), inner[field.name], meanings[field.name])
        return
    element = typing.get_args(kind)[1] if typing.get_origin(kind) is dict else None
    if dataclasses.is_dataclass(element):
        if meaning:
            yield _text((*path, "…")), "groups by key" + absent, meaning
        yield from _rows((*path, "…"), element, "")
        return
    item = typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else None
    if dataclasses.is_dataclass(item):
        yield _text(path), "list of groups" + absent, meaning
        yield from _rows((*path, "…"), item, "")
        return
    if element is None:
        names = " or ".join("counter" if is_counter(path) else _name(each) for each in kinds)
    else:
        names = f"{'counter' if is_counter(path) else _name(element)} by key"
    yield _text(path), names + absent, meaning


def _split(hint: Any) -> tuple[list[Any], str]:
    """A type's alternatives, and how its absence is told."""
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    options = list(typing.get_args(hint)) if union else [hint]
    absent = " or not reported" if type(None) in options else ""
    absent += " or unreadable" if Unavailable in options else ""
    return [option for option in options if option not in (type(None), Unavailable)], absent


def _name(hint: Any) -> str:
    if typing.get_origin(hint) is tuple:
        return f"list of {_name(typing.get_args(hint)[0])}s"
    if typing.get_origin(hint) is dict:
        return f"{_name(typing.get_args(hint)[1])} by key"
    return _PLAIN[hint]


def _text(path: tuple[str, ...]) -> str:
    return ".".join(path).replace(".…", "[…]")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls, localns=vars(stack))


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
