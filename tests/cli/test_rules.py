"""`advisor rules`: the list, and what is said about good and bad files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor.knowledge.locations import rules_dir
from advisor.knowledge.rules import rule_files
from tests.cli.conftest import Run

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
  limit: 128 * KiB
check:
  setting: sysctl:net.ipv4.tcp_rmem[1]
  at_most: limit
message: "{actual:bytes} is more than {limit:bytes}"
why: It holds a CPU for longer than the workload can bear, which shows in latency.
fix: {risk: low, disrupts: none}
references: [{title: "net/ipv4/tcp_input.c, tcp_collapse()"}]
tests:
  - name: too large
    given: {sysctl: {net.ipv4.tcp_rmem: [4096, 5242880, 6291456]}}
    params: {latency_sensitive: true}
    expect: fail
  - name: small
    given: {sysctl: {net.ipv4.tcp_rmem: [4096, 131072, 6291456]}}
    params: {latency_sensitive: true}
    expect: pass
"""
FILE = "TST001-a-test.yaml"
BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"

# What is replaced, by what, and what lint says about it.
LINTED = {
    "duplicate key": ("severity: warning", "severity: warning\nseverity: error", ":6:1: the key 'severity' is already set in line 5"),
    "alias bomb": ("id: TST001\n", BOMB + "id: TST001\n", ":1:4: anchors are not allowed"),
    "merge bomb": ("id: TST001\n", "<<: {id: TST001}\n", ":1:1: merge keys are not allowed"),
    "nested too deeply": ("tags: [tcp]", "tags: " + "[" * 50_000 + "]" * 50_000, ":6:"),
    "tag": ("id: TST001", "id: !!python/object:os.system TST001", "tags are not allowed"),
    "two documents": ("id: TST001\n", "id: TST001\n---\n", "more than one document"),
    "octal number": ("128 * KiB", "010", ":11:10: '010' could be read as different numbers"),
    "sexagesimal number": ("128 * KiB", "1:30", ":11:10: '1:30' could be read as different numbers"),
    "word for true": ("severity: warning", "severity: on", "'on' is not one of"),
    "tab": ("  setting:", "\tsetting:", ":13:1: "),
    "not UTF-8": ("It holds", "It h\udcfflds", "not UTF-8 text"),
    "unknown key": ("severity: warning", "sevrity: warning", ":1:1: "),
    "unknown fact": ("128 * KiB", "memory.totl", "let.limit: there is no fact memory.totl; did you mean memory.total?"),
    "unknown sysctl": ("net.ipv4.tcp_rmem[1]\n", "net.ipv4.tcp_rmemm[1]\n", "check.setting: there is no fact sysctl.net.ipv4.tcp_rmemm[1]; did you mean sysctl.net.ipv4.tcp_rmem[1]?"),
    "unknown parameter": ("if: params.latency_sensitive", "if: params.latency", "there is no fact params.latency; did you mean params.latency_sensitive?"),
    "unknown function": ("128 * KiB", "system(1)", "there is no function 'system'"),
    "attribute trick": ("128 * KiB", "memory.__class__.__mro__", "let.limit: there is no fact memory.__class__"),
    "huge power": ("128 * KiB", "9 ** 9 ** 9", "'**' is not allowed here"),
    "unused name": ("at_most: limit", "at_most: 5\n", "let.limit: there is no fact"),
    "name of the file": ("id: TST001", "id: TST002", "the file of this rule has to be called TST002-a-test.yaml"),
    "no fix": ("fix: {risk: low, disrupts: none}\n", "", "fix: missing"),
}  # fmt: skip
LINTED["unused name"] = (
    '{actual:bytes} is more than {limit:bytes}"',
    'it is more than that"',
    "let.limit: not used",
)


def write(folder: Path, text: str, name: str = FILE) -> Path:
    path = folder / name
    path.write_bytes(text.encode(errors="surrogateescape"))
    return path


def test_every_shipped_rule_is_listed(run: Run) -> None:
    done = run("rules", "list")
    shipped = [path.stem.partition("-")[0] for path in rule_files(rules_dir())]
    assert [line.split()[0] for line in done.stdout.splitlines()] == shipped
    assert done.stderr == f"{len(shipped)} rules\n"


def test_the_list_as_json_names_what_programs_need(run: Run) -> None:
    data = json.loads(run("rules", "list", "--json", "--select", "RCV001").stdout)
    assert [rule["id"] for rule in data] == ["RCV001"]
    assert data[0]["setting"] == "sysctl:net.ipv4.tcp_rmem[1]"
    assert data[0].keys() == {
        *("id", "name", "title", "severity", "status", "scope", "tags", "setting"),
    }


def test_a_good_rule_passes_lint_and_test(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    linted = run("rules", "lint", path)
    assert (linted.returncode, linted.stdout) == (0, "")
    assert linted.stderr == "1 rules read, 0 problems\n"
    tested = run("rules", "test", tmp_path)
    assert (tested.returncode, tested.stdout) == (0, "")
    assert tested.stderr == "2 cases, 0 problems\n"


@pytest.mark.parametrize("name", LINTED)
def test_lint_tells_what_is_wrong_with_a_bad_rule_and_where(
    run: Run, tmp_path: Path, name: str
) -> None:
    old, new, message = LINTED[name]
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    done = run("rules", "lint", path)
    assert done.returncode == 2
    assert done.stdout.startswith(f"{path}:")
    assert message in done.stdout
    assert done.stderr.endswith(" 1 problems\n")


def test_lint_goes_on_after_a_bad_file(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "[", "TST000-broken.yaml")
    write(tmp_path, GOOD)
    write(
        tmp_path,
        GOOD.replace("TST001", "TST002").replace("128 * KiB", "memory.totl"),
        "TST002-a-test.yaml",
    )
    done = run("rules", "lint", tmp_path)
    assert done.returncode == 2
    assert "TST000-broken.yaml:1:" in done.stdout
    assert "TST002-a-test.yaml: let.limit" in done.stdout


def test_an_id_that_is_used_twice_is_refused(run: Run, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, GOOD)
    done = run("rules", "lint", tmp_path)
    assert done.returncode == 2
    assert "TST001 is already used by" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("expect: pass", "expect: fail", "small: expected fail, got pass"),
        ("    expect: pass", "    expect: pass\n    want: 5", "small: expected the target 5, got 131072"),
        ("[4096, 131072,", "[4096, wide,", "small: sysctl.net.ipv4.tcp_rmem: expected a number"),
        ("params: {latency_sensitive: true}\n    expect: pass", "params: {latency: 1}\n    expect: pass", "has no parameter 'latency'"),
        ("{sysctl: {net.ipv4.tcp_rmem: [4096, 131072", "{sysctls: {net.ipv4.tcp_rmem: [4096, 131072", "small: sysctls is not a section"),
        ("128 * KiB", "memory.totl", "did you mean memory.total?"),
    ],
)  # fmt: skip
def test_a_case_that_does_not_hold_is_told(
    run: Run, tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    done = run("rules", "test", path)
    assert done.returncode == 1
    assert done.stdout.startswith(f"{path}: ")
    assert message in done.stdout


def test_testing_a_file_that_is_no_rule_is_an_error(run: Run, tmp_path: Path) -> None:
    done = run("rules", "test", write(tmp_path, "id: [", FILE))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{FILE}:" in done.stderr
