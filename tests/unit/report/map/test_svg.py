"""Maps as drawings: what can be checked of them without eyes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from advisor.facts.snapshot import load
from advisor.report.map.picture import Picture
from advisor.report.map.svg import to_svg
from advisor.report.map.svg_canvas import Canvas, shortened, text_width
from tests.unit.report.map.hosts import HOSTILE_NAMES, HOSTS, device, host, machine
from tests.unit.report.map.pictures import draw, picture
from tests.unit.report.test_golden import GOLDEN, compare

STORIES = sorted((Path(__file__).parents[3] / "stories").glob("*.json"))
SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "style", "g", "rect", "line", "circle", "polygon", "text"}


@dataclass(frozen=True)
class Box:
    """A piece of the drawing.

    Attributes:
        what: Its text, or its kind.
        style: Its class.
        left: Its edges.
        top: Its edges.
        right: Its edges.
        bottom: Its edges.
    """

    what: str
    style: str
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether both cover more than a hair's breadth of the same place."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > 0.5 and down > 0.5

    def holds(self, other: Box) -> bool:
        """Whether the other lies in it."""
        return (
            self.left <= other.left + 0.01
            and self.top <= other.top + 0.01
            and self.right >= other.right - 0.01
            and self.bottom >= other.bottom - 0.01
        )


def parsed(shown: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(to_svg(shown))


def texts(root: ElementTree.Element) -> list[Box]:
    """Where the texts are, by the width of their letters."""
    return [_text(element) for element in root.iter(f"{SVG}text")]


def _text(element: ElementTree.Element) -> Box:
    size, x, y = (float(element.attrib[name]) for name in ("font-size", "x", "y"))
    written = element.text or ""
    width = text_width(written, size)
    left = {"start": x, "end": x - width, "middle": x - width / 2}[
        element.attrib.get("text-anchor", "start")
    ]
    return Box(written, element.attrib["class"], left, y - 0.8 * size, left + width, y + 0.2 * size)


def boxes(root: ElementTree.Element) -> Iterator[Box]:
    """Where the rectangles are."""
    for element in root.iter(f"{SVG}rect"):
        x, y = (float(element.attrib.get(name, 0)) for name in ("x", "y"))
        width, height = (float(element.attrib[name]) for name in ("width", "height"))
        yield Box("rect", element.attrib["class"], x, y, x + width, y + height)


def page(root: ElementTree.Element) -> Box:
    left, top, right, bottom = map(float, root.attrib["viewBox"].split())
    return Box("page", "", left, top, right, bottom)


def tips(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}title")]


def test_a_drawing_is_as_it_was_agreed() -> None:
    compare(GOLDEN / "map" / "one.svg", to_svg(picture("one")))


@pytest.mark.parametrize("name", HOSTS)
def test_a_drawing_needs_nothing_but_itself(name: str) -> None:
    written = to_svg(picture(name))
    assert {element.tag.removeprefix(SVG) for element in parsed(picture(name)).iter()} <= ALLOWED
    assert not re.search(r"<script|<!ENTITY|href|url\(|@import|@font-face|\son\w+=", written)
    assert written.count("http") == 1, "the name of the format alone"


@pytest.fixture(params=[*HOSTS, *STORIES], ids=lambda each: getattr(each, "stem", each))
def root(request: pytest.FixtureRequest) -> ElementTree.Element:
    """A drawing: of a synthetic host, or of a story's, without findings."""
    where = request.param
    return parsed(picture(where) if isinstance(where, str) else draw(load(str(where))))


def test_everything_is_on_the_page(root: ElementTree.Element) -> None:
    assert [each for each in (*texts(root), *boxes(root)) if not page(root).holds(each)] == []


def test_no_text_stands_on_another(root: ElementTree.Element) -> None:
    found = sorted(texts(root), key=lambda box: box.top)
    for index, box in enumerate(found):
        for other in found[index + 1 :]:
            if other.top >= box.bottom:
                break
            assert not box.overlaps(other), (box, other)


def test_no_text_stands_on_a_bar_or_across_the_edge_of_a_box(root: ElementTree.Element) -> None:
    found = sorted(texts(root), key=lambda box: box.top)
    for box in boxes(root):
        for text in found:
            if text.top >= box.bottom:
                break
            if text.style != "flagtext" and text.overlaps(box):
                assert box.style not in ("track", "rx", "tx", "calm", "busy", "hot"), (text, box)
                assert box.holds(text), (text, box)


@pytest.mark.parametrize("name", HOSTS)
def test_every_cpu_queue_and_interrupt_is_drawn(name: str) -> None:
    shown = picture(name)
    written = [box.what for box in texts(parsed(shown))]
    for drawn in shown.drawn:
        seats = [seat for node in drawn.nodes for seat in node.seats]
        lines = [line for seat in seats for line in seat.lines]
        lines += [line for apart in drawn.apart for line in apart.lines]
        expected = [f"CPU {seat.cpus[0]}" for seat in seats if len(seat.cpus) == 1]
        expected += [f"irq {line.irq}" for line in lines if line.irq is not None]
        pairs = [pair for line in lines for pair in line.pairs]
        expected += [f"{q.way} {q.number}" for pair in pairs for q in pair if q is not None]
        for text in expected:
            assert text in written


@pytest.mark.parametrize("name", ["eight", "odd"])
def test_every_finding_is_flagged_in_the_drawing_and_in_the_legend(name: str) -> None:
    shown = picture(name)
    flags = [box.what for box in texts(parsed(shown)) if box.style == "flagtext"]
    for note in shown.notes:
        assert flags.count(note.mark) >= 2
        claim = [text.what for text in texts(parsed(shown)) if note.finding.rule.id in text.what]
        assert len(claim) == 1


def test_severities_differ_in_shape_and_not_in_colour_alone() -> None:
    root = parsed(picture("eight"))
    shapes = {}
    for element in root.iter():
        style = element.attrib.get("class", "")
        if style in ("error", "warning", "info"):
            points = len(element.attrib.get("points", "").split())
            shapes.setdefault(style, set()).add((element.tag.removeprefix(SVG), points))
    assert shapes == {"error": {("polygon", 8)}, "warning": {("polygon", 4)}, "info": {("rect", 0)}}


def _rings(name: str) -> int:
    """Completion rings in the drawing, the one that explains the sign left out."""
    found = parsed(picture(name)).iter(f"{SVG}circle")
    return sum(element.attrib["class"] == "ring" for element in found)


@pytest.mark.parametrize(
    ("name", "rings"),
    [("eight", 8 + 1), ("one", 2 + 2), ("split", 16 + 2), ("unknown", 0), ("software", 0)],
)
def test_completions_that_share_a_ring_meet_in_one(name: str, rings: int) -> None:
    assert _rings(name) == rings


def test_a_saturated_cpu_stands_out_by_frame_and_by_word() -> None:
    root = parsed(picture("eight"))
    (frame,) = [box for box in boxes(root) if box.style == "hotcard"]
    framed = {text.what for text in texts(root) if frame.holds(text)}
    assert {"CPU 2", "97 %"} <= framed
    assert any("saturated" in text.what for text in texts(root))


def test_a_bar_is_as_long_as_what_it_shows() -> None:
    root = parsed(picture("eight"))
    bars = [box.right - box.left for box in boxes(root) if box.style == "rx"]
    track = next(box.right - box.left for box in boxes(root) if box.style == "track")
    assert max(bars) == pytest.approx(track)
    assert sorted(bars)[0] == pytest.approx(track * 10_000 / 50_074, rel=0.01)


@pytest.mark.parametrize("name", ["split", "sixty-four"])
def test_a_remote_node_is_dashed_and_called_so(name: str) -> None:
    root = parsed(picture(name))
    (remote,) = [box for box in boxes(root) if box.style == "remote"]
    inside = [text.what for text in texts(root) if remote.holds(text)]
    assert "NUMA node 1, remote" in inside
    far = [element for element in root.iter(f"{SVG}line") if element.attrib["class"] == "farwire"]
    assert far


def test_details_are_shown_where_somebody_points() -> None:
    found = tips(parsed(picture("eight")))
    assert any("3120 packets (4.46 MiB) wait in its fq_codel" in tip for tip in found)
    assert any("interrupt 102 nic-2" in tip and "NAPI instance 8195" in tip for tip in found)
    assert any("CPU 2" in tip and "97 % of its time in softirq" in tip for tip in found)
    assert any("BQL: 58.6 KiB of 58.6 KiB in flight" in tip for tip in found)


def test_names_are_text_and_nothing_else() -> None:
    root = parsed(picture("hostile"))
    written = [box.what for box in texts(root)]
    for name in HOSTILE_NAMES:
        assert name.replace("\x1b", "\\x1b") in written
    assert any(text.startswith("<b>&\\x1b[2J\\ud800") for text in written)


@pytest.mark.parametrize("name", ["\x00", "\ufffe\uffff", "\udcff", "a\nb", "\u202e", "漢字漢字漢"])
def test_any_name_can_be_drawn(name: str) -> None:
    root = parsed(draw(host(machine(1), {name: device(1)})))
    assert all(page(root).holds(box) for box in texts(root))


def test_an_empty_map_can_be_drawn() -> None:
    root = parsed(draw(host(machine(1), {})))
    assert any("no interface is up" in box.what for box in texts(root))


def test_a_drawing_of_128_queues_is_of_a_moderate_size() -> None:
    root = page(parsed(picture("hundred-and-twenty-eight")))
    assert (root.right, root.bottom) < (1400, 3200)
    assert len(to_svg(picture("hundred-and-twenty-eight"))) < 400_000


def test_text_is_cut_where_it_has_to_end() -> None:
    assert shortened("abc", 100, 10) == "abc"
    cut = shortened("abcdefghij", 30, 10)
    assert cut.endswith("…") and text_width(cut, 10) <= 30


def test_letters_that_are_twice_as_wide_count_twice() -> None:
    assert text_width("漢", 10) == 2 * text_width("a", 10)


def test_a_bar_stays_on_its_track() -> None:
    canvas = Canvas()
    canvas.meter(0, 0, 50, 10, 3.0, "hot")
    canvas.meter(0, 0, 50, 10, 0.5, "hot", leftward=True)
    canvas.meter(0, 0, 50, 10, 0, "hot")
    widths = re.findall(r'x="(\S+)" y="-5" width="(\S+)"', canvas.written())
    assert widths == [("0", "50"), ("0", "50"), ("0", "50"), ("25", "25"), ("0", "50")]
