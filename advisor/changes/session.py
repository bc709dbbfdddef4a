"""What every command that changes something needs: the lock, the journal, the kernel's settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from advisor.changes.journal import Journal
from advisor.changes.lock import acquire
from advisor.changes.origin import this_origin
from advisor.changes.state_dir import StateDir, create_state_dir
from advisor.model.receipt import Origin
from advisor.settings.live import Live


@dataclass(frozen=True, slots=True)
class Session:
    """Everything that changes are made with, for one process.

    Attributes:
        state: The state directory.
        journal: All runs, locked.
        live: The settings of this kernel.
        here: This boot and namespace.
    """

    state: StateDir
    journal: Journal
    live: Live
    here: Origin


@contextmanager
def session(command: str) -> Iterator[Session]:
    """Take the lock and open everything.

    Args:
        command: What runs, to be shown to others who want the lock.

    Raises:
        AdvisorError: The lock is taken, or the state directory cannot be used (exit code 6), or
            where this is cannot be told.
    """
    here = this_origin()
    with create_state_dir() as state, acquire(state, command) as lock, Live() as live:
        yield Session(state, Journal(lock), live, here)
