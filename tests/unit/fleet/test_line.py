"""A line becomes short printable rows, or is refused with what is wrong; nothing else happens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.fleet.kinds import Kinds
from advisor.fleet.line import MAX_BYTES, Line, parse
from advisor.fleet.plain import Unusable, text
from advisor.fleet.tables import COLUMNS
from tests.unit.fleet.fleets import HOSTILE, check, finding, lost

AT = "2026-01-01T00:00:00Z"
GROUP, SITE, ERROR, UNREACHABLE = 4, 5, 10, 11


def parsed(line: Any, by: str = "group") -> Line:
    raw = line if isinstance(line, bytes) else json.dumps(line).encode()
    return parse(raw, 7, AT, by, Kinds())


def width(table: str) -> int:
    return COLUMNS[table].count(",") + 1


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"", "empty line"),
        (b"  \r\n", "empty line"),
        (b"\0\0\0\n", "empty line"),
        (b'{"schema": "advisor.line/v1", "host": "a', "half-written line"),
        (b'{"schema": "advisor.line/v1", "findings": [1, 2\n', "half-written line"),
        (b"web-1 changed=1 unreachable=0\n", "not JSON"),
        (b'{"a": 1} {"b": 2}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"7", "not a JSON object"),
        (b'{"host": "\xff\xfe"}', "not UTF-8"),
        (b'"' + b"x" * MAX_BYTES + b'"', "line that is too long"),
        ([check("a")], "not a JSON object"),
        ({"host": "a"}, "not a line of advisor"),
        ({**check("a"), "schema": ["advisor.line/v1"]}, "not a line of advisor"),
        ({"schema": "advisor.report/v1"}, "a whole report instead of a line"),
        ({"schema": "advisor.line/v2"}, "line of a version that is not known here"),
        ({**check("a"), "host": None}, "no host name"),
        ({**check("a"), "host": ""}, "no host name"),
        ({**check("a"), "at": None}, "no time of the check"),
        ({**check("a"), "at": "yesterday"}, "time that is not ISO 8601 in UTC"),
        ({**check("a"), "at": 20260102}, "time that is not ISO 8601 in UTC"),
        ({**check("a"), "summary": [1]}, "no summary"),
        ({**check("a"), "summary": {"error": -1}}, "a count that is none"),
        ({**check("a"), "summary": {"error": True}}, "a count that is none"),
        ({**check("a"), "summary": {"error": 1e300}}, "a count that is none"),
        ({**check("a"), "more": "many"}, "a count that is none"),
        ({**check("a"), "findings": None}, "no findings"),
        ({**check("a"), "findings": {}}, "no findings"),
        ({**check("a"), "findings": ["AAA001"]}, "a finding that is none"),
        ({**check("a"), "findings": [{"rule": "AAA001"}]}, "a finding that is none"),
        (check("a", finding("A") | {"rule": ["A"]}), "a finding that is none"),
        ({**check("a"), "findings": [finding("A", severity="fatal")]}, "a finding that is none"),
        ({**check("a"), "findings": [finding("A", status="pass")]}, "a finding that is none"),
    ],
    ids=lambda value: repr(value)[:70],
)
def test_a_line_that_cannot_be_used_is_refused_with_its_kind(line: Any, kind: str) -> None:
    with pytest.raises(Unusable) as caught:
        parsed(line)
    assert caught.value.kind == kind
    assert caught.value.detail.isprintable() or not caught.value.detail


def test_a_check_fills_every_column() -> None:
    line = parsed(check("a", "AAA001", "BBB001"))
    assert line.run[:4] == (7, "a", "2026-05-02T03:04:05Z", "a")
    assert len(line.run) == width("runs") - 2  # file and line are added where they are known
    assert line.drivers == ((7, "ice"),)
    assert line.findings == ((7, 1), (7, 2))


def test_a_host_that_was_not_checked_has_the_time_of_its_file() -> None:
    line = parsed(lost("a", "ssh: no route", unreachable=True))
    assert (line.run[2], line.run[ERROR], line.run[UNREACHABLE]) == (AT, "ssh: no route", 1)
    assert len(line.run) == len(parsed(check("a")).run)


def test_the_group_is_a_label_of_choice_else_the_profile() -> None:
    assert parsed(check("a", group="edge")).run[GROUP] == "edge"
    assert parsed(check("a"), by="site").run[GROUP] == "fra"
    assert parsed(check("a"), by="rack").run[GROUP] == "server"
    assert parsed(lost("a", labels="none")).run[GROUP] == "no group"


def test_keys_that_a_later_version_may_add_are_ignored() -> None:
    line = {**check("a", finding("AAA001", since="boot")), "score": {"total": 7}}
    assert parsed(line) == parsed(check("a", "AAA001"))


def test_findings_that_are_alike_have_one_number() -> None:
    kinds = Kinds()
    alike = finding("AAA001", setting="sysctl:net.core.somaxconn", actual=[1, 2], wanted=3)
    numbers = kinds.numbers([alike, dict(reversed(alike.items())), {**alike, "actual": [1, 3]}])
    assert numbers == [1, 1, 2]
    rows = kinds.take()
    assert [len(row) for row in rows] == [width("kinds")] * 2
    assert rows[0][-3:] == ("sysctl:net.core.somaxconn", "1 2", "3")
    assert kinds.take() == []


@pytest.mark.parametrize("other", [True, 1.0, "1"])
def test_values_that_only_seem_alike_stay_apart(other: Any) -> None:
    kinds = Kinds()
    assert kinds.numbers([finding("A", actual=1), finding("A", actual=other)]) == [1, 2]


def test_a_number_where_a_yes_belongs_does_not_speak_for_other_hosts() -> None:
    kinds = Kinds()
    assert kinds.numbers([finding("A", active=1), finding("A", active=True)]) == [1, 2]
    assert [row[5] for row in kinds.take()] == [0, 1]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "on"),
        (4096, "4096"),
        ([4096, 131072, "x"], "4096 131072 x"),
        ({"a": [1]}, '{"a": [1]}'),
        ("a\nb\x1b\u202e\ud800", "a\\x0ab\\x1b\\u202e\\ud800"),
        ("é 漢", "é 漢"),
    ],
)
def test_values_become_text(value: Any, shown: str) -> None:
    assert text(value) == shown


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_becomes_short_and_printable(name: str) -> None:
    shown = parsed(check(name, group=name)).run
    assert all(str(each).isprintable() and len(str(each)) < 1500 for each in shown)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(key=st.sampled_from(sorted(check("a"))), value=JSON)
def test_any_value_in_any_place_is_taken_or_refused(key: str, value: Any) -> None:
    try:
        line = parsed({**check("a", "AAA001"), key: value})
    except Unusable:
        return
    assert all(str(each).isprintable() for each in line.run)


@given(
    key=st.sampled_from(["rule", "target", "severity", "status", "active", "actual"]), value=JSON
)
def test_any_value_in_any_place_of_a_finding_is_taken_or_refused(key: str, value: Any) -> None:
    kinds = Kinds()
    try:
        kinds.numbers([{**finding("AAA001"), key: value}])
    except Unusable:
        return
    assert all(str(each).isprintable() for row in kinds.take() for each in row)


@given(raw=st.binary() | st.text().map(lambda text: text.encode(errors="surrogatepass")))
def test_any_bytes_are_refused(raw: bytes) -> None:
    with pytest.raises(Unusable):
        parsed(raw)
