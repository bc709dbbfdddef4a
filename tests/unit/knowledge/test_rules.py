"""Reading rule files: good ones, and what is said about bad ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.knowledge.rules import (
    load_outside_rules,
    load_rule,
    load_shipped_rule,
    rule_files,
)
from advisor.model.address import SysctlAddress
from advisor.model.rule import Scope, Severity

GOOD = """\
id: TST001
name: a-test
title: Something is not as it should be
status: stable
severity: warning
tags: [tcp]
when:
  - if: params.latency_sensitive
    else: latency does not matter here
let:
  want: 128 * KiB
check:
  setting: sysctl:net.ipv4.tcp_rmem[1]
  at_most: want
message: "{actual:bytes} is more than {want:bytes}"
why: It holds a CPU for longer than the workload can bear, which shows in latency.
fix: {risk: low, disrupts: none}
references: [{title: "net/ipv4/tcp_input.c, tcp_collapse()"}]
tests:
  - {name: too large, given: {sysctl: {net.ipv4.tcp_rmem: [1, 2, 3]}}, expect: fail}
  - {name: small, given: {sysctl: {net.ipv4.tcp_rmem: [1, 2, 3]}}, expect: pass}
"""

BAD = {
    "unknown key": ("severity: warning", "sevrity: warning", ":1:1: "),
    "missing key": ("why: It", "# why: It", "'why' is a required property"),
    "wrong severity": ("severity: warning", "severity: critical", ":5:11: severity: 'critical'"),
    "expression syntax": ("want: 128 * KiB", "want: 128 *", ":11:9: not an expression"),
    "call of a method": ("at_most: want", "at_most: want.bit_length()", ":14:12: only the listed"),
    "power": ("128 * KiB", "9 ** 9", ":11:9: '**' is not allowed here"),
    "unbalanced message": ('"{actual:bytes} is', '"{actual:bytes is', ":15:10: "),
    "unit of a message": ("{want:bytes}", "{want:parsecs}", "there is no unit 'parsecs'"),
    "address": ("sysctl:net.ipv4.tcp_rmem[1]", "syctl:net.ipv4.tcp_rmem", ":13:12: "),
    "two tests in a check": ("at_most: want", "at_most: want\n  at_least: want", ":13:3: check"),
    "expr with a setting": ("at_most: want", "expr: want > 1", "check"),
    "boolean from a word": ("severity: warning", "severity: on", "'on' is not one of"),
    "ambiguous number": ("128 * KiB", "010", ":11:9: '010' could be read as different numbers"),
    "only one case": ("  - {name: small", "# - {name: small", ":20:3: tests"),
}


def write(folder: Path, text: str, name: str = "TST001-a-test.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_rule_is_read_as_it_was_written(tmp_path: Path) -> None:
    rule = load_rule(write(tmp_path, GOOD))
    assert (rule.id, rule.name, rule.severity, rule.scope) == (
        "TST001",
        "a-test",
        Severity.WARNING,
        Scope.HOST,
    )
    assert rule.check.setting == SysctlAddress(("net", "ipv4", "tcp_rmem"), 1)
    assert (rule.check.test, rule.check.target) == ("at_most", "want")
    assert rule.let == {"want": "128 * KiB"}
    assert [test.expect for test in rule.tests] == ["fail", "pass"]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_rule_is_an_error_that_names_file_and_place(tmp_path: Path, name: str) -> None:
    old, new, message = BAD[name]
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(AdvisorError) as caught:
        load_rule(path)
    assert caught.value.message.startswith(f"{path}:")
    assert message in caught.value.message


def test_the_file_has_the_name_of_its_rule(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD, "TST002-other.yaml")
    with pytest.raises(AdvisorError, match=r":1:5: the file of this rule .* TST001-a-test\.yaml"):
        load_rule(path)


@pytest.mark.parametrize("text", ["", "- a list\n", "just text\n", "1\n"])
def test_a_file_that_is_no_rule_is_an_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(AdvisorError, match="a rule is a mapping"):
        load_rule(write(tmp_path, text))


def test_an_id_is_used_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    write(tmp_path / "a", GOOD)
    write(tmp_path / "b", GOOD)
    with pytest.raises(AdvisorError, match="TST001 is already used by"):
        load_outside_rules(tmp_path)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError, match="no such folder of rules"):
        rule_files(tmp_path / "absent")


@pytest.mark.parametrize("wanted", ["TST001", "tst001", "a-test"])
def test_a_rule_is_found_by_id_or_name(tmp_path: Path, wanted: str) -> None:
    write(tmp_path, GOOD)
    assert load_shipped_rule(tmp_path, wanted).id == "TST001"


def test_a_rule_that_does_not_exist_brings_a_suggestion(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    with pytest.raises(AdvisorError) as caught:
        load_shipped_rule(tmp_path, "tst01")
    assert caught.value.hint == "did you mean TST001?"
