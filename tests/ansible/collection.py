"""The collection where Ansible looks for it, its modules as processes, a stand-in for advisor."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "ansible"
NAME = "nettune.advisor"
MODULES = sorted(path.stem for path in (SOURCE / "plugins/modules").glob("*.py"))
PLAYBOOKS = sorted((SOURCE / "playbooks").glob("*.yml"))
BIN = Path(sys.executable).parent

Json = dict[str, Any]


def collections_in(folder: Path) -> Path:
    """A directory of collections that has this one; the same for each caller."""
    names = folder / "collections" / "ansible_collections" / "nettune"
    if not names.exists():
        names.mkdir(parents=True)
        (names / "advisor").symlink_to(SOURCE)
    return folder / "collections"


def run_module(
    folder: Path, module: str, *prefix: str, check: bool = False, **options: Any
) -> Json:
    """What a module answers.

    Args:
        folder: Where the collection is put, and everything that the module leaves.
        module: Its name, without "advisor_".
        prefix: Words before the command: `ip netns exec …`.
        check: Whether it runs in check mode; it is always asked for a diff.
        options: Its options.
    """
    arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
    words = ["-m", f"ansible_collections.{NAME}.plugins.modules.advisor_{module}"]
    done = subprocess.run(
        [*prefix, sys.executable, *words],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": arguments}),
        env=environment(folder),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    assert lines, f"{module} said nothing:\n{done.stderr}"
    answer: Json = json.loads(lines[-1])
    assert (done.returncode != 0) == bool(answer.get("failed")), done.stderr
    return answer


def environment(folder: Path) -> dict[str, str]:
    """What Ansible and advisor need, and nothing that a developer's shell may have set."""
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(collections_in(folder)),
        "ANSIBLE_COLLECTIONS_PATH": str(collections_in(folder)),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "0",
        "ADVISOR_CONFIG_DIR": "",
        "ADVISOR_STATE_DIR": str(folder / "state"),
    }


def run_tool(folder: Path, *words: str | Path, cwd: Path | None = None) -> tuple[int, str]:
    """Exit code and output of one of Ansible's programs."""
    done = subprocess.run(
        [str(BIN / words[0]), *map(str, words[1:])],
        cwd=cwd or folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout


@dataclass(frozen=True)
class Fake:
    """A program that answers as advisor would, and writes down how it was called.

    Attributes:
        path: Where it is.
        calls_file: What it was called with, a line of JSON for each call.
    """

    path: Path
    calls_file: Path

    @property
    def calls(self) -> list[list[str]]:
        """The words of each call."""
        if not self.calls_file.exists():
            return []
        return [json.loads(line) for line in self.calls_file.read_text("utf-8").splitlines()]

    def called(self, command: str) -> list[str]:
        """The words of the one call of a command."""
        (found,) = [call for call in self.calls if call[0] == command]
        return found


def fake(folder: Path, answers: Mapping[str, tuple[int, Json | str, str]]) -> Fake:
    """A stand-in.

    Args:
        folder: Where it is put.
        answers: By the beginning of its words, the longest first: exit code (negative: the signal
            that ends it), standard output, standard error.
    """
    table = {
        key: (code, out if isinstance(out, str) else json.dumps(out), err)
        for key, (code, out, err) in sorted(answers.items(), key=lambda each: -len(each[0]))
    }
    program = folder / "advisor"
    calls = folder / "calls"
    program.write_text(
        f"#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -c "
        f'{shlex.quote(_PROGRAM.format(table=table, calls=str(calls)))} "$@"\n',
        "utf-8",
    )
    program.chmod(0o755)
    return Fake(program, calls)


_PROGRAM = """
import json, os, sys
words = sys.argv[1:]
with open({calls!r}, "a") as file:
    print(json.dumps(words), file=file)
for key, (code, out, err) in {table!r}.items():
    if " ".join(words).startswith(key):
        sys.stdout.write(out)
        sys.stderr.write(err)
        sys.stdout.flush()
        if code < 0:
            os.kill(os.getpid(), -code)
        sys.exit(code)
sys.exit("unexpected: " + repr(words))
"""
