"""A fleet in every format: whole, cut where it says so, and with no name mistaken for markup."""

from __future__ import annotations

import html.parser
import json
import re
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest

from advisor.knowledge.schema import load_schema
from advisor.model.fleet import Fleet
from advisor.report.fleet import FORMATS, writer
from advisor.report.fleet.page import embedded
from tests.unit.fleet.fleets import HOSTILE, check, finding, lost, report, write

NOW = "2026-05-03T00:00:00Z"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Hosts that have the worst names in every place, twice, and bad lines."""
    lines = [
        check(
            name,
            finding(name, severity="error", setting=name, actual=name, wanted=name, active=True),
            finding("NEW001") if at else finding("OLD001"),
            group=name,
            kernel=name,
            profile=name,
            drivers=[name],
            run=f"{name}{at}",
            rollout={"state": "rolled-back", "problem": name, "changes": 1},
            **({"at": at} if at else {}),
        )
        for name in HOSTILE
        for at in (None, NOW)
    ]
    many = [check(f"peer-{n}", group=HOSTILE[0]) for n in range(6)]
    missing = [lost(f"{name}!", name, labels={"group": name}, at=NOW) for name in HOSTILE]
    bad = [name.replace("\ud800", "") for name in HOSTILE]
    path = tmp_path_factory.mktemp("fleet") / "<b>lines & \x1b[2J.ndjson"
    return report([write(path, *lines, *many, *missing, *bad)])


def made(fleet: Fleet, name: str) -> str:
    return writer(name, width=100, colour=False)(fleet)


def test_a_hostile_fleet_fills_every_part(hostile: Fleet) -> None:
    for part in ("hosts", "rules", "groups", "outliers", "missing"):
        assert getattr(hostile, part), part
    assert hostile.drift.hosts
    assert hostile.rollout.hosts
    assert hostile.intake.problems


def test_a_rollout_is_told_where_there_was_one(tmp_path: Path) -> None:
    undone = {"state": "rolled-back", "problem": "a probe did not answer", "changes": 4}
    applied = {"state": "applied", "problem": None, "changes": 12, "reboot_required": True}
    lines = (check("a", rollout=undone), check("b", rollout=applied), check("c"))
    fleet = report([write(tmp_path / "lines.ndjson", *lines)])
    words = " ".join(made(fleet, "text").split())
    assert "1 changed by a rollout (12 settings) · 1 rolled back · 1 that need a reboot" in words
    assert "rolled-back a web 2026-05-02T03:04:05Z 4 a probe did not answer" in words
    plain = report([write(tmp_path / "lines.ndjson", check("c"))])
    assert "roll" not in made(plain, "text")


@pytest.mark.parametrize("name", FORMATS)
def test_no_name_breaks_a_line_or_a_terminal(hostile: Fleet, name: str) -> None:
    text = made(hostile, name)
    assert text.endswith("\n")
    assert all(line.isprintable() for line in text.splitlines())
    assert re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\ud800]", text) is None


def test_text_keeps_to_its_width(hostile: Fleet) -> None:
    for width in (60, 100):
        lines = writer("text", width=width, colour=False)(hostile).splitlines()
        tables = [line for line in lines if line.startswith("  ")]
        assert max(map(len, tables)) <= width + 40  # places of bad lines are never cut


def test_colour_marks_rows_and_changes_no_text(hostile: Fleet) -> None:
    coloured = writer("text", width=100, colour=True)(hostile)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == made(hostile, "text")


def test_json_is_as_its_schema_says(hostile: Fleet) -> None:
    data = json.loads(made(hostile, "json"))
    jsonschema.validate(data, load_schema("fleet"))
    assert data["hosts"][0]["worst"] == "error"
    assert data["totals"]["worst"]["none"] == 6


def test_markdown_tables_have_as_many_cells_everywhere(hostile: Fleet) -> None:
    text = re.sub(r"\\.", "", made(hostile, "markdown"))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert rows
    width = 0
    for row, below in pairwise([*rows, ""]):
        if below.startswith(("| ---", "|---")):
            width = row.count("|")
        assert row.count("|") == width


def test_markdown_holds_no_markup_of_a_host(hostile: Fleet) -> None:
    text = re.sub(r"\\.", "", made(hostile, "markdown"))
    assert not re.search(r"<\w|</|`|\]\(|https?://", text)


class Seen(html.parser.HTMLParser):
    """Which elements and attributes a page has, and its data."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.data: dict[str, str] = {}
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self._inside = tag

    def handle_data(self, data: str) -> None:
        self.data[self._inside] = data if self._inside in ("style", "script") else ""


def test_the_page_consists_of_what_it_was_written_with(hostile: Fleet, tmp_path: Path) -> None:
    plain = report([write(tmp_path / "lines.ndjson", check("a", "AAA001"))])
    pages = [Seen(), Seen()]
    for page, fleet in zip(pages, (plain, hostile), strict=True):
        page.feed(made(fleet, "html"))
    assert pages[0].tags == pages[1].tags
    assert pages[0].attributes == pages[1].attributes
    assert not {each for each in pages[1].attributes if each.startswith("on")} | (
        {"src", "style"} & pages[1].attributes
    )


def test_the_page_asks_for_nothing(hostile: Fleet) -> None:
    page = made(hostile, "html")
    assert "default-src 'none'" in page
    assert "unsafe" not in page
    script = page[page.rindex("<script>") :]
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|fetch|import\(", script
    )
    style = page[page.index("<style>") : page.index("</style>")]
    assert not re.search(r"url\(|@import", style)


@pytest.mark.parametrize("text", [*HOSTILE, "<!--", "<ScRiPt", "]]>", "\u2028"])
def test_embedded_data_cannot_end_its_element(text: str) -> None:
    data = embedded({text: [text]})
    assert not set("<>&\u2028\u2029") & set(data)
    assert json.loads(data) == {text: [text]}


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    lines = [check(f"host-{n:04}", "AAA001") for n in range(2100)]
    fleet = report([write(tmp_path / "lines.ndjson", *lines)])
    assert "10 of 2,100 shown" in made(fleet, "text")
    assert "25 of 2,100 shown" in made(fleet, "markdown")
    page = made(fleet, "html")
    assert "The 2,000 worst of 2,100 hosts with failures." in page
    assert "host-1999" in page
    assert "host-2000" not in page
