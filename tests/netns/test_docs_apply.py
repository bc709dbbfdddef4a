"""docs/apply.md shows what happens: its `console root` blocks are run, in a namespace of their own.

Ids and times differ from run to run, names from host to host; everything else is compared.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.netns.spaces import ROOT, needs_namespaces, space

pytestmark = needs_namespaces

BLOCK = re.compile(r"^```console root\n(.*?)^```", re.M | re.S)
VARYING = [
    (re.compile(r"\b[0-9]{6}-[0-9]{8}T[0-9]{6}Z"), "RUN"),
    (re.compile(r"\b[0-9-]{10}T[0-9:.]{8,12}Z"), "TIME"),
    (re.compile(r"^\S+ · profile", re.M), "HOST · profile"),
    (re.compile(r"process [0-9]+"), "process PID"),
]


def blocks() -> list[str]:
    pages = sorted((ROOT / "docs").glob("*.md"))
    return [block for page in pages for block in BLOCK.findall(page.read_text("utf-8"))]


def alike(text: str) -> str:
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text


@pytest.mark.parametrize("block", blocks(), ids=lambda block: block[:40].strip())
def test_what_is_shown_is_what_happens(block: str, tmp_path: Path) -> None:
    advisor = f"{sys.executable} -m advisor"
    lines = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    script = "".join(
        f"echo {subprocess.list2cmdline([f'$ {line}'])}\n"
        f"{line.replace('advisor', advisor, 1) if line.startswith('advisor ') else line}\n"
        for line in lines
    )
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "ADVISOR_STATE_DIR": str(tmp_path / "state"),
        "ADVISOR_CONFIG_DIR": "",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "PYTHONPATH": str(ROOT),
    }
    with space() as made:
        done = subprocess.run(
            ["ip", "netns", "exec", made.name, "sh"],
            input=script,
            env=environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
    pattern = ".*\n".join(re.escape(part) for part in alike(block).split("…\n"))
    assert re.fullmatch(pattern, alike(done.stdout), re.S), done.stdout


def test_there_is_something_to_run() -> None:
    assert blocks()
