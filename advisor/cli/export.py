"""`advisor export`: a plan for those who apply it with a tool of their own."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.cli import options
from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from advisor.report.export import File


class Tool(str, Enum):
    """What the plan is for."""

    SYSCTL = "sysctl"
    LINK = "link"
    ANSIBLE = "ansible"
    TUNED = "tuned"
    SHELL = "shell"


def export(
    context: typer.Context,
    tool: Annotated[Tool, typer.Argument(help="What to write the plan for.")],
    saved: Annotated[
        Path | None,
        typer.Argument(metavar="[PLAN]", help="A plan saved with plan -o; else one is made."),
    ] = None,
    profile: options.Profile = None,
    param: options.Params = None,
    select: options.Select = None,
    ignore: options.Ignore = None,
    source: options.Source = None,
    netns: options.NetNs = None,
    sample: options.Sample = None,
    waivers: options.Waivers = None,
    baseline: options.Baseline = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="Write a file, or several into this directory."
        ),
    ] = None,
) -> None:
    """Print a plan for another tool: a sysctl.d file, systemd.link drop-ins, an Ansible playbook, a
    TuneD profile or a shell script.

    Nothing is changed. What the format cannot express stands in comments at its end.
    """
    from advisor.changes.plan_file import load_plan
    from advisor.cli import planning
    from advisor.report.export import export as make

    if saved is not None:
        planning.refuse_choice(context)
        plan = load_plan(saved)
    else:
        choice = planning.Choice(
            profile, param, select, ignore, source, netns, sample, waivers, baseline
        )
        plan = planning.make(choice).plan
    files = make(plan, tool.value)
    if output is None or str(output) == "-":
        options.write("\n".join(_named(files)), None)
    elif len(files) == 1 and not output.is_dir():
        _write(files[0], output)
    else:
        try:
            output.mkdir(exist_ok=True)
        except OSError as error:
            raise AdvisorError(f"{output}: cannot be a directory: {error.strerror}") from None
        for file in files:
            _write(file, output / file.name)
            options.note(f"wrote {output / file.name}")


def _named(files: list[File]) -> list[str]:
    """The files one after the other, each with its name when there are several."""
    if len(files) == 1:
        return [files[0].text]
    return [f"# ==== {file.name} ====\n{file.text}" for file in files]


def _write(file: File, path: Path) -> None:
    options.write(file.text, path)
    if file.executable and path.is_file():
        try:
            path.chmod(0o755)
        except OSError as error:
            raise AdvisorError(f"{path}: cannot be made executable: {error.strerror}") from None
