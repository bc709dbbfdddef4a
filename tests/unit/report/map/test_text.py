"""What maps look like in a terminal.

`ADVISOR_GOLDEN=write python -m pytest tests/unit/report` writes the files anew; look at the
difference before you keep it.
"""

from __future__ import annotations

import re

import pytest

from advisor.report.map.grid import Column, Meter, bar, grid
from advisor.report.map.table import table
from advisor.report.map.text import to_text
from advisor.report.style import TextStyle
from tests.unit.report.map.hosts import HOSTILE_NAMES, HOSTS, device, host, machine
from tests.unit.report.map.pictures import draw, picture
from tests.unit.report.test_golden import GOLDEN, compare

MAPS = GOLDEN / "map"
GOLDENS = [
    *(("eight", width, False) for width in (60, 80, 160)),
    ("eight", 100, True),
    *((name, 100, False) for name in HOSTS if name not in ("eight", "sixty-four", "crowded")),
    ("sixty-four", 80, False),
    ("crowded", 80, False),
]
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def _file(name: str, width: int, colour: bool) -> str:
    return f"{name}-{width}{'-colour' if colour else ''}.txt"


@pytest.mark.parametrize(("name", "width", "colour"), GOLDENS)
def test_a_map_is_as_it_was_agreed(name: str, width: int, colour: bool) -> None:
    style = TextStyle(colour=colour, width=width)
    written = to_text(picture(name), style, ["advisor map --sample 10"])
    compare(MAPS / _file(name, width, colour), written)


@pytest.mark.parametrize("name", HOSTS)
@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    written = to_text(picture(name), TextStyle(width=width))
    assert [line for line in written.splitlines() if len(line) > width] == []


@pytest.mark.parametrize("name", HOSTS)
def test_colours_add_nothing_but_colours(name: str) -> None:
    coloured = to_text(picture(name), TextStyle(colour=True, width=80))
    assert coloured != (plain := to_text(picture(name), TextStyle(width=80)))
    assert ESCAPE.sub("", coloured) == plain


@pytest.mark.parametrize("name", ["eight", "sixty-four", "hundred-and-twenty-eight", "crowded"])
def test_every_queue_and_cpu_is_in_the_table(name: str) -> None:
    shown = picture(name)
    (drawn,) = shown.drawn
    rows = [line.split() for line in table(drawn, True, TextStyle(width=80))]
    cpus = [re.sub(r"\D", "", row[0]) for row in rows if len(row) > 5 and row[1][0] in "█▌░["]
    named = [number for row in rows for cell in row for number in _numbers(cell)]
    expected = [cpu for node in drawn.nodes for seat in node.seats for cpu in seat.cpus]
    assert sorted(map(int, filter(None, cpus))) == sorted(expected)
    pairs = [
        pair
        for node in drawn.nodes
        for seat in node.seats
        for ln in seat.lines
        for pair in ln.pairs
    ]
    assert {queue.number for pair in pairs for queue in pair if queue} <= set(named)


def _numbers(cell: str) -> list[int]:
    return [int(part) for part in cell.split(",") if part.isdecimal()]


def test_channels_that_are_too_many_become_a_line_for_each_cpu() -> None:
    (drawn,) = picture("crowded").drawn
    lines = table(drawn, True, TextStyle(width=80))
    assert len(lines) == 2 + 64
    five = next(line for line in lines if line.startswith(" 5 ")).split()
    assert {"105,169", "5,69"} <= set(five)


def test_numbers_that_no_cell_can_hold_stand_below_it() -> None:
    scattered = {queue: queue * queue % 7 for queue in range(80)}
    nic = device(80, to=scattered.__getitem__)
    (drawn,) = draw(host(machine(8), {"eth0": nic})).drawn
    written = "".join(line.strip() for line in table(drawn, True, TextStyle(width=80)))
    assert "queues 1,6,8,13,15,20,22,27,29,34,36,41,43,48" in written
    assert "0,7..77" in written


def test_a_saturated_cpu_is_called_so() -> None:
    lines = to_text(picture("eight"), TextStyle(width=160)).splitlines()
    line = next(line for line in lines if "saturated" in line)
    assert line.startswith(" 2 [A,F]")
    assert "97 %" in line


def test_findings_are_explained_below_the_map() -> None:
    lines = to_text(picture("eight"), TextStyle(width=100)).splitlines()
    for note in picture("eight").notes:
        (claim,) = (line for line in lines if line.startswith(f"[{note.mark}]  "))
        assert note.finding.rule.id in claim
        assert ("ACTIVE" in claim) == note.finding.active
    assert "1 more finding has no place on this map: see advisor check" in lines


def test_names_cannot_reach_the_terminal() -> None:
    written = to_text(picture("hostile"), TextStyle(width=80))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", written)
    for name in HOSTILE_NAMES:
        assert name.replace("\x1b", "\\x1b") in written


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0, "░░░░"), (0.001, "▌░░░"), (0.25, "█░░░"), (0.5, "██░░"), (0.6, "██▌░"), (1, "████")],
)
def test_a_bar_shows_a_share(share: float, expected: str) -> None:
    assert bar(share, 4) == expected


def test_a_bar_is_never_longer_than_its_room() -> None:
    assert bar(17.0, 3) == "███"


def test_columns_without_content_are_left_out() -> None:
    columns = [Column("a", ["1"]), Column("b", [""]), Meter("c", [0.5], ["x"])]
    assert grid(columns, [[]], TextStyle()).heading.split() == ["a", "c"]


def test_remarks_find_room_beside_or_below() -> None:
    columns = [Column("a", ["1"]), Meter("b", [0.5], ["50 %"])]
    wide = grid(columns, [["so it is"]], TextStyle(width=80))
    narrow = grid(columns, [["so it is " * 6]], TextStyle(width=60))
    assert [len(row) for row in wide.rows] == [1]
    assert narrow.rows[0][1].strip().startswith("so it is")


def test_every_golden_map_is_compared_with_something() -> None:
    expected = {_file(*each) for each in GOLDENS} | {"one.svg", "odd.json"}
    assert {path.name for path in MAPS.iterdir()} == expected
