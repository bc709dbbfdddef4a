"""`advisor rules`: the list, and what is said about good and bad files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from advisor.knowledge.locations import rules_dir
from advisor.knowledge.rules import rule_files
from tests.cli.conftest import DATA, Run

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
Change = tuple[str, str, str]


def changes(file: str) -> dict[str, Change]:
    """Name → what is replaced in the good rule, by what, and what is said about it."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            found[name].append(line[4:].replace("\\n", "\n").replace("\\t", "\t"))
        elif line and not line.startswith("#"):
            name = line
            found[name] = []
    return {name: (old, new, message) for name, (old, new, message) in found.items()}


BAD = {
    **changes("bad_rules.txt"),
    "nested too deeply": ("tags: [tcp]", "tags: " + "[" * 50_000 + "]" * 50_000, ":6:"),
    "not UTF-8": ("It holds", "It h\udcfflds", "not UTF-8 text"),
    "larger than any rule": ("why: ", "why: " + "x" * (1 << 20), "larger than 256 KiB"),
}
BAD_CASES = changes("bad_cases.txt")


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


@pytest.mark.parametrize("name", BAD)
def test_lint_tells_what_is_wrong_with_a_bad_rule_and_where(
    run: Run, tmp_path: Path, name: str
) -> None:
    old, new, message = BAD[name]
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
    other = GOOD.replace("TST001", "TST002").replace("a-test", "b-test")
    write(tmp_path, other.replace("128 * KiB", "memory.totl"), "TST002-b-test.yaml")
    done = run("rules", "lint", tmp_path)
    assert done.returncode == 2
    assert "TST000-broken.yaml:2:1: " in done.stdout
    assert "TST002-b-test.yaml: let.limit" in done.stdout


def test_an_id_that_is_used_twice_is_refused(run: Run, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, GOOD)
    done = run("rules", "lint", tmp_path)
    assert done.returncode == 2
    assert "TST001 is already used by" in done.stdout + done.stderr


@pytest.mark.parametrize("name", BAD_CASES)
def test_a_case_that_does_not_hold_is_told(run: Run, tmp_path: Path, name: str) -> None:
    old, new, message = BAD_CASES[name]
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
