"""The commands that a report proposes to type next, as they have to be typed here."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from advisor.model.finding import Status
from advisor.model.report import Report


def proposals(
    report: Report,
    source: str | None,
    netns: str | None,
    params: Mapping[str, str],
    command: str = "check",
    words: Sequence[str] = (),
    root: Path | None = None,
) -> list[str]:
    """Commands worth typing after `advisor check`, or another command that judges.

    Args:
        report: What it found; its first failure is the one to explain.
        source: The snapshot it looked at, None for a live host.
        netns: The namespace it looked at, None for the own one.
        params: Parameters given on its command line.
        command: The command.
        words: What else was given to the command, and comes last.
        root: The image it looked at, None for none.
    """
    program = _program()
    again = _options(report.profile, source, netns, params, root)
    live = source is None and root is None
    failed = report.of_status(Status.FAIL)
    commands = []
    if failed:
        # A snapshot from standard input is gone.
        here = [] if source == "-" else ["--here", *again]
        explain = shlex.join(["explain", failed[0].rule.id, *here])
        commands.append(f"{program} {explain}")
    if live and report.sample_s is None:
        sampled = shlex.join([command, "--sample", "10", *again, *words])
        commands.append(f"{program} {sampled}    # rates of now instead of totals since boot")
    if live and report.summary()["unknown"] and not report.collection.privileged:
        as_root = shlex.join([command, *again, *words])
        commands.append(f"sudo {program} {as_root}    # root can read more")
    return commands


def _options(
    profile: str,
    source: str | None,
    netns: str | None,
    params: Mapping[str, str],
    root: Path | None,
) -> list[str]:
    """Options that make advisor look at the same thing again."""
    options = [] if profile == "server" else ["-p", profile]
    for name, value in params.items():
        options += ["--param", f"{name}={value}"]
    if source is not None:
        options += ["--from", source]
    if netns is not None:
        options += ["--netns", netns]
    if root is not None:
        options += ["--root", str(root)]
    return options


def _program() -> str:
    """How advisor was started, shortened where the shell finds the same by name."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py":
        return f"{shlex.quote(sys.executable)} -m advisor"
    found = shutil.which(started.name)
    same = found is not None and Path(found).resolve() == started.resolve()
    return started.name if same else shlex.quote(sys.argv[0])
