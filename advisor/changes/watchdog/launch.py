"""Starting the program in a zip, and hearing from it that it has all that it needs."""

from __future__ import annotations

import os
import select
import signal
import sys
import time

from advisor.changes.state_dir import StateDir
from advisor.changes.watchdog.bundle import name_of
from advisor.errors import AdvisorError

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
"""What a watchdog and the tools that start it see, whatever the caller's is."""

_ANSWER_S = 30.0  # a loaded machine may take long to import a hundred modules
_ANSWER_LIMIT = 1 << 16


def command(state: StateDir, run: str, mode: str, *more: str) -> list[str]:
    """The command line of a run's watchdog: this interpreter, no environment, no site packages.

    Args:
        state: The state directory.
        run: Id of the run.
        mode: What it has to do: see `body.main`.
        more: More arguments of that mode.

    Raises:
        AdvisorError: There is no interpreter that could be started.
    """
    # The real one: it stays when the virtual environment that the package is in is removed.
    interpreter = os.path.realpath(sys.executable) if sys.executable else ""
    if not os.access(interpreter, os.X_OK):
        raise AdvisorError("the watchdog cannot be started: where Python is cannot be told")
    archive = state.locate(name_of(run))
    return [interpreter, "-I", "-S", archive, mode, state.path, run, *more]


def answer(arguments: list[str]) -> str:
    """The last line that a program prints, in a session of its own, before it closes its output.

    Raises:
        AdvisorError: It cannot be started, or takes too long; no process of it is left.
    """
    import subprocess

    try:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
        )
    except OSError as error:
        raise AdvisorError(f"the watchdog cannot be started: {error}") from error
    assert process.stdout is not None
    with process.stdout as output:
        try:
            text = _read(output.fileno())
        except BaseException:
            # It leads its group, and keeps the number until wait(): this hits nobody else.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    if text is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise AdvisorError(f"the watchdog did not start within {_ANSWER_S:.0f} s")
    process.wait()
    return text.rstrip().rpartition("\n")[2]


def _read(descriptor: int) -> str | None:
    """All of it, until its end; None if that does not come."""
    deadline = time.monotonic() + _ANSWER_S
    data = b""
    while (left := deadline - time.monotonic()) > 0 and len(data) < _ANSWER_LIMIT:
        if select.select([descriptor], [], [], left)[0]:
            chunk = os.read(descriptor, 4096)
            if not chunk:
                return data.decode(errors="replace")
            data += chunk
    return None
