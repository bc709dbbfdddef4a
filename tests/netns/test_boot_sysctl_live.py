"""What is said of the next boot, against what the tools that run at boot make of the same files."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.netns.boot_probe import TOOLS
from tests.netns.spaces import ROOT, needs_namespaces

pytestmark = needs_namespaces


@pytest.mark.parametrize("tool", TOOLS)
def test_the_files_decide_as_the_tool_reads_them(tool: str) -> None:
    program = TOOLS[tool][0]
    if not (shutil.which(program) or Path(program).exists()):
        pytest.skip(f"{program} is not installed")
    script = f"mount --make-rprivate / && exec {sys.executable} -m tests.netns.boot_probe {tool}"
    done = subprocess.run(
        ["unshare", "-nm", "sh", "-c", script],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    rounds = json.loads(done.stdout)
    assert len({json.dumps(each["set"]) for each in rounds}) > 10, "the rounds are all alike"
    for each in rounds:
        assert each["predicted"] == each["set"], each["files"]
