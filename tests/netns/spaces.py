"""Network namespaces for tests, removed whatever happens."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from advisor.facts.collect import collect
from advisor.model.host import Host

ROOT = Path(__file__).resolve().parents[2]

needs_namespaces = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("ip") is None, reason="needs root and iproute2"
)

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Space:
    """A network namespace that `ip netns` knows by `name`."""

    name: str

    def run(self, *command: str) -> str:
        """The output of a command that runs in the namespace and succeeds."""
        return _run("ip", "netns", "exec", self.name, *command)

    @contextmanager
    def running(self, script: str) -> Iterator[subprocess.Popen[str]]:
        """A Python script that runs in the namespace; it has printed a line when this starts.

        It should then wait for the end of its standard input, and is killed after that.
        """
        command = ["ip", "netns", "exec", self.name, sys.executable, "-c", script]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        try:
            assert process.stdout is not None
            assert process.stdout.readline(), "the script ended before it was ready"
            yield process
        finally:
            process.kill()
            process.communicate()

    def read(self, sample_seconds: float | None = None) -> Host:
        """The facts of the namespace."""
        return collect(netns=self.name, sample_seconds=sample_seconds)


@contextmanager
def space() -> Iterator[Space]:
    """A fresh namespace, its loopback interface up."""
    name = f"advisor-test-{os.getpid()}-{next(_numbers)}"
    _run("ip", "netns", "add", name)
    try:
        made = Space(name)
        made.run("ip", "link", "set", "lo", "up")
        yield made
    finally:
        _run("ip", "netns", "delete", name)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout
