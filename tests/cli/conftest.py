"""The real command line, as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data"
HOST = DATA / "host.json"
"""A proxy whose accept queues overflow; conntrack could not be read. Taken over ten seconds."""

Done = subprocess.CompletedProcess[str]


class Run(Protocol):
    """Runs `advisor` with arguments; `env` adds to a clean environment."""

    def __call__(
        self,
        *arguments: str | Path,
        env: dict[str, str] | None = None,
        stdin: str = "",
        site: bool = False,
    ) -> Done: ...


def environment(**more: str) -> dict[str, str]:
    """What the command needs, and nothing that a developer's shell may have set."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    usual = {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "ADVISOR_CONFIG_DIR": ""}
    return {**kept, **usual, **more}


def command(*arguments: str | Path) -> list[str]:
    """The command's words."""
    return [sys.executable, "-m", "advisor", *map(str, arguments)]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`advisor`, in an empty directory."""

    def advisor(
        *arguments: str | Path,
        env: dict[str, str] | None = None,
        stdin: str = "",
        site: bool = False,
    ) -> Done:
        variables = environment(**env or {})
        if site:  # the usual directories of a site's configuration count
            del variables["ADVISOR_CONFIG_DIR"]
        done = subprocess.run(
            command(*arguments),
            cwd=tmp_path,
            env=variables,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        assert "internal error" not in done.stderr, done.stderr
        return done

    return advisor


def refused(done: Done, *parts: str) -> None:
    """Make sure that it ended as bad input has to: exit 2, nothing on stdout, what and where."""
    assert (done.returncode, done.stdout) == (2, ""), done
    for part in parts:
        assert part in done.stderr, f"{part!r} is not in {done.stderr!r}"
