"""Ends a process at any step of what it does to the disk, to the kernel and to other processes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from advisor.facts.netlink import Channel
from advisor.facts.nics.ethtool_ioctl import EthtoolIoctl
from advisor.settings.live import Live

# What changes files or makes changes last, and what may be to the kernel's settings.
_CALLS = ("write", "pwrite", "fsync", "rename", "unlink", "ftruncate", "mkdir")


class Steps:
    """Counts the steps of this process, and ends it with SIGKILL before one of them.

    A step is a call that changes something, and half a write to a file on the disk. What follows a
    call is what precedes the next one.

    Args:
        last: The step that it does not live to do, from 0; None to count only.
    """

    def __init__(self, last: int | None = None) -> None:
        self.count = 0
        self._last = last
        self._writing = False

    def install(self) -> None:
        """Have the calls of this process go through here, for good."""
        for name in _CALLS:
            setattr(os, name, self._around(name, getattr(os, name)))
        os.open = self._opened(os.open)  # type: ignore[assignment]
        signal.pidfd_send_signal = self._around("kill", signal.pidfd_send_signal)  # type: ignore[assignment]
        subprocess.Popen.__init__ = self._around("start", subprocess.Popen.__init__)  # type: ignore[method-assign]
        for name in ("write", "write_together"):
            setattr(Live, name, self._of_settings(getattr(Live, name)))
        Channel.ask = self._if_writing(Channel.ask)  # type: ignore[method-assign]
        EthtoolIoctl.call = self._if_writing(EthtoolIoctl.call)  # type: ignore[method-assign]

    def step(self) -> None:
        """One more."""
        if self.count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def _around(self, name: str, really: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            self.step()
            if name == "write" and _on_disk(arguments[0]):
                data = arguments[1]
                if self.count == self._last:
                    really(arguments[0], data[: len(data) // 2])
                self.step()
            return really(*arguments, **more)

        return call

    def _opened(self, really: Callable[..., int]) -> Callable[..., int]:
        def call(path: Any, flags: int, *arguments: Any, **more: Any) -> int:
            if flags & os.O_CREAT:
                self.step()
            return really(path, flags, *arguments, **more)

        return call

    def _of_settings(self, really: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            self._writing = True
            try:
                really(*arguments)
            finally:
                self._writing = False

        return call

    def _if_writing(self, really: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            if self._writing:
                self.step()
            return really(*arguments, **more)

        return call


def _on_disk(descriptor: int) -> bool:
    """The kernel's own files take a value as a whole: no signal comes between."""
    place = str(Path(f"/proc/self/fd/{descriptor}").readlink())
    regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    return regular and not place.startswith(("/proc/", "/sys/"))
