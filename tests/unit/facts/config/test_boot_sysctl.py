"""What configuration files will set at the next boot, case by case in boot_sysctl.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from advisor.facts.config.assignments import dotted, parse_assignments, parse_key
from advisor.facts.config.boot_sysctl import read_boot_sysctl
from advisor.facts.snapshot import plain
from advisor.knowledge.fixtures import build_host
from tests.unit.facts.host_tree import Link, host

CASES = yaml.safe_load((Path(__file__).parent / "boot_sysctl.yaml").read_text())


def entries(files: dict[str, str]) -> dict[str, str | bytes | Link]:
    return {
        path: Link(text[3:]) if text.startswith("-> ") else text for path, text in files.items()
    }


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_next_boot_is_as_the_files_say(tmp_path: Path, case: dict[str, Any]) -> None:
    running = build_host({"sysctl": case.get("running", {})}).sysctl
    config = plain(read_boot_sysctl(host(tmp_path, entries(case["files"])), running))
    for name, expected in case["expect"].items():
        found = config[name]
        if isinstance(expected, dict):
            assert found.keys() == expected.keys()
            found = {
                key: {field: found[key].get(field) for field in fields}
                for key, fields in expected.items()
            }
        assert found == expected, name


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_traceback(text: str) -> None:
    assignments, faulty = parse_assignments(text, "f")
    lines = [each.line for each in assignments] + [each.line for each in faulty]
    assert len(set(lines)) == len(lines)
    assert all(0 < line <= text.count("\n") + 1 for line in lines)


_COMPONENT = st.from_regex(r"[a-z0-9_-]{1,8}", fullmatch=True)


@given(_COMPONENT, st.lists(st.from_regex(r"[a-z0-9]([a-z.0-9-]{0,6}[a-z0-9])?", fullmatch=True)))
def test_a_key_survives_being_written_and_read(root: str, below: list[str]) -> None:
    """The root has no dot: no directory of /proc/sys has one."""
    key = (root, *below)
    assert parse_key(dotted(key)) == key
    assert parse_key("/".join(key)) == key
