"""Signals that ask a run to stop: noted when they come, acted upon between two writes.

A write that is cut short leaves a setting half changed, and a record that is cut short leaves a
journal to be mended. So nothing is interrupted; what takes too long is the watchdog's business.
"""

from __future__ import annotations

import signal
from types import FrameType, TracebackType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopping:
    """While it is entered, signals are noted and nothing else.

    Attributes:
        signal: The first one that came, None as long as there was none.
    """

    def __init__(self) -> None:
        self.signal: signal.Signals | None = None
        self._former: dict[signal.Signals, object] = {}

    def __enter__(self) -> Stopping:
        for number in _SIGNALS:
            former = signal.getsignal(number)
            if former is not signal.SIG_IGN:  # nohup
                self._former[number] = former
                signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, former in self._former.items():
            signal.signal(number, former if callable(former) else signal.SIG_DFL)

    def _note(self, number: int, frame: FrameType | None) -> None:
        del frame
        self.signal = self.signal or signal.Signals(number)
