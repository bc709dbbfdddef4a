"""What holds for every text, whatever is reported."""

from __future__ import annotations

import re
import unicodedata

import pytest

from advisor.model.finding import Status
from advisor.report.failure import failure_lines
from advisor.report.style import TextStyle, safe
from advisor.report.text import to_text
from tests.unit.report.reports import REPORTS, other, report

WIDTHS = (60, 80, 100, 120)
_COLOUR = re.compile(r"\x1b\[[0-9;]+m")
# Line ends; the space that separates digits is one of Zs.
_UNPRINTABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

every = pytest.mark.parametrize(
    ("name", "width", "verbose"),
    [(name, width, verbose) for name in REPORTS for width in WIDTHS for verbose in (False, True)],
)


@every
def test_colour_adds_nothing_but_colour(name: str, width: int, verbose: bool) -> None:
    plain = to_text(REPORTS[name], TextStyle(False, verbose, width), ("x",))
    coloured = to_text(REPORTS[name], TextStyle(True, verbose, width), ("x",))
    assert "\x1b" not in plain
    assert _COLOUR.search(coloured)
    assert _COLOUR.sub("", coloured) == plain


@every
def test_nothing_that_moves_the_cursor_or_hides_text_gets_through(
    name: str, width: int, verbose: bool
) -> None:
    text = to_text(REPORTS[name], TextStyle(False, verbose, width), ("\x1b[2J", "\udcff"))
    found = {c for c in text.replace("\n", "") if unicodedata.category(c) in _UNPRINTABLE}
    assert found == set()
    text.encode("utf-8")


@every
def test_lines_stay_within_the_width_except_commands_and_long_words(
    name: str, width: int, verbose: bool
) -> None:
    report = REPORTS[name]
    commands = {command for finding in report.findings for command in finding.commands}
    for line in to_text(report, TextStyle(False, verbose, width)).splitlines():
        content = line.strip()
        long_word = max(map(len, content.split()), default=0) > width - 30
        assert len(line) <= width or content in commands or long_word


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("name", REPORTS)
def test_each_command_is_a_line_of_its_own(name: str, colour: bool, width: int) -> None:
    for finding in REPORTS[name].of_status(Status.FAIL):
        lines = failure_lines(finding, TextStyle(colour=colour, width=width))
        assert set(finding.commands) <= {line.strip() for line in lines}


@pytest.mark.parametrize("name", REPORTS)
def test_verbose_names_every_finding(name: str) -> None:
    report = REPORTS[name]
    text = to_text(report, TextStyle(verbose=True))
    assert {f.rule.id for f in report.findings} <= set(re.findall(r"[A-Z]{2,5}[0-9]{3}", text))


def test_failures_keep_the_order_of_the_report_and_say_what_is_active() -> None:
    text = to_text(REPORTS["trouble"], TextStyle())
    claims = [line.split() for line in text.splitlines() if re.match("[A-Z]{3}[0-9]{3} ", line)]
    assert [claim[:3] for claim in claims] == [
        ["LSN001", "error", "ACTIVE"],
        ["RCV001", "warning", "ACTIVE"],
        ["NIC011", "info", "nic:eth0/ring.rx"],
    ]


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("trouble", "1 unknown (-v says why)\nnext: run this\nnext: or that\n"),
        ("quiet", "nothing failed · 2 passed · 1 not applicable · 0 unknown\nnext: run this\n"
         "next: or that\n"),
    ],
)  # fmt: skip
def test_the_last_lines_are_the_verdict_and_what_to_type_next(name: str, ending: str) -> None:
    text = to_text(REPORTS[name], TextStyle(), ("run this", "or that"))
    assert text.endswith(ending)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("eth0.100", "eth0.100"),
        ("naïve → µs", "naïve → µs"),
        ("6\u202f000", "6\u202f000"),
        ("a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x7f\x9b", "\\x7f\\x9b"),
        ("\u202ereversed\u2069", "\\u202ereversed\\u2069"),
        ("\u200bhidden\ufeff", "\\u200bhidden\\ufeff"),
        ("\u2028", "\\u2028"),
        ("byte \udcff", "byte \\xff"),
        ("half \ud83d", "half \\ud83d"),
    ],
)
def test_what_cannot_be_printed_is_escaped(text: str, shown: str) -> None:
    assert safe(text) == shown
    assert TextStyle().paint(text, "red") == shown
    assert TextStyle(width=200).wrap(text, 0) == [shown]
    assert TextStyle().flow([text]) == [shown]


@pytest.mark.parametrize(
    ("passed", "unknown", "verdict"),
    [(5, 0, "nothing failed"), (5, 5, "nothing failed"), (5, 6, "little could be judged")],
)
def test_a_host_that_could_hardly_be_read_is_not_called_good(
    passed: int, unknown: int, verdict: str
) -> None:
    good, open_ = (other(status, "TST001", "a-test") for status in (Status.PASS, Status.UNKNOWN))
    lines = to_text(report([good] * passed + [open_] * unknown), TextStyle()).splitlines()
    assert lines[-1].startswith(f"{verdict} · {passed} passed")
