"""The fleet's page in a real browser: it sorts, filters, and nothing on it comes from a name."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.report.fleet import writer
from tests.cli import chromium
from tests.unit.fleet.fleets import HOSTILE, check, finding, lost, report, write

PROGRAM = chromium.find()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="Chromium is not installed"),
]
HOSTS = "document.querySelectorAll('section')[1]"
Show = Callable[..., chromium.Page]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chromium.Page]:
    assert PROGRAM is not None
    with chromium.browser(PROGRAM, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def show(page: chromium.Page, tmp_path: Path) -> Show:
    """Opens the page about some lines."""

    def opened(*lines: dict[str, Any] | str) -> chromium.Page:
        fleet = report([write(tmp_path / "lines.ndjson", *lines)])
        path = tmp_path / "page.html"
        path.write_text(writer("html", width=100, colour=False)(fleet))
        page.open(path)
        assert page.requests() == [path.as_uri()]
        assert page.complaints() == []
        return page

    return opened


def hosts(page: chromium.Page) -> list[str]:
    """The hosts that the table shows."""
    script = f"[...{HOSTS}.querySelectorAll('tbody tr')].map(row => row.cells[1].textContent)"
    found: list[str] = page.run(script)
    return found


def click(page: chromium.Page, where: str, text: str) -> None:
    script = f"[...{where}].find(each => each.textContent === {json.dumps(text)}).click()"
    page.run(script)


LINES = [
    check("web-1", "AAA001", "BBB001"),
    check("web-2", "AAA001"),
    check("web-10", finding("CCC001", severity="error"), *[f"DDD{n:03}" for n in range(5)]),
    check("db-1", finding("EEE001", severity="info"), "AAA001", group="db"),
]


def test_the_bar_has_each_host_once(show: Show) -> None:
    undone = {"state": "rolled-back", "problem": "a probe did not answer", "changes": 1}
    more = [check("db-2", rollout=undone), lost("db-3"), lost("db-4", unreachable=True)]
    parts = "[...document.querySelectorAll('#bar span')]"
    counts = show(*LINES, *more).run(f"{parts}.map(each => +each.style.getPropertyValue('--n'))")
    assert sum(counts) == len(LINES) + len(more)


def test_tables_are_sorted_by_their_headings(show: Show) -> None:
    page = show(*LINES)
    assert hosts(page) == ["web-10", "web-1", "db-1", "web-2"]
    headings = f"{HOSTS}.querySelectorAll('thead button')"
    click(page, headings, "host")
    assert hosts(page) == ["db-1", "web-1", "web-2", "web-10"]
    click(page, headings, "host")
    assert hosts(page) == ["web-10", "web-2", "web-1", "db-1"]
    click(page, headings, "warnings")
    assert hosts(page)[0] == "web-10"
    sorted_by = f"[...{HOSTS}.querySelectorAll('th')].map(each => each.ariaSort)"
    assert page.run(sorted_by).count("descending") == 1


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("WEB-1", ["web-10", "web-1"]),
        ("web bbb001", ["web-1"]),
        ("ddd004", ["web-10"]),
        ("nothing like that", []),
    ],
)
def test_tables_are_filtered_by_words(show: Show, words: str, found: list[str]) -> None:
    page = show(*LINES)
    field = f"{HOSTS}.querySelector('input')"
    page.run(f"{field}.value = {json.dumps(words)}; {field}.dispatchEvent(new Event('input'))")
    assert hosts(page) == found
    count = page.run(f"{HOSTS}.querySelector('.count').textContent")
    assert count == f"{len(found)} of 4 rows"


def test_the_heat_map_leads_to_the_hosts(show: Show) -> None:
    page = show(*LINES)
    cells = "document.querySelectorAll('#heat td button')"
    assert page.run(f"[...{cells}].map(each => each.textContent)").count("100") == 2
    page.run(f"[...{cells}].find(each => each.title === 'AAA001 on 2 of 3 in web').click()")
    assert hosts(page) == ["web-1", "web-2"]
    click(page, f"{HOSTS}.querySelectorAll('.chip')", "group web")
    assert hosts(page) == ["web-1", "db-1", "web-2"]
    click(page, f"{HOSTS}.querySelectorAll('.chip')", "rule AAA001")
    assert len(hosts(page)) == 4


def test_many_hosts_are_shown_a_part_at_a_time(show: Show) -> None:
    page = show(*(check(f"host-{n:04}", "AAA001") for n in range(1500)))
    assert len(hosts(page)) == 100
    page.run(f"{HOSTS}.querySelector('.more').click()")
    assert len(hosts(page)) == 1100
    page.run(f"{HOSTS}.querySelector('.more').click()")
    assert len(hosts(page)) == 1500
    assert page.run(f"{HOSTS}.querySelector('.more').hidden") is True


def test_names_are_shown_and_never_become_part_of_the_page(show: Show) -> None:
    harmless = show(*(check(f"h{n}", "AAA001") for n in range(3)), lost("x"), "bad")
    plain = set(harmless.run("[...document.querySelectorAll('*')].map(each => each.tagName)"))
    page = show(
        *(
            check(name, finding(name, severity="error", setting=name, actual=name), group=name)
            for name in HOSTILE
        ),
        lost(HOSTILE[0] + "!", HOSTILE[1]),
        "bad",
    )
    assert set(page.run("[...document.querySelectorAll('*')].map(each => each.tagName)")) <= plain
    assert HOSTILE[0] in hosts(page)
    assert HOSTILE[1] in page.run("document.body.textContent")
    attributes = "[...document.querySelectorAll('*')].flatMap(each => each.getAttributeNames())"
    assert not [each for each in page.run(attributes) if each.startswith("on")]


def test_the_policy_stops_scripts_that_are_not_the_page_s_own(show: Show) -> None:
    page = show(*LINES)
    page.run(
        "const bad = document.createElement('script'); bad.textContent = 'window.harm = 1';"
        "document.body.append(bad); new Image().src = 'http://192.0.2.1/x.png'; 0"
    )
    assert page.run("window.harm") is None
    assert any("Content Security Policy" in each for each in page.complaints())


def test_it_can_be_read_in_the_light_and_in_the_dark(show: Show) -> None:
    shares = [
        check(f"share-{n}", *(f"HOT{rule:03}" for rule in range(n, 20)), group="shares")
        for n in range(20)
    ]
    page = show(*LINES, *shares)
    pictures = [page.look(1000, 700, dark=dark) for dark in (False, True)]
    for picture in pictures:
        assert struct.unpack(">II", picture[16:24]) == (1000, 700)
    assert pictures[0] != pictures[1]
    # Contrast of text and its background, as WCAG 2.1 counts it.
    for dark in (False, True):
        page.look(1000, 700, dark=dark)
        ratios = page.run(CONTRAST)
        assert {".heat td button 100", ".heat td button 50", "h2 Rule × group"} <= ratios.keys()  # noqa: RUF001
        assert {place: ratio for place, ratio in ratios.items() if ratio < 4.5} == {}, dark


CONTRAST = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((each) => each / 255)
      .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const back = (node) => {
    const colour = getComputedStyle(node).backgroundColor;
    return colour === "rgba(0, 0, 0, 0)" ? back(node.parentElement) : colour;
  };
  const found = {};
  for (const place of ["#period", "#tiles b", "nav a", "h2", ".note", ".count", "thead button",
    "td", "tr.error td.severity", "tr.warning td.severity", "tr.info td.severity", ".heat th span",
    ".heat td button"]) for (const node of document.querySelectorAll(place)) {
    const [a, b] = [light(getComputedStyle(node).color), light(back(node))];
    found[`${place} ${node.textContent}`] = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }
  return found;
})()
"""
