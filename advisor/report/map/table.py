"""The layout of one interface as a table: a line for each channel, or for each CPU."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from advisor.model.unavailable import Unavailable
from advisor.report.map.grid import Column, Meter, grid
from advisor.report.map.model import Drawn, Line, Load, Marks, Node, Queue
from advisor.report.map.rows import (
    Row,
    busiest,
    height,
    marks_of,
    remarks,
    rows_of,
    siblings,
    total,
)
from advisor.report.map.words import percent, ranges, several, short
from advisor.report.style import TextStyle

_MOST_ROWS = 40
"""With more channels than this, everything that arrives at a CPU becomes one line."""
_LIST = 11
"""Characters for the numbers in a cell."""
_BRACKETS = {"first": "┌", "inner": "│", "last": "└", "": " "}
_GLYPHS = {"shared-ring": "=O=", "shared-napi": "O-O", "separate": "O O"}


@dataclass(frozen=True, slots=True)
class _Block:
    """A heading, the rows below it each with what stands before its CPU, and a last line."""

    heading: str
    rows: list[tuple[str, Row]]
    closing: str = ""


def table(drawn: Drawn, sampled: bool, style: TextStyle) -> list[str]:
    """The layout as lines; [] where there is none to draw.

    Args:
        drawn: The interface.
        sampled: Whether loads are of a sample: then they are shown as rates, else as shares.
        style: How to write it.
    """
    blocks = _blocks(drawn)
    rows = [row for block in blocks for _, row in block.rows]
    columns = _columns(blocks, drawn.rings, sampled)
    written = grid(columns, [[*remarks(row), *_uncut(row)] for row in rows], style)
    lines = [style.paint(written.heading, "dim")] if rows else []
    left = iter(written.rows)
    for block in blocks:
        lines += [style.paint(line, "bold") for line in style.wrap(block.heading, 0, 2)]
        for _ in block.rows:
            lines += next(left)
        lines += style.wrap(block.closing, 2, 2)
    return lines


def heading_of(node: Node) -> str:
    """What a node is to the interface."""
    if node.node is None:
        known = any(seat.online for seat in node.seats) or node.others
        return "NUMA node not known" if known else "not on any node, as they are offline"
    where = {True: "the interface is here", False: "remote", None: ""}[node.near]
    return f"NUMA node {node.node}" + (f", {where}" if where else "")


def others_of(node: Node) -> str:
    """The CPUs of a node that take no interrupt of the interface; "" for none."""
    if not node.others:
        return ""
    more = "more " if node.seats else ""
    text = f"{several(len(node.others), f'{more}CPU')} without its interrupts:"
    text += f" {ranges(node.others)}"
    if node.busiest is None:
        return text
    cpu, share = node.busiest
    return f"{text} (most softirq: CPU {cpu}, {percent(share)})"


def letters_text(marks: Marks) -> str:
    """Letters of findings as text shows them: "[A,C]"; "" for none."""
    return f"[{','.join(marks)}]" if marks else ""


def _blocks(drawn: Drawn) -> list[_Block]:
    return [*_nodes(drawn, height(drawn) > _MOST_ROWS), *_apart(drawn)]


def _nodes(drawn: Drawn, whole: bool) -> Iterator[_Block]:
    for node in drawn.nodes:
        places = siblings(node.seats)
        rows = [
            (_BRACKETS[place] if row.first else _below(place), row)
            for seat, place in zip(node.seats, places, strict=True)
            for row in rows_of(seat, seat.lines, whole=whole)
        ]
        yield _Block(heading_of(node), rows, others_of(node))


def _apart(drawn: Drawn) -> Iterator[_Block]:
    for apart in drawn.apart:
        rows = rows_of(None, apart.lines)
        heading = f"CPU unknown: {apart.reason}" if drawn.physical else apart.reason
        yield _Block(heading, [(" ", row) for row in rows])


def _below(place: str) -> str:
    return "│" if place in ("first", "inner") else " "


def _columns(blocks: list[_Block], topology: str, sampled: bool) -> list[Column | Meter]:
    rows = [row for block in blocks for _, row in block.rows]
    cpus = [_cpu(before, row) for block in blocks for before, row in block.rows]
    softirq = [row.seat.softirq if row.seat and row.first else None for row in rows]
    known = [None if isinstance(share, Unavailable) else share for share in softirq]
    loads = {"rx": [total(row.rx) for row in rows], "tx": [total(row.tx) for row in rows]}
    most = {way: busiest(rows, way) for way in loads}

    def bars(way: str) -> list[float | None]:
        return [
            None if load is None or load.share is None else load.share / (most[way] or 1)
            for load in loads[way]
        ]

    def numbers(way: str) -> list[str]:
        found = [load for load in loads[way] if load is not None]
        counted = any(load.packets is not None for load in found)
        return [_load(load, sampled) if load and counted else "" for load in loads[way]]

    what = "packets/s" if sampled else "packets"
    waiting = [sum(queue.waiting or 0 for queue in row.tx) for row in rows]
    return [
        Column("CPU", cpus),
        Meter(
            "softirq",
            known,
            ["?" if isinstance(each, Unavailable) else _share(each) for each in softirq],
            warns=True,
        ),
        Column("IRQ", [_numbers(row.lines, "irq") for row in rows]),
        Column("NAPI", [_numbers(row.lines, "napi") for row in rows], optional=True),
        Column("rx", _queues([row.rx for row in rows])),
        Meter(what, bars("rx"), numbers("rx")),
        Column("", [_glyph(row, topology) for row in rows]),
        Column("tx", _queues([row.tx for row in rows])),
        Meter(what, bars("tx"), numbers("tx")),
        Column("wait", [str(count) if count else "" for count in waiting], right=True),
    ]


def _cpu(before: str, row: Row) -> str:
    if row.seat is None or not row.first:
        return before.rstrip()
    return _with(before + ranges(row.seat.cpus, _LIST), row.seat.marks)


def _share(share: float | None) -> str:
    return "" if share is None else percent(share)


def _load(load: Load, sampled: bool) -> str:
    if sampled:
        return "?" if load.per_s is None else short(load.per_s)
    return "?" if load.packets is None else percent(load.share or 0.0)


def _numbers(lines: tuple[Line, ...], field: str) -> str:
    found = [getattr(line, field) for line in lines if getattr(line, field) is not None]
    return _with(ranges(found, _LIST), marks_of(lines) if field == "irq" else ())


def _queues(rows: list[tuple[Queue, ...]]) -> list[str]:
    """The numbers of the queues of each row, one below the other, and behind them their marks."""
    numbers = [ranges((queue.number for queue in queues), _LIST) for queues in rows]
    width = max(map(len, numbers), default=0)
    return [
        _with(number.rjust(width), marks_of(queues))
        for number, queues in zip(numbers, rows, strict=True)
    ]


def _uncut(row: Row) -> list[str]:
    """The numbers that are too many for their column."""
    rx, tx = ([queue.number for queue in queues] for queues in (row.rx, row.tx))
    parts = {"IRQ": [line.irq for line in row.lines if line.irq is not None]}
    parts |= {"queues": rx} if rx == tx else {"rx": rx, "tx": tx}
    return [
        f"{name} {ranges(numbers)}"
        for name, numbers in parts.items()
        if ranges(numbers, _LIST).endswith(" of them")
    ]


def _glyph(row: Row, topology: str) -> str:
    if not topology or not (row.rx or row.tx):
        return ""
    if not row.rx or not row.tx:
        return "O  " if row.rx else "  O"
    if topology in ("shared-ring", "shared-napi") and not row.shared:
        return "O O"
    return _GLYPHS.get(topology, " ? ")


def _with(text: str, marks: Marks) -> str:
    return f"{text} {letters_text(marks)}" if marks else text
