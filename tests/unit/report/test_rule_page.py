"""A rule's page, and what it says about a host."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.model.finding import Status
from advisor.model.rule import Reference
from advisor.report.rule_page import here_lines, markdown, page
from advisor.report.style import TextStyle
from tests.unit.engine.rules import rule, symptom, when
from tests.unit.report.reports import REPORTS, STALL, other, report
from tests.unit.report.test_golden import GOLDEN_PAGES, compare

RULE = rule(
    "sysctl:net.ipv4.tcp_rmem[1]",
    id="RCV001",
    name="rmem-initial-huge",
    title="The initial TCP receive buffer is large enough to stall packet processing",
    at_most="256 * KiB",
    conditions=when("params.latency_sensitive", "stalls do not matter to this workload"),
    let={"stall_ms": "sysctl.net.ipv4.tcp_rmem[1] * 14.5 / (5 * MiB)"},
    symptom=symptom("rate(nstat.TcpExt.PruneCalled) > 0.1", "params.rtt_ms"),
    why="""\
tcp_rmem[1] is the size that a receive buffer starts with, and so the window that is offered at
once.

- a peer that sends small packets to a slow reader
- fills it with metadata; `tcp_prune_queue()` then compacts the whole queue in one go, in softirq,
  with nothing else running on that CPU

| buffer | time |
|--------|------|
| 5 MiB  | 14 ms |

    sysctl net.ipv4.tcp_rmem
""",
    advice="look for {stall_ms:ms} stalls",
    references=(
        Reference("net/ipv4/tcp_input.c, tcp_prune_queue()"),
        Reference("The story of one latency spike", "https://blog.example/latency-spike/"),
    ),
)
FAILED = report((replace(STALL, rule=RULE),))
PASSED = report(
    (
        other(Status.PASS, "RCV001", "x", setting=STALL.setting, actual=(4096, 1, 2), wanted=(1,)),
        other(Status.NOT_APPLICABLE, "RCV001", "x", "it is not hardware", "veth0"),
        other(Status.UNKNOWN, "RCV001", "x", "no permission", "eth0"),
    )
)


@pytest.mark.parametrize("width", [60, 100])
def test_a_page_is_as_it_was_agreed(width: int) -> None:
    lines = page(RULE, TextStyle(width=width))
    compare(GOLDEN_PAGES / f"page-{width}.txt", "\n".join(lines) + "\n")


@pytest.mark.parametrize("name", ["failed", "passed"])
def test_what_it_says_about_a_host_is_as_it_was_agreed(name: str) -> None:
    lines = here_lines({"failed": FAILED, "passed": PASSED}[name], TextStyle())
    compare(GOLDEN_PAGES / f"here-{name}.txt", "\n".join(lines) + "\n")


def test_only_parameters_that_the_rule_uses_are_shown() -> None:
    params = {"rtt_ms": (40, "--param"), "rtt": (1, "x"), "latency_sensitive": (True, "facts")}
    text = "\n".join(here_lines(replace(FAILED, params=params), TextStyle()))
    assert "params.rtt_ms = 40  (--param)" in text
    assert "params.latency_sensitive = true  (facts)" in text
    assert "params.rtt =" not in text


def test_many_interfaces_are_not_all_listed() -> None:
    lines = here_lines(REPORTS["interfaces"], TextStyle())
    assert lines[-1] == "  … and 35 more"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one\nparagraph", ["  one paragraph"]),
        ("one\n\ntwo", ["  one", "", "  two"]),
        ("- a\n- b\n  c", ["  - a", "  - b c"]),
        ("words:\n- a", ["  words:", "  - a"]),
        ("| a |\n| b |", ["  | a |", "  | b |"]),
        ("```\n$  x\n```", ["  ```", "  $  x", "  ```"]),
        ("a\x1b[31m", ["  a\\x1b[31m"]),
        ("    a\x1b[31m", ["      a\\x1b[31m"]),
    ],
)
def test_markdown_is_wrapped_where_it_may_be(text: str, lines: list[str]) -> None:
    assert markdown(text, TextStyle()) == lines
