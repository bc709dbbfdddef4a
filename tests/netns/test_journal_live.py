"""The journal on file systems that are full or read-only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.netns.spaces import ROOT, needs_namespaces

pytestmark = needs_namespaces


def test_a_full_or_read_only_disk_refuses_and_nothing_is_lost(tmp_path: Path) -> None:
    probe = f"exec {sys.executable} -m tests.netns.journal_probe {tmp_path}"
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", f"mount --make-rprivate / && {probe}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    full = "No space left on device"
    assert said["full"][0] == ["begin", full]
    assert ["armed", full] in said["full"]
    assert all(each[-1] == full for each in said["full"])
    assert said["no names left"] == [full]
    assert said["read-only"] == ["Read-only file system"]
