"""Which host, when, and how long it had been up."""

from __future__ import annotations

import pytest

from advisor.facts.sosreport.identity import parse_date, parse_up, read_collection
from tests.unit.facts.sosreport.reports import Entries, bundle, report


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (" 11:30:34 up  3:35,  0 user,  load average: 0.28", 12_900),
        (" 16:30:00 up 35 min,  2 users", 2_100),
        (" 10:00:00 up 2 days,  3:04,  1 user", 183_840),
        (" 10:00:00 up 1 day, 5 min,  1 user", 86_700),
        (" 10:00:00 up 412 days, 23:59, 1 user", 412 * 86_400 + 86_340),
        ("up", None),
        ("", None),
    ],
)
def test_uptime_tells_minutes(text: str, seconds: float | None) -> None:
    assert parse_up(text) == seconds


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Thu Feb  3 16:30:00 UTC 2022\n", "2022-02-03T16:30:00"),
        ("Thu Feb 13 16:30:00 GMT 2022\n", "2022-02-13T16:30:00"),
        ("Thu Feb  3 16:30:00 CET 2022\n", None),
        ("           Universal time: Wed 2024-01-03 10:00:00 UTC\n", "2024-01-03T10:00:00"),
        ("Thu Foo 33 16:30:00 UTC 2022\n", None),
        ("", None),
    ],
)
def test_times_are_read_when_they_are_in_utc(text: str, time: str | None) -> None:
    found = parse_date(text)
    assert (found and found.strftime("%Y-%m-%dT%H:%M:%S")) == time


def test_both_layouts_tell_who_they_are() -> None:
    new = read_collection(report(bundle("sos4")), "a.tar.xz")
    assert (new.hostname, new.at, new.uptime_s) == (
        "db1.example.com",
        "2024-01-03T10:00:00Z",
        183_840,
    )
    assert (new.source, new.privileged) == ("sosreport a.tar.xz", True)
    old = read_collection(report(bundle("sos3")), "b.tar.gz")
    assert (old.hostname, old.at, old.uptime_s) == ("vm1", "2022-02-03T16:30:00Z", 2_100)


@pytest.mark.parametrize(
    ("entries", "hostname", "at", "uptime_s"),
    [
        ({}, "unknown", "2024-01-03", 0),
        (
            {"sos_commands/kernel/uname_-a": "Linux a1 5.4 #1 x86_64 GNU/Linux\n"},
            "a1",
            "2024-01-03",
            0,
        ),
        ({"proc/sys/kernel/hostname": "a2\n"}, "a2", "2024-01-03", 0),
        ({"proc/uptime": "99.5 100.0\n"}, "unknown", "2024-01-03", 99.5),
        (
            {
                "proc/stat": "cpu 1\nbtime 1643905800\n",
                "sos_commands/date/date": "Thu Feb  3 16:30:30 UTC 2022\n",
            },
            "unknown",
            "2022-02-03T16:30:30Z",
            30,
        ),
    ],
)
def test_what_is_missing_is_taken_from_elsewhere_or_unknown(
    entries: Entries, hostname: str, at: str, uptime_s: float
) -> None:
    found = read_collection(report(entries), "sosreport-x-2024-01-03-abcdefg.tar.xz")
    assert (found.hostname, found.at, found.uptime_s) == (hostname, at, uptime_s)


def test_a_name_without_a_day_leaves_the_time_unknown() -> None:
    assert read_collection(report({}), "report.tar.gz").at == "unknown"
