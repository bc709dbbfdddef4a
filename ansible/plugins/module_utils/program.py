# Copyright the advisor contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs the program advisor, and says what its exit codes mean."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.nettune.advisor.plugins.module_utils import documents

EXECUTABLE = "/opt/advisor/venv/bin/advisor"

ARGUMENTS = {
    "executable": {"type": "path", "default": EXECUTABLE},
}

FINDINGS = 1
ERROR = 2
UNKNOWN = 3
ROLLED_BACK = 4
ROLLBACK_INCOMPLETE = 5
REFUSED = 6
INTERRUPTED = 130

MEANINGS = {
    FINDINGS: "there are findings",
    ERROR: "advisor could not do its job",
    UNKNOWN: "something could not be judged",
    ROLLED_BACK: "rolled back: everything is as before",
    ROLLBACK_INCOMPLETE: "rolled back in part: something is not as before",
    REFUSED: "refused: nothing was changed",
    INTERRUPTED: "interrupted",
}

_LINES_MAX = 20


class Answer:
    """What a run of the program said.

    Attributes:
        code: Its exit code; negative: the signal that ended it.
        out: Its standard output.
        notes: The lines of its standard error, without the program's name.
    """

    def __init__(self, code, out, err):
        self.code = code
        self.out = out
        self.notes = [_note(line) for line in err.splitlines() if line.strip()]


class Program:
    """The program on this host.

    Args:
        module: The module that runs it; its option `executable` says where it is.
    """

    def __init__(self, module):
        self._module = module
        self.path = module.params["executable"]

    @property
    def present(self):
        """Whether it is there and may be run."""
        return Path(self.path).is_file() and os.access(self.path, os.X_OK)

    def run(self, *arguments, **environment):
        """Its answer. There is no shell; a program that is not there fails the module."""
        if not self.present:
            self._module.fail_json(
                msg=f"{safe(self.path)}: there is no program advisor; install it with the role "
                "nettune.advisor.advisor, or say where it is with `executable`",
                exit_code=None,
            )
        if any("\0" in each for each in arguments):
            self._module.fail_json(msg="an argument holds a NUL, which no command line can hold")
        code, out, err = self._module.run_command(
            [self.path, *arguments],
            environ_update={"NO_COLOR": "1", "COLUMNS": "100", **environment},
            expand_user_and_vars=False,
            encoding=None,
        )
        return Answer(code, _text(out), _text(err))

    def ask(self, schema, *arguments, **environment):
        """The document that it answers with; anything else ends the module."""
        answer = self.run(*arguments, **environment)
        if answer.code != 0:
            self.fail(arguments[0], answer)
        try:
            return documents.read(answer.out, schema)
        except documents.BadDocument as error:
            self.fail(arguments[0], answer, problem=str(error))

    def fail(self, what, answer, **result):
        """Ends the module: what did not work, what the exit code means, what the program said."""
        notes = answer.notes[-_LINES_MAX:]
        said = result.pop("problem", None) or "; ".join(notes) or "it said nothing"
        self._module.fail_json(
            msg=safe(f"advisor {what}: {meaning(answer.code)}: {said}"),
            exit_code=answer.code,
            notes=answer.notes,
            **result,
        )


def meaning(code):
    """What an exit code tells, with the code itself."""
    if code < 0:
        return f"ended by signal {-code}"
    return f"{MEANINGS.get(code, 'unexpected end')} (exit code {code})"


def safe(text):
    """Text for a terminal: names of hosts and interfaces may hold anything."""
    return "".join(
        char if char == "\n" or char.isprintable() else ascii(char)[1:-1] for char in str(text)
    )


def _text(data):
    return data.decode("utf-8", "backslashreplace") if isinstance(data, bytes) else data


def _note(line):
    return line[len("advisor: ") :] if line.startswith("advisor: ") else line.strip()
