"""Waivers files and baselines: what is read, and what is refused with a place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import AdvisorError
from advisor.knowledge.waivers import baseline_text, load_baseline, load_waivers
from advisor.model.waiver import Waiver

GOOD = """\
waivers:
  - rule: QDI003
    target: "eth*"
    hosts: web-*
    reason: >-
      the provider's image
      sets it
    expires: "2027-06-30"
  - {rule: OFF*, reason: appliance, permanent: true}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "waivers.yaml"
    path.write_text(text)
    return path


def test_waivers_are_read_with_their_places(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert load_waivers(path) == (
        Waiver(
            *("QDI003", "eth*", "web-*", "the provider's image sets it"),
            *(date(2027, 6, 30), f"{path}:2"),
        ),
        Waiver("OFF*", "*", "*", "appliance", None, f"{path}:9"),
    )


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("", ":1:1", "mapping"),
        ("- rule: X", ":1:1", "mapping"),
        ("waivers: 1", ":1:", "is not of type 'array'"),
        ("waivers:\n- {rule: CT001, reason: long enough}", ":2:3", "needs either expires or"),
        (
            'waivers:\n- {rule: CT1, reason: long enough, expires: "2027-01-01", permanent: true}',
            ":2:3",
            "needs either expires or permanent",
        ),
        (
            'waivers:\n- {rule: CT001, reason: long enough, expires: "2027-02-30"}',
            ":2:",
            "2027-02-30 is no day",
        ),
        ("waivers:\n- {rule: CT001, reason: x, permanent: true}", ":2:", "too short"),
        ("waivers:\n- {rule: '*', reason: long enough, permanent: true}", ":2:", "does not match"),
        (
            "waivers:\n- {rule: CT001, reason: long enough, permanent: true, targt: a}",
            ":2:",
            "targt",
        ),
        ("waivers: [", ":1:", ""),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    tmp_path: Path, text: str, place: str, said: str
) -> None:
    with pytest.raises(AdvisorError) as caught:
        load_waivers(write(tmp_path, text))
    assert place in caught.value.message
    assert said in str(caught.value)


NAMES = st.tuples(
    st.text(max_size=20), st.from_regex(r"[A-Z]{2,5}[0-9]{3}", fullmatch=True), st.text(max_size=20)
)


@given(st.lists(NAMES, max_size=8))
def test_a_baseline_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, failures: list[tuple[str, str, str]]
) -> None:
    path = tmp_path_factory.mktemp("baseline") / "baseline.json"
    path.write_text(baseline_text("2026-11-21T10:00:00Z", failures))
    assert load_baseline(path) == frozenset(failures)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": "advisor.report/v1"}', "[" * 100_000, "\udcff"],
)
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "baseline.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(AdvisorError):
        load_baseline(path)


def test_a_baseline_has_one_failure_on_a_line(tmp_path: Path) -> None:
    text = baseline_text("now", [("h", "CT002", "host"), ("h", "CT001", "host")])
    assert json.loads(text)["findings"][0]["rule"] == "CT001"
    assert len(text.splitlines()) == 4
