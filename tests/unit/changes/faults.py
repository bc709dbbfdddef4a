"""Interrupts whatever is written to the disk, at any step."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

# What changes files or makes changes last. Reading is no step: nothing is different after it.
CALLS = ("open", "write", "pwrite", "fsync", "rename", "unlink", "ftruncate", "mkdir")

Acknowledge = Callable[[], None]


def killed_at(step: int, action: Callable[[Acknowledge], None]) -> tuple[bool, int]:
    """Run an action in a child that SIGKILL ends at one of its steps.

    A step is a moment before or after one of `CALLS`, or within a write.

    Args:
        step: Which one, from 0.
        action: What the child does; it says with its argument what it has finished.

    Returns:
        Whether the step was reached (otherwise the child went all the way), and how often the
        action has said that something was finished.
    """
    finished, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        write, code = os.write, 1
        try:
            install(_Killer(step))
            action(lambda: _ignore(write(says, b"x")))
            code = 0
        finally:
            os._exit(code)
    os.close(says)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    count = 0
    while chunk := os.read(finished, 4096):
        count += len(chunk)
    os.close(finished)
    assert status in (0, -signal.SIGKILL), f"the child ended with {status}"
    return status != 0, count


def install(
    around: Callable[[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any],
) -> None:
    """Let every one of `CALLS` go through a function, in this process, for good."""

    def wrapped(name: str, really: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: around(name, really, args, kwargs)

    for name in CALLS:
        setattr(os, name, wrapped(name, getattr(os, name)))


class _Killer:
    """Counts steps, and ends the process at one of them."""

    def __init__(self, step: int) -> None:
        self._left = step
        self._kill = lambda: os.kill(os.getpid(), signal.SIGKILL)

    def __call__(
        self, name: str, really: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self._step()
        if name == "write":
            descriptor, data = args
            for part in sorted({1, len(data) // 2, len(data) - 1}):
                if self._left == 0:
                    really(descriptor, data[:part])
                self._step()
        result = really(*args, **kwargs)
        self._step()
        return result

    def _step(self) -> None:
        if self._left == 0:
            self._kill()
        self._left -= 1


def _ignore(result: object) -> None:
    """For calls that return something where nothing is expected."""
