"""The outputs of commands in a sosreport, found by the command and not by the plugin that ran it.

A command's output is in sos_commands/PLUGIN/ under the command's own text, of which sos replaces
what does not suit a file name. Plugins differ between versions: `hostname` moved from "general" to
"host", `timedatectl` from "general" to "systemd".
"""

from __future__ import annotations

import re

from advisor.facts.sosreport.members import Members
from advisor.facts.sosreport.report_files import ReportFiles
from advisor.model.unavailable import Unavailable

_ODD = re.compile(r"[^\w\-./]+")


def output(files: ReportFiles, *commands: str) -> str | Unavailable:
    """What the first of these commands printed that has an output in the report.

    sos merges both streams: the text may be an error message, or hold some.
    """
    path = find(files, *commands)
    if path is None:
        return files.members.missing(_missing_path(files.members, commands[0]))
    return files.read_text(path)


def find(files: ReportFiles, *commands: str) -> str | None:
    """The path of the output of the first of these commands that has one."""
    paths = (files.outputs.get(file_name(command)) for command in commands)
    return next((path for path in paths if path is not None), None)


def file_name(command: str) -> str:
    """How sos calls the output of a command: "ip_-s_-d_link" (_mangle_command, sos 3.0 to 4.12)."""
    return _ODD.sub("_", command).replace("/", ".").strip(" ._-")


def _missing_path(members: Members, command: str) -> str:
    """The file that is there and was not kept, or else just the command."""
    name = f"/{file_name(command)}"
    found = next((each for each in members.left_out if each.endswith(name)), None)
    return f"`{command}`" if found is None else f"/{found}"
