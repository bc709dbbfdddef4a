"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from advisor.cli import completions
from advisor.errors import AdvisorError

Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        "-p",
        envvar="ADVISOR_PROFILE",
        metavar="NAME",
        help="Workload to judge by, or auto. [default: the site's, else server]",
        autocompletion=completions.profiles,
    ),
]
Params = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="NAME=VALUE", help="Set a parameter of the profile."),
]
Source = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="FILE|DIR|-", help="Take a snapshot or sosreport instead of this host."
    ),
]
Sample = Annotated[
    float | None,
    typer.Option("--sample", metavar="SECONDS", help="Read counters twice and judge rates of now."),
]
NetNs = Annotated[
    str | None,
    typer.Option("--netns", metavar="NAME|PID", help="Judge another network namespace."),
]
Root = Annotated[
    Path | None,
    typer.Option("--root", metavar="DIR", help="Judge an image by its configuration files."),
]
Select = Annotated[
    list[str] | None, typer.Option("--select", metavar="IDS", help="Only these rules.")
]
Ignore = Annotated[
    list[str] | None, typer.Option("--ignore", metavar="IDS", help="Not these rules.")
]
Waivers = Annotated[
    list[Path] | None,
    typer.Option(
        "--waivers",
        metavar="FILE",
        envvar="ADVISOR_WAIVERS",
        help="Failures to set aside, with reasons and expiry.",
    ),
]
Baseline = Annotated[
    Path | None,
    typer.Option("--baseline", metavar="FILE", help="Set aside the failures in this baseline."),
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


def parse_duration(text: str) -> float:
    """Seconds of "120", "120s", "5m" or "1h".

    Raises:
        AdvisorError: It is none, or not between a second and a day.
    """
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], text[-1:]) if text[-1:] in units else (text, "s")
    try:
        seconds = float(number) * units[unit]
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 86400:
        raise AdvisorError(f"{text!r} is not a time", "such as 120s or 5m; from a second to a day")
    return seconds


def split_ids(given: list[str] | None) -> list[str]:
    """Rule ids from repeated and comma-separated values."""
    return [part.strip() for value in given or [] for part in value.split(",") if part.strip()]


def error_text(error: AdvisorError) -> str:
    """An error as it is shown: names in it, of files or keys, may hold anything."""
    from advisor.report.style import safe

    return safe(error.message) + ("" if error.hint is None else f"\n  hint: {safe(error.hint)}")


def want_colour(output: Path | None = None) -> bool:
    """Whether to use colours: on a terminal, never with NO_COLOR, always with FORCE_COLOR."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    if output is not None or sys.stdout is None:
        return False
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def text_width() -> int:
    """Columns for text: the terminal's, within reason."""
    return max(60, min(shutil.get_terminal_size((100, 24)).columns, 120))


def say(text: str) -> None:
    """Write lines to stdout."""
    write(f"{text}\n", None)


def note(text: str) -> None:
    """Write a remark to stderr, which is not part of the answer."""
    from advisor.report.style import safe

    if sys.stderr is not None:
        sys.stderr.write(f"advisor: {safe(text)}\n")


def write(text: str, output: Path | None) -> None:
    """Write to stdout, or to a file that appears only when it is complete.

    Raises:
        AdvisorError: It cannot be written.
    """
    if output is None or str(output) == "-":
        _write_stdout(text)
        return
    try:
        if output.exists() and not output.is_file():
            # A pipe or a device: there is nothing to put into its place.
            output.write_text(text, encoding="utf-8", errors=_ODD)
        else:
            _write_file(text, output.resolve())
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise AdvisorError(f"{output}: cannot be written: {reason}") from None


_ODD = "backslashreplace"
"""What to do with characters that the encoding does not have, as in names that are not UTF-8."""


def _write_file(text: str, target: Path) -> None:
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        # "x": whatever somebody else put there, such as a symbolic link, is not followed.
        with partial.open("x", encoding="utf-8", errors=_ODD) as file:
            file.write(text)
        partial.replace(target)
    finally:
        with suppress(OSError):
            partial.unlink()


def _write_stdout(text: str) -> None:
    if sys.stdout is None:
        raise AdvisorError("standard output is closed", "write to a file with -o FILE")
    try:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors=_ODD)
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Keep the interpreter from trying once more, and complaining, at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # A reader that went away, as `| head` does, has seen enough; the exit code still counts.
        if not isinstance(error, BrokenPipeError):
            reason = f"standard output cannot be written: {error.strerror}"
            raise AdvisorError(reason) from None
