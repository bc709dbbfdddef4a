"""When a person has looked at unattended runs last: `advisor remediate --resume`.

A small file in the state directory names the last run of then. A file that cannot be understood
counts as none: then unattended runs stay stopped until somebody looks again.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from advisor.changes import ids
from advisor.changes.clock import utc
from advisor.changes.entry import write_all
from advisor.changes.lock import Lock
from advisor.changes.state_dir import StateDir, refusing
from advisor.errors import AdvisorError, Exit

NAME = "remediation.looked"
_NEW = "remediation.looked.new"
_SIZE_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class Looked:
    """Somebody has looked.

    Attributes:
        run: Id of the last run then.
        at: When, ISO 8601 in UTC.
    """

    run: str
    at: str


def read_looked(state: StateDir) -> Looked | None:
    """When somebody has looked last, None if nobody has.

    Raises:
        AdvisorError: The file is not safe to use, or cannot be read.
    """
    text = state.read(NAME, _SIZE_LIMIT)
    try:
        data = json.loads(text or b"")
        run, at = data["run"], data["at"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if type(run) is not str or type(at) is not str or not ids.is_id(run):
        return None
    return Looked(run, at[:40])


def write_looked(lock: Lock, run: str, now: float) -> None:
    """Remember that somebody has looked at everything up to a run. It is on the disk then.

    Args:
        lock: The lock of the state directory.
        run: Id of the last run.
        now: Seconds since 1970.

    Raises:
        AdvisorError: It cannot be written; what was remembered before still is.
    """
    state = lock.state
    if _NEW in state.names():
        state.remove(_NEW)
    descriptor = state.open(_NEW, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    if descriptor is None:
        raise AdvisorError(f"{state.path}: the directory is gone", exit_code=Exit.REFUSED)
    try:
        with refusing(state.locate(_NEW), "cannot be written"):
            line = json.dumps({"run": run, "at": utc(now)}) + "\n"
            write_all(descriptor, line.encode("ascii"))
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
    state.rename(_NEW, NAME)
    state.sync()
