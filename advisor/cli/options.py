"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from advisor.errors import AdvisorError

Profile = Annotated[
    str,
    typer.Option(
        "--profile", "-p", envvar="ADVISOR_PROFILE", help="Workload to judge by, or auto."
    ),
]
Params = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="Set a parameter of the profile."),
]
Source = Annotated[
    str | None,
    typer.Option("--from", metavar="FILE|-", help="Judge a snapshot instead of this host."),
]
Sample = Annotated[
    float | None,
    typer.Option("--sample", metavar="SECONDS", help="Read counters twice and judge rates of now."),
]
NetNs = Annotated[
    str | None,
    typer.Option("--netns", metavar="NAME|PID", help="Judge another network namespace."),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file.")
]


def parse_params(given: list[str] | None) -> dict[str, str]:
    """`NAME=VALUE` pairs as a dictionary.

    Raises:
        AdvisorError: One has no equals sign.
    """
    result = {}
    for pair in given or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise AdvisorError(f"--param {pair}: expected NAME=VALUE", "such as --param rtt_ms=40")
        result[name.strip().replace("-", "_")] = value.strip()
    return result


def split_ids(given: list[str] | None) -> list[str]:
    """Rule ids from repeated and comma-separated values."""
    return [part.strip() for value in given or [] for part in value.split(",") if part.strip()]


def want_colour(output: Path | None = None) -> bool:
    """Whether to use colours: on a terminal, unless NO_COLOR is set; FORCE_COLOR overrides."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return output is None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def text_width() -> int:
    """Columns for text: the terminal's, within reason."""
    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))


def write(text: str, output: Path | None) -> None:
    """Write to stdout, or to a file that appears only when it is complete.

    Raises:
        AdvisorError: The file cannot be written.
    """
    if output is None or str(output) == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    partial = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(output)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise AdvisorError(f"{output}: cannot be written: {error.strerror}") from None
