"""Files that are no snapshots: each is refused with its place and a hint."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import HOST, Run, refused

GOOD = HOST.read_text()


def changed(change: Callable[[dict[str, Any]], object]) -> str:
    """The good snapshot after a change."""
    data = json.loads(GOOD)
    change(data)
    return json.dumps(data, indent=1)


def nested(depth: int) -> str:
    return (
        '{"schema": "advisor.snapshot/v1", "sysctl": ' + '{"a": ' * depth + "1" + "}" * depth + "}"
    )


TEXTS: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "empty": ("", ("the snapshot is empty", "hint: take a snapshot with: advisor snapshot")),
    "white space": (" \n\n ", ("the snapshot is empty", "hint: ")),
    "cut off": (GOOD[: len(GOOD) // 2], ("the snapshot is cut off", "hint: ")),
    "cut off in the first line": (GOOD[:1], (":1:2: the snapshot is cut off", "hint: ")),
    "cut off before the last brace": (GOOD.rstrip()[:-1], ("the snapshot is cut off", "hint: ")),
    "binary": (bytes(range(256)), ("not a snapshot: byte 128 is not text", "hint: ")),
    "null bytes": (bytes(1000), ("not JSON", "hint: ")),
    "compressed": (gzip.compress(GOOD.encode()), ("is not text", "hint: decompress it first")),
    "utf-16": (GOOD.encode("utf-16"), ("is not text", "hint: ")),
    "other text": ("net.core.somaxconn = 4096\n", (":1:1: not JSON", "hint: ")),
    "yaml": ("schema: advisor.snapshot/v1\n", (":1:1: not JSON", "hint: ")),
    "a list": ("[]", ("the document is not an object", "hint: ")),
    "a number": ("5", ("the document is not an object",)),
    "nothing in it": ("{}", ('the key "schema" is missing', "hint: ")),
    "a report": ('{"schema": "advisor.report/v1"}', ("its schema is", "hint: ")),
    "newer": (
        GOOD.replace("snapshot/v1", "snapshot/v2"),
        ('version "v2" is not known', "hint: use the version of advisor that took it"),
    ),
    "schema of another type": ('{"schema": 1}', ("its schema is 1", "hint: ")),
    "only the schema": ('{"schema": "advisor.snapshot/v1"}', ('the key "collection" is missing',)),
    "duplicate key": (
        GOOD.replace('"kernel":', '"kernel": {}, "kernel":', 1),
        ('the key "kernel" is there twice',),
    ),
    "nested 100 deep": (nested(100), ("sysctl.a.a", "too many levels")),
    "nested 50,000 deep": (nested(50_000), ("nested too deeply",)),
    "50,000 brackets": ("[" * 50_000, ("nested too deeply",)),
    "number that is none": (
        changed(lambda host: host["memory"].update(total=float("nan"))),
        ("NaN is not a number in JSON",),
    ),
    "number of 5,000 digits": (GOOD.replace("128", "1" * 5000, 1), ("too many digits",)),
    "number of 80 bits": (
        changed(lambda host: host["memory"].update(total=2**80)),
        ("memory.total: the integer does not fit 64 bits",),
    ),
    "text for a number": (
        changed(lambda host: host["nics"]["eth0"].update(mtu="1500")),
        ("nics.eth0.mtu: expected an integer, got a string",),
    ),
    "list for a group": (
        changed(lambda host: host.update(nics=[])),
        ("nics: expected an object, got an array",),
    ),
    "nothing for a section": (
        changed(lambda host: host.update(kernel=None)),
        ("kernel: expected an object, got null",),
    ),
    "missing field": (
        changed(lambda host: host["kernel"].pop("release")),
        ('kernel: the key "release" is missing',),
    ),
    "fraction in the earlier reading": (
        changed(lambda host: host["sample"]["before"]["nstat"]["Tcp"].update(PassiveOpens=0.5)),
        ("sample.before.nstat.Tcp.PassiveOpens: expected an integer",),
    ),
    "a number as a sysctl directory": (
        changed(lambda host: host["sysctl"].update(net=True)),
        ("sysctl.net: expected an integer, a string, an array or an object, got a boolean",),
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_snapshot_is_refused_with_its_place(run: Run, tmp_path: Path, name: str) -> None:
    content, parts = TEXTS[name]
    raw = content.encode() if isinstance(content, str) else content
    (tmp_path / "bad.json").write_bytes(raw)
    refused(run("check", "--from", "bad.json"), "advisor: bad.json:", *parts)


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("absent.json", "absent.json: cannot read the snapshot: No such file or directory"),
        ("", "cannot read the snapshot: "),
        ("/proc/self/mem", "/proc/self/mem: cannot read the snapshot: Input/output error"),
    ],
)
def test_what_cannot_be_read_is_refused(run: Run, source: str, part: str) -> None:
    refused(run("check", "--from", source), part, "hint: ")


def test_nothing_on_standard_input_is_refused(run: Run) -> None:
    refused(run("check", "--from", "-"), "standard input: the snapshot is empty")


@pytest.mark.parametrize("size", [100 << 20, 10 << 30])
def test_a_file_that_is_too_large_is_refused_without_reading_it_all(
    run: Run, tmp_path: Path, size: int
) -> None:
    with (tmp_path / "large.json").open("wb") as file:
        os.truncate(file.fileno(), size)
    refused(run("check", "--from", "large.json"), "large.json: larger than 64 MiB", "hint: ")


@pytest.mark.parametrize(
    "words", [["explain", "RCV001", "--here"], ["profile", "detect"], ["profile", "show", "server"]]
)
def test_every_command_refuses_a_bad_snapshot(run: Run, tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "bad.json").write_text(GOOD[:100])
    refused(run(*words, "--from", "bad.json"), "bad.json:", "the snapshot is cut off")


def test_keys_of_a_newer_version_are_ignored(run: Run, tmp_path: Path) -> None:
    def add(host: dict[str, Any]) -> None:
        host["wireless"] = {"channel": 11}
        host["kernel"]["codename"] = "x"
        host["nics"]["eth0"]["colour"] = ["blue"]

    (tmp_path / "newer.json").write_text(changed(add))
    assert run("check", "--from", "newer.json", "--exit-zero").stdout == (
        run("check", "--from", HOST, "--exit-zero").stdout.replace(str(HOST), "newer.json")
    )


def test_a_host_about_which_nothing_is_known_has_no_verdicts(run: Run, tmp_path: Path) -> None:
    host = json.loads(GOOD)
    blind = {"schema": host["schema"], "collection": host["collection"]}
    (tmp_path / "blind.json").write_text(json.dumps(blind))
    done = run("check", "--from", "blind.json", "-f", "json", "--strict")
    assert done.returncode == 3
    statuses = {finding["status"] for finding in json.loads(done.stdout)["findings"]}
    assert statuses <= {"unknown", "not_applicable"}
