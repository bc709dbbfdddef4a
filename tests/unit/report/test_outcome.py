"""What changes did, for people and as data."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from advisor.engine.outcome import CONNECTIONS, TRAFFIC
from advisor.model.receipt import ALWAYS, Effect, Figure, Outcome
from advisor.report.outcome import outcome_data, outcome_lines
from advisor.report.style import TextStyle

BETTER, SAME, WORSE = Effect.BETTER, Effect.SAME, Effect.WORSE

RESET = "connections reset (EstabResets)"
OUTCOME = Outcome(
    30.0,
    (
        Figure("RCV015", "datagrams dropped", "rate", 120.5, 0.0, BETTER),
        Figure("NIC011", "packets lost at the ring", "rate", 40.0, 42.0, SAME, "eth0"),
        Figure("NIC011", "busiest CPU", "percent", 0.4, 0.9, SAME, note="no more than the load"),
        Figure(ALWAYS, "sent again", "percent", 0.001, 0.01, WORSE),
        Figure(ALWAYS, RESET, "rate", 0.0, 0.0, SAME),
        Figure(ALWAYS, TRAFFIC, "bitrate", 1.2e9, 1.3e9, SAME),
        Figure(ALWAYS, CONNECTIONS, "rate", 10.0, 11.0, SAME),
    ),
)

TEXT = """\
over 30 s before and after: worse
  RCV015 better
    datagrams dropped  120.5/s → 0/s  better
  NIC011 same
    eth0: packets lost at the ring  40/s → 42/s  same
    busiest CPU                     40 % → 90 %  same
      no more than the load
  SND009: no counter tells whether it helped, or none could be read
  watched in any case worse
    sent again                       0.1 % → 1 %              worse
    traffic that IP carried          1.2 Gbit/s → 1.3 Gbit/s
    connections opened and accepted  10/s → 11/s
"""


def test_each_rule_is_told_with_its_figures() -> None:
    lines = outcome_lines(OUTCOME, TextStyle(), ("RCV015", "NIC011", "SND009"))
    assert lines == TEXT.splitlines()


def test_verbose_tells_what_stayed_the_same_too() -> None:
    quiet, verbose = (outcome_lines(OUTCOME, TextStyle(verbose=each)) for each in (False, True))
    assert [each.split("  ")[2] for each in verbose if RESET in each] == [RESET]
    assert len(verbose) == len(quiet) + 1


def test_colour_only_repeats_what_words_say() -> None:
    coloured = "\n".join(outcome_lines(OUTCOME, TextStyle(colour=True)))
    for code in ("0", "1", "2", "31", "32", "1;31"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured.splitlines() == outcome_lines(OUTCOME, TextStyle())


def test_data_hold_every_figure_and_verdict() -> None:
    data = outcome_data(OUTCOME)
    assert (data["seconds"], data["effect"]) == (30.0, "worse")
    assert [(each["rule"], each["effect"]) for each in data["rules"]] == [
        ("RCV015", "better"),
        ("NIC011", "same"),
    ]
    assert data["rules"][1]["figures"][0] == {
        "label": "packets lost at the ring",
        "target": "eth0",
        "unit": "rate",
        "before": 40.0,
        "after": 42.0,
        "effect": "same",
        "note": None,
    }
    assert data["always"]["effect"] == "worse"
    assert len(data["always"]["figures"]) == 4


def test_an_outcome_without_figures_is_the_same() -> None:
    assert outcome_lines(Outcome(5.0, ()), TextStyle()) == ["over 5 s before and after: same"]
    assert outcome_data(Outcome(5.0, ()))["rules"] == []


_TEXTS = st.text(max_size=12)
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
_FIGURES = st.builds(
    Figure,
    _TEXTS | st.just(ALWAYS),
    _TEXTS,
    _TEXTS | st.sampled_from(["rate", "us", "percent"]),
    _NUMBERS,
    _NUMBERS,
    st.sampled_from(Effect),
    _TEXTS,
    st.none() | _TEXTS,
)


@given(st.lists(_FIGURES, max_size=5))
def test_whatever_a_record_holds_is_told_in_printable_lines(figures: list[Figure]) -> None:
    outcome = Outcome(1.0, tuple(figures))
    lines = outcome_lines(outcome, TextStyle())
    assert all("\n" not in line and "\x1b" not in line for line in lines)
    assert json.loads(json.dumps(outcome_data(outcome)))["seconds"] == 1.0
