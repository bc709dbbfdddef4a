"""The one error that advisor shows to people, and the exit codes it can end with."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Process exit codes. They are a contract with pipelines: see docs/architecture.md."""

    OK = 0
    FINDINGS = 1
    ERROR = 2
    UNKNOWN = 3
    ROLLED_BACK = 4
    ROLLBACK_INCOMPLETE = 5
    REFUSED = 6
    INTERRUPTED = 130


class AdvisorError(Exception):
    """advisor could not do what was asked.

    Args:
        message: What happened and where (``file:line:column``, a device, a key).
        hint: What to do next, as one sentence; shown on its own line.
        exit_code: How the process ends if nobody handles the error.
    """

    def __init__(
        self, message: str, hint: str | None = None, *, exit_code: Exit = Exit.ERROR
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n  hint: {self.hint}"
