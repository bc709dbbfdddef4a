"""Runs work in a child process: its answer comes back, or its error for people."""

from __future__ import annotations

import json
import os
import select
import signal
import time
from collections.abc import Callable
from typing import NoReturn

from advisor.errors import AdvisorError

_DONE, _FAILED = b"+", b"-"
_CHUNK = 1 << 16

Explain = Callable[[Exception], AdvisorError]
"""Makes an error for people of one that nobody has foreseen."""


class Lost(Exception):
    """The child gave no answer.

    Attributes:
        late: Whether it was ended because it took too long.
        signal: The signal that ended it, 0 for none.
    """

    def __init__(self, *, late: bool, status: int) -> None:
        self.late = late
        self.signal = status & 0x7F
        super().__init__(f"signal {self.signal}" if self.signal else f"status {status >> 8}")


def run_in_child(work: Callable[[], bytes], timeout_s: float, explain: Explain) -> bytes:
    """What `work` returns when it runs in a child; whatever else it does is lost.

    Args:
        work: What to run.
        timeout_s: After this time the child is killed.
        explain: For what `work` raises beside AdvisorError.

    Raises:
        AdvisorError: `work` raised it, or `explain` made it.
        Lost: It gave no answer.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)  # or a parent that is gone would go unnoticed
        _be_child(work, explain, writer)
    os.close(writer)
    answer = None
    try:
        answer = _read_all(reader, time.monotonic() + timeout_s)
    finally:
        os.close(reader)
        if answer is None:  # too late, or interrupted
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if not answer or status != 0:
        raise Lost(late=answer is None, status=status)
    if answer[:1] == _DONE:
        return answer[1:]
    message, hint = json.loads(answer[1:])
    raise AdvisorError(message, hint)


def _be_child(work: Callable[[], bytes], explain: Explain, writer: int) -> NoReturn:
    """Never returns into code that is the parent's: exits whatever happens."""
    status = 1
    try:
        try:
            answer = _DONE + work()
        except AdvisorError as error:
            answer = _failure(error)
        except Exception as error:  # the parent has to hear of it, whatever it is
            answer = _failure(explain(error))
        left = memoryview(answer)
        while left:
            left = left[os.write(writer, left) :]
        status = 0
    finally:
        os._exit(status)


def _failure(error: AdvisorError) -> bytes:
    return _FAILED + json.dumps([error.message, error.hint]).encode()


def _read_all(reader: int, deadline: float) -> bytes | None:
    """Everything up to the end, None when that does not come in time."""
    poller = select.poll()
    poller.register(reader, select.POLLIN)
    chunks: list[bytes] = []
    while poller.poll(1000 * max(0.0, deadline - time.monotonic())):
        chunk = os.read(reader, _CHUNK)
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
    return None
